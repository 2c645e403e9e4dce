package wraptransaction

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// rejections refuses a callee that can say no for a reason of its own: before, that
// undid the transaction. What it returns must be errors that the database gave it.
func (j *job) rejections() {
	j.rejects(j.callee, map[code.Key]bool{})
}

// rejects records the errors that a function makes itself, and those of the functions
// of the module whose errors it returns.
func (j *job) rejects(d *code.Decl, seen map[code.Key]bool) {
	k := j.world.Key(d.Obj)
	if seen[k] {
		return
	}
	seen[k] = true
	f := d.File
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			j.problem(n, d.Func.Name.Name+" has a function literal: what it returns isn't known", "write it without, or leave the call in the transaction")
			return false
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && id.Name == "panic" && f.Pkg.Info.Types[id].IsBuiltin() {
				j.problem(n, d.Func.Name.Name+" can panic here, which undoes the transaction today", "return an error of the database instead, or leave the call in the transaction")
			}
			if fn := f.Callee(n); fn != nil && fn.FullName() == "(*database/sql.Row).Scan" {
				j.problem(n, d.Func.Name.Name+" says no here where there is no such row, and that undoes the transaction today", "look the row up before the transaction begins, or leave the call in it")
			} else if fn != nil && returnsError(fn) {
				if e := j.world.Decl(fn); e != nil && e.Func.Body != nil {
					j.rejects(e, seen)
				} else if j.world.FileOf(fn) != nil {
					j.problem(n, d.Func.Name.Name+" calls what can't be looked into here, which may say no", "call a function")
				}
			}
		case *ast.Ident:
			j.rejectsWith(f, n, d)
		case *ast.CompositeLit:
			if t := f.Pkg.Info.TypeOf(n); types.Implements(t, errorType) || types.Implements(types.NewPointer(t), errorType) {
				j.cannot(n, d)
			}
		}
		return true
	})
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// rejectsWith records a mention of what makes an error: a variable that holds one, or
// a function that makes one of a text.
func (j *job) rejectsWith(f *code.File, id *ast.Ident, d *code.Decl) {
	if compared(f, id) {
		return
	}
	switch obj := f.Pkg.Info.Uses[id].(type) {
	case *types.Var:
		if obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() && crossing.IsError(obj.Type()) {
			j.cannot(id, d)
		}
	case *types.Func:
		if obj.Pkg() == nil || j.world.FileOf(obj) != nil || !returnsError(obj) || obj.Signature().Recv() != nil {
			return
		}
		if slices.Contains([]string{"fmt.Errorf", "errors.Join"}, obj.FullName()) && j.wraps(f, id) {
			return
		}
		switch obj.Pkg().Path() {
		case "errors", "fmt":
			j.cannot(id, d)
		}
	}
}

// compared reports an error that others are compared with: errors.Is(err, ErrX).
func compared(f *code.File, id *ast.Ident) bool {
	found := false
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			found = found || isName(n.X, id) || isName(n.Y, id)
		case *ast.CallExpr:
			fn := f.Callee(n)
			found = found || fn != nil && fn.FullName() == "errors.Is" && len(n.Args) == 2 && isName(n.Args[1], id)
		}
		return !found
	})
	return found
}

func isName(e ast.Expr, id *ast.Ident) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && sel.Sel == id || ast.Unparen(e) == ast.Expr(id)
}

// wraps reports whether the call of a function that makes an error is given one.
func (j *job) wraps(f *code.File, id *ast.Ident) bool {
	found := false
	ast.Inspect(f.AST, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || c.Pos() > id.Pos() || id.Pos() > c.Lparen {
			return true
		}
		found = found || slices.ContainsFunc(c.Args, func(a ast.Expr) bool {
			t := f.Pkg.Info.TypeOf(a)
			return t != nil && crossing.IsError(t)
		})
		return true
	})
	return found
}

func (j *job) cannot(n ast.Node, d *code.Decl) {
	j.problem(n, d.Func.Name.Name+" can say no here, and that undoes the transaction today: after the commit it can't", "check before the transaction begins, or leave the call in it")
}

func returnsError(fn *types.Func) bool {
	rs := fn.Signature().Results()
	return rs.Len() > 0 && crossing.IsError(rs.At(rs.Len()-1).Type())
}
