package argument

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scc"
	"github.com/unweld/unweld/internal/text"
)

// A Linker links successive versions of a program incrementally: a function is
// solved again only if its facts, or the changes made by the functions that it
// calls, differ from the last version, and an unchanged package is skipped. The
// result depends only on the program, not on earlier versions. The zero value
// is ready to use. It isn't safe for concurrent use.
//
// Strongly connected components of the call graph are solved together, from
// scratch, after the functions that they call.
type Linker struct {
	lists  map[*component.FactsOf]*linkedList
	order  []*linkedList // of the last program
	nodes  map[component.Subject]*node
	groups [][]*node // that call each other, after those that they call; nil: not known
	behind map[component.Subject][]component.Subject
	round  int
	solved int // functions that were worked out in this round
}

// linkedList is the functions of one package.
type linkedList struct {
	bodies []*linkedBody
	round  int // in which the program had it last
}

// node is one function of the program.
type node struct {
	subject component.Subject
	bodies  []*linkedBody // functions named init or _, and such as are declared twice, have several

	dirty   bool // its facts changed, or are new
	changed bool // what it does is not what it did in the round before

	writes, may changes
	returns     []returned
	version     int // grows with the three above while they are worked out
}

// linkedBody is one function body. It stays the same where the body is replaced by
// another at its index, so that who knows of it finds where it stands now.
type linkedBody struct {
	node  *node
	index int // in the bodies of its node
	bodyFacts

	leadsTo []*node // functions with bodies that its facts lead to, each once
	facts   []*fact // decoded, only while they are applied
}

// bodyFacts are what comes and goes with the facts of a body.
type bodyFacts struct {
	component.FactsOf
	implements []component.Subject

	list  *linkedList
	place int // in the list
}

// fact is a Fact with the functions that it leads to.
type fact struct {
	Fact
	body           *linkedBody
	callee, result *node // nil where they have no body

	// The versions of callee and result that it was applied to last.
	calleeSeen, resultSeen int
}

func (f *fact) at() text.Span { return f.Span.At(f.body.In.At) }

func (f *fact) same(g *fact) bool {
	return f == g || f.Kind == g.Kind && f.Name == g.Name && f.What == g.What && f.Span == g.Span
}

// Link links a program. packages yields the facts of each package as Plain made
// them, and those of kind Implements. They must not be changed afterwards: a
// slice that is passed again counts as unchanged.
func (l *Linker) Link(packages iter.Seq[[]component.FactsOf]) *Linked {
	if l.nodes == nil {
		l.nodes, l.lists = map[component.Subject]*node{}, map[*component.FactsOf]*linkedList{}
	}
	l.round++
	l.solved = 0
	var fresh [][]component.FactsOf
	before := l.order
	l.order = nil
	for facts := range packages {
		list := l.lists[&facts[0]]
		if list == nil {
			list = &linkedList{}
			l.lists[&facts[0]] = list
			fresh = append(fresh, facts)
		}
		list.round = l.round
		l.order = append(l.order, list)
	}
	if len(fresh) == 0 && slices.Equal(before, l.order) {
		return &Linked{l}
	}
	touched := map[*node]bool{}
	for _, n := range l.nodes {
		if len(n.bodies) > 1 { // packages may have come in another order
			touched[n] = true
		}
	}
	gone := l.remove(touched)
	came := false
	for _, facts := range fresh {
		came = l.add(facts, gone, touched) || came
	}
	l.settle(touched, came)
	return &Linked{l}
}

// remove takes out the packages that this round's program doesn't have as they
// were, and returns their functions by their facts.
func (l *Linker) remove(touched map[*node]bool) map[*component.Fact]*linkedBody {
	gone := map[*component.Fact]*linkedBody{}
	for first, list := range l.lists {
		if list.round == l.round {
			continue
		}
		delete(l.lists, first)
		for _, b := range list.bodies {
			gone[&b.Facts[0]] = b
		}
	}
	for _, b := range gone {
		touched[b.node] = true
	}
	return gone
}

// add takes a package in, and reports whether it has functions that are new. A
// function whose facts are the same as in one that is gone goes on as that one.
func (l *Linker) add(facts []component.FactsOf, gone map[*component.Fact]*linkedBody, touched map[*node]bool) (came bool) {
	list := l.lists[&facts[0]]
	for i, of := range facts {
		b := gone[&of.Facts[0]]
		if b != nil && len(b.Facts) == len(of.Facts) && b.In.Of == of.In.Of {
			delete(gone, &of.Facts[0])
			b.In = of.In
		} else {
			n := l.nodes[of.In.Of]
			if n == nil {
				n = &node{subject: of.In.Of}
				l.nodes[of.In.Of] = n
				came = true
			}
			b = &linkedBody{node: n, bodyFacts: bodyFacts{FactsOf: of}}
			for j := range of.Facts {
				if of.Facts[j].Kind == Implements {
					b.implements = append(b.implements, of.Facts[j].To)
				}
			}
			touched[n] = true
		}
		b.list, b.place = list, i
		list.bodies = append(list.bodies, b)
	}
	return came
}

