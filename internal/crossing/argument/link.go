package argument

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Mutation is memory behind a parameter that a function changes.
type Mutation struct {
	Place
	Name string // of the parameter; may be empty or "_"
	// Certain: there is a statement that changes it. Else it is given to code that
	// may.
	Certain bool
	What    string              // "writes p[0]", "calls io.ReadFull"
	Span    text.Span           // where that stands
	Here    text.Span           // where it stands in the function that was asked about, or the call that leads there
	Through []component.Subject // the functions between, outermost first
}

// state is what is known of one function so far.
type state struct {
	facts   []Fact
	writes  map[Place]Mutation
	may     map[Place]Mutation
	returns map[returned]bool
}

type returned struct {
	Place
	held string
}

// Linked is what is known of the functions of a program.
type Linked struct {
	states map[component.Subject]*state
}

// Link puts the facts of a program's functions together. Functions that are
// missing have no body.
func Link(facts map[component.Subject][]Fact) *Linked {
	l := &Linked{states: make(map[component.Subject]*state, len(facts))}
	var order []component.Subject
	for s, fs := range facts {
		l.states[s] = &state{facts: fs, writes: map[Place]Mutation{}, may: map[Place]Mutation{}, returns: map[returned]bool{}}
		order = append(order, s)
	}
	slices.SortFunc(order, func(a, b component.Subject) int {
		return cmp.Or(a.Decl.Compare(b.Decl), strings.Compare(a.Member, b.Member))
	})
	for grown := true; grown; {
		grown = false
		for _, s := range order {
			grown = l.step(s) || grown
		}
	}
	return l
}

// Of returns what a function changes behind its parameters, the receiver left
// out if it has one: certain changes first, then by parameter.
func (l *Linked) Of(s component.Subject) []Mutation {
	st := l.states[s]
	if st == nil {
		return nil
	}
	best := map[int]Mutation{}
	for _, set := range []map[Place]Mutation{st.may, st.writes} {
		for _, m := range set {
			old, ok := best[m.Param]
			if !ok || m.Certain && !old.Certain || m.Certain == old.Certain && better(m, old) {
				best[m.Param] = m
			}
		}
	}
	out := slices.Collect(maps.Values(best))
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

// better prefers the shorter way, then the earlier place, so that the same code
// always gives the same answer.
func better(a, b Mutation) bool {
	return cmp.Or(cmp.Compare(len(a.Through), len(b.Through)), a.Here.Compare(b.Here), strings.Compare(a.What, b.What), strings.Compare(a.Path, b.Path)) < 0
}

// Known reports whether the body of a function was looked at.
func (l *Linked) Known(s component.Subject) bool { return l.states[s] != nil }

// step applies the facts of one function to what is known, and reports whether
// that is more than before.
func (l *Linked) step(s component.Subject) bool {
	st := l.states[s]
	before := len(st.writes) + len(st.may) + len(st.returns)
	for _, f := range st.facts {
		m := Mutation{Name: f.Name, What: f.What, Span: f.Span, Here: f.Span}
		places, sure := l.reached(f)
		for _, p := range places {
			switch f.Kind {
			case Writes:
				if p.held == "" {
					st.change(p.Place, m, sure)
				}
			case May:
				st.change(p.Place, m, false)
			case Returns:
				st.returns[returned{p.Place, cmp.Or(p.held, f.Held)}] = true
			case Passes:
				l.passes(st, p, f, m, sure)
			}
		}
	}
	return len(st.writes)+len(st.may)+len(st.returns) > before
}

func (st *state) change(p Place, m Mutation, certain bool) {
	m.Place, m.Certain = p, certain
	set := st.may
	if certain {
		set = st.writes
	}
	if old, known := set[p]; !known || better(m, old) {
		set[p] = m
	}
}

// reached returns the memory that a fact is about. It isn't sure where that
// takes the result of a function without a body.
func (l *Linked) reached(f Fact) (places []returned, sure bool) {
	c := f.Result
	if c == nil {
		return []returned{{f.Place, ""}}, true
	}
	callee := l.states[c.Callee]
	if callee == nil {
		return []returned{{f.Place, ""}}, false
	}
	for r := range callee.returns {
		if r.Param != c.Arg {
			continue
		}
		place, held := f.Place, r.held
		switch {
		case c.Held != "" && r.Path == "" && held == "":
			held = c.Held // it returns the memory that it was given, which leads there
		case c.Held != "" && r.Path != c.Held:
			continue
		case c.Held == "":
			place = under(place, r.Path)
		}
		switch {
		case held == "":
			places = append(places, returned{under(place, c.Path), ""})
		case c.Path == "":
			places = append(places, returned{place, held})
		case c.Path == held || held == "[]" || c.Path == "[]":
			places = append(places, returned{place, ""})
		}
	}
	slices.SortFunc(places, func(a, b returned) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), strings.Compare(a.Path, b.Path), strings.Compare(a.held, b.held))
	})
	return places, true
}

// under is the memory that a part of p leads to.
func under(p Place, path string) Place {
	if p.Path == "" {
		p.Path = path
	}
	return p
}

// passes applies what a callee does with an argument.
func (l *Linked) passes(st *state, p returned, f Fact, m Mutation, sure bool) {
	callee := l.states[f.Callee]
	if callee == nil {
		m.What = "calls " + f.What + ", which could not be analysed"
		st.change(p.Place, m, false)
		return
	}
	held := cmp.Or(p.held, f.Held)
	for _, set := range []map[Place]Mutation{callee.writes, callee.may} {
		for _, w := range set {
			if w.Param != f.Arg || held != "" && w.Path != held {
				continue
			}
			place := p.Place
			if held == "" {
				place = under(place, w.Path)
			}
			const deepest = 8
			if len(w.Through) >= deepest {
				w.Through = w.Through[:deepest-1]
			}
			w.Through = append([]component.Subject{f.Callee}, w.Through...)
			w.Name, w.Here = m.Name, m.Here
			st.change(place, w, w.Certain && sure)
		}
	}
}
