package relocate

import (
	"go/ast"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/source"
)

// A draft says where each unit would go, and what that costs.
type draft struct {
	s       *Source
	home    *Place
	at      map[*Unit]*Place   // of those that don't stay
	copied  map[*Unit][]*Place // test helpers that are needed in more than one place
	exports []*Object          // that must be exported, in order
	why     map[*Object]*Ref   // a mention that asks for it
	cycle   []*Ref             // mentions that lead back, each from another place; nil if none do
	route   []string           // the packages of the cycle

	stuck []*Unit // tests that can stand nowhere

	touches map[*Unit][]*Place // what touchedBy found out
	reached map[[2]string]bool // what reaches found out
	counts  map[[2]*Place]int  // what between counted
	away    []*Place           // what others found
}

// place returns where a unit goes.
func (d *draft) place(u *Unit) *Place {
	for ; u != nil; u = u.leader {
		if p := d.at[u]; p != nil {
			return p
		}
	}
	return d.home
}

// places returns all places where a unit will stand.
func (d *draft) places(u *Unit) []*Place {
	if c := d.copied[u]; c != nil {
		return c
	}
	return []*Place{d.place(u)}
}

// others lists the places but for the home of the package.
func (d *draft) others() []*Place {
	if d.away == nil {
		for _, u := range d.s.Units {
			if p := d.place(u); p != d.home && !slices.Contains(d.away, p) {
				d.away = append(d.away, p)
			}
		}
	}
	return slices.Clone(d.away)
}

// draw works out what follows of where the units outside of tests go.
func (s *Source) draw(home *Place, at map[*Unit]*Place, tests Tests) *draft {
	d := &draft{s: s, home: home, at: at, copied: map[*Unit][]*Place{}, why: map[*Object]*Ref{}, touches: map[*Unit][]*Place{}, reached: map[[2]string]bool{}}
	d.placeBlanks()
	for _, u := range s.Units {
		if !u.Test {
			d.need(u, d.place(u))
		}
	}
	edges := d.edges()
	d.findCycle(edges)
	switch {
	case d.cycle != nil:
	case tests == allTests:
		for _, t := range s.tests {
			if !d.importable([]*Unit{t.unit}, d.place(t.unit), edges) {
				d.stuck = append(d.stuck, t.unit)
			}
		}
	default:
		d.placeTests(edges, tests)
	}
	slices.SortFunc(d.exports, func(a, b *Object) int { return compareRefs(&Ref{File: a.File, ID: a.ID}, &Ref{File: b.File, ID: b.ID}) })
	return d
}

// need exports what a unit at a place mentions of others.
func (d *draft) need(u *Unit, at *Place) {
	for v, refs := range u.uses {
		if v.Test || d.place(v) == at {
			continue
		}
		for _, r := range refs {
			if !ast.IsExported(r.Object.Name) {
				d.export(r)
			}
		}
	}
}

func (d *draft) export(r *Ref) {
	was := d.why[r.Object]
	if was == nil {
		d.exports = append(d.exports, r.Object)
	}
	if was == nil || compareRefs(r, was) < 0 {
		d.why[r.Object] = r
	}
}

// placeBlanks lets an assertion about a type stand where it leads to no import
// that the program doesn't need anyway.
func (d *draft) placeBlanks() {
	direct := map[[2]*Place]bool{}
	for _, u := range d.s.Units {
		for v := range u.uses {
			if !u.Test && !v.Test && u.Kind != Blank && d.place(u) != d.place(v) {
				direct[[2]*Place{d.place(u), d.place(v)}] = true
			}
		}
	}
	for _, u := range d.s.Units {
		if u.Kind != Blank || u.Test || d.at[u] != nil || u.Parts[0].File.Generated() {
			continue
		}
		here := d.place(u)
		for _, v := range u.needs() {
			there := d.place(v)
			if there != here && !direct[[2]*Place{here, there}] && direct[[2]*Place{there, here}] {
				d.moveBlank(u, there)
			}
		}
	}
}

func (d *draft) moveBlank(u *Unit, to *Place) {
	d.at = maps.Clone(d.at)
	d.at[u] = to
}

// edges returns what the packages concerned will import, without tests.
func (d *draft) edges() map[string]map[string]bool {
	edges := map[string]map[string]bool{d.home.Path: {}}
	add := func(from, to string) {
		if from == to {
			return
		}
		if edges[from] == nil {
			edges[from] = map[string]bool{}
			for _, i := range d.s.graph.imports[from] {
				edges[from][i] = true
			}
		}
		edges[from][to] = true
	}
	for _, p := range d.others() {
		add(p.Path, "")
		if p.Pkg != nil && !d.keepsHome(p) {
			delete(edges[p.Path], d.home.Path)
		}
	}
	for _, f := range d.s.Files {
		for _, spec := range f.AST.Imports {
			if !f.Test && spec.Name != nil && spec.Name.Name == "_" {
				add(d.home.Path, source.ImportPath(spec))
			}
		}
	}
	for _, u := range d.s.Units {
		if u.Test {
			continue
		}
		from := d.place(u)
		for _, i := range u.imps {
			add(from.Path, i.path)
		}
		for v := range u.uses {
			if !v.Test {
				add(from.Path, d.place(v).Path)
			}
		}
	}
	for _, u := range d.s.Units {
		if to := d.place(u); to != d.home && !u.Test {
			for from := range u.outside {
				add(from, to.Path)
			}
		}
	}
	return edges
}

// keepsHome reports whether a package that there is goes on using what stays.
func (d *draft) keepsHome(p *Place) bool {
	return slices.ContainsFunc(d.s.Units, func(u *Unit) bool { return u.outside[p.Path] && d.place(u) != p })
}

// findCycle looks for an import cycle.
func (d *draft) findCycle(edges map[string]map[string]bool) {
	for _, p := range d.others() {
		route := d.s.graph.path(p.Path, p.Path, edges)
		if route == nil {
			continue
		}
		d.route = route
		for i := 1; i < len(route); i++ {
			if r := d.mentionBetween(route[i-1], route[i]); r != nil {
				d.cycle = append(d.cycle, r)
			}
		}
		if d.cycle == nil {
			d.cycle = []*Ref{}
		}
		return
	}
}

// mentionBetween returns the first mention by which one place will import
// another, or nil.
func (d *draft) mentionBetween(from, to string) *Ref {
	var first *Ref
	for _, o := range d.s.objects {
		if d.place(o.Unit).Path != to || o.Unit.Test || o.member {
			continue
		}
		for _, r := range o.Refs {
			at := r.File.Pkg.Types.Path()
			if r.From != nil {
				at = d.place(r.From).Path
			}
			if at == from && !r.File.Test && (first == nil || compareRefs(r, first) < 0) {
				first = r
			}
		}
	}
	return first
}

// between counts the units of one place that mention something of the other,
// outside of tests.
func (d *draft) between(from, to *Place) int {
	if d.counts == nil {
		d.counts = map[[2]*Place]int{}
		for _, u := range d.s.Units {
			if u.Test {
				continue
			}
			at, seen := d.place(u), map[*Place]bool{}
			for v := range u.uses {
				if there := d.place(v); !v.Test && there != at && !seen[there] {
					seen[there] = true
					d.counts[[2]*Place{at, there}]++
				}
			}
		}
	}
	return d.counts[[2]*Place{from, to}]
}
