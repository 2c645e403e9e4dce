package source

import "go/types"

// LookupFunc returns the function of the given name in a package, or the method of
// its type of that name if member isn't empty; nil if there is none.
func LookupFunc(pkg *types.Package, name, member string) *types.Func {
	obj := pkg.Scope().Lookup(name)
	if obj != nil && member != "" {
		obj, _, _ = types.LookupFieldOrMethod(obj.Type(), true, pkg, member)
	}
	fn, _ := obj.(*types.Func)
	return fn
}
