package thread

import (
	"cmp"
	"go/ast"
	"go/token"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
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
		name := t.freeIn(d, r.nameFor(e))
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

// nameFor names a variable for the value of an expression: as the field is called
// that it is put into, or after what makes it.
func (r mention) nameFor(e ast.Expr) string {
	base := ""
	for _, n := range r.Path {
		if lit, ok := n.(*ast.CompositeLit); ok {
			base = cmp.Or(base, r.keyOf(lit, e))
		}
	}
	if base != "" {
		return base
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		switch fun := ast.Unparen(e.Fun).(type) {
		case *ast.Ident:
			base = fun.Name
		case *ast.SelectorExpr:
			base = fun.Sel.Name
		}
		base = naming.Unexported(base)
	case *ast.UnaryExpr:
		base = "received"
	case *ast.BinaryExpr:
		base = "ok"
	}
	return strings.TrimSuffix(cmp.Or(base, "value"), "Value") + "Value"
}

// keyOf is how the field of a literal that has e as its value is called; "".
func (r mention) keyOf(lit *ast.CompositeLit, e ast.Expr) string {
	for _, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok && ast.Unparen(kv.Value) == e {
			return r.field(kv.Key)
		}
	}
	return ""
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
		switch p := r.Path[i-1].(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.RangeStmt, *ast.TypeSwitchStmt:
			return r.Path[i]
		case *ast.GenDecl:
			if ast.Node(p.Specs[0]) != r.Path[i] { // the group ends before this line
				return r.Path[i]
			}
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
		return !harmless(r.File, e) && !getter(r.File, e)
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

// getters are methods without parameters that have no effect, and whose result is
// the same before and after any other call of a test or a handler.
var getters = map[string]bool{
	"(*github.com/stretchr/testify/suite.Suite).T": true,
	"(*testing.common).Name":                       true,
	"(*testing.common).Context":                    true,
	"(*net/http.Request).Context":                  true,
}

// getter reports a call of one of the getters on a variable.
func getter(f *code.File, call *ast.CallExpr) bool {
	fn := f.Callee(call)
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || fn == nil || !getters[fn.FullName()] {
		return false
	}
	_, ok = sel.X.(*ast.Ident)
	return ok
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
