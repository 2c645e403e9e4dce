package summary

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// An Assembly is the summary of a package together with its parts, so that
// after an edit of function bodies the next summary is made from the parts that
// are unchanged. It is immutable and safe for concurrent use.
type Assembly struct {
	Summary *component.Summary // shared: copy it before adding to it

	places []text.Span // of all declarations of the files
	parts  []placedPart
	groups []group // sorted by name
}

// A placedPart is the part of one declaration.
type placedPart struct {
	name string // of the package-level declaration that it goes with
	*Part
	at       text.Span // of a function, to which its spans are relative
	function bool
}

// A group holds the references of one package-level declaration, of all its
// parts.
type group struct {
	name  string
	parts []int
	refs  []component.Ref
}

// group sorts the parts by the name of their declaration.
func (a *Assembly) group() {
	index := map[string]int{}
	for i, p := range a.parts {
		g, ok := index[p.name]
		if !ok {
			g = len(a.groups)
			index[p.name] = g
			a.groups = append(a.groups, group{name: p.name})
		}
		a.groups[g].parts = append(a.groups[g].parts, i)
	}
	slices.SortFunc(a.groups, func(x, y group) int { return strings.Compare(x.name, y.name) })
}

type mergeKey struct {
	to           component.DeclID
	member, kind string
}

// merge counts the references of a group. The first of several that say the
// same is the one whose place counts.
func (a *Assembly) merge(g *group) {
	g.refs = nil
	index := map[mergeKey]int{}
	for _, i := range g.parts {
		p := a.parts[i]
		for _, r := range p.Refs {
			k := mergeKey{r.To, r.Member, r.Kind}
			if j, ok := index[k]; ok {
				g.refs[j].Count += r.Count
				g.refs[j].Loop = g.refs[j].Loop || r.Loop
				continue
			}
			index[k] = len(g.refs)
			if p.function {
				r.Span = r.Span.At(p.at)
			}
			g.refs = append(g.refs, r)
		}
	}
	slices.SortFunc(g.refs, compareRefs)
}

// join lists the references of all groups.
func (a *Assembly) join() {
	n := 0
	for i := range a.groups {
		n += len(a.groups[i].refs)
	}
	refs := make([]component.Ref, 0, n)
	for i := range a.groups {
		refs = append(refs, a.groups[i].refs...)
		a.groups[i].refs = refs[len(refs)-len(a.groups[i].refs):]
	}
	if a.Summary.Refs = refs; n == 0 {
		a.Summary.Refs = nil
	}
}

// Again returns the assembly of the package after an edit that changed nothing
// outside of function bodies but positions: functions and places are the same
// as before, in the same order, at their present positions.
func (a *Assembly) Again(functions []Function, places []text.Span) *Assembly {
	m := newMoving(a.places, places)
	old := *a.Summary
	next := &Assembly{Summary: &old, places: places, parts: slices.Clone(a.parts), groups: slices.Clone(a.groups)}
	changed := map[string]bool{}
	lines := map[string]int{}
	mutable := false
	for i := range next.parts {
		p := &next.parts[i]
		if !p.function {
			p.Part = m.part(p.Part)
			continue
		}
		f := functions[0]
		functions = functions[1:]
		if p.at = f.At; p.Part == f.Part {
			continue
		}
		changed[p.name] = true
		lines[p.name] += f.Part.Lines - p.Lines
		mutable = mutable || !slices.Equal(f.Part.Mutable, p.Mutable)
		p.Part = f.Part
	}
	next.declarations(m, lines, mutable)
	for i := range next.groups {
		g := &next.groups[i]
		if changed[g.name] {
			next.merge(g)
		} else {
			g.refs = moved(m, g.refs, func(r *component.Ref) *text.Span { return &r.Span })
		}
	}
	next.join()
	old.Imports = moved(m, old.Imports, func(i *component.Import) *text.Span { return &i.Span })
	old.Contracts = m.signatures(old.Contracts)
	return next
}

// declarations moves the declarations, and counts their lines.
func (a *Assembly) declarations(m *moving, lines map[string]int, mutable bool) {
	s := a.Summary
	s.Decls = slices.Clone(s.Decls)
	changed := map[string]bool{}
	if mutable {
		for _, p := range a.parts {
			for _, name := range p.Mutable {
				changed[name] = true
			}
		}
	}
	for i := range s.Decls {
		d := &s.Decls[i]
		d.Span = m.span(d.Span)
		d.Lines += lines[d.Name]
		if mutable {
			d.Mutable = changed[d.Name]
		}
	}
}

// moving tells where the places of a package are after an edit of function
// bodies.
type moving struct {
	files map[string][]move // of those in which something moved, by place
}

// A move is that of one declaration.
type move struct{ from, to text.Span }

func newMoving(before, after []text.Span) *moving {
	m := &moving{files: map[string][]move{}}
	for i := 0; i < len(before); {
		j, file, moved := i, before[i].File, false
		for ; j < len(before) && before[j].File == file; j++ {
			moved = moved || before[j].Start != after[j].Start || before[j].Line != after[j].Line
		}
		if moved {
			for k := i; k < j; k++ {
				m.files[file] = append(m.files[file], move{before[k], after[k]})
			}
		}
		i = j
	}
	return m
}

// span returns where a place is now. It is to lie in no function body that
// changed.
func (m *moving) span(sp text.Span) text.Span {
	moves := m.files[sp.File]
	if len(moves) == 0 {
		return sp
	}
	i, found := slices.BinarySearchFunc(moves, sp, func(v move, sp text.Span) int { return cmp.Compare(v.from.Start, sp.Start) })
	if !found {
		i--
	}
	if i < 0 {
		return sp // in the package clause
	}
	by := moves[i]
	sp.Start += by.to.Start - by.from.Start
	sp.End += by.to.Start - by.from.Start
	sp.Line += by.to.Line - by.from.Line
	return sp
}

// moved returns list with its spans where they are now: list itself if none
// moved.
func moved[E any](m *moving, list []E, span func(*E) *text.Span) []E {
	copied := false
	for i := range list {
		at := span(&list[i])
		now := m.span(*at)
		if now == *at {
			continue
		}
		if !copied {
			list, copied = slices.Clone(list), true
		}
		*span(&list[i]) = now
	}
	return list
}

func (m *moving) part(p *Part) *Part {
	refs := moved(m, p.Refs, func(r *component.Ref) *text.Span { return &r.Span })
	if len(refs) == 0 || &refs[0] == &p.Refs[0] {
		return p
	}
	q := *p
	q.Refs = refs
	return &q
}

func (m *moving) signatures(list []component.Signature) []component.Signature {
	list = slices.Clone(list)
	for i := range list {
		s := &list[i]
		s.Span = m.span(s.Span)
		s.Problems = moved(m, s.Problems, func(p *component.Problem) *text.Span { return &p.Span })
		for j := range s.Problems {
			related := moved(m, s.Problems[j].Related, func(r *component.Related) *text.Span { return &r.Span })
			if len(related) == 0 || &related[0] == &s.Problems[j].Related[0] {
				continue
			}
			s.Problems = slices.Clone(s.Problems)
			s.Problems[j].Related = related
		}
	}
	return list
}
