package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// errName returns the name that := gives to a new error at r: err, unless that
// would take the place of a variable that the code after it means, or change
// one that it reads. stmt is the if whose scope the name goes into, or nil for
// the statements around r.
func (t *Threader) errName(r mention, stmt *ast.IfStmt) string {
	d := t.scopeOf(r)
	if d == nil || t.errFree(r, d, stmt) {
		return "err"
	}
	if in := r.insertion(); stmt == nil && t.declaredLater(r, d, in) {
		return "err"
	}
	return t.otherErr(r, d)
}

// declaredLater reports whether err, as := declares it later among the statements
// of in and nothing else with it, can be declared at r: it does not get declared
// there then.
func (t *Threader) declaredLater(r mention, d *code.Decl, in insertion) bool {
	if in.stmt == nil || in.scope == nil || in.inner {
		return false
	}
	own := in.scope.Lookup("err")
	if own == nil || own.Pos() < in.stmt.Pos() || !isError(own) || mentioned(d, "err", in.stmt.Pos(), own.Pos()) {
		return false
	}
	i := slices.IndexFunc(in.list, func(s ast.Stmt) bool { return s.Pos() <= own.Pos() && own.Pos() < s.End() })
	if i < 0 {
		return false
	}
	a, ok := in.list[i].(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE || len(a.Lhs) != 1 || t.hasChanged(r.File, a) {
		return false
	}
	if !t.plain[a] {
		t.plain[a] = true
		r.File.Replace(a.TokPos, a.TokPos+token.Pos(len(":=")), "=")
	}
	return true
}

// errBeside is errName for an error that joins the variables that a statement
// declares or assigns.
func (t *Threader) errBeside(r mention, stmt *ast.IfStmt, lhs []ast.Expr) string {
	for _, l := range lhs {
		if id, ok := l.(*ast.Ident); ok && id.Name == "err" {
			return t.otherErr(r, t.scopeOf(r))
		}
	}
	return t.errName(r, stmt)
}

// otherErr is the name of an error where err is taken.
func (t *Threader) otherErr(r mention, d *code.Decl) string {
	name := "err" + naming.Exported(r.Fn.Name())
	if d == nil {
		return name
	}
	return t.freeIn(d, name)
}

// An insertion is where a new variable for r is declared.
type insertion struct {
	stmt  ast.Stmt   // the statement of a list that r stands in
	list  []ast.Stmt // that list
	inner bool       // the variable goes into a scope of its own inside stmt
	loop  *ast.ForStmt
	scope *types.Scope // of the list
}

func (r mention) insertion() insertion {
	var in insertion
	for i := len(r.Path) - 1; i > 0; i-- {
		n, parent := r.Path[i], r.Path[i-1]
		if stmt, ok := n.(ast.Stmt); ok && statements(parent) != nil {
			in.stmt, in.list = stmt, statements(parent)
			for k := i - 1; k >= 0 && in.scope == nil; k-- {
				in.scope = r.scopeAt(k)
			}
			return in
		}
		switch p := parent.(type) {
		case *ast.BinaryExpr:
			in.inner = in.inner || conditional(p) && n == ast.Node(p.Y)
		case *ast.IfStmt:
			in.inner = in.inner || n == ast.Node(p.Else)
		case *ast.ForStmt:
			if n == ast.Node(p.Cond) {
				in.inner, in.loop = true, p
			}
		}
	}
	return in
}

// scopeAt returns the scope of r.Path[k], or nil.
func (r mention) scopeAt(k int) *types.Scope {
	scopes := r.File.Pkg.Info.Scopes
	switch n := r.Path[k].(type) {
	case *ast.FuncDecl:
		return scopes[n.Type]
	case *ast.FuncLit:
		return scopes[n.Type]
	default:
		return scopes[n]
	}
}

// statements returns the list of statements that n holds, or nil.
func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

func (t *Threader) errFree(r mention, d *code.Decl, stmt *ast.IfStmt) bool {
	pkg := r.File.Pkg.Types.Scope()
	in := r.insertion()
	if in.stmt == nil || in.scope == nil {
		return false
	}
	_, visible := in.scope.LookupParent("err", r.ID.Pos())
	if stmt != nil || in.inner {
		if in.loop != nil {
			if body := r.File.Pkg.Info.Scopes[in.loop.Body]; body != nil && body.Lookup("err") != nil {
				return false
			}
		}
		var around ast.Node = in.stmt
		if stmt != nil {
			around = stmt
		}
		return !mentioned(d, "err", around.Pos(), around.End())
	}
	own := in.scope.Lookup("err")
	switch {
	case own != nil && own.Pos() >= in.stmt.Pos(): // declared by this statement or a later one
		return isError(own) && declaredWithOthers(d, own) && !mentioned(d, "err", in.stmt.Pos(), own.Pos())
	case own != nil:
		return isError(own) && !r.inLoopSince(own.Pos()) && !captured(d, own) && t.writtenNext(d, own, in)
	case visible == nil || visible.Parent() == pkg || visible.Parent() == types.Universe:
		return visible == nil || !mentioned(d, "err", d.Func.Body.Pos(), d.Func.Body.End())
	}
	return !mentioned(d, "err", in.stmt.Pos(), in.scope.End())
}

// mentioned reports whether an identifier of that name, whatever it means,
// stands between two positions, the first one included.
func mentioned(d *code.Decl, name string, from, to token.Pos) bool {
	found := false
	ast.Inspect(d.Func, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name && from <= id.Pos() && id.Pos() < to
		return !found
	})
	return found
}

