package source

import (
	"context"
	"go/types"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/component"
)

// batchSize is how many bytes of function bodies are checked at once at least. What
// is known of the expressions in them takes fifty times that.
var batchSize = 128 << 10 // tests take less

// A worker checks a part of the function bodies of a package together with its
// declarations.
type worker struct {
	*checking
	lead bool // it answers for what is wrong outside of bodies
	part []*Body

	decls    *Package // with these bodies
	problems []component.Problem
}

func (w *worker) check(ctx context.Context) error {
	part := setOf(w.part)
	var files []*parsed
	for i, p := range w.files {
		files = append(files, p.only(func(j int) bool { return part[w.bodies[i][j]] }))
	}
	w.decls, w.problems = w.run(files, part, w.lead)
	return w.looker(w.decls).look(ctx, w.part)
}

// A looker hands bodies to the visitor. One goroutine may use it at a time.
type looker struct {
	*checking
	in      *Package // what bodies are checked in
	visit   func(fresh []*Body) error
	needing *needing
}

// looker tells the visitor of the package in which bodies are checked.
func (c *checking) looker(q *Package) *looker {
	l := &looker{checking: c, in: q, needing: c.newNeeding(q)}
	if c.visitor.Bodies != nil {
		l.visit = c.visitor.Bodies(q, c.context)
	}
	return l
}

// look hands bodies over that were checked.
func (l *looker) look(ctx context.Context, bodies []*Body) error {
	l.using(l.in, l.needing, bodies)
	if err := background.Yield(ctx); err != nil {
		return err
	}
	if l.visit == nil || len(bodies) == 0 {
		return nil
	}
	return l.visit(bodies)
}

// A batch is bodies that were checked together, with what is known of the
// expressions in them.
type batch struct {
	bodies []*Body
	info   *types.Info
	failed bool // something is wrong in one
}

// batches divides the fresh bodies, but for those of generic functions, which are
// checked with the declarations. There are none where bodies can't be checked apart
// from these.
func (c *checking) batches() (generic []*Body, batches [][]*Body) {
	if c.unit.meta.usesC() || slices.ContainsFunc(c.files, func(p *parsed) bool { return len(p.problems) > 0 }) {
		return nil, nil
	}
	size := batchSize
	for i, p := range c.files {
		for j, b := range c.bodies[i] {
			f := p.funcs[j]
			switch {
			case !b.Fresh:
				continue
			case f.generic:
				generic = append(generic, b)
				continue
			case size >= batchSize:
				batches, size = append(batches, nil), 0
			}
			last := &batches[len(batches)-1]
			*last = append(*last, b)
			size += f.body.End - f.body.Start
		}
	}
	return generic, batches
}

// inBatches checks the declarations and then, among these, a few bodies at a time,
// while other goroutines look at those that were checked before. So neither bodies nor
// what is known of the expressions in them need be kept of all. It does nothing where
// something is wrong with the declarations: first is nil then.
func (c *checking) inBatches(ctx context.Context, generic []*Body, batches [][]*Body) (first *Package, problems []component.Problem, err error) {
	decls, problems := c.run(c.unit.withoutBodies(), setOf(generic), true)
	if decls.failed {
		for _, b := range generic { // they are checked once more
			b.BodyFacts = BodyFacts{}
		}
		return nil, nil, nil
	}
	n := min(max(2, background.Workers(ctx)), 4)
	checked, free := make(chan batch), make(chan *types.Info, n)
	for range n {
		info := newInfo()
		info.Scopes = nil
		free <- info
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(checked)
		return c.checkBatches(ctx, decls, generic, batches, free, checked)
	})
	for range n {
		g.Go(func() error {
			q := *decls
			l := c.looker(&q)
			for b := range checked {
				q.Info, q.failed = b.info, b.failed
				if err := l.look(ctx, b.bodies); err != nil {
					return err
				}
				if b.info != decls.Info {
					b.release()
					free <- b.info
				}
			}
			return nil
		})
	}
	return decls, problems, g.Wait()
}

// checkBatches checks one batch after the other, each with an Info that is free.
func (c *checking) checkBatches(ctx context.Context, decls *Package, generic []*Body, batches [][]*Body, free <-chan *types.Info, checked chan<- batch) error {
	next := batch{bodies: generic, info: decls.Info}
	for _, bodies := range batches {
		select {
		case checked <- next:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		q := *decls
		select {
		case q.Info = <-free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := background.Yield(ctx); err != nil {
			return err
		}
		c.bodiesIn(&q, setOf(bodies))
		next = batch{bodies, q.Info, q.failed}
	}
	select {
	case checked <- next:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// release lets the bodies go, and empties the Info, whose memory is used again.
func (b batch) release() {
	clear(b.info.Types)
	clear(b.info.Defs)
	clear(b.info.Uses)
	clear(b.info.Implicits)
	clear(b.info.Instances)
	clear(b.info.Selections)
	for _, b := range b.bodies {
		b.Decl.Body = nil
	}
}

func setOf(bodies []*Body) map[*Body]bool {
	set := make(map[*Body]bool, len(bodies))
	for _, b := range bodies {
		set[b] = true
	}
	return set
}
