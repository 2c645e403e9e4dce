// Package compose edits composition roots: the places where a component is
// made become places where it is opened, so that the constructor runs only
// where the component is hosted.
//
// It looks at contracts and calls, and knows nothing of bindings: what it
// writes is a call of a function of the generated package.
package compose

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// A Request says which roots to edit.
type Request struct {
	Contract *component.Contract
	// Package is the generated package whose function Open opens the
	// component. For component.FormFuncs it is the component's own.
	Package component.Package
	// Open is the function's name: Open, or unweldOpen for FormFuncs.
	Open string
	// Tests edits the roots in _test.go files only, otherwise the roots in all
	// others.
	Tests bool
}

// A Result is the edits and what became of each root.
type Result struct {
	Set   change.Set
	Roots []text.Span   // the constructor calls that were wrapped
	Left  []change.Note // those that could not be, each with the reason
}

// Roots edits the composition roots of a component. The outcome has been
// type-checked against a stand-in for the generated package.
func Roots(ctx context.Context, snap *source.Snapshot, req Request) (*Result, error) {
	e := &editor{req: req, what: "compose " + req.Contract.Component, stub: map[string][]byte{}, result: &Result{}}
	world, err := code.LoadOnce(ctx, snap, e.what)
	if err != nil {
		return nil, err
	}
	e.world = world
	if err := e.find(); err != nil {
		return nil, err
	}
	if req.Contract.Form == component.FormFuncs {
		err = e.variable()
	} else {
		e.constructors()
	}
	if err != nil {
		return nil, err
	}
	set, err := world.Result(ctx, e.what, "open "+req.Contract.Component+" where it is made", e.stub, e.notes)
	if err != nil {
		return nil, err
	}
	set.Files = slices.DeleteFunc(set.Files, func(f change.File) bool { return e.stub[f.Path] != nil })
	e.result.Set = set
	return e.result, nil
}

// An editor works on one request.
type editor struct {
	req    Request
	what   string
	world  *code.World
	pkg    *source.Package
	iface  *types.Named
	stub   map[string][]byte // stand-in for the generated code, by path
	notes  []change.Note
	result *Result
}

// find looks the contract up in the loaded module.
func (e *editor) find() error {
	c := e.req.Contract
	for _, p := range e.world.Packages {
		if p.Pkg.Path == c.Package.Path && p.ForTest == "" {
			e.pkg = p
		}
	}
	if e.pkg == nil {
		return &component.UsageError{Object: c.Component, Reason: "its package " + c.Package.Path + " isn't in this module", Hint: "extract the component first"}
	}
	tn, ok := e.pkg.Types.Scope().Lookup(c.Name).(*types.TypeName)
	if ok {
		e.iface, ok = tn.Type().(*types.Named)
	}
	if !ok || !types.IsInterface(e.iface) {
		return &component.UsageError{Object: c.Component, Reason: fmt.Sprintf("%s has no interface %s", c.Package.Path, c.Name), Hint: "extract the component first"}
	}
	return nil
}

// constructors wraps the calls that make the component.
func (e *editor) constructors() {
	e.writeStub()
	t := thread.NewThreader(e.world)
	t.Fixed = true
	for _, r := range e.calls() {
		if why := e.obstacle(r); why != "" {
			e.result.Left = append(e.result.Left, change.Note{Span: e.world.Span(r.Call), Message: r.Fn.Name() + " isn't opened here: " + why})
			continue
		}
		e.wrap(t, r)
	}
	e.literals()
	t.Finish()
	e.notes = append(e.notes, t.Notes...)
	slices.SortFunc(e.result.Left, func(a, b change.Note) int { return a.Span.Compare(b.Span) })
}

// calls returns the constructor calls in the files asked for, inner ones
// first.
func (e *editor) calls() []*code.Ref {
	var out []*code.Ref
	scope := e.pkg.Types.Scope()
	for _, name := range scope.Names() {
		fn, ok := scope.Lookup(name).(*types.Func)
		if !ok || !e.constructs(fn) {
			continue
		}
		for _, r := range e.world.Refs(fn) {
			if r.File.Test != e.req.Tests || r.File.Generated() || !r.File.Test && r.File.Pkg.Pkg.Path == e.pkg.Pkg.Path || e.opened(r) {
				continue
			}
			if r.Call == nil {
				e.result.Left = append(e.result.Left, change.Note{Span: e.world.Span(r.ID), Message: name + " isn't opened here: it is used as a value"})
				continue
			}
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *code.Ref) int {
		if n := strings.Compare(a.File.Rel, b.File.Rel); n != 0 {
			return n
		}
		return int(a.Call.End()) - int(b.Call.End())
	})
	return out
}

