package source

import (
	"context"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// batchSize is how many bytes of function bodies are checked at once at least. What
// is known of the expressions in them takes fifty times that.
const batchSize = 128 << 10

// A worker checks a part of the function bodies of a package. Where that is much, it
// checks the declarations, and then a few bodies at a time among them, so that
// what is known of the expressions in bodies needn't be kept of all.
type worker struct {
	*checking
	lead bool // it answers for what is wrong outside of bodies

	decls    *Package // the declarations, with the bodies that were checked together with them
	problems []component.Problem
	visit    func(fresh []*Body) error
	needing  *needing
}

// check looks at the bodies of a part.
func (w *worker) check(ctx context.Context, part []*Body) error {
	generic, batches := w.batches(part)
	if len(batches) > 1 && w.declare(generic) {
		return w.each(ctx, generic, batches)
	}
	for _, b := range generic { // they are checked once more
		b.BodyFacts = BodyFacts{}
	}
	w.decls, w.problems = w.run(setOf(part), w.lead)
	w.start(w.decls)
	return w.found(ctx, part)
}

// batches parts the bodies of generic functions, which are checked with the
// declarations, from the others, of which some are checked at a time. There are
// no batches where all must be checked with the declarations.
func (w *worker) batches(part []*Body) (generic []*Body, batches [][]*Body) {
	if len(w.unit.meta.CompiledGoFiles) > 0 || slices.ContainsFunc(w.files, func(p *parsed) bool { return len(p.problems) > 0 }) {
		return nil, nil
	}
	in := setOf(part)
	size := 0
	for i, p := range w.files {
		for j, b := range w.bodies[i] {
			f := p.funcs[j]
			switch {
			case !in[b]:
				continue
			case f.generic:
				generic = append(generic, b)
				continue
			case len(batches) == 0 || size >= batchSize:
				batches, size = append(batches, nil), 0
			}
			batches[len(batches)-1] = append(batches[len(batches)-1], b)
			size += f.body.End - f.body.Start
		}
	}
	return generic, batches
}

// declare checks the declarations with the bodies of generic functions, and reports
// whether nothing is wrong with them.
func (w *worker) declare(generic []*Body) bool {
	w.decls, w.problems = w.run(setOf(generic), w.lead)
	return !w.decls.failed
}

// each checks batches one after the other.
func (w *worker) each(ctx context.Context, generic []*Body, batches [][]*Body) error {
	q := *w.decls
	w.start(&q)
	if err := w.found(ctx, generic); err != nil {
		return err
	}
	q.Info = newInfo()
	q.Info.Scopes = nil
	for _, batch := range batches {
		w.bodiesIn(&q, setOf(batch))
		if err := w.found(ctx, batch); err != nil {
			return err
		}
		empty(q.Info)
	}
	return nil
}

// start tells the visitor of the package in which bodies are checked.
func (w *worker) start(q *Package) {
	w.needing = newNeeding(q, w.meanings)
	if w.visitor.Bodies != nil {
		w.visit = w.visitor.Bodies(q, w.context)
	}
}

// found hands bodies over that were checked.
func (w *worker) found(ctx context.Context, bodies []*Body) error {
	for _, b := range bodies {
		w.unit.world.snap.work.count.bodies.Add(1)
		b.Uses, b.Needs = w.needing.of(b.Decl)
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if w.visit == nil || len(bodies) == 0 {
		return nil
	}
	return w.visit(bodies)
}

// empty takes everything out of info, whose memory is used again.
func empty(info *types.Info) {
	clear(info.Types)
	clear(info.Defs)
	clear(info.Uses)
	clear(info.Implicits)
	clear(info.Instances)
	clear(info.Selections)
}

func setOf(bodies []*Body) map[*Body]bool {
	set := make(map[*Body]bool, len(bodies))
	for _, b := range bodies {
		set[b] = true
	}
	return set
}
