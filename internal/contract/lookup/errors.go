package lookup

import (
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/source"
)

// errorUses returns the errors that the program recognises and that the
// component's generated code may name: those of packages that the component
// imports anyway, and of the standard library. So the table of errors ties no
// packages together that weren't tied before. Of the others, apart has those
// that a package which imports the component looks for.
func (f *Finder) errorUses(home *source.Package) (known []types.Object, apart []string) {
	below, above := importsOf(home.Types), f.above(home.Pkg.Path)
	for _, p := range f.pkgs {
		for _, e := range contract.ErrorUses(p.Info, p.Syntax) {
			path := e.Pkg().Path()
			switch {
			case path == home.Pkg.Path, below[path], f.standard(path):
				known = append(known, e)
			case above[p.Pkg.Path] && !above[path]:
				apart = append(apart, e.Pkg().Name()+"."+e.Name())
			}
		}
	}
	slices.Sort(apart)
	return known, slices.Compact(apart)
}

// importsOf returns the paths of the packages that p imports, directly or not.
func importsOf(p *types.Package) map[string]bool {
	found := map[string]bool{}
	var visit func(*types.Package)
	visit = func(p *types.Package) {
		for _, i := range p.Imports() {
			if !found[i.Path()] {
				found[i.Path()] = true
				visit(i)
			}
		}
	}
	visit(p)
	return found
}

// above returns the packages that import the one with the given path, directly
// or not.
func (f *Finder) above(path string) map[string]bool {
	found := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for _, p := range f.pkgs {
			if !found[p.Pkg.Path] && slices.ContainsFunc(p.Imports, func(i string) bool { return i == path || found[i] }) {
				found[p.Pkg.Path], grown = true, true
			}
		}
	}
	return found
}

// standard reports whether a package belongs to the standard library, whose
// paths have no dot in their first element.
func (f *Finder) standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	own := path == f.o.Module || strings.HasPrefix(path, f.o.Module+"/")
	return !own && !strings.Contains(first, ".")
}

// takesErrors reports whether errors of others can come into the packages of the component:
// what implements its contract isn't there, or one of them declares something that holds, or
// is given, an interface or a function which returns errors. The contract is none of these.
func (f *Finder) takesErrors(home *source.Package, contract *types.Named) bool {
	below := importsOf(home.Types)
	if !f.implementedIn(contract, func(p *source.Package) bool { return p == home || below[p.Pkg.Path] }) {
		return true
	}
	for _, p := range f.pkgs {
		if p != home && !below[p.Pkg.Path] {
			continue
		}
		scope := p.Types.Scope()
		for _, name := range scope.Names() {
			obj := scope.Lookup(name)
			if obj == contract.Obj() {
				continue
			}
			t := obj.Type()
			if _, ok := obj.(*types.Func); ok && givesErrors(obj.Type().(*types.Signature).Params(), contract) {
				return true
			}
			if v, ok := obj.(*types.Var); ok && givesErrors(types.NewTuple(v), contract) {
				return true
			}
			if _, ok := obj.(*types.TypeName); ok && typeGivesErrors(t, contract) {
				return true
			}
		}
	}
	return false
}

// implementedIn reports whether the types that implement an interface are known, and all in
// packages that are accepted.
func (f *Finder) implementedIn(iface *types.Named, accepted func(*source.Package) bool) bool {
	it, found := iface.Underlying().(*types.Interface), false
	for _, p := range f.pkgs {
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
				continue
			}
			if n, ok := tn.Type().(*types.Named); !ok || n.TypeParams().Len() > 0 || !types.Implements(types.NewPointer(n), it) {
				continue
			}
			if !accepted(p) {
				return false
			}
			found = true
		}
	}
	return found
}

// typeGivesErrors is givesErrors of what a declared type holds and its methods are given.
func typeGivesErrors(t types.Type, contract *types.Named) bool {
	if n, ok := t.(*types.Named); ok {
		for m := range n.Methods() {
			if givesErrors(m.Signature().Params(), contract) {
				return true
			}
		}
	}
	return mayGiveErrors(t.Underlying(), contract)
}

func givesErrors(vars *types.Tuple, contract *types.Named) bool {
	for v := range vars.Variables() {
		if mayGiveErrors(v.Type(), contract) {
			return true
		}
	}
	return false
}

// mayGiveErrors reports whether a value of type t has a method, or is a function, that
// returns an error, or holds such values; declared structs are looked at where they are
// declared.
func mayGiveErrors(t types.Type, contract *types.Named) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if n == contract || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() == "context" { // or error
			return false
		}
		if _, ok := n.Underlying().(*types.Struct); ok {
			return false
		}
		t = n.Underlying()
	}
	switch t := t.(type) {
	case *types.Interface:
		for m := range t.Methods() {
			if returnsError(m.Signature()) {
				return true
			}
		}
		return t.Empty()
	case *types.Signature:
		return returnsError(t)
	case *types.Struct:
		for v := range t.Fields() {
			if mayGiveErrors(v.Type(), contract) {
				return true
			}
		}
	case *types.Pointer:
		return mayGiveErrors(t.Elem(), contract)
	case *types.Slice:
		return mayGiveErrors(t.Elem(), contract)
	case *types.Array:
		return mayGiveErrors(t.Elem(), contract)
	case *types.Map:
		return mayGiveErrors(t.Elem(), contract)
	case *types.Chan:
		return mayGiveErrors(t.Elem(), contract)
	}
	return false
}

func returnsError(sig *types.Signature) bool {
	for r := range sig.Results().Variables() {
		if crossing.IsError(r.Type()) {
			return true
		}
	}
	return false
}

// unknownErrors says which errors that callers look for lose their identity.
func unknownErrors(c *component.Contract, names []string) []component.Problem {
	if len(names) == 0 {
		return nil
	}
	return []component.Problem{{Code: "sentinel-error", Severity: component.Warn, Component: c.Component, Span: c.Span,
		Message: "callers of " + c.Component + " look for " + strings.Join(names, ", ") + ", which it doesn't import; where it returns one all the same, errors.Is and errors.As won't find it across a process",
		Hint:    "import the package of the error in " + c.Package.Name + " if the component can return it"}}
}
