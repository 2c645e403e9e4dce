package lookup

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/contract/comments"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// conventional is the name of a component's contract where nothing says
// otherwise.
const conventional = "Service"

// A Target is a component with its contract.
type Target struct {
	Contract *component.Contract
	// Effects are the effects of the contract's methods, by method. If several
	// types of the contract's package implement it, they hold the effects of
	// any of them.
	Effects map[string]effects.Method
}

// Options are the inputs of a Finder.
type Options struct {
	Root     string           // absolute path of the module
	Module   string           // its path
	Snapshot *source.Snapshot // the module's code, with generated code reduced to what is needed to type-check
	Config   *split.Config    // of unweld.yaml
	Lock     *lock.File
	// InOut lists the in-out arguments: Method.param, or argument.All. Nil:
	// those in the lock.
	InOut []string
	// Effects returns the effect analysis that all operations on the module
	// share. Nil: the Finder analyses the packages itself.
	Effects func(context.Context) (*effects.Program, error)
	// Carriers returns the bindings of a component. Nil: every binding carries
	// values only.
	Carriers func(component string) component.Carriers
}

// A Finder looks up contracts in the packages of one module. It isn't safe for
// concurrent use.
type Finder struct {
	o        Options
	pkgs     []*source.Package
	comments *comments.Reader

	followed *behind.Flow // nil: not asked for yet
	failed   error        // to follow the program's values
}

// New type-checks the module. Code that doesn't type-check is a
// *component.LoadError.
func New(ctx context.Context, o Options) (*Finder, error) {
	pkgs, err := o.Snapshot.Load(ctx, source.LoadOptions{}, o.Module+"/...")
	if err != nil {
		return nil, err
	}
	var problems []component.Problem
	for _, p := range pkgs {
		problems = append(problems, p.Problems...)
	}
	if len(problems) > 0 {
		return nil, &component.LoadError{Object: o.Root, Reason: "the module doesn't type-check", Hint: "make it build first: go vet ./...", Problems: component.SortProblems(problems)}
	}
	f := &Finder{o: o}
	f.pkgs = slices.DeleteFunc(pkgs, f.ofRuntime)
	f.comments = commentsOf(o.Snapshot, f.pkgs)
	return f, nil
}

// ofRuntime reports whether a package is of the copied run-time.
func (f *Finder) ofRuntime(p *source.Package) bool {
	return lock.OfRuntime(f.o.Module, p.Pkg.Path)
}

// Find returns the contract of a component, given by its name or as
// ./pkg.Interface.
func (f *Finder) Find(ctx context.Context, name string) (*Target, error) {
	switch {
	case f.o.Lock.Components[name] != nil:
		return f.explicit(ctx, name, name, f.o.Lock.Components[name].Contract)
	case strings.ContainsAny(name, "./"):
		return f.explicit(ctx, name, "", name)
	case f.o.Config.Components[name].Contract != "":
		return f.explicit(ctx, name, name, f.o.Config.Components[name].Contract)
	}
	found, err := f.announced(name)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		for _, p := range f.packagesOf(name) {
			if n := interfaceIn(p, conventional); n != nil {
				found = append(found, n)
			}
		}
	}
	if len(found) != 1 {
		return nil, f.ambiguous(name, found)
	}
	return f.build(ctx, name, found[0])
}

// packagesOf are the packages that unweld.yaml gives a component, or else
// those that have its name.
func (f *Finder) packagesOf(name string) []*source.Package {
	_, ok := f.o.Config.Components[name]
	var out []*source.Package
	for _, p := range f.pkgs {
		if f.declares(name, p) || !ok && p.Pkg.Name == name {
			out = append(out, p)
		}
	}
	return out
}

// declares reports whether unweld.yaml gives a component a package.
func (f *Finder) declares(name string, p *source.Package) bool {
	return slices.ContainsFunc(f.o.Config.Components[name].Packages, func(pattern string) bool { return split.Covers(f.o.Root, pattern, p.Pkg) })
}

