package retype

import (
	"go/ast"
	"go/types"
	"iter"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// reach marks the slots that get the interface: those of User files that nothing
// keeps, what they flow into, and what they get their values from where they can't
// be told apart from it.
func (f *Flow) reach() {
	for _, s := range f.order {
		s.reached = false
	}
	var mark func(*slot)
	mark = func(s *slot) {
		if s.reached || s.why != "" {
			return
		}
		s.reached = true
		for _, t := range s.into {
			mark(t)
		}
		for _, t := range s.soft {
			mark(t)
		}
	}
	for _, s := range f.order {
		if s.role == User && !s.file.Test || s.wanted {
			mark(s)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, s := range f.order {
			if s.def == nil || !s.reached || s.def.form == valued {
				continue
			}
			for _, from := range s.from {
				if from = from.place(); from.star != nil && from.why == "" && !from.reached && !from.maker {
					mark(from)
					changed = true
				}
			}
		}
	}
}

// pass propagates once and reports whether anything changed.
func (f *Flow) pass() bool {
	changed := false
	for _, s := range f.order {
		if s.why != "" {
			for _, m := range s.from {
				why := "it flows into " + s.name + ", which keeps the type: " + s.root()
				if s.like == m || m.like == s {
					why = s.root()
				}
				if m.keep(why, s.at) {
					m.because, changed = s, true
				}
			}
			continue
		}
		if !s.reached {
			continue
		}
		if none := s.typedNil(map[*slot]bool{}); len(s.nilTest) > 0 && none != nil {
			if s.wantSources(map[*slot]bool{}) || s.guardSources(map[*slot]bool{}) {
				return true
			}
			changed = s.keep("it is compared with nil, and a nil pointer in an interface isn't nil"+none.comesFrom(), s.nilTest[0].at) || changed
		}
		if c, none := s.unlike(); none != nil {
			if c.with.want() || s.wantSources(map[*slot]bool{}) || s.guardSources(map[*slot]bool{}) {
				return true
			}
			changed = s.keep("it is compared with another, and a nil pointer in an interface isn't nil"+none.comesFrom(), c.at) || changed
		}
		for _, e := range f.elsewhere {
			if none := e.none(s); none != nil {
				changed = s.keep(e.why+none.comesFrom(), s.span) || changed
			}
		}
		for why, d := range s.needsValue() {
			if none := d.noValue(s); none != nil && (d.typ == nil || !f.sameWithout(d)) {
				if f.writeNil(none) {
					return true
				}
				if d.skip != nil {
					continue
				}
				changed = s.keep(why+f.lookedAt(d.typ)+none.comesFrom(), d.at) || changed
			}
		}
	}
	return changed
}

// unlike returns a comparison in which one value may be a nil pointer and the other no
// value, and the place by which it is a nil pointer; nil where there is none.
func (s *slot) unlike() (comparison, *slot) {
	for _, c := range s.same {
		switch o := c.with; {
		case !o.reached:
			if none := o.mayBeNil(map[*slot]bool{}); none != nil && s.noValue(map[*slot]bool{}) != nil {
				return c, none
			}
		case o.noValue(map[*slot]bool{}) != nil:
			if none := s.typedNil(map[*slot]bool{}); none != nil {
				return c, none
			}
		}
	}
	return comparison{}, nil
}

// want asks for the interface where a slot has its type from, and reports whether that is
// something new.
func (s *slot) want() bool {
	if p := s.place(); p.star != nil && p.why == "" && !p.reached && !p.wanted {
		p.wanted = true
		return true
	}
	return false
}

// needsValue yields why a slot keeps the type if it may be nil, with the use that it
// needs a value for.
func (s *slot) needsValue() iter.Seq2[string, demand] {
	const noMethods = ", and an interface without a value has no methods"
	return func(yield func(string, demand) bool) {
		each := func(all []demand, before, after string) bool {
			return !slices.ContainsFunc(all, func(d demand) bool { return !yield(before+d.name+after, d) })
		}
		called := slices.ContainsFunc(s.soft, func(t *slot) bool { return !t.reached })
		_ = (!called || each(s.given, "it may be nil where ", " is called with it"+noMethods)) &&
			each(s.nilTo, "it may be nil where it becomes a value of ", ", which then has a nil pointer in it, and would be nil itself") &&
			each(s.bound, "it may be nil where its ", " is taken and called later"+noMethods) &&
			each(s.nilCall, "its ", " works on nil"+noMethods)
	}
}

// noValue returns a place by which a slot may hold nothing where the use is. What a use by
// chance isn't meant for doesn't count.
func (d *demand) noValue(s *slot) *slot {
	if d.chance {
		return d.without(s, meant)
	}
	return d.without(s, everything)
}

// without is noValue, where as much counts as is told.
func (d *demand) without(s *slot, what counted) *slot {
	switch m := d.from; {
	case (m == nil || m == s) && d.chance && s.handedNil() != nil:
		return s.handedNil() // a test may try just that
	case m == nil || m == s:
		return s.without(map[*slot]bool{}, what)
	case m.literal:
		return m
	case m.reached:
		return m.without(map[*slot]bool{}, what)
	}
	return nil // a pointer, nil or not, is a value of the interface
}

// counted says in which places it counts that nobody has stored anything.
type counted int

const (
	meant      counted = iota // in variables and fields
	everything                // and in elements of lists and variables of tests, and where a test hands nil over
)

// typedNil returns a place by which a nil pointer may reach a slot that is to hold the
// interface, where it would no longer equal nil; nil where none does.
func (s *slot) typedNil(seen map[*slot]bool) *slot {
	if seen[s] {
		return nil
	}
	seen[s] = true
	typed := func(m *slot) *slot {
		switch {
		case m.reached:
			return m.typedNil(seen)
		case m.literal, m.value && m.like != nil && m.like.reached:
			return nil // it is what a list of the interface has for nothing
		}
		return m.mayBeNil(map[*slot]bool{})
	}
	if m := first(s.nilFrom, typed); m != nil {
		return m
	}
	if m := first(s.found, typed); m != nil {
		return m
	}
	if s.asserted {
		boxed := func(m *slot) *slot {
			if m.reached {
				return nil // no nil pointer gets into the interface
			}
			return m.mayBeNil(map[*slot]bool{})
		}
		if m := first(s.flow.boxed, boxed); m != nil {
			return m
		}
	}
	for _, g := range s.guards {
		if g.src.reached || !s.guarded {
			if m := typed(g.src); m != nil {
				return m
			}
		}
	}
	return first(s.dropped, func(m *slot) *slot {
		if m.reached {
			return first(m.failing, typed)
		}
		return first(m.failing, func(n *slot) *slot { return n.mayBeNil(map[*slot]bool{}) })
	})
}

// place is the slot that a variable has its type from, or the slot itself.
func (s *slot) place() *slot {
	if s.like != nil && s.star == nil {
		return s.like
	}
	return s
}

// wantSources asks for the interface where the nil pointers of a slot come from, so
// that they are no pointers, and reports whether that is something new.
func (s *slot) wantSources(seen map[*slot]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	found := false
	from := append(slices.Clip(s.nilFrom), s.dropped...)
	for _, g := range s.guards {
		from = append(from, g.src)
	}
	for _, m := range from {
		m = m.place()
		switch {
		case m.reached:
			found = m.wantSources(seen) || found
		case m.star != nil && m.why == "" && !m.wanted:
			m.wanted, found = true, true
		}
	}
	return found
}

// mayBeNil returns a place by which a slot that keeps the concrete type may be nil; nil
// where none makes it so.
func (s *slot) mayBeNil(seen map[*slot]bool) *slot {
	if seen[s] {
		return nil
	}
	seen[s] = true
	if s.zero || s.gap || s.nilable || s.literal {
		return s
	}
	nils := func(m *slot) *slot { return m.mayBeNil(seen) }
	if m := first(s.nilFrom, nils); m != nil {
		return m
	}
	for _, g := range s.guards {
		if m := nils(g.src); m != nil {
			return m
		}
	}
	return first(s.dropped, func(m *slot) *slot { return first(m.failing, nils) })
}

// noValue returns a place by which a slot with the interface may hold nothing; nil where
// it always holds a value.
func (s *slot) noValue(seen map[*slot]bool) *slot { return s.without(seen, everything) }

// without is noValue, where as much counts as is told.
func (s *slot) without(seen map[*slot]bool, what counted) *slot {
	if seen[s] {
		return nil
	}
	seen[s] = true
	if what == everything && (s.zero || s.gap) || s.zero && !s.inTest() {
		return s
	}
	none := func(m *slot) *slot {
		switch {
		case m.literal && what != everything && m.inTest():
			return nil
		case m.literal || m.value && m.like != nil && m.like.reached:
			return m
		case m.reached:
			return m.without(seen, what)
		}
		return nil
	}
	if m := first(s.nilFrom, none); m != nil {
		return m
	}
	for _, g := range s.guards {
		if m := none(g.src); m != nil {
			return m
		}
		if s.guarded && !g.src.reached {
			if m := g.src.mayBeNil(map[*slot]bool{}); m != nil {
				return m
			}
		}
	}
	if s.inTest() {
		return nil // a test that doesn't look at the error relies on a value
	}
	return first(s.dropped, func(m *slot) *slot {
		if !m.reached {
			return nil
		}
		return first(m.failing, none)
	})
}

func (s *slot) inTest() bool { return s.file != nil && s.file.Test }

// handedNil returns where the word nil is handed to the slot itself; nil where it isn't.
func (s *slot) handedNil() *slot {
	i := slices.IndexFunc(s.nilFrom, func(m *slot) bool { return m.literal })
	if i < 0 {
		return nil
	}
	return s.nilFrom[i]
}

// handedByTest returns where a test hands nil over that a slot with the interface may hold;
// nil where none does.
func (s *slot) handedByTest(seen map[*slot]bool) *slot {
	if seen[s] {
		return nil
	}
	seen[s] = true
	return first(s.nilFrom, func(m *slot) *slot {
		switch {
		case m.literal && m.inTest():
			return m
		case m.reached:
			return m.handedByTest(seen)
		}
		return nil
	})
}

// first returns what is found first of slots, or nil.
func first(slots []*slot, find func(*slot) *slot) *slot {
	for _, s := range slots {
		if m := find(s); m != nil {
			return m
		}
	}
	return nil
}

// comesFrom says where nil comes from.
func (s *slot) comesFrom() string {
	if !s.span.IsValid() {
		return ""
	}
	return "; nil comes from " + s.span.String()
}

// fails reports a return of an error that isn't nil.
func fails(file *code.File, ret *ast.ReturnStmt) bool {
	if len(ret.Results) < 2 {
		return false
	}
	tv := file.Pkg.Info.Types[ret.Results[len(ret.Results)-1]]
	return !tv.IsNil() && tv.Type != nil && (crossing.IsError(tv.Type) || types.Implements(tv.Type, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)))
}
