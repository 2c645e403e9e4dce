package relocate

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/placement"
)

// Tests says what happens to tests of what moves.
type Tests string

const (
	MoveTests Tests = "move" // those that use nothing else move along
	StayTests Tests = "stay" // they stay where that is possible
	allTests  Tests = "all"  // they have a place already
)

// placeTests finds a place for each test and for what it needs of other tests.
func (d *draft) placeTests(edges map[string]map[string]bool, tests Tests) {
	if len(d.others()) == 0 {
		return
	}
	needed := map[*Unit][]*Place{}
	want := func(us []*Unit, p *Place) {
		for _, u := range us {
			if !slices.Contains(needed[u], p) {
				needed[u] = append(needed[u], p)
			}
		}
	}
	for _, t := range d.s.tests {
		p := d.placeTest(t.unit, t.all, edges, tests)
		if !d.importable(t.all, p, edges) || p != d.home && (registers(t.all) || d.s.readsElsewhere(t.all, p)) || d.lacksMethods(t.all, p) != nil {
			d.stuck = append(d.stuck, t.unit)
		}
		want(t.all, p)
	}
	at := maps.Clone(d.at)
	for _, u := range d.s.Units {
		switch ps := needed[u]; {
		case len(ps) == 1 && ps[0] != d.home:
			at[u] = ps[0]
		case len(ps) > 1:
			d.copied[u] = ps
		}
	}
	d.at = at
	for _, u := range d.s.Units {
		for _, p := range needed[u] {
			d.need(u, p)
		}
	}
}

// roots lists the units of tests that don't exist for the sake of others.
func (s *Source) roots() []*Unit {
	var out []*Unit
	seen := map[*Unit]bool{}
	add := func(u *Unit) {
		out = append(out, u)
		for _, v := range closure(u) {
			seen[v] = true
		}
	}
	for _, u := range s.Units {
		if u.Test && (entry(u) || !slices.ContainsFunc(s.Units, func(v *Unit) bool { return v.Test && u.users[v] })) {
			add(u)
		}
	}
	for _, u := range s.Units {
		if u.Test && !seen[u] {
			add(u)
		}
	}
	return out
}

// entry reports what the testing package calls.
func entry(u *Unit) bool {
	if u.Kind == Init || u.Kind == Method || u.Kind == Blank {
		return true
	}
	if u.Kind != Func {
		return false
	}
	for _, prefix := range []string{"Test", "Benchmark", "Example", "Fuzz"} {
		if rest, ok := strings.CutPrefix(u.Name(), prefix); ok && (rest == "" || !token.IsIdentifier(rest) || ast.IsExported(rest) || rest[0] == '_') {
			return true
		}
	}
	return false
}

// closure lists a unit of a test and what it needs of the tests, in order.
func closure(root *Unit) []*Unit {
	out := []*Unit{root}
	for i := 0; i < len(out); i++ {
		var next []*Unit
		for v := range out[i].uses {
			if v.Test && !slices.Contains(out, v) {
				next = append(next, v)
			}
		}
		for v := range out[i].users {
			if v.Kind == Method && v.Test && v.leader == out[i] && !slices.Contains(out, v) {
				next = append(next, v)
			}
		}
		slices.SortFunc(next, func(a, b *Unit) int { return comparePart(a.Parts[0], b.Parts[0]) })
		out = append(out, next...)
	}
	return out
}

func comparePart(a, b *Part) int {
	if c := strings.Compare(a.File.Rel, b.File.Rel); c != 0 {
		return c
	}
	return a.start - b.start
}

