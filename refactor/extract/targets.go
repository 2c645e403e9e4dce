package extract

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// packagesOf returns the packages that a target names where it is more than one
// declaration or package of functions: several targets, a pattern, or a component of
// unweld.yaml. Nil: it is no such target.
func packagesOf(w *code.World, in refactor.Input, spec string) ([]*source.Package, error) {
	specs := refactor.SplitList(spec)
	config, err := in.Config()
	if err != nil {
		return nil, err
	}
	if c, ok := config.Components[spec]; ok && !strings.ContainsAny(spec, "./") {
		if specs = c.Packages; len(specs) == 0 {
			return nil, &component.UsageError{Object: spec, Reason: "the component has no packages in unweld.yaml", Hint: "name its packages"}
		}
	}
	if len(specs) < 2 && !strings.Contains(spec, "...") && !slices.ContainsFunc(specs, func(s string) bool { return s != spec }) {
		return nil, nil
	}
	found := map[string]*source.Package{}
	for _, s := range specs {
		ps, err := matching(w, in, s)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			found[p.Pkg.Path] = p
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *source.Package) int { return strings.Compare(a.Pkg.Path, b.Pkg.Path) }), nil
}

// matching returns the packages that a pattern or a path names; at least one.
func matching(w *code.World, in refactor.Input, spec string) ([]*source.Package, error) {
	if !strings.Contains(spec, "...") {
		p, rest := code.FindPackage(w, spec)
		switch {
		case p == nil:
			return nil, code.MissingPackage(w, spec, spec)
		case rest != "":
			return nil, &component.UsageError{Object: spec, Reason: "of several targets each is a package", Hint: "name types of one package as ./pkg.{A,B}"}
		}
		return []*source.Package{p}, nil
	}
	var all []component.Package
	for _, p := range w.Packages {
		all = append(all, p.Pkg)
	}
	covered, err := refactor.Matching(in.Snapshot.Root, spec, all)
	if err != nil {
		return nil, err
	}
	var out []*source.Package
	for _, p := range w.Packages {
		if p.ForTest == "" && !strings.HasSuffix(p.Pkg.Path, "_test") && covered[p.Pkg.Path] {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, code.MissingPackage(w, spec, strings.TrimSuffix(spec, "/..."))
	}
	return out, nil
}

// usedTypes makes a group of the types of packages that code outside of them, tests left
// out, calls methods of by pointers.
func usedTypes(w *code.World, pkgs []*source.Package) *group {
	g := &group{inside: map[string]bool{}}
	for _, p := range pkgs {
		g.inside[p.Pkg.Path] = true
	}
	used := map[*types.TypeName]bool{}
	called := map[*types.Func]bool{}
	for _, f := range w.Files {
		if f.Test || g.inside[f.Pkg.Pkg.Path] {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if tn := g.receiver(f, n); tn != nil {
					used[tn] = true
				}
			case *ast.Ident:
				fn, ok := f.Pkg.Info.Uses[n].(*types.Func)
				if ok && fn.Pkg() != nil && g.inside[fn.Pkg().Path()] && fn.Signature().Recv() == nil {
					called[fn.Origin()] = true
				}
			}
			return true
		})
	}
	for _, tn := range slices.SortedFunc(maps.Keys(used), func(a, b *types.TypeName) int {
		return cmp.Or(strings.Compare(a.Pkg().Path(), b.Pkg().Path()), w.Before(a, b), strings.Compare(a.Name(), b.Name()))
	}) {
		if m := (member{tn.Pkg().Path(), tn.Name()}); !slices.Contains(g.members, m) {
			g.members = append(g.members, m)
		}
	}
	g.funcs = slices.Collect(maps.Keys(called))
	sortFuncs(g.funcs)
	return g
}

// typesOfPackage makes the types of a package the target where a step is asked for,
// which only types have, and where the functions that the rest of the program calls only
// make the types or take them.
func (j *job) typesOfPackage() {
	t := j.target
	if t.typ != nil || t.group != nil || t.named || j.keep {
		return
	}
	g := usedTypes(j.world, []*source.Package{t.pkg})
	if len(g.members) > 0 && (j.req.Text(paramStep) != "" || !slices.ContainsFunc(g.funcs, func(fn *types.Func) bool { return !g.about(fn) })) {
		t.group = g
	}
}

// about reports a function that takes or returns a type of the group.
func (g *group) about(fn *types.Func) bool {
	ts := slices.Concat(slices.Collect(fn.Signature().Params().Variables()), slices.Collect(fn.Signature().Results().Variables()))
	return slices.ContainsFunc(ts, func(v *types.Var) bool {
		return slices.ContainsFunc(g.members, func(m member) bool { return mentionsType(v.Type(), m) })
	})
}

// noFunction reports whether a package was refused because none of its functions can
// cross, and types of it are used.
func (j *job) noFunction(refusal *component.Refusal) bool {
	t := j.target
	return t.typ == nil && t.group == nil && !t.named && !j.keep &&
		slices.ContainsFunc(refusal.Problems, func(p component.Problem) bool { return p.Code == "no-endpoints" }) &&
		len(usedTypes(j.world, []*source.Package{t.pkg}).members) > 0
}

// receiver returns the type of the group's packages that a method is called of by a
// pointer, or nil.
func (g *group) receiver(f *code.File, sel *ast.SelectorExpr) *types.TypeName {
	s := f.Pkg.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return nil
	}
	p, ok := types.Unalias(s.Recv()).(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok || types.IsInterface(n) || n.Obj().Pkg() == nil || !g.inside[n.Obj().Pkg().Path()] || !n.Obj().Exported() {
		return nil
	}
	return n.Obj()
}

// grouped makes a group of types of one package that were listed, with functions that
// take or make them.
func grouped(spec string, pkg *source.Package, listed []*types.Named, funcs []*types.Func) (*group, error) {
	g := &group{inside: map[string]bool{pkg.Pkg.Path: true}, explicit: true, funcs: funcs}
	for _, t := range listed {
		if m := (member{pkg.Pkg.Path, t.Obj().Name()}); !slices.Contains(g.members, m) {
			g.members = append(g.members, m)
		}
	}
	for _, fn := range funcs {
		if !g.about(fn) {
			return nil, &component.UsageError{Object: spec, Reason: fmt.Sprintf("%s neither takes nor returns one of the types", fn.Name()), Hint: "extract it by itself"}
		}
	}
	return g, nil
}