// announced are the contracts that say, by directive or as earlier releases
// wrote it, that they are the component's: whatever name the package has.
func (f *Finder) announced(name string) ([]*types.Named, error) {
	var found []*types.Named
	for _, p := range f.pkgs {
		for _, iface := range p.Types.Scope().Names() {
			if _, ok := p.Types.Scope().Lookup(iface).(*types.TypeName); !ok {
				continue
			}
			of, err := f.componentOf(p, iface)
			if err != nil {
				return nil, err
			}
			if n := interfaceIn(p, iface); n != nil && of == name {
				found = append(found, n)
			}
		}
	}
	return found, nil
}

// explicit finds ./pkg.Interface. Without a name the component takes the one
// that its contract announces, or that of the component in unweld.yaml that the
// package belongs to, or the package's.
func (f *Finder) explicit(ctx context.Context, what, name, spec string) (*Target, error) {
	dot := strings.LastIndexByte(spec, '.')
	dir, iface := spec, conventional
	if dot > strings.LastIndexByte(spec, '/') && dot > 0 {
		dir, iface = spec[:dot], spec[dot+1:]
	}
	i := slices.IndexFunc(f.pkgs, func(p *source.Package) bool { return p.Pkg.Path == dir || split.Covers(f.o.Root, dir, p.Pkg) })
	if i < 0 {
		return nil, &component.UsageError{Object: what, Reason: "no package " + dir + " in this module", Hint: f.candidates()}
	}
	p := f.pkgs[i]
	n := interfaceIn(p, iface)
	if n == nil {
		return nil, &component.UsageError{Object: what, Reason: fmt.Sprintf("package %s has no interface %s", p.Pkg.Path, iface), Hint: f.candidates()}
	}
	if name == "" {
		name = p.Pkg.Name
		for _, c := range slices.Sorted(maps.Keys(f.o.Config.Components)) {
			if f.declares(c, p) {
				name = c
			}
		}
		of, err := f.componentOf(p, iface)
		if err != nil {
			return nil, err
		}
		name = cmp.Or(of, name)
	}
	return f.build(ctx, name, n)
}

func interfaceIn(p *source.Package, name string) *types.Named {
	tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
	if !ok || !types.IsInterface(tn.Type()) {
		return nil
	}
	n, _ := tn.Type().(*types.Named)
	return n
}

func (f *Finder) ambiguous(name string, found []*types.Named) error {
	if len(found) == 0 {
		return &component.UsageError{Object: name, Reason: "has no contract: no package " + name + " with an interface " + conventional, Hint: f.candidates()}
	}
	var specs []string
	for _, n := range found {
		specs = append(specs, f.spec(n))
	}
	return &component.UsageError{Object: name, Reason: "has several contracts: " + strings.Join(specs, ", "), Hint: "name one: unweld bind " + specs[0] + " --to unix"}
}

func (f *Finder) spec(n *types.Named) string {
	return split.Relative(f.o.Module, n.Obj().Pkg().Path()) + "." + n.Obj().Name()
}

// candidates is a hint that lists the contracts there are.
func (f *Finder) candidates() string {
	var specs []string
	for _, p := range f.pkgs {
		if n := interfaceIn(p, conventional); n != nil {
			specs = append(specs, f.spec(n))
		}
	}
	if len(specs) == 0 {
		return "make one: unweld extract ./pkg.Type --name NAME --write, or of the functions of a package: unweld extract ./pkg --keep-signatures --write"
	}
	return "there are: " + strings.Join(specs[:min(len(specs), 8)], ", ")
}

// inOutOf lists the arguments of a component that travel back.
func (f *Finder) inOutOf(name string) []string {
	if p := f.o.Lock.Components[name]; f.o.InOut == nil && p != nil {
		return p.InOut
	}
	return f.o.InOut
}

