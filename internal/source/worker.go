package source

import (
	"context"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// batchSize is how many bytes of function bodies are checked at once at least. What
// is known of the expressions in them takes fifty times that.
var batchSize = 128 << 10 // tests take less

// A worker checks a part of the function bodies of a package. Where that is much, it
// checks the declarations, and then a few bodies at a time among them, so that
// neither bodies nor what is known of the expressions in them need be kept of all.
type worker struct {
	*checking
	lead    bool // it answers for what is wrong outside of bodies
	part    []*Body
	generic []*Body   // bodies of generic functions, which are checked with the declarations
	batches [][]*Body // the others

	decls    *Package // the declarations, with the bodies that were checked together with them
	problems []component.Problem

	in      *Package // what bodies are checked in
	visit   func(fresh []*Body) error
	needing *needing
}

// newWorker divides a part. There are no batches where bodies can't be checked apart
// from the declarations.
func (c *checking) newWorker(part []*Body, lead bool) *worker {
	w := &worker{checking: c, lead: lead, part: part}
	if len(c.unit.meta.CompiledGoFiles) > 0 || slices.ContainsFunc(c.files, func(p *parsed) bool { return len(p.problems) > 0 }) {
		return w
	}
	in := setOf(part)
	size := batchSize
	for i, p := range c.files {
		for j, b := range c.bodies[i] {
			f := p.funcs[j]
			switch {
			case !in[b]:
				continue
			case f.generic:
				w.generic = append(w.generic, b)
				continue
			case size >= batchSize:
				w.batches, size = append(w.batches, nil), 0
			}
			last := &w.batches[len(w.batches)-1]
			*last = append(*last, b)
			size += f.body.End - f.body.Start
		}
	}
	return w
}

// check looks at the bodies of the part.
func (w *worker) check(ctx context.Context) error {
	if w.bare != nil {
		// If these fail, they do so for all workers, and no body is gone.
		if w.decls, w.problems = w.run(w.bare, setOf(w.generic), w.lead); !w.decls.failed {
			return w.each(ctx)
		}
		for _, b := range w.generic { // they are checked once more
			b.BodyFacts = BodyFacts{}
		}
	}
	part := setOf(w.part)
	var files []*parsed
	for i, p := range w.files {
		files = append(files, p.only(func(j int) bool { return part[w.bodies[i][j]] }))
	}
	w.decls, w.problems = w.run(files, part, w.lead)
	w.start(w.decls)
	return w.found(ctx, w.part)
}

// each checks the batches one after the other.
func (w *worker) each(ctx context.Context) error {
	q := *w.decls
	w.start(&q)
	if err := w.found(ctx, w.generic); err != nil {
		return err
	}
	q.Info = newInfo()
	q.Info.Scopes = nil
	for _, batch := range w.batches {
		w.bodiesIn(&q, setOf(batch))
		if err := w.found(ctx, batch); err != nil {
			return err
		}
		empty(q.Info)
		for _, b := range batch {
			b.Decl.Body = nil
		}
	}
	return nil
}

// start tells the visitor of the package in which bodies are checked.
func (w *worker) start(q *Package) {
	w.in, w.needing = q, w.newNeeding(q)
	if w.visitor.Bodies != nil {
		w.visit = w.visitor.Bodies(q, w.context)
	}
}

// found hands bodies over that were checked.
func (w *worker) found(ctx context.Context, bodies []*Body) error {
	w.using(w.in, w.needing, bodies)
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
