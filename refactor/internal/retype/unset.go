package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// unset reports whether the variable that an assignment sets has its zero value until
// then: it is declared without a value, or is a result, and nothing between there and
// the assignment sets it or could have something else set it.
func unset(info *types.Info, n *ast.AssignStmt, stack []ast.Node) bool {
	id, ok := n.Lhs[0].(*ast.Ident)
	if !ok || n.Tok != token.ASSIGN {
		return false
	}
	v, ok := info.Uses[id].(*types.Var)
	at := slices.Index(stack, ast.Node(n))
	if !ok || at < 0 {
		return false
	}
	for i := at; i > 0; i-- {
		child := stack[i]
		var before []ast.Stmt
		switch p := stack[i-1].(type) {
		case *ast.BlockStmt:
			before = p.List
		case *ast.CaseClause:
			before = p.Body
		case *ast.CommClause:
			if setsVar(info, p.Comm, v) {
				return false
			}
			before = p.Body
		case *ast.IfStmt:
			if setsVar(info, p.Init, v) || setsVar(info, p.Cond, v) {
				return false
			}
			continue
		case *ast.SwitchStmt:
			if setsVar(info, p.Init, v) || setsVar(info, p.Tag, v) || falls(p.Body) {
				return false
			}
			continue
		case *ast.TypeSwitchStmt:
			if setsVar(info, p.Init, v) || setsVar(info, p.Assign, v) {
				return false
			}
			continue
		case *ast.SelectStmt:
			continue
		case *ast.FuncDecl:
			return declaredIn(info, p.Type.Results, v) && !jumps(stack)
		case *ast.FuncLit:
			return declaredIn(info, p.Type.Results, v) && !jumps(stack)
		default: // a loop comes here again
			return false
		}
		switch child.(type) {
		case *ast.CaseClause, *ast.CommClause:
			if slices.ContainsFunc(before, func(s ast.Stmt) bool { return asks(info, s, v) }) {
				return false
			}
			continue // only one of them is run
		}
		k := slices.IndexFunc(before, func(s ast.Stmt) bool { return ast.Node(s) == child })
		for k--; k >= 0; k-- {
			if declaresZero(info, before[k], v) {
				return !jumps(stack)
			}
			if setsVar(info, before[k], v) {
				return false
			}
		}
	}
	return false
}

// declaresZero reports the declaration of a variable without a value.
func declaresZero(info *types.Info, s ast.Stmt, v *types.Var) bool {
	d, ok := s.(*ast.DeclStmt)
	if !ok {
		return false
	}
	g, ok := d.Decl.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return false
	}
	i := slices.IndexFunc(g.Specs, func(s ast.Spec) bool {
		vs, ok := s.(*ast.ValueSpec)
		return ok && len(vs.Values) == 0 && slices.ContainsFunc(vs.Names, func(id *ast.Ident) bool { return info.Defs[id] == v })
	})
	return i >= 0 && !slices.ContainsFunc(g.Specs[i+1:], func(s ast.Spec) bool { return setsVar(info, s, v) })
}

func declaredIn(info *types.Info, list *ast.FieldList, v *types.Var) bool {
	return list != nil && slices.ContainsFunc(list.List, func(f *ast.Field) bool {
		return slices.ContainsFunc(f.Names, func(id *ast.Ident) bool { return info.Defs[id] == v })
	})
}

// setsVar reports whether code sets a variable, or lets it be set: its address is
// taken, or a function literal mentions it.
func setsVar(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.ObjectOf(id) == v
	}
	if n == nil {
		return false
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, is)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && is(n.X)
		case *ast.FuncLit:
			found = found || code.Uses(info, n, v)
		}
		return !found
	})
	return found
}

// asks reports whether what is evaluated to choose a case could set a variable.
func asks(info *types.Info, s ast.Stmt, v *types.Var) bool {
	c, ok := s.(*ast.CaseClause)
	return ok && slices.ContainsFunc(c.List, func(e ast.Expr) bool { return setsVar(info, e, v) })
}

// falls reports that a case of a switch goes on with the next.
func falls(body *ast.BlockStmt) bool { return branches(body, token.FALLTHROUGH) }

func branches(n ast.Node, tok token.Token) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && b.Tok == tok
		return !found
	})
	return found
}

// setFirst reports whether each variable that the spec at the end of stack declares is set
// before anything else is done with it: nothing sees its zero value.
func setFirst(info *types.Info, spec *ast.ValueSpec, stack []ast.Node) bool {
	if len(stack) < 4 || jumps(stack) {
		return false
	}
	decl, ok := stack[len(stack)-3].(*ast.DeclStmt)
	if !ok {
		return false
	}
	var list []ast.Stmt
	switch p := stack[len(stack)-4].(type) {
	case *ast.BlockStmt:
		list = p.List
	case *ast.CaseClause:
		list = p.Body
	case *ast.CommClause:
		list = p.Body
	}
	i := slices.Index(list, ast.Stmt(decl))
	return i >= 0 && !slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool {
		v := info.Defs[id]
		return v == nil || code.Uses(info, decl, v) || !setIn(info, list[i+1:], v)
	})
}

// setIn reports whether the first mention of a variable in statements sets it, whichever
// way they go.
func setIn(info *types.Info, list []ast.Stmt, v types.Object) bool {
	for _, s := range list {
		if !code.Uses(info, s, v) {
			continue
		}
		switch s := s.(type) {
		case *ast.AssignStmt:
			sets := 0
			for _, l := range s.Lhs {
				if id, ok := ast.Unparen(l).(*ast.Ident); ok && info.Uses[id] == v {
					sets++
				} else if code.Uses(info, l, v) {
					return false
				}
			}
			return sets == 1 && !slices.ContainsFunc(s.Rhs, func(e ast.Expr) bool { return code.Uses(info, e, v) })
		case *ast.BlockStmt:
			return setIn(info, s.List, v)
		case *ast.IfStmt:
			if s.Init != nil && code.Uses(info, s.Init, v) || code.Uses(info, s.Cond, v) || s.Else == nil {
				return false
			}
			return setIn(info, s.Body.List, v) && setIn(info, []ast.Stmt{s.Else}, v)
		}
		return false
	}
	return false
}
