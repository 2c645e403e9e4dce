package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A helped is a place where the program gives an error to a function of its own
// that reports it, if there is one: check(err), or
// if !successOrAbort(c, 500, err) { return }.
type helped struct {
	example
	stmt ast.Stmt      // all of it
	call *ast.CallExpr // of the function
	arg  ast.Expr      // the error among its arguments
}

// helper is how the function around r gives an error to a function of the program:
// as it does elsewhere, or as others do that answer a request. s tests the error
// itself.
func (t *Threader) helper(r mention, sig *types.Signature) (sink, bool) {
	body, _ := r.body()
	around := t.helpedIn(r.File, body, sig, false)
	if d := t.declOf(r); d != nil && r.enclosing() != nil {
		around = append(around, t.helpedIn(r.File, d.Func.Body, d.Obj.Signature(), true)...)
	}
	for _, h := range around {
		if s, ok := r.helpedBy(h, sig); ok {
			return s, true
		}
	}
	if !slices.ContainsFunc(slices.Collect(sig.Params().Variables()), func(v *types.Var) bool { return answering(r.File, v) != "" }) {
		return sink{}, false
	}
	for _, h := range t.helpersOf(r.File) {
		if s, ok := r.helpedBy(h, sig); ok {
			return s, true
		}
	}
	return sink{}, false
}

// helpersOf returns how the functions of the package of f do it.
func (t *Threader) helpersOf(f *code.File) []helped {
	path := f.Pkg.Pkg.Path
	if known, ok := t.helpers[path]; ok {
		return known
	}
	out := []helped{}
	for _, g := range t.siblings(f) {
		for _, d := range g.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if obj, ok := g.Pkg.Info.Defs[fn.Name].(*types.Func); ok {
				out = append(out, t.helpedIn(g, fn.Body, obj.Signature(), true)...)
			}
		}
	}
	t.helpers[path] = out
	return out
}

// helpedIn returns how a function with the given body does it. What stands in
// function literals is theirs; with literals it counts, too.
func (t *Threader) helpedIn(f *code.File, body *ast.BlockStmt, sig *types.Signature, literals bool) []helped {
	var out []helped
	if body == nil || sig == nil {
		return nil
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return literals
		case *ast.ExprStmt:
			if call, ok := n.X.(*ast.CallExpr); ok {
				if arg := t.reporter(f, call, endsProgram); arg != nil {
					out = append(out, helped{example{f, nil, nil, sig}, n, call, arg})
				}
			}
		case *ast.IfStmt:
			call, negated := tested(f, n)
			if call == nil || n.Else != nil || len(n.Body.List) == 0 || len(n.Body.List) > 3 || !leaves(f, n.Body.List[len(n.Body.List)-1]) {
				break
			}
			if arg := t.reporter(f, call, func(d *code.Decl, err *types.Var) bool { return answers(d, err, negated) }); arg != nil {
				out = append(out, helped{example{f, n.Body.List, nil, sig}, n, call, arg})
			}
		}
		return true
	})
	return out
}

// tested returns the call whose only result an if tests: if !f(), or
// if ok := f(); !ok.
func tested(f *code.File, s *ast.IfStmt) (call *ast.CallExpr, negated bool) {
	cond := ast.Unparen(s.Cond)
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		negated, cond = true, ast.Unparen(not.X)
	}
	if s.Init == nil {
		call, _ = cond.(*ast.CallExpr)
		return call, negated
	}
	a, ok := s.Init.(*ast.AssignStmt)
	id, isID := cond.(*ast.Ident)
	if !ok || !isID || a.Tok != token.DEFINE || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return nil, false
	}
	if x, ok := a.Lhs[0].(*ast.Ident); !ok || f.Pkg.Info.Defs[x] != f.Pkg.Info.Uses[id] {
		return nil, false
	}
	call, _ = a.Rhs[0].(*ast.CallExpr)
	return call, negated
}

