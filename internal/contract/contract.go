// Package contract converts a Go interface, as the type checker sees it, into a
// component.Contract: plain data with every type that crosses, and a problem,
// with its full path, for each type that can't. No other package does.
//
// It loads no source: its input is types, its output data. Whether a type can
// cross is decided by internal/crossing; this package describes the types that
// can.
package contract

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract/comments"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/text"
)

// Options are the inputs of Build beside the interface.
type Options struct {
	Component string         // name of the component
	Form      component.Form // FormType if empty
	Var       string         // FormFuncs: the variable that holds the implementation

	// Dir returns the directory of a package relative to the module root. May
	// be nil.
	Dir func(path string) string
	// Span locates a declaration; a nil Span gives a contract without positions.
	Span func(pos, end token.Pos) text.Span
	// Comments reads the comments of declarations; with nil the contract has
	// no docs.
	Comments *comments.Reader
	// Declared returns the directives of a method. May be nil.
	Declared func(*types.Func) (idempotent, slow bool)
	// Directives lists the directives in the comment of a method; see
	// component.Method. May be nil.
	Directives func(*types.Func) []string
	// KeptLocal reports whether a method stays in its caller's process because its
	// comment says so. May be nil.
	KeptLocal func(*types.Func) bool
	// Effect returns what a method does to its component's state, and whether
	// it uses the state at all. Nil: unknown.
	Effect func(method string) (effect component.Effect, touches bool)

	// Changed returns the changes that the implementations of a method make to
	// the memory of its arguments. Nil: not analysed.
	Changed func(*types.Func) []argument.Mutation
	// InOut reports whether a parameter, counted from 0 including a context,
	// is in-out; changed is whether the method may change it. Nil: none is.
	InOut func(fn *types.Func, param int, changed bool) bool

	// Pinned is the reason why the component must stay in the process that
	// calls it, where the caller knows one; see Beside.
	Pinned string

	// Module is the path of the analysed module; Carriers are the bindings of
	// the component. See crossing.Options.
	Module   string
	Carriers component.Carriers

	// Flow, Resolver and Names describe the types that the program stores in
	// interfaces, as in crossing.Options. They may be nil.
	Flow     func() *behind.Flow
	Resolver *typeref.Resolver
	Names    func(path string) bool

	// Packages are the component's packages besides the one of the interface:
	// their exported errors keep their identity too.
	Packages []*types.Package
	// Errors are more errors, variables or type names, that keep their
	// identity, for example those that ErrorUses found.
	Errors []types.Object
}

// Build returns the contract of a named interface. Methods that can't cross
// have Local set, and every reason is among the contract's problems.
func Build(iface *types.Named, opts Options) *component.Contract {
	b := newBuilder(iface.Obj().Pkg(), opts)
	obj := iface.Obj()
	c := &component.Contract{
		Component: opts.Component,
		Package:   b.pkg(obj.Pkg()),
		Name:      obj.Name(),
		Doc:       b.doc(obj),
		Form:      cmp.Or(opts.Form, component.FormType),
		Var:       opts.Var,
		Span:      b.span(obj),
		Pinned:    opts.Pinned,
	}
	it, ok := iface.Underlying().(*types.Interface)
	if !ok || iface.TypeParams().Len() > 0 || iface.TypeArgs().Len() > 0 {
		c.Problems = append(c.Problems, b.problem("generic-contract", obj.Name(), obj, obj,
			"a contract must be an interface without type parameters", "declare the interface for the types in use"))
		return c
	}
	methods := methodsInOrder(it)
	b.among(methods)
	b.givenOut(methods)
	for _, m := range methods {
		c.Methods = append(c.Methods, b.method(m))
	}
	c.Errors = b.errors()
	c.Types = b.sortedTypes()
	c.Problems = component.SortProblems(b.problems)
	for _, m := range c.Methods {
		if m.Local != "" && m.TouchesState && c.Pinned == "" {
			c.Pinned = m.Name + " can't cross a process and touches the component's state: " + m.Local
		}
	}
	return c
}

// Signature reports why the function or method fn can't cross a process;
// nothing if it can. A missing context or error isn't reported.
func Signature(fn *types.Func, opts Options) []component.Problem {
	b := newBuilder(fn.Pkg(), opts)
	b.method(fn)
	return component.SortProblems(b.problems)
}