// settle puts the bodies of touched functions in order, and solves what changed.
func (l *Linker) settle(touched map[*node]bool, set bool) {
	bodies := map[*node][]*linkedBody{}
	for _, list := range l.order {
		for _, b := range list.bodies {
			if touched[b.node] {
				bodies[b.node] = append(bodies[b.node], b)
			}
		}
	}
	var dirty []*node
	for n := range touched {
		now := bodies[n]
		if len(now) == 0 {
			delete(l.nodes, n.subject)
			set = true
			continue
		}
		if !slices.Equal(n.bodies, now) { // else it moved
			n.replace(now)
			dirty = append(dirty, n)
		}
	}
	l.implement()
	if set {
		dirty = slices.Collect(maps.Values(l.nodes))
	}
	for _, n := range dirty {
		if l.resolve(n) {
			l.groups = nil
		}
	}
	if set || len(dirty) > 0 {
		l.solve(set)
	}
}

// replace makes now the bodies of n.
func (n *node) replace(now []*linkedBody) {
	var facts []bodyFacts
	for _, b := range now {
		facts = append(facts, b.bodyFacts)
	}
	for i, f := range facts {
		if i == len(n.bodies) {
			n.bodies = append(n.bodies, &linkedBody{node: n, index: i})
		}
		b := n.bodies[i]
		b.bodyFacts = f
		f.list.bodies[f.place] = b
	}
	n.bodies, n.dirty = n.bodies[:len(facts)], true
}

// implement notes which methods stand behind those of interfaces.
func (l *Linker) implement() {
	l.behind = map[component.Subject][]component.Subject{}
	for _, list := range l.order {
		for _, b := range list.bodies {
			for _, to := range b.implements {
				l.behind[to] = append(l.behind[to], b.In.Of)
			}
		}
	}
}

// resolve finds the functions that the facts of n lead to, and reports whether
// they are others than before: then n is dirty.
func (l *Linker) resolve(n *node) (others bool) {
	for _, b := range n.bodies {
		var to []*node
		add := func(s component.Subject) {
			if m := l.nodes[s]; m != nil && !slices.Contains(to, m) {
				to = append(to, m)
			}
		}
		for i := range b.Facts {
			f := &b.Facts[i]
			if f.Kind == Passes {
				add(f.To)
			}
			if via := f.Via(); via != (component.Subject{}) {
				add(via)
			}
		}
		if !slices.Equal(to, b.leadsTo) {
			b.leadsTo, n.dirty, others = to, true, true
		}
	}
	return others
}

// decode makes the facts of n ready to be applied.
func (l *Linker) decode(n *node) {
	for _, b := range n.bodies {
		b.facts = make([]*fact, 0, len(b.Facts))
		for _, plain := range b.Facts {
			if plain.Kind == Implements {
				continue
			}
			f := &fact{Fact: FromPlain(plain), body: b, calleeSeen: -1, resultSeen: -1}
			if f.Kind == Passes {
				f.callee = l.nodes[f.Callee]
			}
			if f.Result != nil {
				f.result = l.nodes[f.Result.Callee]
			}
			b.facts = append(b.facts, f)
		}
	}
}

func (n *node) facts() iter.Seq[*fact] {
	return func(yield func(*fact) bool) {
		for _, b := range n.bodies {
			for _, f := range b.facts {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// solve works the functions out, those that call each other together and after
// what they call. Set says that functions came or went.
func (l *Linker) solve(set bool) {
	if set || l.groups == nil {
		sorted := slices.SortedFunc(maps.Values(l.nodes), compareNodes)
		l.groups = slices.Collect(scc.Groups(slices.Values(sorted), (*node).leadsTo))
	}
	for _, group := range l.groups {
		for _, n := range group {
			n.changed = false
		}
	}
	for _, group := range l.groups {
		l.solveGroup(group)
	}
}

// leadsTo returns the functions that the facts of n lead to.
func (n *node) leadsTo() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, b := range n.bodies {
			for _, to := range b.leadsTo {
				if !yield(to) {
					return
				}
			}
		}
	}
}

func compareNodes(a, b *node) int {
	return cmp.Or(a.subject.Decl.Compare(b.subject.Decl), strings.Compare(a.subject.Member, b.subject.Member))
}

// solveGroup solves functions that call each other, unless nothing that they
// rest on changed.
func (l *Linker) solveGroup(group []*node) {
	if !slices.ContainsFunc(group, (*node).stale) {
		return
	}
	slices.SortFunc(group, compareNodes)
	before := make([]node, len(group))
	for i, n := range group {
		before[i] = *n
		n.writes, n.may, n.returns, n.dirty = changes{}, changes{}, nil, false
		n.version++
		l.decode(n)
	}
	l.solved += len(group)
	for grown := true; grown; {
		grown = false
		for _, n := range group {
			grown = n.step() || grown
		}
	}
	for i, n := range group {
		old := &before[i]
		n.changed = !n.writes.same(&old.writes) || !n.may.same(&old.may) || !slices.Equal(n.returns, old.returns)
		for _, b := range n.bodies {
			b.facts = nil
		}
	}
}

// stale reports whether n, or what it calls, changed.
func (n *node) stale() bool {
	if n.dirty {
		return true
	}
	for to := range n.leadsTo() {
		if to.changed {
			return true
		}
	}
	return false
}
