package thread

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// loopPost handles for x := a(); x != nil; x = f(): the error goes into a variable, and
// is looked at where the next round begins, before what the loop tests, which is in its
// body already if that can fail, too. It reports whether the call at r.Path[i] is what a
// loop does after each round.
func (t *Threader) loopPost(r mention, s sink, i int) bool {
	if i < 3 || s.loop || s.stays || s.detach {
		return false
	}
	loop, ok := r.Path[i-2].(*ast.ForStmt)
	if !ok || ast.Node(loop.Post) != r.Path[i-1] || t.changedInside(r.File, r.Call) {
		return false
	}
	tested := loop.Cond != nil && !t.opened[loop] // where it was
	if tested && t.hasChanged(r.File, loop.Cond) {
		return false
	}
	var stmt ast.Stmt = loop
	at := i - 3
	for ; at > 0; at-- {
		label, ok := r.Path[at].(*ast.LabeledStmt)
		if !ok {
			break
		}
		stmt = label
	}
	d := t.scopeOf(r)
	if d == nil || statements(r.Path[at]) == nil || r.jumpedOver(r.Path[at], stmt) {
		return false
	}
	var gets func(err string)
	switch p := loop.Post.(type) {
	case *ast.ExprStmt:
		gets = func(err string) { r.File.Insert(p.Pos(), strings.Repeat("_, ", r.results())+err+" = ") }
	case *ast.AssignStmt:
		if p.Tok != token.ASSIGN || len(p.Rhs) != 1 {
			return false
		}
		gets = func(err string) { r.File.Insert(p.Lhs[len(p.Lhs)-1].End(), ", "+err) }
	default:
		return false
	}
	if s.drop {
		gets("_")
		return true
	}
	list := statements(r.Path[at])
	err := t.fresh(r, d, region{stmt.Pos(), list[len(list)-1].End()}, naming.Unexported(r.Fn.Name())+"Err")
	gets(err)
	f, head := r.File, loop.Body.Lbrace+1
	if tested {
		f.Insert(loop.Cond.Pos(), err+" != nil || ")
	}
	t.after = append(t.after, func() {
		f.InsertFirst(stmt.Pos(), "var "+err+" error\n")
		f.InsertFirstFunc(head, func() string { return s.check(err) + lineBreakAfter(f, head) })
	})
	return true
}

// changedInside reports whether a call that is rewritten is among what a call evaluates.
func (t *Threader) changedInside(f *code.File, call *ast.CallExpr) bool {
	return t.hasChanged(f, call.Fun) || slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return t.hasChanged(f, e) })
}

// lineBreakAfter returns a line break unless nothing follows pos on its line.
func lineBreakAfter(f *code.File, pos token.Pos) string {
	line, _, _ := strings.Cut(string(f.Before[f.Offset(pos):]), "\n")
	if strings.TrimSpace(line) == "" {
		return ""
	}
	return "\n"
}
