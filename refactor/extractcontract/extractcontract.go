package extractcontract

import (
	"context"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "extract-contract",
	Kind:  "refactor.extract.contract",
	Title: "Extract contract",
	Doc: `write an interface from the methods that chosen packages use of a type

The interface has the methods that the consumers' code uses, tests left out, with
the signatures that they have; it stands in the consumer's package or, where there
are several, beside the type. Parameters, fields, variables and results of the
consumers hold it instead of the type, each where nothing needs the type itself;
what keeps the type is noted with its reason. A field that they read or set gets
a method beside the type. An interface that has these very methods already is used
instead of a new one.`,
	Examples: []string{
		"./store.Store",
		"./store.Store --consumers ./web --name Baskets --write",
		"./store.Store --at producer --methods Load,Save",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store.Store",
		Doc: "./store.Store; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Identifier, Example: "Baskets", Doc: "the interface's name; without it one that says what it is"},
		{Name: paramAt, Type: refactor.Enum, Values: []string{atProducer, atConsumer}, Doc: "where the interface stands: beside the type or in the consumer's package; without it there where one package uses the type, and beside it where several do"},
		{Name: paramConsumers, Type: refactor.List, Elem: refactor.Declaration, Example: "./web", Doc: "the packages that are to hold the interface; without it all that use the type"},
		{Name: paramMethods, Type: refactor.List, Elem: refactor.Identifier, Example: "Load,Save", Doc: "the methods of the interface; without it those that are used"},
		{Name: paramAccessors, Type: refactor.Bool, Default: "true", Doc: "write methods for fields that consumers read or set"},
	},
	Offer: offer,
	Run:   run,
}

// The parameters, and the values of --at.
const (
	paramName      = "name"
	paramAt        = "at"
	paramConsumers = "consumers"
	paramMethods   = "methods"
	paramAccessors = "accessors"

	atProducer = "producer"
	atConsumer = "consumer"
)

// A job is one request under way.
type job struct {
	what  string
	req   refactor.Request
	world *code.World
	pkg   *source.Package
	typ   *types.Named
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "extract-contract " + req.Target, req: req}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	if err := j.resolve(); err != nil {
		return change.Set{}, err
	}
	r := boundary.Request{What: j.what, World: world, Type: j.typ, Package: j.pkg, Name: req.Text(paramName), Accessors: req.Bool(paramAccessors), Choose: true}
	if r.Consumers, err = j.consumers(); err != nil {
		return change.Set{}, err
	}
	if r.Methods, err = j.methods(); err != nil {
		return change.Set{}, err
	}
	if r.Home, err = j.home(r); err != nil {
		return change.Set{}, err
	}
	if err := j.nameFree(r); err != nil {
		return change.Set{}, err
	}
	r.Instance = boundary.OneInstance(r)
	out, err := boundary.Make(r)
	if err != nil {
		return change.Set{}, err
	}
	set, err := world.Result(ctx, j.what, "extract the contract of "+j.pkg.Pkg.Name+"."+j.typ.Obj().Name(), nil, out.Notes)
	set.Summary = out.Summary
	return set, err
}

// resolve finds the type.
func (j *job) resolve() error {
	spec := j.req.Target
	pkg, name := code.FindPackage(j.world, spec)
	if pkg == nil {
		return code.MissingPackage(j.world, spec, spec)
	}
	if name == "" {
		return &component.UsageError{Object: spec, Reason: "names a package", Hint: "name one of its types: " + spec + ".Type"}
	}
	tn, ok := pkg.Types.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return code.NotDeclared(j.world, pkg, spec, "type", name, pkg.Types.Scope().Names())
	}
	named, ok := tn.Type().(*types.Named)
	switch {
	case !ok || tn.IsAlias():
		return &component.UsageError{Object: spec, Reason: name + " is another name of a type", Hint: "name the type itself"}
	case types.IsInterface(named):
		return &component.UsageError{Object: spec, Reason: name + " is an interface already", Hint: "name a type that has it"}
	}
	j.pkg, j.typ = pkg, named
	return nil
}

