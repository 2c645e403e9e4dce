package thread

import (
	"cmp"
	"go/ast"
	"go/token"

	"github.com/unweld/unweld/refactor/internal/code"
)

// hoistEarlier moves what the statement of r evaluates before r.Path[i], and
// what can have an effect, before the statement too: a call that moved alone
// would overtake it.
func (t *Threader) hoistEarlier(r mention, i int, put put) {
	d := t.scopeOf(r)
	if d == nil {
		return
	}
	f := r.File
	for _, e := range r.earlier(i) {
		if t.hoisted[e] {
			continue
		}
		t.hoisted[e] = true
		name := t.freeIn(d, nameFor(e))
		whole := f.Take(e)
		put(func() string {
			if whole != nil {
				return name + " := " + whole() + "\n"
			}
			return name + " := " + f.Render(e) + "\n"
		})
		f.ReplaceFunc(e.Pos(), e.End(), func() string { return name })
	}
}

// nameFor names a variable for the value of an expression.
func nameFor(e ast.Expr) string {
	base := ""
	switch e := e.(type) {
	case *ast.CallExpr:
		switch fun := ast.Unparen(e.Fun).(type) {
		case *ast.Ident:
			base = fun.Name
		case *ast.SelectorExpr:
			base = fun.Sel.Name
		}
		base = lowerFirst(base)
	case *ast.UnaryExpr:
		base = "received"
	case *ast.BinaryExpr:
		base = "ok"
	}
	return cmp.Or(base, "value") + "Value"
}

// earlier returns the outermost expressions with an effect that are evaluated
// before r.Path[i], in the part of its statement that runs as a whole with it.
func (r mention) earlier(i int) []ast.Expr {
	root, pos := r.whole(i), r.Path[i].Pos()
	if root == nil {
		return nil
	}
	var out []ast.Expr
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.FuncLit, *ast.BlockStmt:
			return false
		case ast.Expr:
			if n.End() <= pos && r.ordered(n) {
				out = append(out, n)
				return false
			}
		}
		return n.Pos() < pos
	})
	return out
}

// whole returns the largest node around r.Path[i] whose parts are all evaluated
// when that is, and which it moves over when it is hoisted.
func (r mention) whole(i int) ast.Node {
	for ; i > 0; i-- {
		if b, ok := r.Path[i-1].(*ast.BinaryExpr); ok && conditional(b) && r.Path[i] == ast.Node(b.Y) {
			return r.Path[i]
		}
		switch r.Path[i-1].(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.RangeStmt, *ast.TypeSwitchStmt:
			return r.Path[i]
		}
		if holdsStatements(r.Path[i-1]) {
			return r.Path[i]
		}
	}
	return nil
}

func conditional(b *ast.BinaryExpr) bool { return b.Op == token.LAND || b.Op == token.LOR }

// ordered reports whether the evaluation of e is ordered with calls: a call, a
// receive, or an && or || with one in it.
func (r mention) ordered(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		return !harmless(r.File, e)
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	case *ast.BinaryExpr:
		return conditional(e) && r.anyOrdered(e)
	}
	return false
}

func (r mention) anyOrdered(e *ast.BinaryExpr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && n != ast.Node(e) && r.ordered(x) {
			found = true
		}
		_, lit := n.(*ast.FuncLit)
		return !found && !lit
	})
	return found
}

// harmless reports a conversion, or a call of a builtin whose value no other
// call changes.
func harmless(f *code.File, call *ast.CallExpr) bool {
	tv := f.Pkg.Info.Types[ast.Unparen(call.Fun)]
	if tv.IsType() {
		return true
	}
	if !tv.IsBuiltin() {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return !ok || id.Name != "append" && id.Name != "copy" && id.Name != "recover"
}
