package retype

import (
	"go/ast"
	"go/types"
	"path"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// An embedding is a struct type that embeds *T. It may embed the interface instead where
// that has every method of T that anybody reaches by the struct; the field is then called
// after the interface.
type embedding struct {
	slot  *slot
	owner *types.TypeName
	field *types.Var

	outer     []*types.TypeName     // the structs that embed the struct
	satisfied map[types.Object]bool // structs for which the methods are asked for by which they fit interfaces
}

// embed describes a slot that a struct embeds.
func (f *Flow) embed(s *slot, p *ast.Field, stack []ast.Node) {
	s.name = f.Type.Obj().Name()
	e := f.embeddingOf(s, p, stack)
	if e == nil {
		s.keep("it is embedded", s.span)
		return
	}
	if why := f.unbuilt(e.field); why != "" {
		s.keep(why, s.span)
	}
	s.zero = f.zeros.types[f.World.Key(e.owner)] || f.zeros.fields[f.World.Key(e.field)]
	f.embeddings = append(f.embeddings, e)
	// Files of other builds reach members of T by the struct, too, and don't change.
	for m := range types.NewMethodSet(types.NewPointer(f.Type)).Methods() {
		if fn, ok := m.Obj().(*types.Func); ok && fn.Exported() && f.World.IgnoredUse(fn) != "" {
			f.need(s, fn, s.span)
		}
	}
	st, ok := f.Type.Underlying().(*types.Struct)
	for i := 0; ok && i < st.NumFields(); i++ {
		// Those of T's own package don't know the struct.
		if file := f.World.IgnoredUse(st.Field(i)); file != "" && st.Field(i).Exported() && path.Dir(file) != path.Dir(f.ownFile()) {
			f.mentionedElsewhere(s, st.Field(i), "it is embedded, and "+file+", which this build leaves out, mentions its "+st.Field(i).Name())
		}
	}
}

// ownFile is the file that declares T.
func (f *Flow) ownFile() string { return f.World.SpanAt(f.Type.Obj().Pos(), 0).File }

// embeddingOf returns the embedding that a field of a struct is; nil where the struct isn't
// one with a name that stands in another package than T, where something fills or looks at
// its fields, or where what else it embeds has members of the same names as T.
func (f *Flow) embeddingOf(s *slot, p *ast.Field, stack []ast.Node) *embedding {
	spec, ok := stack[max(len(stack)-3, 0)].(*ast.TypeSpec)
	if !ok || spec.TypeParams != nil || spec.Assign.IsValid() || p.Tag != nil || s.file.Generated() || f.Type.TypeParams().Len() > 0 || !f.Local || !f.Annotate || s.file.Pkg.Types.Path() == f.Type.Obj().Pkg().Path() || f.Path != f.Type.Obj().Pkg().Path() {
		return nil
	}
	info := s.file.Pkg.Info
	tn, ok := info.Defs[spec.Name].(*types.TypeName)
	if !ok || tn.Parent() != tn.Pkg().Scope() {
		return nil
	}
	st, ok := tn.Type().Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var field *types.Var
	for v := range st.Fields() {
		switch {
		case !v.Embedded():
		case f.isPointer(v.Type()):
			field = v
		case f.sharesNames(v.Type()):
			return nil
		}
	}
	outer, ok := f.outer(tn)
	if field == nil || !ok || f.World.DecodedField(field) || f.World.LookedAt(field) {
		return nil
	}
	return &embedding{slot: s, owner: tn, field: field, outer: outer, satisfied: map[types.Object]bool{}}
}

// sharesNames reports whether a type has a method or field of the name of one of T: by the
// one of T it is hidden, or both are.
func (f *Flow) sharesNames(t types.Type) bool {
	has := func(name string, pkg *types.Package) bool {
		obj, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
		return obj != nil || index != nil
	}
	for m := range types.NewMethodSet(types.NewPointer(f.Type)).Methods() {
		if has(m.Obj().Name(), m.Obj().Pkg()) {
			return true
		}
	}
	st, ok := f.Type.Underlying().(*types.Struct)
	for i := 0; ok && i < st.NumFields(); i++ {
		if has(st.Field(i).Name(), st.Field(i).Pkg()) {
			return true
		}
	}
	return false
}

// outer returns the structs that embed a struct, or one that does. It reports no where one
// of them has no name, has members of the names of those of T from elsewhere, or where
// another type is declared as one of them.
func (f *Flow) outer(tn *types.TypeName) (all []*types.TypeName, ok bool) {
	if f.embeddedUnnamed() {
		return nil, false
	}
	is := func(t types.Type, tn *types.TypeName) bool {
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		n := named(types.Unalias(t))
		return n != nil && f.World.Key(n.Obj()) == f.World.Key(tn)
	}
	found := []*types.TypeName{tn}
	known := map[code.Key]bool{f.World.Key(tn): true}
	for len(found) > 0 {
		tn, found = found[0], found[1:]
		for other := range f.allTypes() {
			if f.World.FileOf(other) == nil || known[f.World.Key(other)] {
				continue
			}
			if as := f.declaredAs(other); as != nil && is(as, tn) {
				return nil, false
			}
			st, isStruct := other.Type().Underlying().(*types.Struct)
			if !isStruct || !embedsAny(st, func(t types.Type) bool { return is(t, tn) }) {
				continue
			}
			if other.Parent() != other.Pkg().Scope() || embedsAny(st, func(t types.Type) bool { return !is(t, tn) && f.sharesNames(t) }) {
				return nil, false
			}
			known[f.World.Key(other)] = true
			found, all = append(found, other), append(all, other)
		}
	}
	slices.SortFunc(all, func(a, b *types.TypeName) int { return f.World.Before(a, b) })
	return all, true
}

// embedsAny reports whether a struct embeds a type that a function accepts.
func embedsAny(st *types.Struct, is func(types.Type) bool) bool {
	for v := range st.Fields() {
		if v.Embedded() && is(v.Type()) {
			return true
		}
	}
	return false
}

// declaredAs returns the named type that another one is declared with; nil where it isn't.
func (f *Flow) declaredAs(tn *types.TypeName) types.Type {
	file := f.World.FileOf(tn)
	for _, d := range file.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || tn.Pos() < g.Pos() || g.End() < tn.Pos() {
			continue
		}
		for _, s := range g.Specs {
			ts, ok := s.(*ast.TypeSpec)
			if !ok || file.Pkg.Info.Defs[ts.Name] == nil || f.World.Key(file.Pkg.Info.Defs[ts.Name]) != f.World.Key(tn) {
				continue
			}
			if _, literal := ts.Type.(*ast.StructType); literal {
				return nil
			}
			return file.Pkg.Info.TypeOf(ts.Type)
		}
	}
	return nil
}

