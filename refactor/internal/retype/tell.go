package retype

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// Told is a method that the interface has so that an assertion to it finds T only:
// another type has all the methods that are used.
type Told struct {
	Method *types.Func // nil where another does it
	Field  *types.Var  // whose accessor does it; nil where another does
	Inner  bool        // the unexported method that returns the value does it
	From   string      // a type that it tells T from
}

// Told returns the methods that tell T from other types where it is asserted.
func (f *Flow) Told() []Told {
	if len(f.asserted()) == 0 {
		return nil
	}
	return f.told
}

// tells reports whether an accessor tells T from other types.
func (f *Flow) tells(a *accessor) bool {
	return slices.ContainsFunc(f.Told(), func(t Told) bool { return t.Field == a.field })
}

// asserted returns the slots with the interface whose type is asserted.
func (f *Flow) asserted() []*slot {
	var out []*slot
	for _, s := range f.order {
		if s.asserted && s.reached {
			out = append(out, s)
		}
	}
	return out
}

// ambiguous keeps the type where it is asserted and another type has the methods
// of the interface as well: an assertion to the interface would tell less. Before
// that it looks for a further method, which that type doesn't have. It reports
// whether something keeps the type that didn't before.
func (f *Flow) ambiguous() bool {
	asserted := f.asserted()
	if len(asserted) == 0 {
		return false
	}
	others := f.alike(asserted)
	if len(others) == 0 {
		return false
	}
	if f.tell(others) {
		return false
	}
	for _, s := range asserted {
		s.keep("it is asserted here, and "+others[0].name+" has the methods of the interface, too", s.span)
	}
	return true
}

// mostTold is how many further methods an interface may get.
const mostTold = 2

// tell finds methods that others don't have, and reports whether they tell T from
// all of them.
func (f *Flow) tell(others []candidate) bool {
	if !f.Grow || len(f.told) > 0 {
		return false
	}
	var told []Told
	for range mostTold {
		t, rest := f.best(others)
		if len(rest) == len(others) {
			break
		}
		told = append(told, Told{Method: t, From: others[0].name})
		if others = rest; len(others) == 0 {
			f.told = told
			return true
		}
	}
	if a := f.tellingField(others); a != nil {
		f.told = append(told, Told{Field: a.field, From: others[0].name})
		return true
	}
	if f.tellsInside(others) {
		f.told = append(told, Told{Inner: true, From: others[0].name})
		return true
	}
	return false
}

// tellsInside reports whether the unexported method that returns the value can tell T
// from others: no other type has one of that name, unless it embeds T.
func (f *Flow) tellsInside(others []candidate) bool {
	return f.Local && f.Accessors && f.Path == f.Type.Obj().Pkg().Path() && f.innerName() != "" &&
		!slices.ContainsFunc(others, func(c candidate) bool { return c.embeds })
}

// best returns the method of T that the fewest of others have, and those.
func (f *Flow) best(others []candidate) (*types.Func, []candidate) {
	var best *types.Func
	rest := others
	for m := range types.NewMethodSet(types.NewPointer(f.Type)).Methods() {
		fn, ok := m.Obj().(*types.Func)
		if !ok || !fn.Exported() || f.hidden(fn) != "" {
			continue
		}
		have := slices.DeleteFunc(slices.Clone(others), func(c candidate) bool { return !c.has(fn) })
		if len(have) < len(rest) || len(have) == len(rest) && best != nil && f.World.Before(fn, best) < 0 {
			best, rest = fn, have
		}
	}
	return best, rest
}

// tellingField returns the accessor of a field that no other type has, or nil.
func (f *Flow) tellingField(others []candidate) *accessor {
	st, ok := f.Type.Underlying().(*types.Struct)
	if !ok || !f.Accessors || f.World.FileOf(f.Type.Obj()).Generated() || slices.ContainsFunc(others, func(c candidate) bool { return c.embeds }) {
		return nil
	}
	for field := range st.Fields() {
		if !field.Exported() || field.Embedded() || f.hiddenType(field.Type(), 0) != "" || locks(field.Type(), 0) {
			continue
		}
		a := f.accessor(field)
		if a == nil {
			continue
		}
		if !slices.ContainsFunc(others, func(c candidate) bool { return c.named(a.get) }) {
			return a
		}
	}
	return nil
}

// A candidate is a type that isn't *T and has the methods of the interface.
type candidate struct {
	name    string
	typ     types.Type
	pkg     *types.Package
	embeds  bool // it embeds T, and so gets what methods that has
	generic bool
	foreign bool // of another module
}

func (c *candidate) named(name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(c.typ, false, c.pkg, name)
	_, ok := obj.(*types.Func)
	return ok
}

// has reports whether it has a method with the same signature or, for some type
// arguments, may have one.
func (c *candidate) has(m *types.Func) bool {
	obj, _, _ := types.LookupFieldOrMethod(c.typ, false, m.Pkg(), m.Name())
	fn, ok := obj.(*types.Func)
	if !ok || !c.generic {
		return ok && code.SameShape(fn, m)
	}
	a, b := fn.Signature(), m.Signature()
	return a.Params().Len() == b.Params().Len() && a.Results().Len() == b.Results().Len() && a.Variadic() == b.Variadic()
}

// hasOwn reports whether it has the methods that are written for T.
func (c *candidate) hasOwn(f *Flow) bool {
	if !c.embeds && f.InnerNeeded() != "" {
		return false
	}
	for _, a := range f.AccessorsNeeded() {
		if !c.embeds && (a.Get != "" && !c.named(a.Get) || a.Set != "" && !c.named(a.Set) || a.Ptr != "" && !c.named(a.Ptr)) {
			return false
		}
	}
	for _, fr := range f.FriendsNeeded() {
		if !c.embeds && !c.named(fr.Func.Name()) {
			return false
		}
	}
	return true
}