// consumers finds the packages that are to hold the interface.
func (j *job) consumers() ([]*source.Package, error) {
	var out []*source.Package
	for _, spec := range j.req.List(paramConsumers) {
		p, rest := code.FindPackage(j.world, spec)
		switch {
		case p == nil || rest != "":
			return nil, code.MissingPackage(j.world, spec, spec)
		case p == j.pkg:
			return nil, &component.UsageError{Object: "--" + paramConsumers, Reason: spec + " is the package of the type", Hint: "name packages that use it"}
		}
		out = append(out, p)
	}
	if len(out) > 0 {
		return out, nil
	}
	return j.users(), nil
}

// users returns the packages whose code, tests left out, uses methods or fields of
// the type.
func (j *job) users() []*source.Package {
	var out []*source.Package
	for _, f := range j.world.Files {
		if f.Test || f.Pkg.Pkg.Path == j.pkg.Pkg.Path || slices.Contains(out, f.Pkg) {
			continue
		}
		used := false
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && !used {
				if s := f.Pkg.Info.Selections[sel]; s != nil {
					used = j.isType(s.Recv())
				}
			}
			return !used
		})
		if used {
			out = append(out, f.Pkg)
		}
	}
	slices.SortFunc(out, func(a, b *source.Package) int { return strings.Compare(a.Pkg.Path, b.Pkg.Path) })
	return out
}

func (j *job) isType(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj() == j.typ.Obj()
}

// methods finds the methods that were asked for.
func (j *job) methods() ([]*types.Func, error) {
	var out []*types.Func
	for _, name := range j.req.List(paramMethods) {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(j.typ), true, j.pkg.Types, name)
		fn, ok := obj.(*types.Func)
		if !ok {
			return nil, &component.UsageError{Object: "--" + paramMethods, Reason: j.typ.Obj().Name() + " has no method " + name, Hint: code.DidYouMean(name, methodNames(j.typ))}
		}
		out = append(out, fn)
	}
	return out, nil
}

func methodNames(t *types.Named) []string {
	var out []string
	set := types.NewMethodSet(types.NewPointer(t))
	for m := range set.Methods() {
		out = append(out, m.Obj().Name())
	}
	return out
}

// home picks the package of the interface. One consumer has it in its own package,
// unless more of its code could hold it beside the type.
func (j *job) home(r boundary.Request) (*source.Package, error) {
	at, consumers := j.req.Text(paramAt), r.Consumers
	switch {
	case at == atProducer && j.pkg.Pkg.Name == "main":
		return nil, &component.UsageError{Object: "--" + paramAt, Reason: "nobody can import a main package", Hint: "name a type of another package"}
	case at == atConsumer && len(consumers) > 1:
		var names []string
		for _, c := range consumers {
			names = append(names, "./"+c.Pkg.Dir)
		}
		return nil, &component.UsageError{Object: "--" + paramAt, Reason: "several packages use the type: " + strings.Join(names, ", "), Hint: "name one of them: --consumers " + names[0]}
	case at == atProducer || len(consumers) != 1:
		return j.pkg, nil
	case at == atConsumer:
		return consumers[0], nil
	}
	r.Home = consumers[0]
	there := boundary.Survey(r)
	if len(there.Left) == 0 && there.Used() {
		return r.Home, nil
	}
	r.Home = j.pkg
	if beside := boundary.Survey(r); beside.Better(there) {
		return j.pkg, nil
	}
	return consumers[0], nil
}

// nameFree refuses a name that the package of the interface has for something else.
func (j *job) nameFree(r boundary.Request) error {
	if r.Name == "" {
		return nil
	}
	if obj := r.Home.Types.Scope().Lookup(r.Name); obj != nil {
		return component.Refuse(j.what, component.Problem{Code: "name-taken", Severity: component.Error, Span: j.world.SpanAt(obj.Pos(), 0), Message: r.Home.Pkg.Name + " declares " + r.Name + " already", Hint: "give the interface another name"})
	}
	return nil
}