// promotions follows what is reached by structs that embed T, and where such structs go.
func (f *Flow) promotions(file *code.File) {
	if len(f.embeddings) == 0 {
		return
	}
	file.Walk(func(n ast.Node, stack []ast.Node) {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			f.promoted(file, sel, stack)
		}
		if id, ok := n.(*ast.Ident); ok {
			if e := f.embeddingBy(file.Pkg.Info.Uses[id]); e != nil && (file.Generated() || f.Role(file) == Fixed) {
				e.slot.keep("it is embedded, and code that stays as it is mentions the field", f.World.Span(id))
			}
			if inst, ok := file.Pkg.Info.Instances[id]; ok {
				for t := range inst.TypeArgs.Types() {
					if e := f.embeddedIn(t, 0); e != nil {
						e.slot.keep("it is embedded in "+e.owner.Name()+", which is a type argument", f.World.Span(id))
					}
				}
			}
		}
		if e, ok := n.(ast.Expr); ok && len(stack) > 1 {
			f.escapes(file, e, stack)
		}
	})
}

// embeddedIn returns the embedding in a type, or in what it is made of; nil for none.
func (f *Flow) embeddedIn(t types.Type, depth int) *embedding {
	if t == nil || depth > 4 {
		return nil
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if i := slices.IndexFunc(f.embeddings, func(e *embedding) bool { return f.World.Key(e.owner) == f.World.Key(t.Obj()) }); i >= 0 {
			return f.embeddings[i]
		}
		if f.World.FileOf(t.Obj()) == nil {
			return nil
		}
		return f.embeddedIn(t.Underlying(), depth+1)
	case *types.Pointer:
		return f.embeddedIn(t.Elem(), depth+1)
	case *types.Slice:
		return f.embeddedIn(t.Elem(), depth+1)
	case *types.Array:
		return f.embeddedIn(t.Elem(), depth+1)
	case *types.Chan:
		return f.embeddedIn(t.Elem(), depth+1)
	case *types.Map:
		if e := f.embeddedIn(t.Key(), depth+1); e != nil {
			return e
		}
		return f.embeddedIn(t.Elem(), depth+1)
	case *types.Struct:
		for v := range t.Fields() {
			if e := f.embeddedIn(v.Type(), depth+1); e != nil {
				return e
			}
		}
	}
	return nil
}

