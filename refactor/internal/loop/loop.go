// Package loop describes the loop that a call stands in: what it goes over, how a
// call is reached in its body, and where it ends early.
package loop

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A Loop is the innermost loop around some code.
type Loop struct {
	File *code.File
	Stmt ast.Stmt // *ast.RangeStmt or *ast.ForStmt
	Body *ast.BlockStmt
	Path []ast.Node // from the file down to Stmt
}

// Around returns the innermost loop whose body the last node of a path stands in, in
// the same function, or nil.
func Around(f *code.File, path []ast.Node) *Loop {
	for i := len(path) - 1; i > 0; i-- {
		var body *ast.BlockStmt
		switch n := path[i].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return nil
		case *ast.RangeStmt:
			body = n.Body
		case *ast.ForStmt:
			body = n.Body
		}
		if body != nil && i+1 < len(path) && path[i+1] == ast.Node(body) {
			return &Loop{File: f, Stmt: path[i].(ast.Stmt), Body: body, Path: slices.Clone(path[:i+1])}
		}
	}
	return nil
}

// Range returns the loop as one over a slice, an array or a number, or nil.
func (l *Loop) Range() *ast.RangeStmt {
	r, ok := l.Stmt.(*ast.RangeStmt)
	if !ok {
		return nil
	}
	t := l.File.Pkg.Info.TypeOf(r.X)
	if p, ok := code.Under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := code.Under(t).(type) {
	case *types.Slice, *types.Array:
		return r
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			return r
		}
	}
	return nil
}

// Func returns the innermost function around the loop, and its declaration, which may
// be nil.
func (l *Loop) Func() (fn ast.Node, decl *ast.FuncDecl) {
	for _, n := range l.Path {
		switch n := n.(type) {
		case *ast.FuncDecl:
			fn, decl = n, n
		case *ast.FuncLit:
			fn = n
		}
	}
	return fn, decl
}

// Holder returns the node in whose list of statements the loop stands, or nil.
func (l *Loop) Holder() ast.Node {
	n := l.Path[len(l.Path)-2]
	if List(n) == nil {
		return nil
	}
	return n
}

// List returns the statements that a node holds, or nil.
func List(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// Declares reports a variable that belongs to one iteration, or to the loop itself.
func (l *Loop) Declares(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && l.Stmt.Pos() <= v.Pos() && v.Pos() < l.Stmt.End()
}

// Mentions reports whether a node mentions a variable of the loop that ok accepts.
func (l *Loop) Mentions(n ast.Node, ok func(*types.Var) bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, isID := n.(*ast.Ident); isID {
			v, isVar := l.File.Pkg.Info.ObjectOf(id).(*types.Var)
			found = found || isVar && l.Declares(v) && ok(v)
		}
		return !found
	})
	return found
}

// Assigned reports whether a variable gets another value in the body, or its address
// is taken.
func (l *Loop) Assigned(v *types.Var) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && l.File.Pkg.Info.Uses[id] == v
	}
	ast.Inspect(l.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, is)
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && is(n.X)
		}
		return !found
	})
	return found
}

// Exit returns the first statement of n that leaves the loop before it has gone over
// everything, or nil. skip leaves out nodes.
func (l *Loop) Exit(n ast.Node, skip func(ast.Node) bool) ast.Node {
	var found ast.Node
	var visit func(n ast.Node, inner bool) // inner: in a loop, switch or select inside of the loop
	visit = func(n ast.Node, inner bool) {
		ast.Inspect(n, func(m ast.Node) bool {
			if found != nil || m == nil || skip != nil && skip(m) {
				return false
			}
			switch m := m.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				found = m
			case *ast.BranchStmt:
				if l.leaves(m, inner) {
					found = m
				}
			case *ast.CallExpr:
				if mayEnd(l.File, m) {
					found = m
				}
			case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				if m != n {
					visit(m, true)
					return false
				}
			}
			return true
		})
	}
	visit(n, false)
	return found
}

// leaves reports a branch out of the loop. One with a label counts.
func (l *Loop) leaves(b *ast.BranchStmt, inner bool) bool {
	switch b.Tok {
	case token.BREAK:
		return b.Label != nil || !inner
	case token.GOTO:
		return true
	case token.CONTINUE:
		return b.Label != nil
	}
	return false
}
