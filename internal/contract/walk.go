package contract

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
)

// A walk visits the types of one method.
type walk struct {
	*builder
	method   *types.Func
	found    map[component.TypeID]*component.Type
	problems []component.Problem
}

// typ records t and everything below it, and returns its ID. path is the
// lineage of t, at the declaration that mentions it last.
func (w *walk) typ(t types.Type, path string, at types.Object) component.TypeID {
	t = types.Unalias(t)
	id := ID(t)
	if _, ok := w.found[id]; ok {
		return id
	}
	entry := &component.Type{ID: id}
	w.found[id] = entry
	if named, ok := t.(*types.Named); ok {
		entry.Package, entry.Name, entry.Span = w.pkg(named.Obj().Pkg()), named.Obj().Name(), w.span(named.Obj())
		if w.special(entry, named, path, at) {
			return id
		}
	}
	w.underlying(entry, t, path, at)
	return id
}

// special handles the declared types that aren't what their underlying type
// says. It reports whether t is dealt with.
func (w *walk) special(entry *component.Type, t *types.Named, path string, at types.Object) bool {
	if IsError(t) {
		entry.Kind = component.KindError
		return true
	}
	if codec := knownCodec(t); codec != "" {
		entry.Kind, entry.Codec = component.KindExternal, codec
		return true
	}
	if r, ok := uncrossable(t); ok {
		w.refuse(r.code, path, at, "("+short(t)+") "+r.why, r.hint)
		return true
	}
	if iface, ok := t.Underlying().(*types.Interface); ok {
		w.iface(iface, t, path, at)
		return true
	}
	if st, ok := t.Underlying().(*types.Struct); ok && w.hidden(t, st) != nil {
		return w.hiddenState(entry, t, st, path, at)
	}
	return false
}

// hiddenState handles a struct with fields that generated code can't reach. It
// reports false where walking the fields says more than the struct itself.
func (w *walk) hiddenState(entry *component.Type, t *types.Named, st *types.Struct, path string, at types.Object) bool {
	if codec := marshaler(t); codec != "" {
		entry.Kind, entry.Codec = component.KindExternal, codec
		return true
	}
	f := w.hidden(t, st)
	if w.worse(f.Type()) {
		return false
	}
	code, hint := "unexported-state", "export the field, give "+t.Obj().Name()+" MarshalBinary and UnmarshalBinary, or cross with a type made for it"
	if !w.own(t.Obj().Pkg()) {
		code, hint = "foreign-type", "cross with a type of your own that has the same content"
	}
	w.refuse(code, path+"."+f.Name(), f, "("+short(f.Type())+") is unexported, so "+short(t)+" would arrive without it", hint)
	return true
}

// hidden returns the first field that generated code can't reach.
func (w *walk) hidden(t *types.Named, st *types.Struct) *types.Var {
	if w.opts.Form == component.FormFuncs && t.Obj().Pkg() == w.home {
		return nil
	}
	for f := range st.Fields() {
		if !f.Exported() && f.Name() != "_" {
			return f
		}
	}
	return nil
}

// worse reports whether t itself can't cross, so that naming it says more than
// that its field is unexported.
func (w *walk) worse(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Chan, *types.Signature:
		return true
	case *types.Pointer:
		return w.worse(u.Elem())
	case *types.Named:
		_, bad := uncrossable(u)
		return bad
	}
	return false
}

// own reports whether p belongs to the component.
func (w *walk) own(p *types.Package) bool {
	if p == w.home {
		return true
	}
	for _, q := range w.opts.Packages {
		if p == q {
			return true
		}
	}
	return false
}

func (w *walk) underlying(entry *component.Type, t types.Type, path string, at types.Object) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		w.basic(entry, u, path, at)
	case *types.Slice:
		entry.Kind, entry.Elem = component.KindSlice, w.below(t, u.Elem(), path+"[]", at)
	case *types.Array:
		entry.Kind, entry.Len, entry.Elem = component.KindArray, u.Len(), w.below(t, u.Elem(), path+"[]", at)
	case *types.Map:
		entry.Kind = component.KindMap
		entry.Key = w.below(t, u.Key(), path+"[key]", at)
		entry.Elem = w.below(t, u.Elem(), path+"[]", at)
	case *types.Pointer:
		entry.Kind, entry.Elem = component.KindPointer, w.below(t, u.Elem(), path, at)
	case *types.Struct:
		w.structure(entry, t, u, path)
	case *types.Chan:
		w.refuse("chan-in-contract", path, at, "("+short(t)+") is a channel", "offer a stream of events, or a method to poll")
	case *types.Signature:
		w.signature(u, t, path, at)
	case *types.Interface:
		w.iface(u, t, path, at)
	default:
		w.refuse("generic-contract", path, at, "("+short(t)+") is a type parameter", "write a function for the types in use")
	}
}

