package relocate

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// An Object is something with a name that a unit declares: itself, a field, a
// method. Those of the variants of a package are one.
type Object struct {
	Name string
	Unit *Unit
	Obj  types.Object // of one variant
	Refs []*Ref
	File *code.File
	ID   *ast.Ident // where it is declared
	also []declared // where other builds declare it, too

	member bool // a field or method: it is found by a value, and needs no qualifier
	key    code.Key
}

// declared is where something is declared.
type declared struct {
	file *code.File
	id   *ast.Ident
}

// declared lists all places where an object is declared.
func (o *Object) declared() []declared { return append([]declared{{o.File, o.ID}}, o.also...) }

// A Ref is a mention of an Object.
type Ref struct {
	File   *code.File
	ID     *ast.Ident        // nil where a literal without keys sets a field
	Qual   *ast.SelectorExpr // pkg.ID, or nil
	Object *Object
	From   *Unit // that it stands in; nil outside of the package

	literal *ast.CompositeLit
}

// Pos is where the mention stands.
func (r *Ref) Pos() token.Pos {
	if r.ID == nil {
		return r.literal.Pos()
	}
	return r.ID.Pos()
}

// span is what messages show of the mention.
func (r *Ref) node() ast.Node {
	if r.ID == nil {
		return r.literal
	}
	return r.ID
}

// An importUse is a mention of another package in a unit.
type importUse struct {
	file *code.File
	id   *ast.Ident
	sel  *ast.SelectorExpr // id.X; nil for a name that a dot import brings
	path string
}

// index finds all mentions of what the package declares, and what it imports
// where.
func (s *Source) index() {
	for _, f := range s.World.Files {
		here := slices.Contains(s.Files, f)
		f.Walk(func(n ast.Node, path []ast.Node) {
			switch n := n.(type) {
			case *ast.Ident:
				s.define(f, n)
				s.mention(f, n, path, here)
			case *ast.CompositeLit:
				s.unkeyed(f, n, here)
			}
		})
	}
	for _, o := range s.sorted() {
		for _, r := range o.Refs {
			if r.From == nil && !o.member && !r.File.Test {
				o.Unit.outside[r.File.Pkg.Types.Path()] = true
			}
			if r.From == nil || r.From == o.Unit {
				continue
			}
			r.From.uses[o.Unit] = append(r.From.uses[o.Unit], r)
			o.Unit.users[r.From] = true
		}
	}
	for _, u := range s.Units {
		for _, refs := range u.uses {
			slices.SortFunc(refs, compareRefs)
		}
	}
}

// ours reports an object that the package, or its external tests, declare at
// their outermost level or in a type.
func (s *Source) ours(obj types.Object) (member, ok bool) {
	if obj == nil || obj.Pkg() == nil {
		return false, false
	}
	if p := obj.Pkg().Path(); p != s.Pkg.Pkg.Path && p != s.Pkg.Pkg.Path+"_test" {
		return false, false
	}
	switch obj := obj.(type) {
	case *types.Var:
		if obj.IsField() {
			return true, true
		}
	case *types.Func:
		if obj.Signature().Recv() != nil {
			return true, true
		}
	case *types.TypeName, *types.Const:
	default:
		return false, false
	}
	return false, obj.Parent() == obj.Pkg().Scope()
}

func origin(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Var:
		return obj.Origin()
	case *types.Func:
		return obj.Origin()
	}
	return obj
}

// object returns what is known of one of the package's objects, or nil where it
// stands in no unit.
func (s *Source) object(obj types.Object) *Object {
	member, ok := s.ours(obj)
	if !ok {
		return nil
	}
	obj = origin(obj)
	k := s.World.Key(obj)
	if o := s.objects[k]; o != nil {
		return o
	}
	f := s.World.FileOf(obj)
	if f == nil {
		return nil
	}
	p := s.at(f, f.Offset(obj.Pos()))
	if p == nil {
		return nil
	}
	o := &Object{Name: obj.Name(), Unit: p.Unit, Obj: obj, File: f, member: member, key: k}
	s.objects[k] = o
	return o
}

func (s *Source) define(f *code.File, id *ast.Ident) {
	switch o := s.object(f.Pkg.Info.Defs[id]); {
	case o == nil:
	case f.Unbuilt && f != o.File:
		o.also = append(o.also, declared{f, id})
	default:
		o.ID = id
	}
}

func (s *Source) mention(f *code.File, id *ast.Ident, path []ast.Node, here bool) {
	obj := f.Pkg.Info.Uses[id]
	if obj == nil {
		return
	}
	var from *Unit
	if here {
		if p := s.at(f, f.Offset(id.Pos())); p != nil {
			from = p.Unit
		}
	}
	if name, ok := obj.(*types.PkgName); ok {
		if sel, ok := path[len(path)-2].(*ast.SelectorExpr); ok && from != nil {
			from.imps = append(from.imps, importUse{f, id, sel, name.Imported().Path()})
		}
		return
	}
	o := s.object(obj)
	if o == nil {
		if from != nil && fromDotImport(f, obj, path) {
			from.imps = append(from.imps, importUse{f, id, nil, obj.Pkg().Path()})
		}
		return
	}
	r := &Ref{File: f, ID: id, Object: o, From: from}
	if len(path) > 1 && !o.member {
		if sel, ok := path[len(path)-2].(*ast.SelectorExpr); ok && sel.Sel == id {
			r.Qual = sel
		}
	}
	o.Refs = append(o.Refs, r)
}