// reporter returns the error among the arguments of a call of a function of the
// module that does with its error what does says; nil where it isn't one.
func (t *Threader) reporter(f *code.File, call *ast.CallExpr, does func(*code.Decl, *types.Var) bool) ast.Expr {
	fn := f.Callee(call)
	if fn == nil || fn.Signature().Variadic() || fn.Signature().Params().Len() != len(call.Args) {
		return nil
	}
	d := t.World.Decl(fn)
	if d == nil || d.Func.Body == nil || len(d.Func.Body.List) == 0 {
		return nil
	}
	at := -1
	params := d.Obj.Signature().Params()
	for i := range params.Len() {
		if crossing.IsError(params.At(i).Type()) {
			if at >= 0 {
				return nil
			}
			at = i
		}
	}
	if at < 0 || !does(d, params.At(at)) {
		return nil
	}
	return call.Args[at]
}

// endsProgram reports a function that ends the program, or the goroutine, if there
// is an error, and does nothing else.
func endsProgram(d *code.Decl, err *types.Var) bool {
	if d.Obj.Signature().Results().Len() > 0 || len(d.Func.Body.List) != 1 {
		return false
	}
	s, ok := d.Func.Body.List[0].(*ast.IfStmt)
	if !ok || s.Else != nil || testedError(d.File, s.Cond) != types.Object(err) || len(s.Body.List) == 0 {
		return false
	}
	_, returns := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
	return !returns && leaves(d.File, s.Body.List[len(s.Body.List)-1])
}

// answers reports a function that says by a bool, its only result, whether there
// was an error: false where success says so.
func answers(d *code.Decl, err *types.Var, success bool) bool {
	rs := d.Obj.Signature().Results()
	if rs.Len() != 1 || !types.Identical(rs.At(0).Type(), types.Typ[types.Bool]) {
		return false
	}
	list := d.Func.Body.List
	last, ok := list[len(list)-1].(*ast.ReturnStmt)
	if !ok || len(last.Results) != 1 {
		return false
	}
	if b, ok := ast.Unparen(last.Results[0]).(*ast.BinaryExpr); ok {
		id, isID := b.X.(*ast.Ident)
		op := token.NEQ
		if success {
			op = token.EQL
		}
		return isID && d.File.Pkg.Info.Uses[id] == types.Object(err) && d.File.Pkg.Info.Types[b.Y].IsNil() && b.Op == op
	}
	if len(list) < 2 {
		return false
	}
	s, ok := list[len(list)-2].(*ast.IfStmt)
	if !ok || s.Else != nil || testedError(d.File, s.Cond) != types.Object(err) || len(s.Body.List) == 0 {
		return false
	}
	ret, ok := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
	return ok && len(ret.Results) == 1 && constantBool(d.File, ret.Results[0], !success) && constantBool(d.File, last.Results[0], success)
}

func constantBool(f *code.File, e ast.Expr, value bool) bool {
	v := f.Pkg.Info.Types[e].Value
	return v != nil && v.String() == map[bool]string{true: "true", false: "false"}[value]
}

// helpedBy spells a place anew at r, in a function with signature sig.
func (r mention) helpedBy(h helped, sig *types.Signature) (sink, bool) {
	if len(h.stmts) > 0 && !types.Identical(h.sig.Results(), sig.Results()) {
		return sink{}, false
	}
	h.stmts = slices.DeleteFunc(slices.Clone(h.stmts), func(s ast.Stmt) bool { return givesBack(h.file, s) })
	b := borrower{r: r, e: h.example, given: h.arg}
	b.call(h.call)
	for _, s := range h.stmts {
		b.visit(s, nil)
	}
	if b.failed || !b.saysErr {
		return sink{}, false
	}
	b.sort()
	var leave []string
	for _, s := range h.stmts {
		leave = append(leave, b.text(s, ""))
	}
	if len(leave) == 0 {
		all := func(err string) string { return b.text(h.call, err) }
		return sink{ends: true, checks: true, stmts: all, fails: all}, true
	}
	s := h.stmt.(*ast.IfStmt)
	return sink{checks: true, tests: true, stmts: func(err string) string {
		return b.span(s.Pos(), s.Body.Lbrace+1, err) + "\n" + strings.Join(leave, "\n") + "\n}"
	}, fails: func(err string) string {
		return b.text(h.call, err) + "\n" + strings.Join(leave, "\n")
	}}, true
}
