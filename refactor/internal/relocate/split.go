package relocate

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// A Group is what is to stand together in a package of its own.
type Group struct {
	To    *Place
	Units []*Unit
	// Firm: the units were named by a person and stay in the group. Others may
	// end up elsewhere where that ends a cycle or hides a name.
	Firm bool
}

// Split plans to divide the package into groups; what is in none stays, or goes
// where it is used. A group that would import the rest in a circle is left where
// it is, with a note, or refused if it is firm.
func (s *Source) Split(what string, groups []Group, limits Limits) (*Plan, error) {
	sp := &splitter{s: s, home: placeOf(s.Pkg), limits: limits, firm: map[*Unit]bool{}, asked: map[*Unit]*Place{}, linked: s.linked()}
	at := map[*Unit]*Place{}
	for _, g := range groups {
		for _, u := range g.Units {
			if s.fixed(u) && !g.Firm {
				continue
			}
			at[u], sp.asked[u] = g.To, g.To
			sp.firm[u] = g.Firm
		}
	}
	t := sp.improve(sp.try(sp.settle(at)))
	var left []string
	for t.d.cycle != nil {
		place := sp.smallest(t)
		if place == nil {
			break
		}
		left = append(left, place.Name)
		t = sp.improve(sp.try(sp.without(t.at, place)))
	}
	t = sp.join(t)
	p := newPlan(s, t.d)
	p.bySource = true
	switch {
	case t.d.cycle != nil:
		p.refuseCycle()
	case len(t.d.stuck) > 0:
		p.refuseStuck()
	case len(t.d.others()) == 0:
		p.problems = append(p.problems, component.Problem{Code: codeCycle, Severity: component.Error, Span: p.span(s.Units[0].Parts[0]),
			Message: s.Pkg.Pkg.Path + " hangs together: every division of it would make packages that import each other", Hint: "name parts of it: --parts 'a=F,T;b=G'"})
	case limits.NoExports && len(p.Exports) > 0:
		p.refuseExports()
	}
	if err := p.check(what); err != nil {
		return nil, err
	}
	p.noteParts(left)
	sp.noteAlong(p, t, groups)
	p.noteSize()
	p.noteBehavior()
	return p, nil
}

// noteAlong says why exported declarations go to a part that a person named, though it
// doesn't name them.
func (sp *splitter) noteAlong(p *Plan, t *division, groups []Group) {
	for _, g := range groups {
		if !g.Firm {
			continue
		}
		for _, u := range sp.s.Units {
			if u.Test || !u.Exported() || u.leader != nil || u.Kind == Method || sp.asked[u] != nil || t.d.place(u) != g.To {
				continue
			}
			why := ""
			for _, v := range sp.s.Units {
				if v.Test || sp.asked[v] != g.To {
					continue
				}
				switch {
				case slices.Contains(u.needs(), v):
					why = "it uses " + v.Names[0]
					if t.d.between(g.To, sp.home) > 0 {
						why += ", and " + sp.home.Name + " can't import " + g.To.Name + ", which imports it"
					}
				case why == "" && v.uses[u] != nil:
					why = v.Names[0] + " uses it"
					if t.d.between(sp.home, g.To) > 0 {
						why += ", and " + g.To.Name + " can't import " + sp.home.Name + ", which imports it"
					}
				}
			}
			if why != "" {
				p.note(p.span(u.Parts[0]), fmt.Sprintf("%s goes to %s, too: %s", u.Names[0], g.To.Name, why))
			}
		}
	}
}

// join gives parts without any code, such as an interface with what its methods take,
// to the one part that uses them.
func (sp *splitter) join(t *division) *division {
	for _, p := range t.d.others() {
		user := sp.soleUser(t, p)
		if user == nil {
			continue
		}
		at := maps.Clone(t.at)
		for _, u := range sp.s.Units {
			if !u.Test && t.at[u] == p {
				sp.put(at, u, user)
			}
		}
		if next := sp.try(sp.settle(at)); next.d.cycle == nil && len(next.d.stuck) <= len(t.d.stuck) && len(next.d.exports) <= len(t.d.exports) {
			t = next
		}
	}
	return t
}

