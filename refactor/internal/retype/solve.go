package retype

import (
	"go/ast"
	"go/types"
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
				if from.star != nil && from.why == "" && !from.reached && !from.maker {
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
				changed = m.keep(why, s.at) || changed
			}
			continue
		}
		if !s.reached {
			continue
		}
		if s.nilTest && s.typedNil(map[*slot]bool{}) {
			if s.wantSources(map[*slot]bool{}) || s.guardSources(map[*slot]bool{}) {
				return true
			}
			changed = s.keep("it is compared with nil, and a nil pointer in an interface isn't nil", s.span) || changed
		}
		if s.friend != "" && slices.ContainsFunc(s.soft, func(t *slot) bool { return !t.reached }) && s.noValue(map[*slot]bool{}) {
			changed = s.keep("it may be nil where "+s.friend+" is called with it, and an interface without a value has no methods", s.span) || changed
		}
		if s.nilTo != "" && s.noValue(map[*slot]bool{}) {
			changed = s.keep("it may be nil where it becomes a value of "+s.nilTo+", which then has a nil pointer in it, and would be nil itself", s.span) || changed
		}
		if s.bound != "" && s.noValue(map[*slot]bool{}) {
			changed = s.keep("it may be nil where its "+s.bound+" is taken and called later, and an interface without a value has no methods", s.span) || changed
		}
		if s.nilCall != "" && s.noValue(map[*slot]bool{}) {
			changed = s.keep("its "+s.nilCall+" works on nil, and an interface without a value has no methods", s.span) || changed
		}
	}
	return changed
}

// typedNil reports whether a nil pointer may reach a slot that is to hold the
// interface, where it would no longer equal nil.
func (s *slot) typedNil(seen map[*slot]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	typed := func(m *slot) bool {
		if m.reached {
			return m.typedNil(seen)
		}
		if m.value && m.like != nil && m.like.reached {
			return false // it is what a list of the interface has for nothing
		}
		return !m.literal && m.mayBeNil(map[*slot]bool{})
	}
	return slices.ContainsFunc(s.nilFrom, typed) || slices.ContainsFunc(s.guards, func(g guard) bool {
		return (g.src.reached || !s.guarded) && typed(g.src)
	}) || slices.ContainsFunc(s.dropped, func(m *slot) bool {
		if m.reached {
			return slices.ContainsFunc(m.failing, typed)
		}
		return slices.ContainsFunc(m.failing, func(n *slot) bool { return n.mayBeNil(map[*slot]bool{}) })
	})
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
		switch {
		case m.reached:
			found = m.wantSources(seen) || found
		case m.star != nil && m.why == "" && !m.wanted:
			m.wanted, found = true, true
		}
	}
	return found
}

// mayBeNil reports whether a slot that keeps the concrete type may be nil.
func (s *slot) mayBeNil(seen map[*slot]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	nils := func(m *slot) bool { return m.mayBeNil(seen) }
	return s.zero || s.nilable || s.literal || slices.ContainsFunc(s.nilFrom, nils) ||
		slices.ContainsFunc(s.guards, func(g guard) bool { return g.src.mayBeNil(seen) }) ||
		slices.ContainsFunc(s.dropped, func(m *slot) bool { return slices.ContainsFunc(m.failing, nils) })
}

// noValue reports whether a slot with the interface may hold nothing.
func (s *slot) noValue(seen map[*slot]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	none := func(m *slot) bool {
		return m.literal || m.reached && m.noValue(seen) || m.value && m.like != nil && m.like.reached
	}
	return s.zero || slices.ContainsFunc(s.nilFrom, none) || slices.ContainsFunc(s.guards, func(g guard) bool {
		return none(g.src) || s.guarded && !g.src.reached && g.src.mayBeNil(map[*slot]bool{})
	})
}

// fails reports a return of an error that isn't nil.
func fails(file *code.File, ret *ast.ReturnStmt) bool {
	if len(ret.Results) < 2 {
		return false
	}
	tv := file.Pkg.Info.Types[ret.Results[len(ret.Results)-1]]
	return !tv.IsNil() && tv.Type != nil && (crossing.IsError(tv.Type) || types.Implements(tv.Type, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)))
}
