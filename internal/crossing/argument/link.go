package argument

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Mutation is memory reachable from a parameter that a function changes.
type Mutation struct {
	Place
	Name string // of the parameter; may be empty or "_"
	// Certain: a statement changes it. Otherwise it is passed to code that may
	// change it.
	Certain bool
	What    string              // "writes p[0]", "calls io.ReadFull"
	Span    text.Span           // position of the change
	Here    text.Span           // its position in the queried function, or that of the call that leads to it
	Through []component.Subject // the functions in between, outermost first; at most 8
}

// A Linked answers questions about the functions of a program. If a Linker made
// it, it is valid until the Linker's next Link. It must not be used
// concurrently with that.
type Linked struct{ linker *Linker }

// Link links the facts of a program's functions. Functions that aren't in the
// map have no body.
func Link(facts map[component.Subject][]Fact) *Linked {
	var list []component.FactsOf
	for of, facts := range facts {
		plain := make([]component.Fact, 0, len(facts))
		for _, f := range facts {
			plain = append(plain, f.Plain())
		}
		if len(plain) > 0 {
			list = append(list, component.FactsOf{In: &component.FunctionFacts{Of: of}, Facts: plain})
		}
	}
	if len(list) == 0 {
		return new(Linker).Link(func(func([]component.FactsOf) bool) {})
	}
	return new(Linker).Link(slices.Values([][]component.FactsOf{list}))
}

// Of returns what a function changes through its parameters, including the
// receiver: one Mutation per place, certain ones before others, sorted by
// parameter.
func (l *Linked) Of(s component.Subject) []Mutation {
	n := l.linker.nodes[s]
	if n == nil {
		return nil
	}
	best := map[int]*entry{}
	for _, set := range []*changes{&n.may, &n.writes} {
		for _, e := range set.list {
			old := best[e.place.Param]
			if old == nil || e.certain && !old.certain || e.certain == old.certain && better(e, old) {
				best[e.place.Param] = e
			}
		}
	}
	var out []Mutation
	for _, e := range best {
		out = append(out, e.mutation())
	}
	slices.SortFunc(out, func(a, b Mutation) int { return cmp.Compare(a.Param, b.Param) })
	return out
}

// Arguments is Of without the receiver of a method, whose memory is the
// component's own. Parameters are counted from 0.
func (l *Linked) Arguments(s component.Subject) []Mutation {
	out := l.Of(s)
	if s.Member == "" {
		return out
	}
	out = slices.DeleteFunc(out, func(m Mutation) bool { return m.Param == 0 })
	for i := range out {
		out[i].Param--
	}
	return out
}

// Places returns every place behind an argument that a function certainly changes,
// by parameter as in Arguments.
func (l *Linked) Places(s component.Subject) []Mutation {
	n := l.linker.nodes[s]
	if n == nil {
		return nil
	}
	var out []Mutation
	for _, e := range n.writes.list {
		m := e.mutation()
		if s.Member != "" {
			m.Param--
		}
		if m.Param >= 0 && e.certain {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Mutation) int { return cmp.Or(cmp.Compare(a.Param, b.Param), strings.Compare(a.Path, b.Path)) })
	return out
}

// Known reports whether the body of a function was analysed.
func (l *Linked) Known(s component.Subject) bool { return l.linker.nodes[s] != nil }

// Behind returns the methods that implement a method of an interface, in
// program order.
func (l *Linked) Behind(s component.Subject) []component.Subject { return l.linker.behind[s] }

// Interfaces returns the interface methods that have an implementation,
// unsorted.
func (l *Linked) Interfaces() []component.Subject { return subjects(l.linker.behind) }

// Functions returns the Known functions, unsorted.
func (l *Linked) Functions() []component.Subject { return subjects(l.linker.nodes) }

func subjects[V any](m map[component.Subject]V) []component.Subject {
	out := make([]component.Subject, 0, len(m))
	for s := range m {
		out = append(out, s)
	}
	return out
}

// An entry is what one function does with one place. It isn't changed once it
// is made.
type entry struct {
	place   Place
	certain bool
	fact    *fact  // of the function itself: the change, or the call that leads there
	via     *node  // the function that is called; nil: the change is here
	next    *entry // what that one does
	depth   int    // how many functions are between
}

// better prefers the shorter way, then the earlier place, so that the same code
// always gives the same answer.
func better(a, b *entry) bool {
	if c := cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.fact.body.index, b.fact.body.index)); c != 0 {
		return c < 0
	}
	if a.fact != b.fact {
		if c := a.fact.Span.Compare(b.fact.Span); c != 0 {
			return c < 0
		}
	}
	if a.next == b.next && a.fact == b.fact {
		return a.place.Path < b.place.Path
	}
	return cmp.Or(strings.Compare(a.description(), b.description()), strings.Compare(a.place.Path, b.place.Path)) < 0
}

// description says what is done to the place, by the last function of the chain.
func (e *entry) description() string {
	for e.next != nil {
		e = e.next
	}
	if e.fact.Kind == Passes {
		return "calls " + e.fact.What + ", which could not be analysed"
	}
	return e.fact.What
}

// maxThrough is how many functions a Mutation names.
const maxThrough = 8

func (e *entry) mutation() Mutation {
	m := Mutation{Place: e.place, Name: e.fact.Name, Certain: e.certain, What: e.description(), Here: e.fact.at()}
	last := e
	for ; last.next != nil; last = last.next {
		if len(m.Through) < maxThrough {
			m.Through = append(m.Through, last.via.subject)
		}
	}
	m.Span = last.fact.at()
	return m
}

// same reports whether two entries say the same, whatever of their functions
// moved to another line.
func (e *entry) same(f *entry) bool {
	for e != f {
		if e == nil || f == nil || e.place != f.place || e.certain != f.certain || e.via != f.via || e.fact.body != f.fact.body || !e.fact.same(f.fact) {
			return false
		}
		e, f = e.next, f.next
	}
	return true
}

// changes are the entries of one function by place.
type changes struct {
	list  []*entry // in the order in which they were found
	index map[Place]int
}

// maxLinear is how many entries are searched linearly; beyond it there is an index.
const maxLinear = 8

func (s *changes) find(p Place) int {
	if s.index != nil {
		if i, ok := s.index[p]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(s.list, func(e *entry) bool { return e.place == p })
}

// put adds an entry unless a better one is there, and reports whether it did.
// It makes the entry of e only then.
func (s *changes) put(e entry) bool {
	i := s.find(e.place)
	if i >= 0 {
		if !better(&e, s.list[i]) {
			return false
		}
		s.list[i] = &e
		return true
	}
	s.list = append(s.list, &e)
	switch {
	case s.index != nil:
		s.index[e.place] = len(s.list) - 1
	case len(s.list) > maxLinear:
		s.index = map[Place]int{}
		for i, e := range s.list {
			s.index[e.place] = i
		}
	}
	return true
}

func (s *changes) same(t *changes) bool {
	return slices.EqualFunc(s.list, t.list, (*entry).same)
}
