package extract

import (
	"context"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A follower finds out what a program puts behind the interfaces that anything may be
// behind. It reads every function body, so it is asked only where all else can cross.
type follower struct {
	run      func(*code.World) (*behind.Flow, error)
	world    *code.World // of what follows
	flow     *behind.Flow
	resolver *typeref.Resolver
	failed   error // why values weren't followed: the request ended
}

func newFollower(ctx context.Context) *follower {
	return &follower{run: func(w *code.World) (*behind.Flow, error) {
		span := func(fset *token.FileSet, pos, end token.Pos) text.Span { return w.Snapshot.Span(fset, pos, end) }
		return behind.Of(ctx, w.Packages, behind.Options{Module: w.Snapshot.Module, Span: span, Fset: w.Fset})
	}}
}

// of returns what is known of the values of a program; nothing where the request ended.
func (f *follower) of(w *code.World) *behind.Flow {
	f.at(w)
	if f.flow == nil {
		if f.flow, f.failed = f.run(w); f.failed != nil {
			f.flow = &behind.Flow{}
		}
	}
	return f.flow
}

// at forgets what is known of another state of the program.
func (f *follower) at(w *code.World) {
	if f.world != w {
		f.world, f.flow, f.resolver = w, nil, nil
	}
}

// types finds the types of a program by their references.
func (f *follower) types(w *code.World) *typeref.Resolver {
	f.at(w)
	if f.resolver == nil {
		var pkgs []*types.Package
		for _, p := range source.Plain(w.Packages) {
			pkgs = append(pkgs, p.Types)
		}
		f.resolver = typeref.NewResolver(pkgs)
	}
	return f.resolver
}

// crossingOptions are those by which a contract is decided on: what is behind open
// interfaces is followed, or else counts as what can cross.
func (j *job) crossingOptions(form component.Form, followed bool) contract.Options {
	opts := contract.Options{Component: j.name(), Module: j.target.pkg.Module, Carriers: j.in.Carriers, Form: form, Span: j.span}
	if followed {
		opts.Flow = func() *behind.Flow { return j.follower.of(j.world) }
		opts.Resolver, opts.Names = j.follower.types(j.world), j.importable()
	}
	return opts
}

// refused returns why a function or method can't cross a process, as bind will decide
// it; nothing if it can.
func (j *job) refused(fn *types.Func, form component.Form) []component.Problem {
	if ps := contract.Signature(fn, j.crossingOptions(form, false)); len(ps) > 0 {
		return ps
	}
	return contract.Signature(fn, j.crossingOptions(form, true))
}

// localMethods returns why methods of a contract can't cross a process, by name, as bind
// will decide it.
func (j *job) localMethods(iface *types.Named) map[string]string {
	build := func(followed bool) *component.Contract {
		return contract.Build(iface, j.crossingOptions(component.FormType, followed))
	}
	c := build(false)
	if slices.ContainsFunc(c.Methods, func(m component.Method) bool { return slices.Contains(m.Needs, component.ModeAny) }) {
		c = build(true)
	}
	local := map[string]string{}
	for _, m := range c.Methods {
		local[m.Name] = m.Local
	}
	for _, p := range c.Problems {
		if p.Code == "generic-contract" && len(c.Methods) == 0 {
			for m := range iface.Underlying().(*types.Interface).Methods() {
				local[m.Name()] = p.Path + ": " + p.Message
			}
		}
	}
	return local
}

// importable reports whether code that is generated for the target's package can import
// another one: that package itself, what it imports, and the standard library. Others
// may import what is generated.
func (j *job) importable() func(path string) bool {
	var below map[string]bool // nil: not asked for yet
	var visit func(*types.Package)
	visit = func(p *types.Package) {
		if !below[p.Path()] {
			below[p.Path()] = true
			for _, i := range p.Imports() {
				visit(i)
			}
		}
	}
	module := j.world.Snapshot.Module
	return func(path string) bool {
		if below == nil {
			below = map[string]bool{}
			visit(j.target.pkg.Types)
		}
		first, _, _ := strings.Cut(path, "/")
		own := path == module || strings.HasPrefix(path, module+"/")
		return below[path] || !own && !strings.Contains(first, ".")
	}
}

// crossingWays are how the parameters and results of fn cross, with what the program puts behind
// the open interfaces in them.
func (j *job) crossingWays(fn *types.Func) []crossing.Way {
	o := j.crossingOptions(component.FormType, true)
	return crossing.New(crossing.Options{Module: o.Module, Carriers: o.Carriers, Flow: o.Flow, Resolver: o.Resolver, Names: o.Names}).Func(fn).Ways
}

// putBehind returns the first of the types that the program, tests left out, puts behind
// the open interfaces in a parameter or result and that is looked for, or nil.
func putBehind(w crossing.Way, wanted func(types.Type) bool) *crossing.Registered {
	for _, b := range w.Behind {
		for i := range b.Types {
			if r := &b.Types[i]; r.Type != nil && !r.Test && wanted(r.Type) {
				return r
			}
		}
	}
	return nil
}

// pointerBehind returns where the program puts a pointer, a slice or a map behind an
// interface in parameter i of fn: what is given to code of which nothing is known may be
// there to be filled, as the argument of a decoder is. It is "" where nothing is.
func (j *job) pointerBehind(fn *types.Func, i int) string {
	for _, w := range j.crossingWays(fn) {
		if w.Var != fn.Signature().Params().At(i) {
			continue
		}
		if r := putBehind(w, argument.Travels); r != nil {
			return r.Ref.Short() + " is put there at " + r.Span.String()
		}
	}
	return ""
}

// typeBehind returns where the program puts the type itself behind an interface in a
// signature, or "": a façade would arrive there as a copy, of which nobody knows.
func (j *job) typeBehind(fn *types.Func) string {
	for _, w := range j.crossingWays(fn) {
		if r := putBehind(w, func(t types.Type) bool { return j.isTarget(t) || j.reaches(t, 0) }); r != nil {
			return w.Path + ": " + r.Ref.Short() + " is put there at " + r.Span.String() + ", and " + j.target.typ.Obj().Name() + " crosses by itself only, not inside another type"
		}
	}
	return ""
}
