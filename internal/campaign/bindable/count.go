package bindable

import (
	"cmp"
	"context"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/source"
)

// Count decides about everything exported of the packages that match patterns, in the
// order of their paths: first the types with state of a package, then its functions as
// a whole, then each of them. What a package main has isn't counted, nor what tools
// wrote; nor are packages with problems, whose paths are returned, too. Of a library,
// whose users can't import them, internal packages don't count; in a program each may
// be a component.
func Count(ctx context.Context, snap *source.Snapshot, library bool, patterns ...string) (subjects []Subject, illTyped []string, err error) {
	pkgs, err := snap.Load(ctx, source.LoadOptions{}, patterns...)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(pkgs, func(a, b *source.Package) int { return cmp.Compare(a.Pkg.Path, b.Pkg.Path) })
	linked := contract.Arguments(snap, pkgs)
	for _, p := range pkgs {
		switch {
		case p.ForTest != "" || p.Pkg.Name == "main" || library && hidden(p.Pkg.Path):
		case p.IllTyped() || p.Info == nil:
			illTyped = append(illTyped, p.Pkg.Path)
		default:
			c := &counter{judge: &judge{module: p.Module, table: allbindings.Bindings, linked: linked}, pkg: p}
			subjects = append(subjects, c.count()...)
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	return subjects, illTyped, nil
}

// hidden reports an import path that only what stands around it can import.
func hidden(path string) bool {
	parts := strings.Split(path, "/")
	return slices.Contains(parts, "internal") || slices.Contains(parts, "vendor")
}

// A counter decides about one package.
type counter struct {
	*judge
	pkg *source.Package
}

func (c *counter) count() []Subject {
	stateful, funcs := c.exported()
	provable := c.provable()
	var out []Subject
	verdicts := map[*types.Func]Subject{} // of functions that make or take a type with state
	for _, t := range stateful {
		makers, methods := c.ofType(t, funcs)
		endpoints := makers
		for _, m := range methods {
			endpoints = append(endpoints, endpoint{t.Obj().Name() + m.name, m.fn})
		}
		blank := Subject{Kind: OfType, Package: c.pkg.Pkg.Path, Name: t.Obj().Name(), provable: provable}
		s, judged := c.subject(blank, c.pkg.Types, component.FormFuncs, t, endpoints)
		s.Kept = true
		out = append(out, s)
		if other, _ := c.subject(blank, c.pkg.Types, component.FormType, nil, methods); len(other.Refused) < len(s.Refused) {
			out[len(out)-1] = other
		}
		for _, e := range endpoints {
			if e.fn.Signature().Recv() != nil {
				continue
			}
			if old, ok := verdicts[e.fn]; !ok || len(old.Refused) > 0 {
				verdicts[e.fn] = c.one(e, s, judged)
			}
		}
	}
	var own []endpoint
	for _, fn := range funcs {
		if _, ok := verdicts[fn]; !ok {
			own = append(own, endpoint{fn.Name(), fn})
		}
	}
	if len(own) > 0 {
		s, judged := c.subject(Subject{Kind: OfPackage, Package: c.pkg.Pkg.Path, Kept: true, provable: provable}, c.pkg.Types, component.FormFuncs, nil, own)
		out = append(out, s)
		for _, e := range own {
			verdicts[e.fn] = c.one(e, s, judged)
		}
	}
	for _, fn := range funcs {
		out = append(out, verdicts[fn])
	}
	return out
}

// one is what a contract says of one of its functions.
func (c *counter) one(e endpoint, whole Subject, judged *component.Contract) Subject {
	s := Subject{Kind: OfFunction, Package: whole.Package, Name: e.fn.Name(), Endpoints: 1, provable: whole.provable}
	for _, r := range whole.Refused {
		if r.Endpoint == e.name {
			s.Refused = []Reason{r}
			return s
		}
	}
	if s.Bindings = whole.Bindings; whole.Binds() {
		s.Needs = needsOf(judged, e.name)
		return s
	}
	alone := *judged
	alone.Pinned = ""
	for _, m := range judged.Methods {
		if m.Name == e.name {
			alone.Methods = []component.Method{m}
		}
	}
	s.Needs = needsOf(judged, e.name)
	s.Bindings = c.carry(&s, &alone)
	return s
}

// needsOf are the modes of a contract's method beside plain values, sorted.
func needsOf(c *component.Contract, name string) []component.Mode {
	for _, m := range c.Methods {
		if m.Name == name {
			return slices.Compact(slices.Sorted(slices.Values(needs(m))))
		}
	}
	return nil
}

// exported lists the types with state and the functions that a package exports, those
// that tools wrote left out, by name.
func (c *counter) exported() (stateful []*types.Named, funcs []*types.Func) {
	scope := c.pkg.Types.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() || c.generated(obj) {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			funcs = append(funcs, obj)
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok && !obj.IsAlias() && Stateful(named) {
				stateful = append(stateful, named)
			}
		}
	}
	return stateful, funcs
}

// Stateful reports a type whose values have state that others share: a struct that is
// neither data nor an error, and that has an exported method with a pointer for its
// receiver.
func Stateful(named *types.Named) bool {
	if _, ok := named.Underlying().(*types.Struct); !ok || crossing.IsData(named) {
		return false
	}
	for m := range named.Methods() {
		if !m.Exported() {
			continue
		}
		if _, ok := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer); ok {
			return true
		}
	}
	return false
}

// ofType lists what a contract of a type can have: the functions that make or take it,
// and its methods, also those that it has by embedding.
func (c *counter) ofType(t *types.Named, funcs []*types.Func) (makers, methods []endpoint) {
	for _, fn := range funcs {
		if sig := fn.Signature(); mentionsAny(sig.Params(), t.Obj()) || mentionsAny(sig.Results(), t.Obj()) {
			makers = append(makers, endpoint{fn.Name(), fn})
		}
	}
	set := types.NewMethodSet(types.NewPointer(t))
	for m := range set.Methods() {
		if fn, ok := m.Obj().(*types.Func); ok && fn.Exported() {
			methods = append(methods, endpoint{fn.Name(), fn})
		}
	}
	return makers, methods
}

// generated reports whether a tool wrote the file that declares something.
func (c *counter) generated(obj types.Object) bool {
	return slices.ContainsFunc(c.pkg.Syntax, func(f *ast.File) bool {
		return f.FileStart <= obj.Pos() && obj.Pos() < f.FileEnd && ast.IsGenerated(f)
	})
}

// provable reports whether a package of the standard library builds outside of it.
func (c *counter) provable() bool {
	if c.pkg.Module != standardModule {
		return true
	}
	return len(c.pkg.OtherFiles) == 0 && !slices.ContainsFunc(c.pkg.Imports, func(path string) bool { return hidden(path) || path == "unsafe" || path == "C" })
}
