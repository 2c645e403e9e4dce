// Package typeref converts types, as the type checker represents them, into
// references that are plain data, and back. References are valid in any load of
// a program, types only in their own.
package typeref

import (
	"go/types"

	"github.com/unweld/unweld/internal/component"
)

// ID returns the key of t in a contract. Identical types have equal keys,
// whether or not they were written with aliases.
func ID(t types.Type) component.TypeID { return Of(t).ID() }

// Of converts t to plain data.
func Of(t types.Type) component.TypeRef {
	switch u := types.Unalias(t).(type) {
	case *types.Basic:
		return basicRef(u)
	case *types.Named:
		return namedRef(u)
	case *types.TypeParam:
		return component.TypeRef{Kind: component.RefTypeParam, Name: u.Obj().Name()}
	case *types.Pointer:
		return component.PointerTo(Of(u.Elem()))
	case *types.Slice:
		return component.SliceOf(Of(u.Elem()))
	case *types.Array:
		elem := Of(u.Elem())
		return component.TypeRef{Kind: component.RefArray, Elem: &elem, Len: u.Len()}
	case *types.Map:
		return component.MapOf(Of(u.Key()), Of(u.Elem()))
	case *types.Chan:
		elem := Of(u.Elem())
		return component.TypeRef{Kind: component.RefChan, Elem: &elem, Dir: directions[u.Dir()]}
	case *types.Signature:
		return funcRef(u)
	case *types.Struct:
		return structRef(u)
	case *types.Interface:
		return interfaceRef(u)
	}
	return component.TypeRef{}
}

var directions = map[types.ChanDir]component.ChanDir{types.SendOnly: component.ChanSend, types.RecvOnly: component.ChanReceive}

func basicRef(u *types.Basic) component.TypeRef {
	if u.Kind() == types.UnsafePointer {
		return component.TypeRef{Kind: component.RefBasic, Path: "unsafe", Package: "unsafe", Name: "Pointer"}
	}
	if int(u.Kind()) < len(types.Typ) {
		return component.Basic(types.Typ[u.Kind()].Name()) // uint8 for byte
	}
	return component.Basic(u.Name())
}

func namedRef(u *types.Named) component.TypeRef {
	var home component.Package
	if p := u.Obj().Pkg(); p != nil {
		home = component.Package{Path: p.Path(), Name: p.Name()}
	}
	var args []component.TypeRef
	for a := range u.TypeArgs().Types() {
		args = append(args, Of(a))
	}
	return component.NamedRef(home, u.Obj().Name(), args...)
}

func funcRef(u *types.Signature) component.TypeRef {
	return component.TypeRef{Kind: component.RefFunc, Params: tupleRefs(u.Params()), Results: tupleRefs(u.Results()), Variadic: u.Variadic()}
}

func tupleRefs(t *types.Tuple) []component.TypeRef {
	var out []component.TypeRef
	for v := range t.Variables() {
		out = append(out, Of(v.Type()))
	}
	return out
}

func structRef(u *types.Struct) component.TypeRef {
	out := component.TypeRef{Kind: component.RefStruct}
	for i := range u.NumFields() {
		f := u.Field(i)
		out.Members = append(out.Members, component.RefMember{Name: f.Name(), Type: Of(f.Type()), Embedded: f.Embedded(), Tag: u.Tag(i)})
	}
	return out
}

func interfaceRef(u *types.Interface) component.TypeRef {
	out := component.TypeRef{Kind: component.RefInterface}
	for m := range u.Methods() {
		out.Members = append(out.Members, component.RefMember{Name: m.Name(), Type: funcRef(m.Signature())})
	}
	return out
}
