package summary

import (
	"cmp"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/pack"
	"github.com/unweld/unweld/internal/text"
)

// A Kept is an Assembly as plain data. An edit of a few functions is applied to
// the Summary with it, without decoding the rest. Positions in it are those of
// the time when it was made.
type Kept struct {
	// Groups are encoded lists of keptPart by the name of the declaration that
	// they belong to: an edit decodes only the groups that it concerns.
	Groups map[string]string
}

type keptPart struct {
	Part     Part
	At       text.Span
	Function bool
}

// Keep returns the assembly as plain data for the cache on disk.
func (a *Assembly) Keep() (*Kept, error) {
	k := &Kept{Groups: map[string]string{}}
	for _, g := range a.groups {
		var parts []keptPart
		for _, i := range g.parts {
			p := a.parts[i]
			parts = append(parts, keptPart{*p.Part, p.at, p.function})
		}
		packed, err := pack.Marshal(parts)
		if err != nil {
			return nil, err
		}
		k.Groups[g.name] = string(packed)
	}
	return k, nil
}

// An EditedFunction is a function whose body changed.
type EditedFunction struct {
	Name  string    // of the package-level declaration that it belongs to
	Was   text.Span // its position before the edit
	At    text.Span // its position now
	Part  *Part
	Facts *component.FunctionFacts // nil if there are none
}

// An Edit is the difference between two summaries of a package where function
// bodies were edited. It is plain data, as large as what changed.
type Edit struct {
	Base          string      // cache key of the earlier summary
	Files         []string    // of the package, in order
	Before, After []text.Span // places of the declarations of the files that changed

	Groups []editedGroup // sorted by name
	Facts  []editedFacts
}

// editedGroup is what is said of one package-level declaration now.
type editedGroup struct {
	Name  string
	Lines int // more than before
	Refs  []component.Ref
}

// editedFacts are what was found in one function.
type editedFacts struct {
	Was text.Span
	Now []component.FunctionFacts // one or none
}

// Edit adds the changed functions to e, whose other fields are already set. It
// returns false where more changed than these functions.
func (k *Kept) Edit(e *Edit, functions []EditedFunction) bool {
	byName := map[string][]EditedFunction{}
	for _, f := range functions {
		byName[f.Name] = append(byName[f.Name], f)
		facts := editedFacts{Was: f.Was}
		if f.Facts != nil {
			facts.Now = []component.FunctionFacts{*f.Facts}
		}
		e.Facts = append(e.Facts, facts)
	}
	m := newMoving(e.Before, e.After)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		g, ok := k.group(name, byName[name], m)
		if !ok {
			return false
		}
		e.Groups = append(e.Groups, g)
	}
	return true
}

// group puts the parts of one declaration together, as they are now.
func (k *Kept) group(name string, functions []EditedFunction, m *moving) (editedGroup, bool) {
	out := editedGroup{Name: name}
	var parts []keptPart
	if pack.Unmarshal([]byte(k.Groups[name]), &parts) != nil {
		return out, false
	}
	a := &Assembly{}
	g := group{name: name}
	for i := range parts {
		p := placedPart{name, &parts[i].Part, parts[i].At, parts[i].Function}
		if !p.function {
			p.Part = m.part(p.Part)
		} else if j := slices.IndexFunc(functions, func(f EditedFunction) bool { return f.Was == p.at }); j >= 0 {
			f := functions[j]
			if !slices.Equal(f.Part.Mutable, p.Mutable) {
				return out, false
			}
			out.Lines += f.Part.Lines - p.Lines
			p.Part, p.at = f.Part, f.At
			functions = slices.Delete(slices.Clone(functions), j, j+1)
		} else {
			p.at = m.span(p.at)
		}
		a.parts, g.parts = append(a.parts, p), append(g.parts, i)
	}
	a.merge(&g)
	out.Refs = g.refs
	return out, len(functions) == 0
}

// Apply turns the earlier summary into the later one, in place. No one else may
// hold the summary.
func (e *Edit) Apply(s *component.Summary) {
	m := newMoving(e.Before, e.After)
	s.Imports = moved(m, s.Imports, func(i *component.Import) *text.Span { return &i.Span })
	s.Refs = e.refs(m, s.Refs)
	s.Contracts = m.signatures(s.Contracts)
	for i := range s.Decls {
		d := &s.Decls[i]
		d.Span = m.span(d.Span)
		if j, ok := e.groupOf(d.Name); ok {
			d.Lines += e.Groups[j].Lines
		}
	}
	s.Facts = e.facts(m, s.Facts)
}

func (e *Edit) groupOf(name string) (int, bool) {
	return slices.BinarySearchFunc(e.Groups, name, func(g editedGroup, name string) int { return cmp.Compare(g.Name, name) })
}

// refs replaces the references of the groups that changed. Those of one group
// stand together, in the order of names.
func (e *Edit) refs(m *moving, refs []component.Ref) []component.Ref {
	refs = slices.DeleteFunc(refs, func(r component.Ref) bool {
		_, changed := e.groupOf(r.From.Name)
		return changed
	})
	for i := range refs {
		refs[i].Span = m.span(refs[i].Span)
	}
	for _, g := range e.Groups {
		at, _ := slices.BinarySearchFunc(refs, g.Name, func(r component.Ref, name string) int { return cmp.Compare(r.From.Name, name) })
		refs = slices.Insert(refs, at, g.Refs...)
	}
	if len(refs) == 0 {
		return nil
	}
	return refs
}

// facts replaces what was found in functions that changed.
func (e *Edit) facts(m *moving, facts []component.FunctionFacts) []component.FunctionFacts {
	changed := map[text.Span]bool{}
	for _, f := range e.Facts {
		changed[f.Was] = true
	}
	facts = slices.DeleteFunc(facts, func(f component.FunctionFacts) bool { return changed[f.At] })
	for i := range facts {
		f := &facts[i]
		f.At = m.span(f.At)
	}
	rank := map[string]int{}
	for i, name := range e.Files {
		rank[name] = i
	}
	compare := func(a, b component.FunctionFacts) int {
		return cmp.Or(cmp.Compare(rank[a.At.File], rank[b.At.File]), cmp.Compare(a.At.Start, b.At.Start))
	}
	for _, f := range e.Facts {
		for _, now := range f.Now {
			at, _ := slices.BinarySearchFunc(facts, now, compare)
			facts = slices.Insert(facts, at, now)
		}
	}
	if len(facts) == 0 {
		return nil
	}
	return facts
}
