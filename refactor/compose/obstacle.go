package compose

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
)

// obstacle returns why a constructor call can't be opened, or "".
func (e *editor) obstacle(r *code.Ref) string {
	if r.File.Pkg.Pkg.Path == e.pkg.Pkg.Path {
		return "a test inside the component's package can't import what is generated from it"
	}
	i := slices.Index(r.Path, ast.Node(r.Call))
	return e.cantHold(r.File, r.Path[:i+1])
}

// cantHold returns why the value of the last expression of stack can't be the
// contract, or "". A variable that is inferred from it is followed.
func (e *editor) cantHold(f *code.File, stack []ast.Node) string {
	i := len(stack) - 1
	value := stack[i].(ast.Expr)
	for i > 0 {
		p, ok := stack[i-1].(*ast.ParenExpr)
		if !ok {
			break
		}
		value, i = p, i-1
	}
	switch p := stack[i-1].(type) {
	case *ast.SelectorExpr:
		if !e.has(p.Sel.Name) {
			return "its " + p.Sel.Name + " is used, which the contract doesn't have (" + e.world.Span(p.Sel).String() + ")"
		}
		return ""
	case *ast.AssignStmt:
		if len(p.Lhs) != len(p.Rhs) {
			return e.assigned(f, p.Lhs, value, p.Rhs)
		}
	case *ast.ValueSpec:
		if p.Type == nil && len(p.Names) != len(p.Values) {
			return e.assigned(f, identifiers(p.Names), value, p.Values)
		}
	case *ast.BinaryExpr:
		if !f.Pkg.Info.Types[p.X].IsNil() && !f.Pkg.Info.Types[p.Y].IsNil() {
			return "it is compared with another value (" + e.world.Span(value).String() + ")"
		}
		return ""
	case *ast.ExprStmt:
		return ""
	}
	switch place, t := f.Destination(stack); place {
	case code.Typed:
		return e.fits(f, value, t)
	case code.Inferred:
		return e.inferred(f, stack[i-1], value)
	}
	if dropped(stack[i-1], value) {
		return ""
	}
	return "the value is used as the concrete type (" + e.world.Span(value).String() + ")"
}

// dropped reports a value that is assigned to _.
func dropped(parent ast.Node, value ast.Expr) bool {
	a, ok := parent.(*ast.AssignStmt)
	if !ok {
		return false
	}
	i := slices.Index(a.Rhs, value)
	if i < 0 {
		return false
	}
	id, ok := a.Lhs[i].(*ast.Ident)
	return ok && id.Name == "_"
}

func identifiers(ids []*ast.Ident) []ast.Expr {
	var out []ast.Expr
	for _, id := range ids {
		out = append(out, id)
	}
	return out
}

// inferred follows a value into the variable that gets its type from it.
func (e *editor) inferred(f *code.File, parent ast.Node, value ast.Expr) string {
	switch p := parent.(type) {
	case *ast.AssignStmt:
		return e.assigned(f, p.Lhs, value, p.Rhs)
	case *ast.ValueSpec:
		return e.assigned(f, identifiers(p.Names), value, p.Values)
	}
	return "the value is used as the concrete type (" + e.world.Span(value).String() + ")"
}

// fits returns why the contract doesn't fit where value goes.
func (e *editor) fits(f *code.File, value ast.Expr, t types.Type) string {
	if t != nil && (types.Identical(t, e.iface) || e.accepts(t)) {
		return ""
	}
	return "it goes where the concrete type is needed (" + e.world.Span(value).String() + ")"
}

// accepts reports whether t, of any variant of the component's package, takes
// the contract.
func (e *editor) accepts(t types.Type) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Name() == e.iface.Obj().Name() && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == e.pkg.Pkg.Path {
		return true
	}
	it, ok := t.Underlying().(*types.Interface)
	return ok && types.Implements(e.iface, it)
}

func (e *editor) has(method string) bool {
	return slices.ContainsFunc(e.req.Contract.Methods, func(m component.Method) bool { return m.Name == method })
}

// assigned follows a value into the variable that it is assigned to.
func (e *editor) assigned(f *code.File, lhs []ast.Expr, value ast.Expr, rhs []ast.Expr) string {
	i := slices.Index(rhs, value) // of many results the component is the first
	if i < 0 || i >= len(lhs) {
		return "it is assigned in a way that needs the concrete type"
	}
	id, ok := lhs[i].(*ast.Ident)
	if !ok || id.Name == "_" || f.Pkg.Info.Defs[id] == nil {
		if ok && id.Name == "_" {
			return ""
		}
		return e.fits(f, value, f.Pkg.Info.TypeOf(lhs[i]))
	}
	v := f.Pkg.Info.Defs[id]
	why := ""
	for _, g := range e.world.Files {
		if g.Pkg.Pkg.Path != f.Pkg.Pkg.Path {
			continue
		}
		e.eachUse(g, v, func(stack []ast.Node) {
			if why == "" {
				why = e.cantHold(g, stack)
			}
		})
	}
	return why
}

// eachUse calls visit with the path to each use of v in g.
func (e *editor) eachUse(g *code.File, v types.Object, visit func([]ast.Node)) {
	var stack []ast.Node
	ast.Inspect(g.AST, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if u := g.Pkg.Info.Uses[id]; u != nil && u.Pkg() != nil && e.world.Key(u) == e.world.Key(v) {
			visit(slices.Clone(stack))
		}
		return true
	})
}
