package effects

import (
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// addresses notes that a call formats an address: a pointer, a channel or a
// function has another one in another process.
func (b *body) addresses(instr ssa.CallInstruction, obj *types.Func) {
	if obj.Pkg() == nil || obj.Pkg().Path() != "fmt" || strings.Contains(obj.Name(), "can") {
		return
	}
	for _, a := range instr.Common().Args {
		if c, ok := a.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String && strings.Contains(strings.ReplaceAll(constant.StringVal(c.Value), "%%", ""), "%p") {
			b.event(eventProcess, b.at(instr, "prints an address with %p"))
			return
		}
	}
	for _, a := range withVariadic(instr.Common().Args) {
		if x, ok := a.(*ssa.MakeInterface); ok && printsAddress(x.X.Type(), 0, nil) {
			b.event(eventProcess, b.at(instr, "prints an address in a value of type "+types.TypeString(x.X.Type(), (*types.Package).Name)))
			return
		}
	}
}

// printsAddress reports whether fmt prints a value of type t, at a depth, with
// an address in it. Pointers to structs, arrays, slices and maps are followed
// at depth 0 only.
func printsAddress(t types.Type, depth int, seen []types.Type) bool {
	if slices.Contains(seen, t) || formatted(t) {
		return false
	}
	seen = append(seen, t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Chan, *types.Signature:
		return true
	case *types.Pointer:
		if depth > 0 {
			return true
		}
		switch u.Elem().Underlying().(type) {
		case *types.Struct, *types.Array, *types.Slice, *types.Map:
			return printsAddress(u.Elem(), depth+1, seen)
		}
		return true
	case *types.Slice:
		return printsAddress(u.Elem(), depth+1, seen)
	case *types.Array:
		return printsAddress(u.Elem(), depth+1, seen)
	case *types.Map:
		return printsAddress(u.Key(), depth+1, seen) || printsAddress(u.Elem(), depth+1, seen)
	case *types.Struct:
		for f := range u.Fields() {
			if printsAddress(f.Type(), depth+1, seen) {
				return true
			}
		}
	}
	return false
}

// formatted reports whether a value of type t says itself how it is printed.
func formatted(t types.Type) bool {
	set := types.NewMethodSet(t)
	for _, name := range []string{"Error", "String", "Format", "GoString"} {
		if sel := set.Lookup(nil, name); sel != nil {
			return true
		}
	}
	return false
}