// below walks a component of t.
func (w *walk) below(t, elem types.Type, path string, at types.Object) component.TypeID {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		at = n.Obj()
	}
	return w.typ(elem, path, at)
}

func (w *walk) structure(entry *component.Type, t types.Type, st *types.Struct, path string) {
	entry.Kind = component.KindStruct
	entry.Fields = []component.Field{}
	for f := range st.Fields() {
		if f.Name() == "_" {
			continue
		}
		id := w.typ(f.Type(), path+"."+f.Name(), f)
		entry.Fields = append(entry.Fields, component.Field{Name: f.Name(), Type: id, Embedded: f.Embedded()})
	}
}

func (w *walk) basic(entry *component.Type, u *types.Basic, path string, at types.Object) {
	switch u.Kind() {
	case types.UnsafePointer, types.Uintptr:
		w.refuse("unsafe-value", path, at, "("+u.Name()+") is an address", "cross with a value that means something in another process")
	case types.Invalid:
		w.refuse("unknown-type", path, at, "has a type that could not be checked", "make the package build first")
	default:
		entry.Kind = basicKinds[u.Kind()]
	}
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

func (w *walk) signature(sig *types.Signature, t types.Type, path string, at types.Object) {
	if isIterator(sig) {
		w.refuse("iterator-in-contract", path, at, "("+short(t)+") is an iterator", "return a slice, or a page of one")
		return
	}
	w.refuse("func-in-contract", path, at, "("+short(t)+") is a function", "replace it by data: an options struct, or a second method")
}

// isIterator reports whether sig has the shape of iter.Seq or iter.Seq2.
func isIterator(sig *types.Signature) bool {
	if sig.Params().Len() != 1 || sig.Results().Len() != 0 {
		return false
	}
	yield, ok := sig.Params().At(0).Type().Underlying().(*types.Signature)
	return ok && yield.Results().Len() == 1 && types.Identical(yield.Results().At(0).Type(), types.Typ[types.Bool])
}

func (w *walk) iface(u *types.Interface, t types.Type, path string, at types.Object) {
	switch {
	case IsContext(t):
		w.refuse("context-in-struct", path, at, "(context.Context) is kept in a value", "pass the context as the first parameter")
	case isStream(u):
		w.refuse("stream-in-contract", path, at, "("+short(t)+") is a stream", "cross with []byte where the content is bounded")
	default:
		w.refuse("open-interface", path, at, "("+short(t)+") is an interface: any type may be behind it", "cross with a struct that lists what may be there")
	}
}

// isStream reports whether an interface reads, writes or closes.
func isStream(u *types.Interface) bool {
	for m := range u.Methods() {
		switch m.Name() {
		case "Read", "Write":
			p := m.Signature().Params()
			if p.Len() == 1 && types.Identical(p.At(0).Type(), types.NewSlice(types.Typ[types.Byte])) {
				return true
			}
		case "Close":
			if m.Signature().Params().Len() == 0 {
				return true
			}
		case "ReadByte", "ReadRune", "WriteString", "WriteTo", "ReadFrom", "ReadAt", "WriteAt", "Seek":
			return true
		}
	}
	return false
}

// refuse records why the method can't cross.
func (w *walk) refuse(code, path string, at types.Object, message, hint string) {
	var contract types.Object
	if w.method != nil { // nil while an error type is looked at
		contract = w.method
	}
	w.problems = append(w.problems, w.problem(code, path, at, contract, message, hint))
}

// problem positions a problem at the evidence, with the contract as the related
// place.
func (b *builder) problem(code, path string, at, contract types.Object, message, hint string) component.Problem {
	p := component.Problem{
		Code: code, Severity: component.Error, Component: b.opts.Component,
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

// cross walks t outside a method.
func (b *builder) cross(t types.Type, root string, at types.Object) {
	fn := types.NewFunc(token.NoPos, at.Pkg(), at.Name(), types.NewSignatureType(nil, nil, nil, nil, nil, false))
	w := &walk{builder: b, method: fn, found: map[component.TypeID]*component.Type{}}
	w.typ(t, root, at)
	b.problems = append(b.problems, w.problems...)
}
