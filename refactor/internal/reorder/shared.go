package reorder

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// shared reports whether something but v may lead to the memory that v points to,
// by the time that the code in within has run: v is copied, handed over or captured
// before or in it.
func (s *scope) shared(v *types.Var, within ast.Node) bool {
	return slices.ContainsFunc(s.mentions[v], func(stack []ast.Node) bool {
		return !s.later(stack, v, within) && !s.inPlace(stack)
	})
}

// later reports a mention that is only reached once within has run for good.
func (s *scope) later(stack []ast.Node, v *types.Var, within ast.Node) bool {
	if stack[len(stack)-1].Pos() < within.End() {
		return false
	}
	for _, n := range stack {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() < within.Pos() && within.End() <= n.End() && (v.Pos() < n.Pos() || n.End() <= v.Pos()) {
				return false // it runs again after the mention, with the same memory
			}
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			return false
		}
	}
	return true
}

// inPlace reports a mention that leads nobody else to the memory.
func (s *scope) inPlace(stack []ast.Node) bool {
	id := stack[len(stack)-1].(*ast.Ident)
	if slices.ContainsFunc(stack, func(n ast.Node) bool { _, lit := n.(*ast.FuncLit); return lit }) {
		return false
	}
	i := len(stack) - 2
	for ; i >= 0; i-- {
		if _, paren := stack[i].(*ast.ParenExpr); !paren {
			break
		}
	}
	child := stack[i+1]
	switch p := stack[i].(type) {
	case *ast.IndexExpr:
		return p.X == child && !s.addressed(stack[:i+1])
	case *ast.SelectorExpr:
		sel := s.file.Pkg.Info.Selections[p]
		return sel != nil && sel.Kind() == types.FieldVal && !s.addressed(stack[:i+1])
	case *ast.RangeStmt:
		return p.X == child || p.Key == child || p.Value == child
	case *ast.ReturnStmt, *ast.ValueSpec, *ast.Field:
		return true // the latter two declare it
	case *ast.BinaryExpr:
		return p.Op == token.EQL || p.Op == token.NEQ
	case *ast.AssignStmt:
		return slices.Contains(p.Lhs, ast.Expr(child.(ast.Expr)))
	case *ast.CallExpr:
		fun, ok := ast.Unparen(p.Fun).(*ast.Ident)
		if !ok {
			return false
		}
		if _, builtin := s.file.Pkg.Info.Uses[fun].(*types.Builtin); !builtin {
			return false
		}
		if fun.Name == "append" {
			return p.Args[0] == child && s.backTo(stack[:i+1], id)
		}
		return slices.Contains([]string{"len", "cap", "delete", "clear", "copy"}, fun.Name)
	}
	return false
}

// addressed reports whether the address of the last node of a path, or of something
// in it, is taken.
func (s *scope) addressed(stack []ast.Node) bool {
	for i := len(stack) - 2; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.ParenExpr:
		case *ast.SelectorExpr:
			if sel := s.file.Pkg.Info.Selections[p]; sel == nil || sel.Kind() != types.FieldVal {
				return true // a method, which may want the address
			}
		case *ast.IndexExpr:
			if p.X != stack[i+1] {
				return false
			}
		case *ast.SliceExpr:
			return p.X == stack[i+1]
		case *ast.UnaryExpr:
			return p.Op == token.AND
		default:
			return false
		}
	}
	return false
}

// backTo reports an append whose result is assigned to the variable it grows.
func (s *scope) backTo(stack []ast.Node, id *ast.Ident) bool {
	if len(stack) < 2 {
		return false
	}
	a, ok := stack[len(stack)-2].(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return false
	}
	l, ok := ast.Unparen(a.Lhs[0]).(*ast.Ident)
	return ok && s.file.Pkg.Info.ObjectOf(l) == s.file.Pkg.Info.ObjectOf(id)
}