// promoted handles a method or field of T that is selected of a struct that embeds it.
func (f *Flow) promoted(file *code.File, sel *ast.SelectorExpr, stack []ast.Node) {
	s := file.Pkg.Info.Selections[sel]
	if s == nil || len(s.Index()) < 2 {
		return
	}
	e, rest := f.through(s.Recv(), s.Index())
	if e == nil || rest == 0 {
		return
	}
	src, at := e.slot, f.World.Span(sel.Sel)
	if f.Role(file) == User && !file.Test {
		f.uses = append(f.uses, use{src, at, sel.Sel.Name})
		src.wanted = true
	}
	fn, ok := s.Obj().(*types.Func)
	switch {
	case !ok && rest > 1 || f.Role(file) == Fixed || file.Generated():
		src.keep("its "+sel.Sel.Name+" is used of "+e.owner.Name()+", which embeds it", at)
		return
	case !ok:
		f.fieldUse(file, src, sel, stack)
		return
	case !fn.Exported() || s.Kind() != types.MethodVal:
		src.keep("its "+fn.Name()+" is used of "+e.owner.Name()+", which embeds it", at)
		return
	}
	f.need(src, fn, at)
	if own := f.method(fn.Name(), fn.Pkg()); own != nil {
		works := f.worksOnNil(own, 0) && f.madeForNil(own)
		if works {
			src.nilCall = append(src.nilCall, demand{name: fn.Name(), at: at})
		}
		if !calledAtOnce(stack, sel) && isPtr(own.Signature().Recv().Type()) {
			src.bound = append(src.bound, demand{name: fn.Name(), at: at})
		}
		if recv := own.Origin().Signature().Recv(); recv != nil && f.isPointer(recv.Type()) {
			r := f.slotOfPointer(recv.Type())
			r.nilFrom = append(r.nilFrom, src)
		}
	}
}

// through returns the embedding that a path of fields goes through, and how many steps
// follow.
func (f *Flow) through(t types.Type, index []int) (*embedding, int) {
	for i, k := range index[:max(len(index)-1, 0)] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok || k >= st.NumFields() {
			return nil, 0
		}
		v := st.Field(k)
		if e := f.embeddingBy(v); e != nil {
			return e, len(index) - 1 - i
		}
		t = v.Type()
	}
	return nil, 0
}

// embeddingBy returns the embedding whose field an object is, or nil.
func (f *Flow) embeddingBy(obj types.Object) *embedding {
	v, ok := obj.(*types.Var)
	if !ok || !v.Embedded() {
		return nil
	}
	i := slices.IndexFunc(f.embeddings, func(e *embedding) bool { return f.World.Key(e.field) == f.World.Key(v) })
	if i < 0 {
		return nil
	}
	return f.embeddings[i]
}

// escapes handles a struct that embeds T and becomes a value of an interface: that asks for
// methods which the struct has from T. What takes any value may look at what is embedded.
func (f *Flow) escapes(file *code.File, e ast.Expr, stack []ast.Node) {
	tv, ok := file.Pkg.Info.Types[e]
	if several, tuple := tv.Type.(*types.Tuple); tuple {
		f.escapeTogether(file, e, several, stack)
		return
	}
	if !ok || !tv.IsValue() || types.IsInterface(tv.Type) {
		return
	}
	in := f.embeddedIn(tv.Type, 0)
	if in == nil {
		return
	}
	place, t := file.Destination(stack)
	if place != code.Typed || t == nil || !types.IsInterface(t) {
		return
	}
	f.escapesAs(file, in, t, e, stack)
}

// escapeTogether is escapes for a call that returns several values.
func (f *Flow) escapeTogether(file *code.File, e ast.Expr, several *types.Tuple, stack []ast.Node) {
	for i := range several.Len() {
		in := f.embeddedIn(several.At(i).Type(), 0)
		if in == nil {
			continue
		}
		var t types.Type
		switch p := stack[len(stack)-2].(type) {
		case *ast.AssignStmt:
			if i < len(p.Lhs) && !blank(p.Lhs[i]) {
				t = file.Pkg.Info.TypeOf(p.Lhs[i])
			}
		case *ast.ValueSpec:
			if p.Type != nil {
				t = file.Pkg.Info.TypeOf(p.Type)
			}
		case *ast.ReturnStmt:
			if results := resultsOf(file, stack); results != nil && i < results.Len() {
				t = results.At(i).Type()
			}
		case *ast.CallExpr:
			in.slot.keep("it is embedded in "+in.owner.Name()+", which is passed on with other results", f.World.Span(e))
		}
		if t != nil && types.IsInterface(t) {
			f.escapesAs(file, in, t, e, stack)
		}
	}
}

