package copyonboundary

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A locked variable gets a part of the state under a lock, and is returned after the lock
// is released.
type locked struct {
	v     *types.Var
	value ast.Expr // what the variable is given; nil where it can't be copied there
}

// lockedRead finds where a result is read under a lock. The copy has to be made there:
// after the lock is released, others may change what is copied.
func (j *job) lockedRead(e *edge) *locked {
	id, ok := ast.Unparen(e.expr).(*ast.Ident)
	if !ok || e.param != nil {
		return nil
	}
	info := e.decl.File.Pkg.Info
	v, ok := info.Uses[id].(*types.Var)
	if !ok {
		return nil
	}
	out := &locked{v: v}
	var bound, released token.Pos
	plain := true
	ast.PreorderStack(e.decl.Func.Body, nil, func(n ast.Node, path []ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if info.ObjectOf(n) != v {
				break
			}
			value, binds := binding(n, path)
			switch {
			case binds && !bound.IsValid():
				bound, out.value = n.Pos(), value
			case binds:
				plain = false
			default:
				plain = plain && looks(n, path)
			}
		case *ast.CallExpr:
			if _, later := path[len(path)-1].(*ast.ExprStmt); later && unlocks(info, n) && n.Pos() < id.Pos() {
				released = n.Pos()
			}
		}
		return true
	})
	if !bound.IsValid() || released < bound {
		return nil
	}
	if !plain {
		out.value = nil
	}
	return out
}

// binding reports an identifier that is assigned to, and what it is given, where that
// is an expression of its own.
func binding(id *ast.Ident, path []ast.Node) (ast.Expr, bool) {
	switch p := path[len(path)-1].(type) {
	case *ast.AssignStmt:
		for i, l := range p.Lhs {
			if l != ast.Expr(id) {
				continue
			}
			if len(p.Lhs) == len(p.Rhs) && (p.Tok == token.ASSIGN || p.Tok == token.DEFINE) {
				return p.Rhs[i], true
			}
			return nil, true
		}
	case *ast.RangeStmt:
		return nil, p.Key == ast.Expr(id) || p.Value == ast.Expr(id)
	case *ast.ValueSpec:
		for i, name := range p.Names {
			if name == id && len(p.Values) == len(p.Names) {
				return p.Values[i], true
			}
		}
		return nil, true
	}
	return nil, false
}

// looks reports a mention that changes nothing through a variable, and hands it to
// nobody but the caller.
func looks(id *ast.Ident, path []ast.Node) bool {
	switch p := path[len(path)-1].(type) {
	case *ast.ReturnStmt, *ast.BinaryExpr:
		return true
	case *ast.RangeStmt:
		return p.X == ast.Expr(id)
	case *ast.CallExpr:
		fun, ok := p.Fun.(*ast.Ident)
		return ok && (fun.Name == "len" || fun.Name == "cap")
	}
	return false
}

// unlocks reports a call that releases a lock.
func unlocks(info *types.Info, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && fn.Pkg() != nil && fn.Pkg().Path() == "sync" && (fn.Name() == "Unlock" || fn.Name() == "RUnlock")
}