// captured reports whether a function literal mentions a variable declared
// outside it: it may read what is in the variable at any time.
func captured(d *code.Decl, obj types.Object) bool {
	found := false
	ast.Inspect(d.Func, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		if ok && (obj.Pos() < lit.Pos() || obj.Pos() >= lit.End()) {
			ids := mentionsOf(d, obj)
			found = found || anyBetween(ids, lit.Pos(), lit.End())
		}
		return !found
	})
	return found
}

func isError(obj types.Object) bool {
	return types.Identical(obj.Type(), types.Universe.Lookup("error").Type())
}

// mentionsOf returns the identifiers of a declaration that mean obj.
func mentionsOf(d *code.Decl, obj types.Object) []*ast.Ident {
	info := d.File.Pkg.Info
	var out []*ast.Ident
	ast.Inspect(d.Func, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (info.Uses[id] == obj || info.Defs[id] == obj) {
			out = append(out, id)
		}
		return true
	})
	return out
}

func anyBetween(ids []*ast.Ident, from, to token.Pos) bool {
	for _, id := range ids {
		if from < id.Pos() && id.Pos() < to {
			return true
		}
	}
	return false
}

// inLoopSince reports whether a loop that starts after pos is around r, so that
// code before r may run after it.
func (r mention) inLoopSince(pos token.Pos) bool {
	for _, n := range r.Path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() > pos {
				return true
			}
		}
	}
	return false
}

// writtenNext reports whether nothing from in.stmt on reads the value that obj has
// there: each path gives it a new one first, or doesn't mention it. A bare return
// reads a named result.
func (t *Threader) writtenNext(d *code.Decl, obj types.Object, in insertion) bool {
	if obj.Pos() < d.Func.Body.Pos() {
		return false // a result or parameter: a bare return or a deferred call may read it
	}
	i := slices.Index(in.list, in.stmt)
	if i < 0 {
		return false // what a select waits for
	}
	unread, _ := rewritten(d, obj, mentionsOf(d, obj), in.list[i:])
	return unread
}

// rewritten reports whether statements don't read the value that obj has before
// them, and whether they give it a new one whatever happens.
func rewritten(d *code.Decl, obj types.Object, uses []*ast.Ident, list []ast.Stmt) (unread, always bool) {
	mentioned := func(n ast.Node) bool { return anyBetween(uses, n.Pos()-1, n.End()) }
	for _, stmt := range list {
		if !mentioned(stmt) {
			continue
		}
		var bodies [][]ast.Stmt
		switch s := stmt.(type) {
		case *ast.AssignStmt:
			ok := assigns(d, s, obj)
			return ok, ok
		case *ast.IfStmt:
			if s.Init != nil && mentioned(s.Init) {
				a, ok := s.Init.(*ast.AssignStmt)
				ok = ok && assigns(d, a, obj)
				return ok, ok
			}
			if mentioned(s.Cond) {
				return false, false
			}
			bodies = append(bodies, s.Body.List)
			if s.Else != nil {
				bodies = append(bodies, []ast.Stmt{s.Else})
			}
		case *ast.SwitchStmt:
			a, ok := s.Init.(*ast.AssignStmt)
			ok = ok && assigns(d, a, obj)
			return ok, ok
		case *ast.BlockStmt:
			bodies = append(bodies, s.List)
		case *ast.RangeStmt:
			if !within(uses, stmt, s.Body) {
				return false, false
			}
			bodies = append(bodies, s.Body.List)
		default:
			return false, false
		}
		for _, b := range bodies {
			if unread, _ := rewritten(d, obj, uses, b); !unread {
				return false, false
			}
		}
	}
	return true, false
}

// within reports whether all identifiers that stand in n stand in a part of it.
func within(ids []*ast.Ident, n, part ast.Node) bool {
	return !slices.ContainsFunc(ids, func(id *ast.Ident) bool {
		return n.Pos() <= id.Pos() && id.Pos() < n.End() && (id.Pos() < part.Pos() || id.Pos() >= part.End())
	})
}

// assigns reports whether a gives obj a new value without reading it.
func assigns(d *code.Decl, a *ast.AssignStmt, obj types.Object) bool {
	if a.Tok != token.ASSIGN && a.Tok != token.DEFINE {
		return false
	}
	info, gives := d.File.Pkg.Info, false
	for _, l := range a.Lhs {
		id, ok := l.(*ast.Ident)
		gives = gives || ok && (info.Uses[id] == obj || info.Defs[id] == obj)
	}
	uses := mentionsOf(d, obj)
	for _, l := range a.Lhs {
		if _, plain := l.(*ast.Ident); !plain && anyBetween(uses, l.Pos()-1, l.End()) {
			return false
		}
	}
	for _, e := range a.Rhs {
		if anyBetween(uses, e.Pos()-1, e.End()) {
			return false
		}
	}
	return gives
}

// declaredWithOthers reports whether obj is declared by a := that would still
// declare something if obj existed already.
func declaredWithOthers(d *code.Decl, obj types.Object) bool {
	found := false
	ast.Inspect(d.Func, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE {
			return true
		}
		defined, mine := 0, false
		for _, l := range a.Lhs {
			if id, ok := l.(*ast.Ident); ok && d.File.Pkg.Info.Defs[id] != nil && id.Name != "_" {
				defined++
				mine = mine || id.Pos() == obj.Pos()
			}
		}
		found = found || mine && defined > 1
		return true
	})
	return found
}