// soleUser returns the one other place that uses what is at p, if that is no code and
// nobody asked for it; otherwise nil.
func (sp *splitter) soleUser(t *division, p *Place) *Place {
	var only *Place
	for _, u := range sp.s.Units {
		if u.Test || t.d.place(u) != p {
			continue
		}
		if sp.firm[u] || u.Kind == Func || u.Kind == Method || u.Kind == Init || len(u.outside) > 0 {
			return nil
		}
		for v := range u.users {
			switch at := t.d.place(v); {
			case v.Test || at == p:
			case only != nil && at != only:
				return nil
			default:
				only = at
			}
		}
	}
	return only
}

// noteParts says what each new package gets.
func (p *Plan) noteParts(left []string) {
	for _, place := range p.d.others() {
		var us []*Unit
		for _, u := range p.s.Units {
			if !u.Test && p.d.place(u) == place && u.Kind != Blank && u.leader == nil && u.Exported() {
				us = append(us, u)
			}
		}
		if len(us) > 0 {
			p.note(p.span(us[0].Parts[0]), fmt.Sprintf("%s gets %s", place.Path, listed(us)))
		}
	}
	for _, name := range left {
		p.note(p.span(p.s.Units[0].Parts[0]), fmt.Sprintf("part %s stays: it and the rest would import each other", name))
	}
}

// A splitter looks for a division that needs few exports and no cycle.
type splitter struct {
	s      *Source
	home   *Place
	limits Limits
	asked  map[*Unit]*Place
	firm   map[*Unit]bool
	linked map[*Unit][]*Unit
}

// A division is one way to divide a package, and what follows of it.
type division struct {
	at   map[*Unit]*Place
	d    *draft
	cost int
}

// settle sends helpers that nothing asked for where all that uses them is, and init
// functions where the variables are that they fill.
func (sp *splitter) settle(at map[*Unit]*Place) map[*Unit]*Place {
	at = maps.Clone(at)
	for changed := true; changed; {
		changed = false
		for _, u := range sp.s.Units {
			if u.Test || u.Kind == Init || !sp.loose(u) {
				continue
			}
			if p := sp.onlyUser(u, at); p != nil && p != sp.placeIn(u, at) {
				sp.put(at, u, p)
				changed = true
			}
		}
	}
	for _, u := range sp.s.Units {
		if u.Kind != Init || u.Test || u.leader != nil || sp.asked[u] != nil {
			continue
		}
		p := sp.fills(u, at)
		sp.put(at, u, p)
		for v := range u.uses {
			if p != sp.home && sp.loose(v) {
				sp.put(at, v, p)
			}
		}
	}
	return at
}

// loose reports a helper that goes where it is used.
func (sp *splitter) loose(u *Unit) bool {
	return !u.Exported() && u.leader == nil && sp.asked[u] == nil && !sp.s.fixed(u)
}

// fills returns the one place of all that an init function is about, where there
// are variables among that, and otherwise the package itself. A helper is where
// others use it.
func (sp *splitter) fills(init *Unit, at map[*Unit]*Place) *Place {
	vars := false
	places := map[*Place]bool{}
	for u := range init.uses {
		vars = vars || u.Kind == Var
		if !sp.loose(u) {
			places[sp.placeIn(u, at)] = true
			continue
		}
		for v := range u.users {
			if v != init && !v.Test && v.leader != u && init.uses[v] == nil {
				places[sp.placeIn(v, at)] = true
			}
		}
	}
	if !vars || len(places) != 1 {
		return sp.home
	}
	return slices.Collect(maps.Keys(places))[0]
}

func (sp *splitter) placeIn(u *Unit, at map[*Unit]*Place) *Place {
	for ; u != nil; u = u.leader {
		if p := at[u]; p != nil {
			return p
		}
	}
	return sp.home
}

// onlyUser returns the one place from which a unit is used, or nil.
func (sp *splitter) onlyUser(u *Unit, at map[*Unit]*Place) *Place {
	var only *Place
	for v := range u.users {
		if v.Test || v.leader == u {
			continue
		}
		p := sp.placeIn(v, at)
		if only != nil && p != only {
			return nil
		}
		only = p
	}
	return only
}

// put moves a unit, and those that must stay with it.
func (sp *splitter) put(at map[*Unit]*Place, u *Unit, p *Place) {
	for u.leader != nil && !sp.firm[u] {
		u = u.leader
	}
	for _, v := range append([]*Unit{u}, sp.linked[u]...) {
		if p == sp.home {
			delete(at, v)
		} else {
			at[v] = p
		}
	}
}