// placeTest chooses the place of one test with all that it needs.
func (d *draft) placeTest(root *Unit, all []*Unit, edges map[string]map[string]bool, tests Tests) *Place {
	if root.Kind == Method && root.leader != nil {
		return d.place(root.leader)
	}
	if root.Kind == Init {
		return d.home
	}
	touched := d.touched(all)
	if len(touched) == 0 || len(touched) == 1 && touched[0] == d.home {
		return d.home
	}
	if p := d.exampleOf(root); p != nil {
		return p
	}
	candidates := []*Place{d.home}
	for _, p := range touched {
		if p != d.home {
			candidates = append(candidates, p)
		}
	}
	var best *Place
	cost := 0
	for _, p := range candidates {
		c := d.costOf(root, all, p, touched, tests)
		if !d.importable(all, p, edges) {
			c += 10000
		}
		if best == nil || c < cost {
			best, cost = p, c
		}
	}
	return best
}

// costOf weighs a place for a test: the names that it would have exported count
// most.
func (d *draft) costOf(root *Unit, all []*Unit, p *Place, touched []*Place, tests Tests) int {
	cost := 0
	exported := map[*Object]bool{}
	for _, u := range all {
		for v, refs := range u.uses {
			if v.Test || d.place(v) == p {
				continue
			}
			for _, r := range refs {
				if !ast.IsExported(r.Object.Name) && !exported[r.Object] && d.why[r.Object] == nil {
					exported[r.Object] = true
					cost += 100
				}
			}
		}
		if p != d.home && u != root && !d.ownedBy(u, p) {
			cost += lines(u) / 5 // it is copied
		}
	}
	if p != d.home && (setsUp(all) || !entry(root)) {
		cost += 4000
	}
	if p != d.home && d.s.testSetUp(root.External) != nil {
		cost += 60
	}
	if d.lacksMethods(all, p) != nil {
		cost += 5000
	}
	only := len(touched) == 1 && touched[0] == p
	switch {
	case p == d.home && tests == StayTests:
		cost -= 90
	case p != d.home && d.s.readsElsewhere(all, p):
		cost += 4000
	case p != d.home && only:
		cost -= 15
	case p != d.home && d.namedFor(root, p):
		cost -= 5
	}
	return cost
}

// setsUp reports variables whose initialization may do more than make a value:
// other tests may rest on it.
func setsUp(all []*Unit) bool {
	return slices.ContainsFunc(all, func(u *Unit) bool {
		return u.Kind == Var && slices.ContainsFunc(u.Parts, func(p *Part) bool { return placement.Effect(p.File, p.Node) != nil })
	})
}

// registers reports variables that functions of the package make: those may keep
// them for all tests to find.
func registers(all []*Unit) bool {
	return slices.ContainsFunc(all, func(u *Unit) bool {
		if !setsUp([]*Unit{u}) {
			return false
		}
		for v := range u.uses {
			if !v.Test && v.Kind == Func {
				return true
			}
		}
		return false
	})
}

// testSetUp returns what runs before all tests of a package, or nil.
func (s *Source) testSetUp(external bool) *Unit {
	for _, u := range s.Units {
		if u.Test && u.Kind == Init && (u.External == external || u.Name() == "TestMain") {
			return u
		}
	}
	return nil
}

// methodsInTests lists the types whose methods in test files units call, or need
// to be what a function wants.
func (d *draft) methodsInTests(us []*Unit) []*Unit {
	var out []*Unit
	for _, m := range d.s.methods {
		if m.leader == nil || slices.Contains(out, m.leader) {
			continue
		}
		if slices.Contains(us, m) || slices.ContainsFunc(us, func(u *Unit) bool { return d.s.convertsIn(u, m.leader) }) {
			out = append(out, m.leader)
		}
	}
	return out
}

// lacksMethods returns a type with methods in test files that units need at a place, and
// that is at another one, or nil.
func (d *draft) lacksMethods(us []*Unit, p *Place) *Unit {
	for _, typ := range d.methodsInTests(us) {
		if d.place(typ) != p {
			return typ
		}
	}
	return nil
}

// convertsIn reports whether a value of a type is given to a function that wants
// methods.
func (s *Source) convertsIn(u, typ *Unit) bool {
	key := [2]*Unit{u, typ}
	found, known := s.converts[key]
	if !known {
		found = s.findConversion(u, typ)
		s.converts[key] = found
	}
	return found
}

