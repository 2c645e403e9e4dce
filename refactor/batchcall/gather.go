package batchcall

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// direct returns what the loop goes over where that is the list of arguments itself,
// or "".
func (r *rewriting) direct() string {
	loop := r.loop.Range()
	if len(r.frames) != 1 || r.frames[0].cond != nil || slices.ContainsFunc(r.frames[0].list[:r.frames[0].at], r.needed) || !plain(loop.X) {
		return ""
	}
	info := r.file.Pkg.Info
	slice, ok := code.Under(info.TypeOf(loop.X)).(*types.Slice)
	if !ok || !types.Identical(slice.Elem(), r.ref.Fn.Signature().Params().At(r.b.varies).Type()) {
		return ""
	}
	switch arg := ast.Unparen(r.ref.Call.Args[r.b.varies]).(type) {
	case *ast.Ident:
		if value, ok := loop.Value.(*ast.Ident); ok && info.Uses[arg] == info.Defs[value] {
			return r.file.Source(loop.X)
		}
	case *ast.IndexExpr:
		key, ok := loop.Key.(*ast.Ident)
		id, isID := ast.Unparen(arg.Index).(*ast.Ident)
		if ok && isID && info.Uses[id] == info.Defs[key] && r.file.Source(arg.X) == r.file.Source(loop.X) {
			return r.file.Source(loop.X)
		}
	}
	return ""
}

// plain reports a variable, or a field of one.
func plain(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return plain(e.X)
	}
	return false
}

// gather spells the loop that gathers the arguments, if there has to be one.
func (r *rewriting) gather() string {
	if x := r.direct(); x != "" {
		r.many = x
		return ""
	}
	loop := r.loop.Range()
	r.many = r.used.Take(r.many, "all"+naming.Exported(r.many))
	elem := r.file.Type(r.ref.Fn.Signature().Params().At(r.b.varies).Type())
	before := ""
	x := r.file.Source(loop.X)
	if !plain(loop.X) && !r.number() {
		name := "items"
		if id, ok := loop.Value.(*ast.Ident); ok && len(id.Name) > 1 {
			name, _ = naming.Plural(id.Name)
		}
		name = r.used.Take(name)
		before = name + " := " + x + "\n"
		r.file.Replace(loop.X.Pos(), loop.X.End(), name)
		x = name
	}
	if len(r.frames) == 1 && !slices.ContainsFunc(r.frames[0].list[:r.frames[0].at], r.leaves) && !r.number() {
		before += r.many + " := make([]" + elem + ", 0, len(" + x + "))\n"
	} else {
		before += "var " + r.many + " []" + elem + "\n"
	}
	inner := r.gatherFrom(0)
	return before + "for " + r.vars(loop, x, r.gathered()[1:]) + " {\n" + inner + "}\n"
}

// number reports a loop over a number.
func (r *rewriting) number() bool {
	_, basic := code.Under(r.file.Pkg.Info.TypeOf(r.loop.Range().X)).(*types.Basic)
	return basic
}

// vars spells the head of a range over x whose variables are those that nodes mention.
func (r *rewriting) vars(loop *ast.RangeStmt, x string, nodes []ast.Node) string {
	mentioned := func(e ast.Expr) string {
		id, ok := e.(*ast.Ident)
		if !ok || id.Name == "_" {
			return ""
		}
		v := r.file.Pkg.Info.Defs[id]
		for _, n := range nodes {
			if r.loop.Mentions(n, func(m *types.Var) bool { return m == v }) {
				return id.Name
			}
		}
		return ""
	}
	key, value := mentioned(loop.Key), mentioned(loop.Value)
	switch {
	case key == "" && value == "":
		return "range " + x
	case value == "":
		return key + " := range " + x
	case key == "":
		key = "_"
	}
	return key + ", " + value + " := range " + x
}

// gatherFrom spells what a frame does up to the call.
func (r *rewriting) gatherFrom(i int) string {
	f := r.frames[i]
	var out strings.Builder
	for _, stmt := range f.list[:f.at] {
		if r.needed(stmt) {
			out.WriteString(r.guard(stmt) + "\n")
		}
	}
	if i == len(r.frames)-1 {
		out.WriteString(r.many + " = append(" + r.many + ", " + r.file.Source(r.ref.Call.Args[r.b.varies]) + ")\n")
		return out.String()
	}
	next := r.frames[i+1]
	head := "if "
	if next.cond.Init != nil {
		head += r.file.Source(next.cond.Init) + "; "
	}
	if next.els {
		head += r.not(ast.Unparen(next.cond.Cond))
	} else {
		head += r.file.Source(next.cond.Cond)
	}
	out.WriteString(head + " {\n" + r.gatherFrom(i+1) + "}\n")
	return out.String()
}

// not spells the opposite of a condition.
func (r *rewriting) not(cond ast.Expr) string {
	switch cond := cond.(type) {
	case *ast.Ident, *ast.CallExpr, *ast.SelectorExpr, *ast.IndexExpr:
		return "!" + r.file.Source(cond)
	case *ast.UnaryExpr:
		if cond.Op == token.NOT {
			return r.file.Source(cond.X)
		}
	case *ast.BinaryExpr:
		if opposite := map[token.Token]string{token.EQL: "!=", token.NEQ: "=="}[cond.Op]; opposite != "" {
			return r.file.Source(cond.X) + " " + opposite + " " + r.file.Source(cond.Y)
		}
	}
	return "!(" + r.file.Source(cond) + ")"
}

// guard spells a statement before the call, of which only whether it leaves the
// iteration or the loop is kept.
func (r *rewriting) guard(stmt ast.Stmt) string {
	cond, ok := stmt.(*ast.IfStmt)
	if !ok || !r.isGuard(cond) {
		return r.file.Source(stmt)
	}
	leave := "break"
	if b, ok := cond.Body.List[len(cond.Body.List)-1].(*ast.BranchStmt); ok && b.Tok == token.CONTINUE && b.Label == nil {
		leave = "continue"
	}
	return r.file.Source(&ast.IfStmt{If: cond.If, Body: cond.Body, Cond: cond.Cond})[:r.file.Offset(cond.Body.Pos())-r.file.Offset(cond.Pos())] + "{\n" + leave + "\n}"
}
