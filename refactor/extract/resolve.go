package extract

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A target is what to extract: a type, functions of a package, or several types.
type target struct {
	pkg   *source.Package
	group *group        // nil but for several types
	typ   *types.Named  // nil for functions
	funcs []*types.Func // of a package of functions, sorted by position
	named bool          // the functions were listed
}

// resolve finds the target. A missing or ambiguous one is a UsageError that
// names candidates.
func resolve(w *code.World, in refactor.Input, spec string) (*target, error) {
	switch pkgs, err := packagesOf(w, in, spec); {
	case err != nil:
		return nil, err
	case len(pkgs) == 1:
		spec = pkgs[0].Pkg.Path
	case len(pkgs) > 1:
		return packages(w, spec, pkgs)
	}
	dir, names, err := code.SplitTarget(spec)
	if err != nil {
		return nil, err
	}
	pkg, rest := code.FindPackage(w, dir)
	if pkg == nil {
		return nil, code.MissingPackage(w, spec, dir)
	}
	if rest != "" {
		names = []string{rest}
	}
	if pkg.Pkg.Name == "main" {
		return nil, &component.UsageError{Object: spec, Reason: "a main package can't be a component", Hint: "move what should be extracted to a package of its own"}
	}
	t := &target{pkg: pkg}
	if len(names) == 0 {
		t.funcs = exportedFuncs(w, pkg)
		if len(t.funcs) > 0 {
			return t, nil
		}
		if t.group = usedTypes(w, []*source.Package{pkg}); len(t.group.members) == 0 {
			return nil, noFunctions(spec, pkg)
		}
		return t, nil
	}
	return t, t.lookup(w, spec, names)
}

// packages is the target that several packages are: their types that the rest of the
// program uses.
func packages(w *code.World, spec string, pkgs []*source.Package) (*target, error) {
	for _, p := range pkgs {
		if p.Pkg.Name == "main" {
			return nil, &component.UsageError{Object: spec, Reason: p.Pkg.Path + " is a main package, which can't be part of a component", Hint: "move what should be extracted to a package of its own"}
		}
	}
	g := usedTypes(w, pkgs)
	if len(g.members) == 0 {
		return nil, &component.UsageError{Object: spec, Reason: "no code outside of these packages calls methods of their types", Hint: "extract the functions of one of them: unweld extract " + pkgs[0].Pkg.Path}
	}
	return &target{pkg: pkgs[0], group: g}, nil
}

// lookup finds the type or functions of the given names.
func (t *target) lookup(w *code.World, spec string, names []string) error {
	scope := t.pkg.Types.Scope()
	var listed []*types.Named
	for _, name := range names {
		switch obj := scope.Lookup(name).(type) {
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if !ok || obj.IsAlias() {
				return &component.UsageError{Object: spec, Reason: name + " is another name of a type", Hint: "name the type itself"}
			}
			if types.IsInterface(named) {
				return &component.UsageError{Object: spec, Reason: name + " is an interface already", Hint: "name the type that implements it, or bind it as it is"}
			}
			listed = append(listed, named)
		case *types.Func:
			t.funcs = append(t.funcs, obj)
		case nil:
			return code.NotDeclared(w, t.pkg, spec, "", name, scope.Names())
		default:
			return &component.UsageError{Object: spec, Reason: name + " is neither a type nor a function", Hint: "name a type or a function"}
		}
	}
	sortFuncs(t.funcs)
	switch {
	case len(listed) == 0:
		t.named = true
	case len(listed) == 1 && len(t.funcs) == 0:
		t.typ = listed[0]
	default:
		g, err := grouped(spec, t.pkg, listed, t.funcs)
		if err != nil {
			return err
		}
		t.group, t.funcs = g, nil
	}
	return nil
}

func sortFuncs(fs []*types.Func) {
	slices.SortFunc(fs, func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
}

// exportedFuncs returns the exported functions of p outside test files.
func exportedFuncs(w *code.World, p *source.Package) []*types.Func {
	var out []*types.Func
	for _, name := range p.Types.Scope().Names() {
		if fn, ok := p.Types.Scope().Lookup(name).(*types.Func); ok && fn.Exported() && w.Decl(fn) != nil {
			out = append(out, fn)
		}
	}
	sortFuncs(out)
	return out
}

func noFunctions(spec string, p *source.Package) error {
	var candidates []string
	for _, name := range p.Types.Scope().Names() {
		if tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName); ok && tn.Exported() && !types.IsInterface(tn.Type()) {
			candidates = append(candidates, spec+"."+name)
		}
	}
	hint := "name another package"
	if len(candidates) > 0 {
		hint = "name one of its types: " + strings.Join(candidates[:min(len(candidates), 5)], ", ")
	}
	return &component.UsageError{Object: spec, Reason: "the package has no exported functions", Hint: hint}
}