func (s *Source) findConversion(u, typ *Unit) bool {
	found := false
	for _, p := range u.Parts {
		info := p.File.Pkg.Info
		ast.Inspect(p.Node, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || found {
				return !found
			}
			sig, ok := info.TypeOf(call.Fun).(*types.Signature)
			if !ok {
				return true
			}
			for i, arg := range call.Args {
				if i >= sig.Params().Len() {
					break
				}
				it, ok := sig.Params().At(i).Type().Underlying().(*types.Interface)
				found = found || ok && it.NumMethods() > 0 && s.unitOfType(info.TypeOf(arg)) == typ
			}
			return true
		})
	}
	return found
}

// ownedBy reports whether all that uses a helper touches the place.
func (d *draft) ownedBy(u *Unit, p *Place) bool {
	for v := range u.users {
		if v.Test && !slices.Contains(d.touchedBy(v), p) {
			return false
		}
	}
	return true
}

func lines(u *Unit) int {
	n := 0
	for _, p := range u.Parts {
		n += strings.Count(string(p.File.Before[p.start:p.end]), "\n") + 1
	}
	return n
}

// touchedBy lists the places that a unit of tests refers to, with what it needs of the tests.
func (d *draft) touchedBy(u *Unit) []*Place {
	places, known := d.touches[u]
	if !known {
		all, ok := d.s.closures[u]
		if !ok {
			all = closure(u)
			d.s.closures[u] = all
		}
		places = d.touched(all)
		d.touches[u] = places
	}
	return places
}

// touched lists the places that units refer to.
func (d *draft) touched(us []*Unit) []*Place {
	var out []*Place
	for _, u := range us {
		for v := range u.uses {
			if p := d.place(v); !v.Test && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
		if u.Kind == Method && u.leader != nil && !u.leader.Test {
			if p := d.place(u.leader); !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Place) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// importable reports whether units of tests can stand at a place: what is in a
// package under test must not be imported by what its tests import.
func (d *draft) importable(all []*Unit, p *Place, edges map[string]map[string]bool) bool {
	for _, u := range all {
		if u.External {
			continue
		}
		for _, i := range u.imps {
			if i.path != p.Path && d.reaches(i.path, p.Path, edges) {
				return false
			}
		}
		for v := range u.uses {
			if at := d.place(v); !v.Test && at != p && d.reaches(at.Path, p.Path, edges) {
				return false
			}
		}
	}
	return true
}

// reaches is that of the import graph with the edges of the draft.
func (d *draft) reaches(from, to string, edges map[string]map[string]bool) bool {
	key := [2]string{from, to}
	found, known := d.reached[key]
	if !known {
		found = d.s.graph.reaches(from, to, edges)
		d.reached[key] = found
	}
	return found
}

// exampleOf returns the place of what an example is named for: go vet looks for
// it there. Nil where it is no example of a declaration.
func (d *draft) exampleOf(root *Unit) *Place {
	rest, ok := strings.CutPrefix(root.Name(), "Example")
	if !ok || root.Kind != Func {
		return nil
	}
	name, _, _ := strings.Cut(rest, "_")
	if u := d.s.byName[name]; u != nil {
		return d.place(u)
	}
	return nil
}

// namedFor reports whether a test has the name of something at a place.
func (d *draft) namedFor(root *Unit, p *Place) bool {
	return slices.ContainsFunc(d.s.subjects(root), func(u *Unit) bool { return d.place(u) == p })
}

// subjects lists the units whose names a test's name begins with.
func (s *Source) subjects(root *Unit) []*Unit {
	out, known := s.testSubjects[root]
	if known {
		return out
	}
	for _, prefix := range []string{"Test", "Benchmark", "Fuzz"} {
		rest, ok := strings.CutPrefix(root.Name(), prefix)
		if !ok {
			continue
		}
		for name, u := range s.byName {
			if strings.HasPrefix(strings.ToLower(rest), strings.ToLower(name)) {
				out = append(out, u)
			}
		}
	}
	s.testSubjects[root] = out
	return out
}
