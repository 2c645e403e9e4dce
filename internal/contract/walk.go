package contract

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

// describe returns the types that a walk of package crossing met, by ID: it is
// given each step.
type describe struct {
	*builder
	found   map[component.TypeID]*component.Type
	handles []*types.Func // methods of the handles among them
}

func (b *builder) describe() *describe {
	return &describe{builder: b, found: map[component.TypeID]*component.Type{}}
}

// step describes one type that crosses.
func (d *describe) step(s *crossing.Step) {
	id := ID(s.Type)
	if old := d.found[id]; old != nil {
		if s.How == crossing.AsAny {
			unite(old, &component.Type{Fields: registered(s)})
		}
		return
	}
	t := &component.Type{ID: id, Ref: Ref(s.Type)}
	d.found[id] = t
	if named, ok := s.Type.(*types.Named); ok {
		t.Package, t.Name, t.Span = d.pkg(named.Obj().Pkg()), named.Obj().Name(), d.span(named.Obj())
		t.Doc = d.doc(named.Obj())
	}
	switch s.How {
	case crossing.AsError:
		t.Kind = component.KindError
	case crossing.External:
		t.Kind, t.Codec = component.KindExternal, s.Codec
	case crossing.AsUnion:
		t.Kind, t.Fields = component.KindUnion, variants(s)
	case crossing.AsAny:
		t.Kind, t.Fields = component.KindAny, registered(s)
	case crossing.AsStream, crossing.AsHandle:
		d.exchange(t, s)
	default:
		d.content(t, s)
	}
}

// exchange describes a stream or handle.
func (d *describe) exchange(t *component.Type, s *crossing.Step) {
	t.Kind, t.Stream, t.Lease = component.KindStream, s.Stream, s.Lease
	if s.How == crossing.AsHandle {
		t.Kind = component.KindHandle
		for _, m := range s.Methods {
			d.handles = append(d.handles, m.Func)
		}
	}
	if s.Key != nil {
		t.Key = ID(s.Key)
	}
	if s.Elem != nil {
		t.Elem = ID(s.Elem)
	}
	for _, m := range s.Methods {
		t.Methods = append(t.Methods, d.exchanged(m))
	}
	slices.SortStableFunc(t.Methods, func(a, b component.Method) int { return a.Span.Compare(b.Span) })
}

// exchanged describes a method of a handle, or the function of a callback.
func (d *describe) exchanged(m crossing.Method) component.Method {
	out := component.Method{Context: m.Context, Error: m.Error, Variadic: m.Signature.Variadic()}
	out.Effect, out.TouchesState = component.EffectUnknown, true
	if m.Func != nil {
		out.Name, out.Span, out.Doc = m.Func.Name(), d.span(m.Func), d.doc(m.Func)
	}
	for _, v := range m.Params() {
		out.Params = append(out.Params, component.Param{Name: v.Name(), Type: Ref(v.Type())})
	}
	for _, v := range m.Results() {
		out.Results = append(out.Results, component.Param{Name: v.Name(), Type: Ref(v.Type())})
	}
	if m.Func != nil {
		d.signatureDocs(&out, m.Func)
	}
	return out
}

// content describes what a type is made of.
func (b *builder) content(t *component.Type, s *crossing.Step) {
	switch u := s.Type.Underlying().(type) {
	case *types.Basic:
		t.Kind = basicKinds[u.Kind()]
		b.constants(t, s.Type)
	case *types.Slice:
		t.Kind, t.Elem = component.KindSlice, ID(u.Elem())
	case *types.Array:
		t.Kind, t.Len, t.Elem = component.KindArray, u.Len(), ID(u.Elem())
	case *types.Map:
		t.Kind, t.Key, t.Elem = component.KindMap, ID(u.Key()), ID(u.Elem())
	case *types.Pointer:
		t.Kind, t.Elem = component.KindPointer, ID(u.Elem())
	case *types.Struct:
		t.Kind, t.Fields = component.KindStruct, []component.Field{}
		for _, p := range s.Parts {
			t.Fields = append(t.Fields, component.Field{Name: p.Field.Name(), Type: ID(p.Type), Embedded: p.Field.Embedded(), Unexported: !p.Field.Exported(), Tag: tagOf(u, p.Field), Doc: b.doc(p.Field)})
		}
	}
}