// alike returns the other types with the methods of the interface of which a value
// can be where T is asserted.
func (f *Flow) alike(asserted []*slot) []candidate {
	methods := f.Needed()
	var out []candidate
	consider := func(c candidate) {
		if slices.ContainsFunc(methods, func(m *types.Func) bool { return !c.has(m) }) || !c.hasOwn(f) {
			return
		}
		if slices.ContainsFunc(asserted, func(s *slot) bool { return c.fits(s.assertedOf) }) {
			out = append(out, c)
		}
	}
	consider(candidate{name: f.Type.Obj().Name() + ", without the star,", typ: f.Type, pkg: f.Type.Obj().Pkg()})
	for tn := range f.allTypes() {
		if f.isTarget(tn.Type()) {
			continue
		}
		n, ok := tn.Type().(*types.Named)
		consider(candidate{tn.Pkg().Name() + "." + tn.Name(), types.NewPointer(tn.Type()), tn.Pkg(), f.embeds(tn.Type(), 0), ok && n.TypeParams().Len() > 0, f.World.FileOf(tn) == nil})
	}
	if f.embeddedUnnamed() {
		consider(candidate{name: "a struct type that embeds it", typ: types.NewPointer(f.Type), pkg: f.Type.Obj().Pkg(), embeds: true})
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		if a.foreign != b.foreign {
			return map[bool]int{true: 1, false: -1}[a.foreign]
		}
		return cmp.Compare(a.name, b.name)
	})
	return out
}

// fits reports whether a value of the candidate can be in an interface.
func (c *candidate) fits(t types.Type) bool {
	if t == nil {
		return true
	}
	it, ok := t.Underlying().(*types.Interface)
	if !ok {
		return true
	}
	for m := range it.Methods() {
		if !c.has(m) {
			return false
		}
	}
	return true
}

// allTypes visits the declared types of the module and what it imports.
func (f *Flow) allTypes() map[*types.TypeName]bool {
	if f.types != nil {
		return f.types
	}
	f.types = map[*types.TypeName]bool{}
	seen := map[*types.Package]bool{}
	add := func(obj types.Object) {
		if tn, ok := obj.(*types.TypeName); ok && tn.Pkg() != nil && !tn.IsAlias() && !types.IsInterface(tn.Type()) {
			f.types[tn] = true
		}
	}
	var visit func(p *types.Package)
	visit = func(p *types.Package) {
		if seen[p] {
			return
		}
		seen[p] = true
		for _, name := range p.Scope().Names() {
			add(p.Scope().Lookup(name))
		}
		for _, q := range p.Imports() {
			visit(q)
		}
	}
	for _, p := range f.World.Packages {
		visit(p.Types)
		for obj := range maps.Values(p.Info.Defs) { // those of functions, too
			if obj != nil {
				add(obj)
			}
		}
	}
	return f.types
}

// embeds reports whether a struct gets the methods of T by embedding it.
func (f *Flow) embeds(t types.Type, depth int) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || depth > 4 {
		return ok
	}
	for v := range st.Fields() {
		if v.Embedded() && (f.isTarget(v.Type()) || f.isPointer(v.Type()) || f.embeds(v.Type(), depth+1)) {
			return true
		}
	}
	return false
}

// embeddedUnnamed reports whether a struct type that has no name embeds T.
func (f *Flow) embeddedUnnamed() bool {
	if f.embedded != nil {
		return *f.embedded
	}
	found := false
	for _, file := range f.World.Files {
		if found || !f.concerned(file) {
			continue
		}
		file.Walk(func(n ast.Node, stack []ast.Node) {
			st, ok := n.(*ast.StructType)
			if !ok || found {
				return
			}
			if _, named := stack[len(stack)-2].(*ast.TypeSpec); !named {
				t := file.Pkg.Info.TypeOf(st)
				found = t != nil && f.embeds(t, 0)
			}
		})
	}
	f.embedded = &found
	return found
}

// embeddedSomewhere reports whether a type of the module gets the methods of T by
// embedding it.
func (f *Flow) embeddedSomewhere() bool {
	if f.embeddedUnnamed() {
		return true
	}
	for tn := range f.allTypes() {
		if f.World.FileOf(tn) != nil && f.embeds(tn.Type(), 0) {
			return true
		}
	}
	return false
}

// wouldFit reports whether a new method of T could make it, or what embeds it, fit
// an interface of the program that it doesn't fit now: what asks for that would find
// it.
func (f *Flow) wouldFit(name string) bool {
	ptr := types.NewPointer(f.Type)
	st, _ := f.Type.Underlying().(*types.Struct)
	gets := func(method string) bool {
		get, _ := strings.CutPrefix(method, "Get")
		set, _ := strings.CutPrefix(method, "Set")
		of, _ := strings.CutSuffix(method, "Ptr")
		return st != nil && slices.ContainsFunc([]string{get, set, of}, func(field string) bool {
			obj, _, _ := types.LookupFieldOrMethod(ptr, true, f.Type.Obj().Pkg(), field)
			return field != method && obj != nil
		})
	}
	return f.World.AnyInterface(func(it *types.Interface) bool {
		has := false
		for m := range it.Methods() {
			if m.Name() == name {
				has = true
				continue
			}
			if obj, _, _ := types.LookupFieldOrMethod(ptr, true, m.Pkg(), m.Name()); obj == nil && !gets(m.Name()) {
				return false
			}
		}
		return has
	}) || f.World.AnyInterface(func(it *types.Interface) bool {
		for m := range it.Methods() {
			if m.Name() == name {
				return f.embeddedSomewhere()
			}
		}
		return false
	})
}
