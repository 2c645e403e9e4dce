package lookup

import (
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
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

// unknownErrors says which errors that callers look for lose their identity.
func unknownErrors(c *component.Contract, names []string) []component.Problem {
	if len(names) == 0 {
		return nil
	}
	return []component.Problem{{Code: "sentinel-error", Severity: component.Warn, Component: c.Component, Span: c.Span,
		Message: "callers of " + c.Component + " look for " + strings.Join(names, ", ") + ", which it doesn't import; where it returns one all the same, errors.Is and errors.As won't find it across a process",
		Hint:    "import the package of the error in " + c.Package.Name + " if the component can return it"}}
}
