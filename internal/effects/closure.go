package effects

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A closure answers whether something can be reached in a graph, for any number
// of starting points: each node is looked at once.
type closure struct {
	known map[any]bool
	// look says whether a node is one of those that are looked for, and where it
	// leads to. It may use p.halted to end early.
	look func(node any) (found bool, to []any)
}

func newClosure(look func(any) (bool, []any)) *closure {
	return &closure{known: map[any]bool{}, look: look}
}

// reaches reports whether a node that is looked for can be reached from start,
// which counts itself.
func (c *closure) reaches(p *Program, start any) bool {
	if r, ok := c.known[start]; ok {
		return r
	}
	from := map[any][]any{start: nil} // by node, those that lead to it
	todo := []any{start}
	var found []any
	for i := 0; i < len(todo); i++ {
		is, to := c.look(todo[i])
		if !p.spend(1) {
			return true
		}
		if is {
			found = append(found, todo[i])
			continue
		}
		for _, next := range to {
			if r, ok := c.known[next]; ok {
				if r {
					found = append(found, todo[i])
					break
				}
				continue
			}
			if _, seen := from[next]; !seen {
				todo = append(todo, next)
			}
			from[next] = append(from[next], todo[i])
		}
	}
	for _, n := range todo {
		c.known[n] = false
	}
	for len(found) > 0 {
		n := found[len(found)-1]
		found = found[:len(found)-1]
		if !c.known[n] {
			c.known[n] = true
			found = append(found, from[n]...)
		}
	}
	return c.known[start]
}

// clean reports whether fn, with all that it calls, changes nothing and depends
// on nothing but its arguments and what doesn't change.
func (p *Program) clean(fn *ssa.Function) bool { return !p.uncleanClosure.reaches(p, fn) }

// findUnclean looks for functions that aren't clean by themselves. A hookSet
// stands for all that it may mean.
func (p *Program) findUnclean(node any) (found bool, to []any) {
	if h, ok := node.(*hookSet); ok {
		for _, fn := range p.hookable(h) {
			to = append(to, fn)
		}
		return false, to
	}
	fn := node.(*ssa.Function)
	if !p.body(fn) {
		return !inertFunction(fn), nil
	}
	sum := p.visit(fn, nil)
	out := &sum.outside
	if sum.top || len(sum.writes)+len(sum.unknown)+len(sum.calls.list)+len(out.writes)+len(out.events)+len(out.invokes) > 0 {
		return true, nil
	}
	if p.firstMutable(out.unknown) != nil {
		return true, nil
	}
	for _, key := range sum.hooks {
		to = append(to, key.h)
	}
	for key := range out.hooked {
		for _, fn := range p.held(key, p.hookable(key.h)) {
			to = append(to, fn)
		}
	}
	for _, e := range sum.callees {
		to = append(to, e.to)
	}
	return false, to
}

// dependsOnWorld reports whether fn, with what it calls, depends on the world.
func (p *Program) dependsOnWorld(fn *ssa.Function) bool { return p.worldClosure.reaches(p, fn) }

func (p *Program) findWorld(node any) (found bool, to []any) {
	fn := node.(*ssa.Function)
	if !p.body(fn) {
		return false, nil
	}
	sum := p.visit(fn, nil)
	for _, e := range sum.callees {
		if !e.later {
			to = append(to, e.to)
		}
	}
	return len(sum.outside.events) > 0, to
}

// implementation asks which methods a call of an interface's method may mean
// in a package.
type implementation struct {
	pkg    *types.Package
	method *types.Func
}