// build makes the contract of an interface.
func (f *Finder) build(ctx context.Context, name string, iface *types.Named) (*Target, error) {
	var home *source.Package
	opts := contract.Options{Component: name, Module: f.o.Module, Dir: f.dir}
	if f.o.Carriers != nil {
		opts.Carriers = f.o.Carriers(name)
	}
	for _, p := range f.pkgs {
		if p.Types == iface.Obj().Pkg() {
			home = p
		}
	}
	var apart []string
	opts.Errors, apart = f.errorUses(home)
	program, err := f.analysis(ctx)
	if err != nil {
		return nil, err
	}
	behind, err := f.implementers(ctx, program, home, iface)
	if err != nil {
		return nil, err
	}
	found := behind.effects
	opts.Changed, opts.InOut = f.changed(iface, behind), f.inOut(f.inOutOf(name))
	if v := crossing.Holder(iface); v != nil {
		opts.Form, opts.Var = component.FormFuncs, v.Name()
		if opts.Pinned, err = f.pinned(ctx, home, v, program, found); err != nil {
			return nil, err
		}
	}
	below := importsOf(home.Types)
	for _, p := range f.pkgs {
		if p != home && f.declares(name, p) && below[p.Pkg.Path] {
			opts.Packages = append(opts.Packages, p.Types)
		}
	}
	opts.Span = func(pos, end token.Pos) text.Span { return f.o.Snapshot.Span(home.Fset, pos, end) }
	opts.Comments = f.comments
	opts.Directives = func(fn *types.Func) []string { return contract.Directives(f.comments.Comment(fn)) }
	opts.Declared = func(fn *types.Func) (idempotent, slow bool) { return contract.Declared(f.comments.Comment(fn)) }
	opts.KeptLocal = func(fn *types.Func) bool { return contract.KeptLocal(f.comments.Comment(fn)) }
	opts.Effect = func(method string) (component.Effect, bool) {
		m, ok := found[method]
		if !ok {
			return component.EffectUnknown, true
		}
		return m.Effect, m.TouchesState
	}
	opts.Flow, opts.Resolver, opts.Names = f.flow(ctx, home), f.resolver(), f.names(home)
	t := &Target{Contract: contract.Build(iface, opts), Effects: found}
	if f.failed != nil {
		return nil, f.failed
	}
	f.docsBehind(t.Contract, iface)
	if f.takesErrors(home, iface) {
		t.Contract.Problems = append(t.Contract.Problems, unknownErrors(t.Contract, apart)...)
	}
	for i := range t.Contract.Methods {
		m := &t.Contract.Methods[i]
		m.Nondeterministic = found[m.Name].Problems
		m.Idempotent = m.Idempotent || m.Effect == component.EffectReads && len(m.Nondeterministic) == 0
	}
	return t, nil
}

func (f *Finder) analysis(ctx context.Context) (*effects.Program, error) {
	if f.o.Effects != nil {
		return f.o.Effects(ctx)
	}
	return effects.Of(ctx, f.o.Snapshot, f.pkgs)
}

func (f *Finder) dir(importPath string) string {
	for _, p := range f.pkgs {
		if p.Pkg.Path == importPath {
			return p.Pkg.Dir
		}
	}
	return ""
}

// stronger is what is known of two methods together.
func stronger(a, b effects.Method) effects.Method {
	if a.Effect == component.EffectReads && b.Effect != component.EffectReads || a.Effect == component.EffectUnknown && b.Effect == component.EffectWrites {
		a, b = b, a
	}
	a.TouchesState = a.TouchesState || b.TouchesState
	a.Problems = component.SortProblems(append(slices.Clone(a.Problems), b.Problems...))
	return a
}

// componentOf returns the component of which a package's type says that it is
// the contract, or "".
func (f *Finder) componentOf(p *source.Package, name string) (string, error) {
	for _, file := range p.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				ts := s.(*ast.TypeSpec)
				if ts.Name.Name != name {
					continue
				}
				of, err := contract.ComponentOf(g, ts)
				if err != nil {
					at := f.o.Snapshot.Span(p.Fset, ts.Name.Pos(), ts.Name.End())
					return "", component.Refuse(name, component.Problem{Code: "contract-directive", Severity: component.Error, Span: at,
						Message: err.Error(), Hint: "write " + component.Directive(component.ContractDirective, "NAME") + " in the comment of an interface"})
				}
				return of, nil
			}
		}
	}
	return "", nil
}