// escapesAs handles one that becomes a value of an interface.
func (f *Flow) escapesAs(file *code.File, in *embedding, t types.Type, e ast.Expr, stack []ast.Node) {
	it, _ := t.Underlying().(*types.Interface)
	if it == nil || it.Empty() {
		if !tellsTests(file, stack) {
			in.slot.keep("it is embedded in "+in.owner.Name()+", which is passed as "+types.TypeString(t, (*types.Package).Name), f.World.Span(e))
		}
		return
	}
	owners := append([]*types.TypeName{in.owner}, in.outer...)
	for _, tn := range owners {
		f.satisfies(in, tn, e)
	}
}

// tellsTests reports an argument of a function that asserts something of it for a test.
func tellsTests(file *code.File, stack []ast.Node) bool {
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := file.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "github.com/stretchr/testify/assert", "github.com/stretchr/testify/require", "testing":
		return true
	}
	return false
}

// asked are methods that the standard library asks values for.
var asked = []string{"String", "GoString", "Format", "Error", "Unwrap", "Is", "As", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "MarshalBinary", "UnmarshalBinary", "MarshalXML", "UnmarshalXML", "GobEncode", "GobDecode", "Scan", "Value", "LogValue", "Write", "WriteTo", "WriteString", "WriteByte", "Read", "ReadFrom", "ReadByte", "Close", "Flush", "ServeHTTP", "IsZero", "Set", "Get"}

// satisfies lets the interface have the methods by which a struct that embeds it fits
// other interfaces: the one that a value of it becomes may be asked for any other.
func (f *Flow) satisfies(e *embedding, tn *types.TypeName, at ast.Node) {
	if e.satisfied[tn] {
		return
	}
	e.satisfied[tn] = true
	ptr := types.NewPointer(tn.Type())
	span := f.World.Span(at)
	want := func(name string, pkg *types.Package) {
		obj, index, _ := types.LookupFieldOrMethod(ptr, true, pkg, name)
		if fn, ok := obj.(*types.Func); ok && f.ofEmbedded(e, tn.Type(), index) {
			f.need(e.slot, fn, span)
		}
	}
	for _, name := range asked {
		want(name, tn.Pkg())
	}
	for m := range types.NewMethodSet(ptr).Methods() {
		if fn, ok := m.Obj().(*types.Func); ok && fn.Exported() && (f.World.ByName(fn) != "" || f.World.PassedOutside(fn) != "") {
			want(fn.Name(), fn.Pkg())
		}
	}
	f.World.AnyInterface(func(it *types.Interface) bool {
		for m := range it.Methods() {
			if obj, _, _ := types.LookupFieldOrMethod(ptr, true, tn.Pkg(), m.Name()); obj == nil {
				return false
			}
		}
		for m := range it.Methods() {
			want(m.Name(), m.Pkg())
		}
		return false
	})
}

// ofEmbedded reports whether a path of fields leads through the one that is embedded.
func (f *Flow) ofEmbedded(e *embedding, t types.Type, index []int) bool {
	by, rest := f.through(t, index)
	return by == e && rest > 0
}

// NameTaken reports whether a struct that is to embed the interface has something of a
// name already.
func (f *Flow) NameTaken(name string) bool {
	return slices.ContainsFunc(f.embeddings, func(e *embedding) bool {
		return e.slot.reached && slices.ContainsFunc(append([]*types.TypeName{e.owner}, e.outer...), func(tn *types.TypeName) bool {
			obj, index, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, tn.Pkg(), name)
			return obj != nil && f.embeddingBy(obj) == nil || obj == nil && index != nil
		})
	})
}

// renameEmbedded gives the mentions of embedded fields the name of the interface.
func (f *Flow) renameEmbedded(to Interface) {
	if !slices.ContainsFunc(f.embeddings, func(e *embedding) bool { return e.slot.reached }) {
		return
	}
	for _, file := range f.World.Files {
		ast.Inspect(file.AST, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || file.Pkg.Info.Uses[id] == nil {
				return true
			}
			if e := f.embeddingBy(file.Pkg.Info.Uses[id]); e != nil && e.slot.reached {
				file.Replace(id.Pos(), id.End(), to.Name)
			}
			return true
		})
	}
}
