package relocate

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
)

// Limits bound what moves and what is exported besides what was asked for.
type Limits struct {
	Companions int  // how many units may move along, besides helpers that nothing else uses; constants of one declaration are one
	NoExports  bool // nothing may be exported
	Tests      Tests
}

// A search looks for the companions with which units can move.
type search struct {
	s      *Source
	home   *Place
	to     *Place
	want   map[*Unit]bool
	limits Limits
	linked map[*Unit][]*Unit
}

// A trial is a set of units that move, and what follows of it.
type trial struct {
	set  map[*Unit]bool
	d    *draft
	cost int
}

// find returns the best set of units to move that it comes by: want and its
// companions.
func (s *search) find() *trial {
	s.linked = s.s.linked()
	start := s.try(s.with(s.want))
	best := s.improve(start)
	for _, grow := range []func(map[*Unit]bool) map[*Unit]bool{s.down, s.up} {
		if best.d.cycle == nil && len(best.d.exports)+len(best.d.stuck) == 0 {
			break
		}
		if t := s.improve(s.try(s.with(grow(s.want)))); t.cost < best.cost {
			best = t
		}
	}
	return best
}

// companions lists what moves besides what was asked for, in order.
func (s *search) companions(set map[*Unit]bool) []*Unit {
	var out []*Unit
	for u := range set {
		if !s.want[u] && (u.leader == nil || !set[u.leader]) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *Unit) int { return cmp.Compare(a.order, b.order) })
	return out
}

// counted lists the companions that Limits are about: not those that aren't exported and
// that nothing else uses, and of the constants of one declaration the first.
func (s *search) counted(set map[*Unit]bool) []*Unit {
	declared := map[*ast.GenDecl]bool{}
	return slices.DeleteFunc(s.companions(set), func(u *Unit) bool {
		if s.helps(u, set) {
			return true
		}
		group := u.Parts[0].Gen
		if u.Kind != Const || group == nil {
			return false
		}
		before := declared[group]
		declared[group] = true
		return before
	})
}

// helps reports what isn't exported and what nothing but the set uses.
func (s *search) helps(u *Unit, set map[*Unit]bool) bool {
	if u.Exported() || u.Kind == Init {
		return false
	}
	for v := range u.users {
		if !v.Test && !set[v] && !(v.leader != nil && set[v.leader]) {
			return false
		}
	}
	return true
}

func (s *search) try(set map[*Unit]bool) *trial {
	at := map[*Unit]*Place{}
	for u := range set {
		at[u] = s.to
	}
	t := &trial{set: set, d: s.s.draw(s.home, at, s.limits.Tests)}
	companions := s.companions(set)
	for _, u := range companions {
		t.cost += s.weight(u, set)
		if s.s.fixed(u) {
			t.cost += 20000
		}
	}
	t.cost += 20000 * len(t.d.stuck)
	for _, o := range t.d.exports {
		t.cost += 6
		switch {
		case sealing(o):
			t.cost += 20000 // it can't be exported
		case s.limits.NoExports:
			t.cost += 10000
		case o.member:
			t.cost += 6
		}
	}
	if n := len(s.counted(set)) - s.limits.Companions; n > 0 {
		t.cost += 10000 + 100*n
	}
	if t.d.cycle != nil {
		t.cost += 100000 + 100*min(t.d.between(s.home, s.to), t.d.between(s.to, s.home))
	}
	return t
}

// weight is what it costs to take a unit along: helpers little, what other packages
// know more, and most what is there for something else.
func (s *search) weight(u *Unit, set map[*Unit]bool) int {
	needed, needs := false, false
	for v := range set {
		needed = needed || v != u && v.uses[u] != nil
		needs = needs || v != u && u.uses[v] != nil && s.want[v]
	}
	switch {
	case u.Kind == Init:
		return 10
	case needs && s.makes(u):
		return 1
	case needed && !u.Exported():
		return 1
	case needed:
		return 4
	case !u.Exported():
		return 6
	}
	return 12
}

// makes reports a function that returns a type that is to move.
func (s *search) makes(u *Unit) bool {
	if u.Kind != Func {
		return false
	}
	f := u.Parts[0].File
	fn, ok := f.Pkg.Types.Scope().Lookup(u.Name()).(*types.Func)
	if !ok {
		return false
	}
	for v := range fn.Signature().Results().Variables() {
		t := types.Unalias(v.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			if o := s.s.object(n.Origin().Obj()); o != nil && s.want[o.Unit] {
				return true
			}
		}
	}
	return false
}

