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

// A Linker links programs that have most of their functions in common, one
// after the other: what a function changes is worked out again only where its
// facts, or what the functions that it calls change, are others than before.
// The zero value is ready. One goroutine may use it at a time.
//
// The result depends on the program alone, not on those before it: functions
// that call each other are solved together and from nothing, after
// those that they call.
type Linker struct {
	nodes  map[component.Subject]*node
	sorted []*node // by name; nil where the set of functions changed
	behind map[component.Subject][]component.Subject
	round  int
	solved int // functions that were worked out in this round
}

// node is one function of the program.
type node struct {
	subject component.Subject
	bodies  []*linkedBody // functions named init or _, and such as are declared twice, have several
	round   int           // in which the program had it last
	seen    int           // how many of the bodies came in this round

	dirty   bool // its facts changed, or are new
	changed bool // what it does is not what it did in the round before

	writes, may changes
	returns     []returned
	version     int // grows with the three above while they are worked out
}

// linkedBody is one function body with its facts.
type linkedBody struct {
	index      int       // in the bodies of its node
	at         text.Span // where the function stands now; its facts' places are relative to that
	from       *component.Fact
	count      int
	facts      []fact
	implements []component.Subject
}

// fact is a Fact with the functions that it leads to.
type fact struct {
	Fact
	body           *linkedBody
	callee, result *node // nil where they have no body

	// The versions of callee and result that it was applied to last.
	calleeSeen, resultSeen int
}

func (f *fact) at() text.Span { return f.Span.At(f.body.at) }

func (f *fact) same(g *fact) bool {
	return f == g || f.Kind == g.Kind && f.Name == g.Name && f.What == g.What && f.Span == g.Span
}

// Link links a program: facts as Plain made them, and those of kind Implements.
// The slices of facts must not be changed afterwards: one that comes again holds
// what it held before.
func (l *Linker) Link(functions iter.Seq2[*component.FunctionFacts, []component.Fact]) *Linked {
	l.begin()
	for f, plain := range functions {
		l.body(f.Of, f.At, plain, func() ([]Fact, []component.Subject) {
			var facts []Fact
			var implements []component.Subject
			for _, p := range plain {
				if p.Kind == Implements {
					implements = append(implements, p.To)
				} else {
					facts = append(facts, FromPlain(p))
				}
			}
			return facts, implements
		})
	}
	return l.end()
}

func (l *Linker) begin() {
	if l.nodes == nil {
		l.nodes = map[component.Subject]*node{}
	}
	l.behind = map[component.Subject][]component.Subject{}
	l.round++
	l.solved = 0
}

// body takes the next function, whose facts decode gives if they are new.
func (l *Linker) body(of component.Subject, at text.Span, facts []component.Fact, decode func() ([]Fact, []component.Subject)) {
	n := l.nodes[of]
	if n == nil {
		n = &node{subject: of, dirty: true}
		l.nodes[of], l.sorted = n, nil
	}
	if n.round != l.round {
		n.round, n.seen = l.round, 0
	}
	if n.seen == len(n.bodies) {
		n.bodies = append(n.bodies, &linkedBody{index: n.seen})
		n.dirty = true
	}
	b := n.bodies[n.seen]
	n.seen++
	b.at = at
	if len(facts) == 0 || b.from != &facts[0] || b.count != len(facts) {
		list, implements := decode()
		b.from, b.count, b.implements = nil, len(facts), implements
		if len(facts) > 0 {
			b.from = &facts[0]
		}
		b.facts = make([]fact, len(list))
		for i, f := range list {
			b.facts[i] = fact{Fact: f, body: b}
		}
		n.dirty = true
	}
	for _, to := range b.implements {
		l.behind[to] = append(l.behind[to], of)
	}
}

// end solves what changed.
func (l *Linker) end() *Linked {
	var dirty []*node
	for s, n := range l.nodes {
		if n.round != l.round {
			delete(l.nodes, s)
			l.sorted = nil
			continue
		}
		if n.seen < len(n.bodies) {
			n.bodies, n.dirty = n.bodies[:n.seen], true
		}
		if n.dirty {
			dirty = append(dirty, n)
		}
	}
	set := l.sorted == nil
	if set {
		l.sorted = slices.SortedFunc(maps.Values(l.nodes), compareNodes)
		for _, n := range l.sorted {
			l.resolve(n)
		}
	} else {
		for _, n := range dirty {
			l.resolve(n)
		}
	}
	if set || len(dirty) > 0 {
		l.solve()
	}
	return &Linked{l}
}

// resolve finds the functions that the facts of n lead to. One that came or
// went makes n dirty.
func (l *Linker) resolve(n *node) {
	for f := range n.facts() {
		var callee, result *node
		if f.Kind == Passes {
			callee = l.nodes[f.Callee]
		}
		if f.Result != nil {
			result = l.nodes[f.Result.Callee]
		}
		if callee != f.callee || result != f.result {
			f.callee, f.result, n.dirty = callee, result, true
		}
	}
}

func (n *node) facts() iter.Seq[*fact] {
	return func(yield func(*fact) bool) {
		for _, b := range n.bodies {
			for i := range b.facts {
				if !yield(&b.facts[i]) {
					return
				}
			}
		}
	}
}

// solve works the functions out, those that call each other together and after
// what they call.
func (l *Linker) solve() {
	for _, n := range l.sorted {
		n.changed = false
	}
	for group := range scc.Groups(slices.Values(l.sorted), (*node).leadsTo) {
		l.solveGroup(group)
	}
}

// leadsTo returns the functions that the facts of n lead to.
func (n *node) leadsTo() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for f := range n.facts() {
			if f.callee != nil && !yield(f.callee) || f.result != nil && !yield(f.result) {
				return
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
		for f := range n.facts() {
			f.calleeSeen, f.resultSeen = -1, -1
		}
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