// fromDotImport reports a name that another package declares and that stands
// without a qualifier.
func fromDotImport(f *code.File, obj types.Object, path []ast.Node) bool {
	if obj.Pkg() == nil || samePackage(f, obj) || obj.Parent() != obj.Pkg().Scope() {
		return false
	}
	sel, ok := path[len(path)-2].(*ast.SelectorExpr)
	return !ok || sel.Sel != path[len(path)-1]
}

// unkeyed records the fields that a literal without keys sets.
func (s *Source) unkeyed(f *code.File, lit *ast.CompositeLit, here bool) {
	if len(lit.Elts) == 0 {
		return
	}
	if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); keyed {
		return
	}
	st := structOf(f.Pkg.Info.TypeOf(lit))
	if st == nil {
		return
	}
	var from *Unit
	if here {
		if p := s.at(f, f.Offset(lit.Pos())); p != nil {
			from = p.Unit
		}
	}
	for i := range min(st.NumFields(), len(lit.Elts)) {
		if o := s.object(st.Field(i)); o != nil {
			o.Refs = append(o.Refs, &Ref{File: f, Object: o, From: from, literal: lit})
		}
	}
}

// structOf returns the struct that t is, or that a literal of a pointer to it
// makes.
func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	st, _ := u.(*types.Struct)
	return st
}

// lead finds what goes where something else goes: constants with their type,
// assertions of a type with it.
func (s *Source) lead() {
	for _, u := range s.Units {
		if u.leader != nil || u.Kind != Const && u.Kind != Blank {
			continue
		}
		for _, p := range u.Parts {
			if d, ok := p.Node.(*ast.FuncDecl); ok {
				u.leader = s.unitIn(p.File, d)
				continue
			}
			ast.Inspect(p.Node, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || u.leader != nil {
					return u.leader == nil
				}
				if u.Kind == Const {
					u.leader = s.typeIn(p.File, spec.Type)
					return false
				}
				for _, e := range spec.Values {
					if u.leader == nil {
						u.leader = s.typeIn(p.File, e)
					}
				}
				if u.leader == nil {
					u.leader = s.typeIn(p.File, spec.Type)
				}
				return false
			})
		}
		if u.leader == u || u.leader != nil && u.leader.Test && !u.Test {
			u.leader = nil
		}
	}
}

// unitIn returns the first unit that a function mentions, or nil.
func (s *Source) unitIn(f *code.File, d *ast.FuncDecl) *Unit {
	var found *Unit
	ast.Inspect(d, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			if o := s.object(f.Pkg.Info.Uses[id]); o != nil && !o.member {
				found = o.Unit
			}
		}
		return found == nil
	})
	return found
}

// typeIn returns the unit of the first type of the package that e mentions.
func (s *Source) typeIn(f *code.File, e ast.Expr) *Unit {
	if e == nil {
		return nil
	}
	var found *Unit
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			if o := s.object(f.Pkg.Info.Uses[id]); o != nil && o.Unit.Kind == Type && !o.member {
				found = o.Unit
			}
		}
		return found == nil
	})
	return found
}

// linked returns units that must stay together though neither names the other's
// hidden parts: an interface with an unexported method and the types that have
// it, structs that are converted into each other, and what a tool wrote into one
// file.
func (s *Source) linked() map[*Unit][]*Unit {
	out := map[*Unit][]*Unit{}
	link := func(a, b *Unit) {
		if a != b && a != nil && b != nil && !slices.Contains(out[a], b) {
			out[a], out[b] = append(out[a], b), append(out[b], a)
		}
	}
	hidden := map[string][]*Unit{} // by the name of a method that isn't exported
	sealed := map[string]bool{}    // ... that an interface has
	for _, o := range s.sorted() {
		fn, ok := o.Obj.(*types.Func)
		if !ok || !o.member || fn.Exported() {
			continue
		}
		hidden[o.Name] = append(hidden[o.Name], o.Unit)
		sealed[o.Name] = sealed[o.Name] || types.IsInterface(fn.Signature().Recv().Type())
	}
	for name, us := range hidden {
		for _, u := range us[1:] {
			if sealed[name] {
				link(us[0], u)
			}
		}
	}
	for _, us := range s.joined {
		for _, u := range us[1:] {
			link(us[0], u)
		}
	}
	for _, f := range s.Files {
		if parts := s.parts[f]; f.Generated() && !f.Test && len(parts) > 0 {
			for _, p := range parts[1:] {
				link(parts[0].Unit, p.Unit)
			}
		}
		f.Walk(func(n ast.Node, _ []ast.Node) {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 && f.Pkg.Info.Types[call.Fun].IsType() {
				a, b := s.hiddenStruct(f.Pkg.Info.TypeOf(call.Fun)), s.hiddenStruct(f.Pkg.Info.TypeOf(call.Args[0]))
				link(a, b)
			}
		})
	}
	return out
}

// hiddenStruct returns the unit of a struct type with fields that aren't
// exported, or nil.
func (s *Source) hiddenStruct(t types.Type) *Unit {
	st := structOf(t)
	if st == nil {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if !f.Exported() {
			if o := s.object(named.Origin().Obj()); o != nil {
				return o.Unit
			}
		}
	}
	return nil
}

// sorted lists all objects by place.
func (s *Source) sorted() []*Object {
	out := slices.Collect(maps.Values(s.objects))
	slices.SortFunc(out, func(a, b *Object) int {
		return cmp.Or(strings.Compare(a.File.Rel, b.File.Rel), cmp.Compare(a.Obj.Pos(), b.Obj.Pos()))
	})
	return out
}

func compareRefs(a, b *Ref) int {
	return cmp.Or(strings.Compare(a.File.Rel, b.File.Rel), cmp.Compare(a.Pos(), b.Pos()))
}