// with adds to a set what must move with it, and helpers that nothing else uses.
func (s *search) with(set map[*Unit]bool) map[*Unit]bool {
	out := maps.Clone(set)
	for {
		n := len(out)
		for _, u := range s.s.Units {
			if u.leader != nil && out[u.leader] && !u.Test {
				out[u] = true
			}
		}
		for _, u := range slices.Collect(maps.Keys(out)) {
			for _, v := range s.linked[u] {
				out[v] = true
			}
		}
		s.addHelpers(out)
		if len(out) == n {
			return out
		}
	}
}

// addHelpers adds what isn't exported and only used by the set, and init functions
// that fill its variables. What a tool wrote would take its whole file along.
func (s *search) addHelpers(set map[*Unit]bool) {
	helpers := map[*Unit]bool{}
	for u := range s.down(set) {
		if !set[u] && !u.Exported() && u.Kind != Init && !s.s.fixed(u) && !u.Parts[0].File.Generated() {
			helpers[u] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for u := range helpers {
			for v := range u.users {
				if !v.Test && !set[v] && !helpers[v] && !(v.leader != nil && (set[v.leader] || helpers[v.leader])) {
					delete(helpers, u)
					changed = true
					break
				}
			}
		}
	}
	maps.Copy(set, helpers)
	for _, u := range s.s.Units {
		if u.Kind == Init && !u.Test && !set[u] && u.Parts[0].File != nil && s.fills(u, set) {
			set[u] = true
		}
	}
}

// fills reports an init function that is about variables of the set alone.
func (s *search) fills(u *Unit, set map[*Unit]bool) bool {
	vars := false
	for v := range u.uses {
		if !set[v] {
			return false
		}
		vars = vars || v.Kind == Var
	}
	return vars
}

// down adds all that a set needs.
func (s *search) down(set map[*Unit]bool) map[*Unit]bool {
	return s.grow(set, func(u *Unit) map[*Unit][]*Ref { return u.uses })
}

// up adds all that needs a set.
func (s *search) up(set map[*Unit]bool) map[*Unit]bool {
	return s.grow(set, func(u *Unit) map[*Unit][]*Ref {
		out := map[*Unit][]*Ref{}
		for v := range u.users {
			out[v] = nil
		}
		return out
	})
}

func (s *search) grow(set map[*Unit]bool, next func(*Unit) map[*Unit][]*Ref) map[*Unit]bool {
	out := maps.Clone(set)
	queue := slices.Collect(maps.Keys(set))
	for len(queue) > 0 {
		u := queue[0]
		queue = queue[1:]
		for v := range next(u) {
			if !v.Test && !out[v] && v.Kind != Init {
				out[v] = true
				queue = append(queue, v)
			}
		}
	}
	return out
}

// improve adds unit after unit as long as that costs less.
func (s *search) improve(t *trial) *trial {
	for len(s.counted(t.set)) <= s.limits.Companions {
		var best *trial
		for _, step := range s.steps(t) {
			set := maps.Clone(t.set)
			for _, u := range step {
				set[u] = true
			}
			if next := s.try(s.with(set)); next.cost < t.cost && (best == nil || next.cost < best.cost) {
				best = next
			}
		}
		if best == nil {
			return t
		}
		t = best
	}
	return t
}

// maxSteps bounds how many units are tried at a time.
const maxSteps = 24

// steps lists units whose move may help, alone or together: those that stay and
// that something which moves needs, or which need something that moves, where that
// is hidden or leads back.
func (s *search) steps(t *trial) [][]*Unit {
	var out [][]*Unit
	var seen []*Unit
	movable := func(u *Unit) bool { return u != nil && !u.Test && !t.set[u] && !s.s.fixed(u) }
	add := func(u *Unit) {
		if movable(u) && !slices.Contains(seen, u) && len(out) < maxSteps {
			seen = append(seen, u)
			out = append(out, []*Unit{u})
		}
	}
	for _, o := range t.d.exports {
		add(o.Unit)
		var users []*Unit
		for _, r := range o.Refs {
			add(r.From)
			if movable(r.From) && !slices.Contains(users, r.From) {
				users = append(users, r.From)
			}
		}
		if len(users) > 1 {
			out = append(out, users)
		}
	}
	if t.d.cycle != nil || len(t.d.stuck) > 0 {
		for _, u := range s.s.Units {
			if !t.set[u] {
				continue
			}
			for _, v := range u.needs() {
				add(v)
			}
			for _, v := range u.usedBy() {
				add(v)
			}
		}
	}
	return out
}