// constructs reports a function that makes the component: it returns what
// implements the contract, alone or with an error.
func (e *editor) constructs(fn *types.Func) bool {
	rs := fn.Signature().Results()
	if fn.Signature().TypeParams().Len() > 0 || rs.Len() == 0 || rs.Len() > 2 {
		return false
	}
	if rs.Len() == 2 && !code.ReturnsError(fn) {
		return false
	}
	return e.implements(rs.At(0).Type())
}

func (e *editor) implements(t types.Type) bool {
	if types.Identical(t, e.iface) {
		return true
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if ok {
		t = p.Elem()
	}
	n, named := types.Unalias(t).(*types.Named)
	if !named || n.Obj().Pkg() != e.iface.Obj().Pkg() || types.IsInterface(n) {
		return false
	}
	if ok {
		t = p
	}
	return types.Implements(t, e.iface.Underlying().(*types.Interface))
}

// opened reports a call that stands in an Open already.
func (e *editor) opened(r *code.Ref) bool {
	for _, n := range r.Path {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != e.req.Open {
			continue
		}
		if fn := r.File.Pkg.Info.Uses[sel.Sel]; fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == e.req.Package.Path {
			return true
		}
	}
	return false
}

// wrap turns New(args) into Open(ctx, func(context.Context) (Service, error) {
// return New(args), nil }).
func (e *editor) wrap(t *thread.Threader, r *code.Ref) {
	f := r.File
	open := f.Import(e.req.Package.Path, e.req.Package.Name) + "." + e.req.Open
	service := f.Type(e.iface)
	fails := code.ReturnsError(r.Fn)
	r.As, r.Name = e.iface, e.req.Contract.Component+"Service"
	t.WrapCall(r, fails, func(pkg, ctx, call string) string {
		if !fails {
			call += ", nil"
		}
		return open + "(" + ctx + ", func(" + pkg + ".Context) (" + service + ", error) {\nreturn " + call + "\n})"
	})
	e.result.Roots = append(e.result.Roots, e.world.Span(r.Call))
}

// literals reports components that are made without a constructor.
func (e *editor) literals() {
	for _, f := range e.world.Files {
		if f.Test != e.req.Tests || f.Pkg.Pkg.Path == e.pkg.Pkg.Path || f.Generated() {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if ok && e.implements(types.NewPointer(f.Pkg.Info.TypeOf(lit))) {
				e.result.Left = append(e.result.Left, change.Note{Span: e.world.Span(lit), Message: "a literal isn't opened: give " + e.pkg.Pkg.Name + " a constructor"})
			}
			return true
		})
	}
}

// writeStub writes the function that the edits call, as the generated package
// will have it.
func (e *editor) writeStub() {
	rel := path.Join(e.req.Package.Dir, "zz_unweld_standin.go")
	for _, p := range e.world.Packages {
		if p.Pkg.Path == e.req.Package.Path && p.Types.Scope().Lookup(e.req.Open) != nil {
			return
		}
	}
	c := e.req.Contract
	service := "unweldcontract." + c.Name
	e.stub[rel] = fmt.Appendf(nil, `package %s

import (
	"context"

	unweldcontract %q
)

func %s(ctx context.Context, construct func(context.Context) (%s, error)) (%s, error) {
	return construct(ctx)
}
`, e.req.Package.Name, c.Package.Path, e.req.Open, service, service)
}

// variable wraps the value of the variable that holds the functions' contract.
func (e *editor) variable() error {
	c := e.req.Contract
	for _, f := range e.world.Files {
		if f.Pkg.Pkg.Path != e.pkg.Pkg.Path || f.Test || e.req.Tests {
			continue
		}
		for _, d := range f.AST.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR && e.inDecl(f, g) {
				return nil
			}
		}
	}
	if e.req.Tests {
		return nil
	}
	return &component.UsageError{Object: c.Component, Reason: fmt.Sprintf("%s declares no variable %s with a value", c.Package.Path, c.Var), Hint: "declare it as: var " + c.Var + " " + c.Name + " = local{}"}
}

func (e *editor) inDecl(f *code.File, g *ast.GenDecl) bool {
	for _, s := range g.Specs {
		vs := s.(*ast.ValueSpec)
		if len(vs.Names) != 1 || vs.Names[0].Name != e.req.Contract.Var || len(vs.Values) != 1 {
			continue
		}
		value := vs.Values[0]
		if !strings.HasPrefix(f.Source(value), e.req.Open+"(") {
			f.Replace(value.Pos(), value.End(), e.req.Open+"("+f.Source(value)+")")
			e.result.Roots = append(e.result.Roots, e.world.Span(value))
		}
		if e.pkg.Types.Scope().Lookup(e.req.Open) == nil {
			name := e.req.Contract.Name
			e.stub[path.Join(e.pkg.Pkg.Dir, "zz_unweld_standin.go")] = fmt.Appendf(nil, "package %s\n\nfunc %s(s %s) %s { return s }\n", e.pkg.Pkg.Name, e.req.Open, name, name)
		}
		return true
	}
	return false
}