// variants are the types that may be behind a sealed interface.
func variants(s *crossing.Step) []component.Field {
	var out []component.Field
	for _, p := range s.Parts {
		name, star := p.Type, ""
		if pointer, ok := name.(*types.Pointer); ok {
			name, star = pointer.Elem(), "*"
		}
		out = append(out, component.Field{Name: star + name.(*types.Named).Obj().Name(), Type: ID(p.Type)})
	}
	return out
}

func tagOf(st *types.Struct, f *types.Var) string {
	for i := range st.NumFields() {
		if st.Field(i) == f {
			return st.Tag(i)
		}
	}
	return ""
}

// constants describes the constants of a declared type.
func (b *builder) constants(t *component.Type, typ types.Type) {
	found := constants(typ)
	for _, c := range found {
		t.Constants = append(t.Constants, component.Constant{Name: c.Name(), Value: c.Val().ExactString(), Doc: b.doc(c)})
	}
	t.ConstantsDoc = b.constantsDoc(found)
}

// constants are the exported ones of a declared type, in its own package, by
// value.
func constants(t types.Type) []*types.Const {
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return nil
	}
	var found []*types.Const
	scope := named.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && c.Exported() && types.Identical(c.Type(), named) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *types.Const) int {
		switch {
		case a.Val().Kind() == constant.Bool: // has no order; names have
			return 0
		case constant.Compare(a.Val(), token.LSS, b.Val()):
			return -1
		case constant.Compare(b.Val(), token.LSS, a.Val()):
			return 1
		}
		return 0
	})
	return found
}

var basicKinds = map[types.BasicKind]component.Kind{
	types.Bool: component.KindBool, types.String: component.KindString,
	types.Int: component.KindInt, types.Int8: component.KindInt8, types.Int16: component.KindInt16,
	types.Int32: component.KindInt32, types.Int64: component.KindInt64,
	types.Uint: component.KindUint, types.Uint8: component.KindUint8, types.Uint16: component.KindUint16,
	types.Uint32: component.KindUint32, types.Uint64: component.KindUint64,
	types.Float32: component.KindFloat32, types.Float64: component.KindFloat64,
	types.Complex64: component.KindComplex64, types.Complex128: component.KindComplex128,
}

// take adds what was described to the contract.
func (d *describe) take() {
	for id, t := range d.found {
		for i := range t.Methods {
			d.directions(&t.Methods[i])
		}
		if old := d.types[id]; old != nil && t.Kind == component.KindAny {
			unite(t, old)
		}
		d.types[id] = t
	}
}

// directions says of a method's streams which way their elements go.
func (d *describe) directions(m *component.Method) {
	for i, p := range m.Params {
		if t := d.found[p.Type.ID()]; t != nil {
			m.Params[i].Direction = t.Direction(false)
		}
	}
	for i, r := range m.Results {
		if t := d.found[r.Type.ID()]; t != nil {
			m.Results[i].Direction = t.Direction(true)
		}
	}
}

// refuse records why something can't cross. owner is the declaration whose
// contract it is.
func (b *builder) refuse(r crossing.Reason, owner types.Object) component.Problem {
	p := b.problem(r.Code, r.Path, r.Object, owner, r.What, r.Hint)
	b.problems = append(b.problems, p)
	return p
}

// problem positions a problem at the evidence, with the contract as the related
// place. contract may be nil.
func (b *builder) problem(code, path string, at, contract types.Object, message, hint string) component.Problem {
	p := component.Problem{
		Code: code, Severity: component.Error, Component: b.opts.Component, Subject: Subject(contract),
		Path: path, Span: b.span(at), Message: message, Hint: hint,
	}
	if contract != nil && contract != at {
		p.Related = []component.Related{{Span: b.span(contract), Message: fmt.Sprintf("%s crosses here", contract.Name())}}
	}
	if !p.Span.IsValid() && contract != nil {
		p.Span = b.span(contract)
	}
	return p
}

// Subject names a package-level declaration or one of its methods. It is empty
// for other objects and for nil.
func Subject(obj types.Object) component.Subject {
	if obj == nil || obj.Pkg() == nil {
		return component.Subject{}
	}
	in := func(name, member string) component.Subject {
		return component.Subject{Decl: component.DeclID{Pkg: obj.Pkg().Path(), Name: name}, Member: member}
	}
	if fn, ok := obj.(*types.Func); ok {
		if recv := fn.Signature().Recv(); recv != nil {
			return in(receiver(recv.Type()), fn.Name())
		}
	}
	return in(obj.Name(), "")
}

func receiver(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return "_"
}
