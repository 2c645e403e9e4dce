package summary

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// signatures lists the exported functions, and the exported methods of exported
// types and interfaces, sorted by declaration and name.
func signatures(in Input) []component.Signature {
	var out []component.Signature
	add := func(decl types.Object, fn *types.Func, member string) {
		sig, at := fn.Signature(), fn.Pos()
		if fn.Pkg() != in.Types { // of an interface that is declared by another's name
			at = decl.Pos()
		}
		out = append(out, component.Signature{
			Decl:        component.DeclID{Pkg: in.Package.Path, Name: decl.Name()},
			Member:      member,
			Context:     TakesContext(sig),
			Error:       ReturnsError(sig),
			Constructor: member == "" && constructs(sig, in.Types),
			Span:        in.Span(in.Fset, at, at),
		})
	}
	scope := in.Types.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			add(obj, obj, "")
		case *types.TypeName:
			for _, m := range methods(obj) {
				add(obj, m, m.Name())
			}
		}
	}
	slices.SortFunc(out, func(a, b component.Signature) int {
		return cmp.Or(a.Decl.Compare(b.Decl), cmp.Compare(a.Member, b.Member))
	})
	return out
}

// methods returns the exported methods that are declared with a type.
func methods(obj *types.TypeName) []*types.Func {
	named, ok := obj.Type().(*types.Named)
	if !ok || obj.IsAlias() {
		return nil
	}
	var ms []*types.Func
	if iface, ok := named.Underlying().(*types.Interface); ok {
		for m := range iface.ExplicitMethods() {
			if m.Exported() {
				ms = append(ms, m)
			}
		}
		return ms
	}
	for m := range named.Methods() {
		if m.Exported() {
			ms = append(ms, m)
		}
	}
	return ms
}

// constructs reports whether a result of sig is a pointer to, or an interface
// of, a type of pkg that has methods.
func constructs(sig *types.Signature, pkg *types.Package) bool {
	for v := range sig.Results().Variables() {
		t := types.Unalias(v.Type())
		ptr, isPointer := t.(*types.Pointer)
		if isPointer {
			t = types.Unalias(ptr.Elem())
		}
		n, ok := t.(*types.Named)
		if !ok || n.Obj().Pkg() != pkg {
			continue
		}
		iface, isInterface := n.Underlying().(*types.Interface)
		if isPointer && n.NumMethods() > 0 || isInterface && iface.NumMethods() > 0 {
			return true
		}
	}
	return false
}

// TakesContext reports whether the first parameter is a context.Context.
func TakesContext(sig *types.Signature) bool {
	return sig.Params().Len() > 0 && isNamed(sig.Params().At(0).Type(), "context", "Context")
}

// ReturnsError reports whether the last result is an error.
func ReturnsError(sig *types.Signature) bool {
	n := sig.Results().Len()
	return n > 0 && types.Identical(sig.Results().At(n-1).Type(), types.Universe.Lookup("error").Type())
}

func isNamed(t types.Type, pkg, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg
}