// Passed reports why parameter i of fn, counted from 0 without a receiver, or its
// result i can't cross a process. The path of each problem starts with root.
func Passed(fn *types.Func, i int, result bool, root string, opts Options) []component.Problem {
	b := newBuilder(fn.Pkg(), opts)
	for _, r := range b.decider.Passed(fn, i, result, root) {
		b.refuse(r, fn)
	}
	return component.SortProblems(b.problems)
}

// methodsInOrder returns the methods of it, embedded ones included, in source
// order.
func methodsInOrder(it *types.Interface) []*types.Func {
	var ms []*types.Func
	for m := range it.Methods() {
		ms = append(ms, m)
	}
	slices.SortStableFunc(ms, func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return ms
}

func newBuilder(home *types.Package, opts Options) *builder {
	b := &builder{opts: opts, home: home, types: map[component.TypeID]*component.Type{}}
	b.among(nil)
	return b
}

// among makes the decider, for the methods of a contract if they are known.
func (b *builder) among(methods []*types.Func) {
	opts := b.opts
	decide := crossing.Options{Contract: methods, Module: opts.Module, Carriers: opts.Carriers, Flow: opts.Flow, Resolver: opts.Resolver, Names: opts.Names}
	if opts.Form == component.FormFuncs {
		decide.Home = b.home
	}
	b.decider = crossing.New(decide)
}

// A builder collects the types and problems of one contract.
type builder struct {
	opts     Options
	home     *types.Package // declares the interface
	decider  *crossing.Decider
	types    map[component.TypeID]*component.Type
	problems []component.Problem
	channels []channel // that methods of the contract return
}

func (b *builder) sortedTypes() []component.Type {
	ids := make([]component.TypeID, 0, len(b.types))
	for id := range b.types {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]component.Type, 0, len(ids))
	for _, id := range ids {
		out = append(out, *b.types[id])
	}
	return out
}

func (b *builder) pkg(p *types.Package) component.Package {
	if p == nil {
		return component.Package{}
	}
	q := component.Package{Path: p.Path(), Name: p.Name()}
	if b.opts.Dir != nil {
		q.Dir = b.opts.Dir(p.Path())
	}
	return q
}

func (b *builder) span(obj types.Object) text.Span {
	if b.opts.Span == nil || obj == nil || !obj.Pos().IsValid() {
		return text.Span{}
	}
	return b.opts.Span(obj.Pos(), obj.Pos()+token.Pos(len(obj.Name())))
}

func (b *builder) method(fn *types.Func) component.Method {
	sig := fn.Signature()
	m := component.Method{Endpoint: component.Endpoint{Name: fn.Name(), Effect: component.EffectUnknown, TouchesState: true}, Span: b.span(fn)}
	m.Doc = b.doc(fn)
	if b.opts.Effect != nil {
		m.Effect, m.TouchesState = b.opts.Effect(fn.Name())
	}
	if b.opts.Declared != nil {
		m.Idempotent, m.Slow = b.opts.Declared(fn)
	}
	if b.opts.Directives != nil {
		m.Directives = b.opts.Directives(fn)
	}
	d := b.describe()
	decision := b.decider.Visit(fn, d.step)
	m.Context, m.Error, m.Variadic = decision.Context, decision.Error, sig.Variadic()
	for i := range sig.Params().Len() {
		if p := sig.Params().At(i); i > 0 || !m.Context {
			m.Params = append(m.Params, component.Param{Name: p.Name(), Type: Ref(p.Type())})
		}
	}
	for i := range sig.Results().Len() {
		if r := sig.Results().At(i); i < sig.Results().Len()-1 || !m.Error {
			m.Results = append(m.Results, component.Param{Name: r.Name(), Type: Ref(r.Type())})
		}
	}
	b.signatureDocs(&m, fn)
	for _, r := range decision.Reasons {
		b.refuse(r, fn)
	}
	m.Behind = behindOf(decision)
	if m.Local = decision.Local(); m.Local == "" {
		m.Local = b.comesBack(fn)
	}
	if m.Local == "" && b.opts.KeptLocal != nil && b.opts.KeptLocal(fn) {
		m.Local = "its comment says " + component.Directive(component.LocalDirective)
	}
	d.directions(&m)
	b.arguments(&m, fn, decision)
	d.behind(&m, fn)
	if m.Local == "" {
		m.Needs = decision.Needs()
		d.take()
	}
	return m
}
