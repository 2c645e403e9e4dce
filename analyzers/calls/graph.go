package calls

import (
	"cmp"
	"iter"
	"slices"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/component"
)

// A Graph is the call graph of a program, made from facts. Functions are
// numbered in it. It is kept in the program's memory, and the next program only
// updates the functions whose facts differ; the result is that of a new graph
// except that the numbers may differ. It isn't safe for concurrent use.
type Graph struct {
	numbers map[component.Subject]int
	bodies  [][]*body // by the number of the caller, in the order of the facts
	lists   map[*component.FactsOf]*list
	round   int

	membership string
	version    int // see Version
}

// list is the functions of one package.
type list struct {
	bodies []*body
	round  int // of the last program that had it
	order  int // in that
}

// A body is one function body with its calls.
type body struct {
	component.FactsOf
	from    int     // number of the function
	callees []int32 // their numbers, by fact
	list    *list
	index   int // in the list

	crosses []Crossing
}

// A Call is one call in a Graph. The spans of its Fact are relative to the
// caller; the Fact must not be changed.
type Call struct {
	*component.Fact
	Callee int // number

	in *component.FunctionFacts
}

// Of is the caller.
func (c Call) Of() component.Subject { return c.in.Of }

// Placed returns the fact with its spans as positions in the file.
func (c Call) Placed() component.Fact { return c.in.Placed(*c.Fact) }

// A Crossing is a call that leads into another component.
type Crossing struct {
	Call
	Into string
}

// NewGraph returns the call graph of a program. It is valid until NewGraph is
// called for the next program with the same memory.
func NewGraph(p *analyzers.Program) *Graph {
	g := analyzers.Kept[Graph](p, analyzerName)
	if g.numbers == nil || g.mostlyStale() {
		*g = Graph{numbers: map[component.Subject]int{}, lists: map[*component.FactsOf]*list{}, version: g.version + 1}
	}
	g.round++
	var fresh [][]component.FactsOf
	order := 0
	for facts := range p.Packages(analyzerName) {
		l := g.lists[&facts[0]]
		if l == nil {
			l = &list{}
			g.lists[&facts[0]] = l
			fresh = append(fresh, facts)
		}
		l.round, l.order = g.round, order
		order++
	}
	gone := g.remove()
	var begun []*body
	for _, facts := range fresh {
		begun = append(begun, g.add(p, facts, gone)...)
	}
	if !sameCalls(begun, gone) {
		g.version++
	}
	if p.Membership == "" || p.Membership != g.membership {
		g.membership = p.Membership
		g.version++
		for _, bodies := range g.bodies {
			for _, b := range bodies {
				b.cross(p)
			}
		}
	}
	return g
}

// mostlyStale reports whether most numbers are those of functions that the program
// no longer has.
func (g *Graph) mostlyStale() bool {
	const few = 1000
	used := 0
	for _, bodies := range g.bodies {
		for _, b := range bodies {
			used += 1 + len(b.callees)
		}
	}
	return len(g.bodies) > few+used
}

// remove takes out the packages that this round's program doesn't have as they
// were, and returns their functions by their facts.
func (g *Graph) remove() map[*component.Fact]*body {
	gone := map[*component.Fact]*body{}
	for first, l := range g.lists {
		if l.round == g.round {
			continue
		}
		delete(g.lists, first)
		for _, b := range l.bodies {
			gone[&b.Facts[0]] = b
			g.bodies[b.from] = slices.DeleteFunc(g.bodies[b.from], func(other *body) bool { return other == b })
		}
	}
	return gone
}

// add takes a package in. A function whose facts are the same as in one that is gone
// keeps what is known of them, and leaves gone; the others are returned.
func (g *Graph) add(p *analyzers.Program, facts []component.FactsOf, gone map[*component.Fact]*body) (begun []*body) {
	l := g.lists[&facts[0]]
	for i, of := range facts {
		b := gone[&of.Facts[0]]
		if b != nil && len(b.Facts) == len(of.Facts) && b.In.Of == of.In.Of {
			delete(gone, &of.Facts[0])
			b.In = of.In
			for j := range b.crosses {
				b.crosses[j].in = of.In
			}
		} else {
			b = &body{FactsOf: of, from: g.number(of.In.Of)}
			b.callees = make([]int32, 0, len(of.Facts))
			for j := range of.Facts {
				b.callees = append(b.callees, int32(g.number(of.Facts[j].To)))
			}
			b.cross(p)
			begun = append(begun, b)
		}
		b.list, b.index = l, i
		l.bodies = append(l.bodies, b)
		g.bodies[b.from] = append(g.bodies[b.from], b)
		if len(g.bodies[b.from]) > 1 {
			slices.SortFunc(g.bodies[b.from], func(x, y *body) int {
				return cmp.Or(cmp.Compare(x.list.order, y.list.order), cmp.Compare(x.index, y.index))
			})
		}
	}
	return begun
}

// sameCalls reports whether bodies that came make the calls of those that are gone.
// Of many it isn't found out.
func sameCalls(came []*body, gone map[*component.Fact]*body) bool {
	const many = 20
	if len(came) != len(gone) || len(came) > many {
		return false
	}
	for _, b := range came {
		found := false
		for facts, old := range gone {
			if found = b.sameCalls(old); found {
				delete(gone, facts)
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func (b *body) sameCalls(c *body) bool {
	return b.from == c.from && slices.Equal(b.callees, c.callees) &&
		slices.EqualFunc(b.Facts, c.Facts, func(x, y component.Fact) bool { return x.Kind == y.Kind }) &&
		slices.EqualFunc(b.crosses, c.crosses, func(x, y Crossing) bool { return x.Callee == y.Callee && x.Kind == y.Kind && x.Into == y.Into })
}

// cross notes which calls lead into another component.
func (b *body) cross(p *analyzers.Program) {
	b.crosses = nil
	for i := range b.Facts {
		if into := Crosses(p, b.In.Of.Decl, &b.Facts[i]); into != "" {
			b.crosses = append(b.crosses, Crossing{Call{&b.Facts[i], int(b.callees[i]), b.In}, into})
		}
	}
}

func (g *Graph) number(s component.Subject) int {
	n, ok := g.numbers[s]
	if !ok {
		n = len(g.bodies)
		g.numbers[s] = n
		g.bodies = append(g.bodies, nil)
	}
	return n
}

// Number returns the number of a function; ok is false if it neither makes nor
// receives a call.
func (g *Graph) Number(s component.Subject) (n int, ok bool) {
	n, ok = g.numbers[s]
	return n, ok
}

// Len is the number of functions; they are numbered from 0.
func (g *Graph) Len() int { return len(g.bodies) }

// Version changes whenever a call is added or removed, or leads into another
// component than before.
func (g *Graph) Version() int { return g.version }

// Of iterates over the calls of one kind in function n.
func (g *Graph) Of(n int, kind string) iter.Seq[Call] {
	return func(yield func(Call) bool) {
		for _, b := range g.bodies[n] {
			for i := range b.Facts {
				if f := &b.Facts[i]; f.Kind == kind && !yield(Call{f, int(b.callees[i]), b.In}) {
					return
				}
			}
		}
	}
}

// Crossings iterates over the calls in function n that lead into another
// component.
func (g *Graph) Crossings(n int) iter.Seq[Crossing] {
	return func(yield func(Crossing) bool) {
		for _, b := range g.bodies[n] {
			for _, c := range b.crosses {
				if !yield(c) {
					return
				}
			}
		}
	}
}