func (sp *splitter) try(at map[*Unit]*Place) *division {
	t := &division{at: at, d: sp.s.draw(sp.home, at, sp.limits.Tests)}
	for u, p := range sp.asked {
		switch {
		case sp.placeIn(u, at) == p:
		case u.Exported():
			t.cost += 10
		default:
			t.cost += 3
		}
	}
	for u, p := range at {
		if sp.asked[u] == nil && u.Exported() && p != nil {
			t.cost += 2
		}
	}
	t.cost += 20000 * len(t.d.stuck)
	for _, o := range t.d.exports {
		t.cost += 6
		if o.member {
			t.cost += 6
		}
		if sp.limits.NoExports {
			t.cost += 10000
		}
	}
	if t.d.cycle != nil {
		t.cost += 100000
		places := append(t.d.others(), sp.home)
		for i, a := range places {
			for _, b := range places[i+1:] {
				t.cost += 100 * min(t.d.between(a, b), t.d.between(b, a))
			}
		}
	}
	return t
}

// improve moves unit after unit as long as that costs less.
func (sp *splitter) improve(t *division) *division {
	for range 200 {
		var best *division
		for _, step := range sp.steps(t) {
			at := maps.Clone(t.at)
			for _, u := range step.us {
				sp.put(at, u, step.to)
			}
			if next := sp.try(sp.settle(at)); next.cost < t.cost && (best == nil || next.cost < best.cost) {
				best = next
			}
		}
		if best == nil {
			break
		}
		t = best
	}
	return t
}

// A step is a move of units to a place.
type step struct {
	us []*Unit
	to *Place
}

// steps lists moves that may help: one of two units whose mention of each other
// crosses moves to the other, where that is hidden or leads back; or all that need
// something hidden move to it.
func (sp *splitter) steps(t *division) []step {
	var out []step
	movable := func(u *Unit) bool {
		return u != nil && !sp.firm[u] && !u.Test && u.Kind != Init && !sp.s.fixed(u)
	}
	add := func(u *Unit, to *Place) {
		for u.leader != nil {
			u = u.leader
		}
		same := func(s step) bool { return len(s.us) == 1 && s.us[0] == u && s.to == to }
		if movable(u) && len(out) < maxSteps && !slices.ContainsFunc(out, same) {
			out = append(out, step{[]*Unit{u}, to})
		}
	}
	for _, o := range t.d.exports {
		to := t.d.place(o.Unit)
		var users []*Unit
		for _, r := range o.Refs {
			if movable(r.From) && t.d.place(r.From) != to && !slices.Contains(users, r.From) {
				users = append(users, r.From)
			}
		}
		if len(users) > 1 {
			out = append(out, step{users, to})
		}
	}
	for _, u := range sp.s.Units {
		if u.Test {
			continue
		}
		for _, v := range u.needs() {
			from, to := t.d.place(u), t.d.place(v)
			if v.Test || from == to {
				continue
			}
			hidden := slices.ContainsFunc(u.uses[v], func(r *Ref) bool { return !ast.IsExported(r.Object.Name) })
			if hidden || t.d.cycle != nil && t.d.between(to, from) > 0 {
				add(u, to)
				add(v, from)
			}
		}
	}
	return out
}

// smallest returns the smallest of the places of a cycle that nobody insists on.
func (sp *splitter) smallest(t *division) *Place {
	var all []*Place
	for _, p := range t.d.others() {
		insisted := false
		for u := range sp.firm {
			insisted = insisted || sp.firm[u] && sp.placeIn(u, t.at) == p
		}
		if !insisted && slices.Contains(t.d.route, p.Path) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	size := map[*Place]int{}
	for u := range t.at {
		size[sp.placeIn(u, t.at)]++
	}
	return slices.MinFunc(all, func(a, b *Place) int { return cmp.Or(cmp.Compare(size[a], size[b]), cmp.Compare(a.Path, b.Path)) })
}

// without leaves at home what would go to a place.
func (sp *splitter) without(at map[*Unit]*Place, p *Place) map[*Unit]*Place {
	out := map[*Unit]*Place{}
	for u, to := range at {
		if to != p {
			out[u] = to
		}
	}
	for u, to := range sp.asked {
		if to == p {
			delete(sp.asked, u)
		}
	}
	return sp.settle(out)
}
