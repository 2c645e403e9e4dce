package code

import (
	"go/ast"
	"go/token"
	"go/types"
)

// errName returns the name that := gives to a new error at r: err, unless that
// would take the place of a variable that the code after it means, or change
// one that it reads. stmt is the if whose scope the name goes into, or nil for
// the block around r.
func (t *Threader) errName(r *Ref, stmt *ast.IfStmt) string {
	d := t.scopeOf(r)
	scope := r.File.Pkg.Types.Scope().Innermost(r.ID.Pos())
	if d == nil || scope == nil {
		return "err"
	}
	if t.errFree(r, d, scope, stmt) {
		return "err"
	}
	return t.otherErr(r, d)
}

// errBeside is errName for an error that joins the variables that a statement
// declares or assigns.
func (t *Threader) errBeside(r *Ref, stmt *ast.IfStmt, lhs []ast.Expr) string {
	for _, l := range lhs {
		if id, ok := l.(*ast.Ident); ok && id.Name == "err" {
			return t.otherErr(r, t.scopeOf(r))
		}
	}
	return t.errName(r, stmt)
}

// otherErr is the name of an error where err is taken.
func (t *Threader) otherErr(r *Ref, d *Decl) string {
	name := "err" + upperFirst(r.Fn.Name())
	if d == nil {
		return name
	}
	return t.freeIn(d, name)
}

func (t *Threader) errFree(r *Ref, d *Decl, scope *types.Scope, stmt *ast.IfStmt) bool {
	if own := scope.Lookup("err"); own != nil && stmt == nil && (own.Pos() > r.ID.Pos() || r.declares(own, scope)) {
		return isError(own) && declaredWithOthers(d, own)
	}
	_, obj := scope.LookupParent("err", r.ID.Pos())
	if obj == nil || obj.Parent() == r.File.Pkg.Types.Scope() {
		return true
	}
	uses := mentionsOf(d, obj)
	if stmt != nil {
		return !anyBetween(uses, stmt.Pos(), stmt.End())
	}
	if obj.Parent() != scope {
		return !anyBetween(uses, r.ID.Pos(), scope.End())
	}
	return isError(obj) && !r.inLoopSince(obj.Pos()) && t.writtenNext(d, obj, uses, r.end())
}

// declares reports whether the statement that r stands in declares obj in the
// scope around it.
func (r *Ref) declares(obj types.Object, around *types.Scope) bool {
	for i := len(r.Path) - 1; i > 0; i-- {
		if stmt, ok := r.Path[i].(ast.Stmt); ok && holdsStatements(r.Path[i-1]) {
			return around.Pos() < stmt.Pos() && stmt.Pos() <= obj.Pos() && obj.Pos() < stmt.End()
		}
	}
	return false
}

func isError(obj types.Object) bool {
	return types.Identical(obj.Type(), types.Universe.Lookup("error").Type())
}

// mentionsOf returns the identifiers of a declaration that mean obj.
func mentionsOf(d *Decl, obj types.Object) []*ast.Ident {
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
func (r *Ref) inLoopSince(pos token.Pos) bool {
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

// writtenNext reports whether the first mention of obj after pos gives it a new
// value, or there is none; a bare return reads a named result.
func (t *Threader) writtenNext(d *Decl, obj types.Object, uses []*ast.Ident, pos token.Pos) bool {
	if obj.Pos() < d.Func.Body.Pos() {
		return false // a result or parameter: a bare return or a deferred call may read it
	}
	for _, id := range uses {
		if id.Pos() > pos {
			return assigned(d, id)
		}
	}
	return true
}

// assigned reports whether id stands on the left side of an assignment that
// doesn't read it on the right.
func assigned(d *Decl, id *ast.Ident) bool {
	found := false
	ast.Inspect(d.Func, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.ASSIGN && a.Tok != token.DEFINE {
			return true
		}
		for _, l := range a.Lhs {
			found = found || l == ast.Expr(id)
		}
		return true
	})
	return found
}

// declaredWithOthers reports whether obj is declared by a := that would still
// declare something if obj existed already.
func declaredWithOthers(d *Decl, obj types.Object) bool {
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
