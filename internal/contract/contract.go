// Package contract turns a Go interface, as the type checker knows it, into a
// component.Contract: plain data with every type that crosses, and a problem,
// with its whole path, for each one that can't. It is the one place that does
// so. It loads no source: what comes in is types, what goes out is data.
//
// It decides whether values can cross a process, not whether the program would
// behave the same afterwards: aliasing, identity and the like are hazards that
// need bodies, and are found by the analyzers.
package contract

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// Options say how a contract is to be built.
type Options struct {
	Component string         // name of the component
	Form      component.Form // FormType if empty
	Var       string         // FormFuncs: the variable that holds the implementation

	// Dir returns the directory of a package relative to the module root. May
	// be nil.
	Dir func(path string) string
	// Span locates a declaration; a nil Span gives a contract without positions.
	Span func(pos, end token.Pos) text.Span
	// Doc returns the comment of a method, without markers. May be nil.
	Doc func(*types.Func) string
	// Declared reports what directives say of a method. May be nil.
	Declared func(*types.Func) (idempotent, slow bool)
	// Effect says what a method does to its component's state, and whether it
	// touches it at all. A nil Effect means that nothing is known.
	Effect func(method string) (effect component.Effect, touches bool)

	// Pinned is why the component must stay in the process that calls it, where
	// the caller knows: see Beside.
	Pinned string

	// Packages are the component's packages besides the one of the interface:
	// their exported errors keep their identity too.
	Packages []*types.Package
	// Errors are further errors whose identity matters, for example those
	// that ErrorUses found: variables and type names.
	Errors []types.Object
}

// Build returns the contract of a named interface. Methods that can't cross
// have Local set, and every reason is among the problems.
func Build(iface *types.Named, opts Options) *component.Contract {
	b := newBuilder(iface.Obj().Pkg(), opts)
	obj := iface.Obj()
	c := &component.Contract{
		Component: opts.Component,
		Package:   b.pkg(obj.Pkg()),
		Name:      obj.Name(),
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
	for _, m := range methodsInOrder(it) {
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

// Signature reports what keeps the function or method fn from crossing a
// process; nothing if it can. A missing context or error isn't among it.
func Signature(fn *types.Func, opts Options) []component.Problem {
	b := newBuilder(fn.Pkg(), opts)
	b.method(fn)
	return component.SortProblems(b.problems)
}

// Type reports what keeps values of type t from crossing a process. The path of
// each problem starts with root; at is the declaration that mentions t.
func Type(t types.Type, root string, at types.Object, opts Options) []component.Problem {
	b := newBuilder(at.Pkg(), opts)
	b.cross(t, root, at)
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
	return &builder{opts: opts, home: home, types: map[component.TypeID]*component.Type{}}
}

// A builder collects the types and problems of one contract.
type builder struct {
	opts     Options
	home     *types.Package // declares the interface
	types    map[component.TypeID]*component.Type
	problems []component.Problem
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
	if b.opts.Doc != nil {
		m.Doc = b.opts.Doc(fn)
	}
	if b.opts.Effect != nil {
		m.Effect, m.TouchesState = b.opts.Effect(fn.Name())
	}
	if b.opts.Declared != nil {
		m.Idempotent, m.Slow = b.opts.Declared(fn)
	}
	w := &walk{builder: b, method: fn, found: map[component.TypeID]*component.Type{}}
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		w.refuse("generic-contract", fn.Name(), fn, "has type parameters", "write a function for the types in use")
	}
	w.params(&m, sig)
	w.results(&m, sig)
	if len(w.problems) > 0 {
		m.Local = reason(w.problems[0])
		b.problems = append(b.problems, w.problems...)
		return m
	}
	for id, t := range w.found {
		b.types[id] = t
	}
	return m
}

func reason(p component.Problem) string { return p.Path + ": " + p.Message }

func (w *walk) params(m *component.Method, sig *types.Signature) {
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if i == 0 && IsContext(p.Type()) {
			m.Context = true
			continue
		}
		id := w.typ(p.Type(), paramPath(m.Name, p, i), p)
		m.Params = append(m.Params, component.Param{Name: p.Name(), Type: id})
	}
	m.Variadic = sig.Variadic()
}

func (w *walk) results(m *component.Method, sig *types.Signature) {
	n := sig.Results().Len()
	for i := range n {
		r := sig.Results().At(i)
		if i == n-1 && IsError(r.Type()) {
			m.Error = true
			continue
		}
		id := w.typ(r.Type(), resultPath(m.Name, r, i, n), r)
		m.Results = append(m.Results, component.Param{Name: r.Name(), Type: id})
	}
}

// paramPath starts the path of a parameter with the declared type's name where
// there is one, since that is where the user has to look.
func paramPath(method string, v *types.Var, i int) string {
	if name := typeName(v.Type()); name != "" {
		return name
	}
	if v.Name() != "" && v.Name() != "_" {
		return method + "(" + v.Name() + ")"
	}
	return method + "(" + ordinal(i) + " parameter)"
}

func resultPath(method string, v *types.Var, i, n int) string {
	if name := typeName(v.Type()); name != "" {
		return name
	}
	if v.Name() != "" && v.Name() != "_" {
		return method + "() " + v.Name()
	}
	if n == 1 {
		return method + "() result"
	}
	return method + "() " + ordinal(i) + " result"
}

func ordinal(i int) string {
	names := []string{"first", "second", "third", "fourth", "fifth", "sixth"}
	if i < len(names) {
		return names[i]
	}
	return "last"
}

// typeName returns the name of the declared type behind pointers, unless it is
// an alias for something that has none.
func typeName(t types.Type) string {
	for {
		switch u := t.(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Named:
			return u.Obj().Name()
		case *types.Alias:
			t = types.Unalias(u)
		default:
			return ""
		}
	}
}

// IsContext reports whether t is context.Context.
func IsContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Context" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context"
}

// IsError reports whether t is the predeclared error.
func IsError(t types.Type) bool {
	return types.Identical(types.Unalias(t), types.Universe.Lookup("error").Type())
}

func short(t types.Type) string {
	return strings.TrimSpace(types.TypeString(t, (*types.Package).Name))
}
