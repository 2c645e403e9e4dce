package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A skip is the call of a method that does nothing with a nil receiver: where the interface
// has no value a test before the statement leaves the call out.
type skip struct {
	file *code.File
	x    ast.Expr // what the method is called on
	stmt ast.Stmt
	nils string // what the method returns for nil, where the statement returns that
}

// skipOf returns how the call of the method that is selected at the end of stack can be left
// out; nil where it can't: what is called with is evaluated in any case, and what becomes of
// its results is known of few statements.
func (f *Flow) skipOf(file *code.File, fn *types.Func, sel *ast.SelectorExpr, stack []ast.Node) *skip {
	at := slices.Index(stack, ast.Node(sel))
	if at < 3 || !f.Local || file.Generated() || f.Role(file) == Fixed || !plainPath(sel.X) {
		return nil
	}
	call, ok := stack[at-1].(*ast.CallExpr)
	if !ok || call.Fun != sel || slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return !idle(file.Pkg.Info, e) }) {
		return nil
	}
	nils, ok := f.nothingFor(fn, 0)
	if !ok {
		return nil
	}
	s := &skip{file: file, x: sel.X}
	i := at - 2
	switch n := stack[i].(type) {
	case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt:
	case *ast.ReturnStmt:
		if out := resultsOf(file, stack[:at]); len(n.Results) != 1 || out == nil || !types.Identical(out, fn.Signature().Results()) || f.holds(out) {
			return nil
		}
		s.nils = nils
	case *ast.AssignStmt: // if err := x.M(); err != nil
		test, ok := stack[i-1].(*ast.IfStmt)
		if !ok || nils != "nil" || test.Init != n || test.Else != nil || len(n.Lhs) != 1 || n.Tok != token.DEFINE {
			return nil
		}
		id, ok := n.Lhs[0].(*ast.Ident)
		c := checked{file: file, e: id}
		if !ok || !onlyNotNil(&c, test.Cond) {
			return nil
		}
		i--
	default:
		return nil
	}
	s.stmt, ok = stack[i].(ast.Stmt)
	if !ok || !inList(stack[:i+1]) {
		return nil
	}
	return s
}

// plainPath reports a variable, or a field of one.
func plainPath(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return plainPath(e.X)
	}
	return false
}

// idle reports an expression that does nothing where it is evaluated: a variable, a constant,
// an element, a length, or one of these as another type.
func idle(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return true
	case *ast.IndexExpr:
		return idle(info, e.X) && idle(info, e.Index)
	case *ast.CallExpr:
		if len(e.Args) != 1 || !idle(info, e.Args[0]) {
			return false
		}
		name := builtin(e)
		return info.Types[ast.Unparen(e.Fun)].IsType() || info.Types[ast.Unparen(e.Fun)].IsBuiltin() && (name == "len" || name == "cap")
	}
	return plainPath(e)
}

// nothingFor reports whether a method asks first whether its receiver is nil, and does nothing
// then but to return constants, or does no more than to call another such method; results is how
// the constants are written.
func (f *Flow) nothingFor(fn *types.Func, depth int) (results string, ok bool) {
	d := f.World.Decl(fn)
	if depth > deepest || d == nil || d.Func.Body == nil || d.Func.Recv == nil || len(d.Func.Recv.List[0].Names) != 1 || len(d.Func.Body.List) == 0 || !f.isPointer(d.File.Pkg.Info.TypeOf(d.Func.Recv.List[0].Type)) {
		return "", false
	}
	info, recv := d.File.Pkg.Info, d.Func.Recv.List[0].Names[0]
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] != nil && info.Uses[id] == info.Defs[recv]
	}
	switch first := d.Func.Body.List[0].(type) {
	case *ast.IfStmt:
		if first.Init != nil {
			return "", false
		}
		if len(d.Func.Body.List) == 1 && first.Else == nil && asksNil(info, first.Cond, is, token.LAND, token.NEQ) {
			return "", true
		}
		if len(first.Body.List) != 1 || !asksNil(info, first.Cond, is, token.LOR, token.EQL) {
			return "", false
		}
		ret, returns := first.Body.List[0].(*ast.ReturnStmt)
		if !returns || len(ret.Results) != d.Obj.Signature().Results().Len() {
			return "", false
		}
		return constants(d.File, ret)
	case *ast.ReturnStmt:
		if len(first.Results) != 1 {
			return "", false
		}
		call, isCall := ast.Unparen(first.Results[0]).(*ast.CallExpr)
		if !isCall || slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return !idle(info, e) }) {
			return "", false
		}
		sel, selects := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		to := d.File.Callee(call)
		if !selects || to == nil || !is(sel.X) || !types.Identical(to.Signature().Results(), d.Obj.Signature().Results()) {
			return "", false
		}
		return f.nothingFor(to, depth+1)
	}
	return "", false
}

// asksNil reports whether a condition compares something with nil first, and what follows, if
// anything, is joined by an operator with which that decides.
func asksNil(info *types.Info, cond ast.Expr, is func(ast.Expr) bool, join, compare token.Token) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	for ok && b.Op == join {
		b, ok = ast.Unparen(b.X).(*ast.BinaryExpr)
	}
	return ok && b.Op == compare && (is(b.X) && info.Types[b.Y].IsNil() || is(b.Y) && info.Types[b.X].IsNil())
}

// constants returns how a statement writes its results, if each is a constant or nil.
func constants(file *code.File, ret *ast.ReturnStmt) (string, bool) {
	var parts []string
	for _, e := range ret.Results {
		id, _ := ast.Unparen(e).(*ast.Ident)
		_, basic := ast.Unparen(e).(*ast.BasicLit)
		if !basic && (id == nil || !slices.Contains([]string{"nil", "true", "false"}, id.Name) || file.Pkg.Info.Uses[id].Parent() != types.Universe) {
			return "", false
		}
		parts = append(parts, file.Source(e))
	}
	return strings.Join(parts, ", "), true
}

// write writes the test.
func (s *skip) write() {
	if _, returns := s.stmt.(*ast.ReturnStmt); returns {
		s.file.InsertFunc(s.stmt.Pos(), func() string {
			return "if " + s.file.Render(s.x) + " == nil {\n" + strings.TrimSpace("return "+s.nils) + "\n}\n"
		})
		return
	}
	s.file.InsertFunc(s.stmt.Pos(), func() string { return "if " + s.file.Render(s.x) + " != nil {\n" })
	s.file.Insert(s.end(), "\n}")
}

// end is where the statement ends, with the comment behind it on its line.
func (s *skip) end() token.Pos {
	lines := s.file.Pkg.Fset
	for _, c := range s.file.AST.Comments {
		if c.Pos() >= s.stmt.End() && lines.Position(c.Pos()).Line == lines.Position(s.stmt.End()).Line {
			return c.End()
		}
	}
	return s.stmt.End()
}

// skipCalls writes the tests before calls of a slot that may hold nothing.
func (s *slot) skipCalls() {
	written := map[ast.Stmt]bool{}
	for _, d := range slices.Concat(s.nilCall, s.bound) {
		if d.skip != nil && !written[d.skip.stmt] && d.noValue(s) != nil {
			written[d.skip.stmt] = true
			d.skip.write()
		}
	}
}
