package batchcall

import (
	"go/ast"
	"go/types"
	"slices"
)

// errName names the error of the variant: as the loop does, unless another variable of
// that name is meant there.
func (r *rewriting) errName() string {
	name := r.site.err.Name()
	scope := r.file.Pkg.Info.Scopes[r.loop.Holder()]
	if scope == nil { // of a function
		fn, _ := r.loop.Func()
		switch fn := fn.(type) {
		case *ast.FuncDecl:
			scope = r.file.Pkg.Info.Scopes[fn.Type]
		case *ast.FuncLit:
			scope = r.file.Pkg.Info.Scopes[fn.Type]
		}
	}
	if r.first && r.onlyCounts() {
		return name
	}
	if scope != nil && r.free(scope, name) {
		return name
	}
	base := "batch"
	if len(r.results) > 0 {
		base = r.results[0]
	}
	return r.used.Take(base+"Err", "batchErr")
}

// free reports whether := may declare or assign the name in a scope.
func (r *rewriting) free(scope *types.Scope, name string) bool {
	fn, _ := r.loop.Func()
	after := false // the name is mentioned after the loop, in the scope
	var next *ast.Ident
	ast.Inspect(fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name && id.Pos() > r.loop.Stmt.End() && (next == nil || id.Pos() < next.Pos()) {
			next = id
		}
		return true
	})
	after = next != nil
	own := scope.Lookup(name)
	_, visible := scope.LookupParent(name, r.loop.Stmt.Pos())
	switch {
	case own != nil && own.Pos() > r.loop.Stmt.Pos():
		return false
	case own != nil:
		v, ok := own.(*types.Var)
		return ok && types.Identical(v.Type(), types.Universe.Lookup("error").Type()) && !r.result(v) && !r.captured(v) && !r.again(v) && (!after || r.written(next))
	case visible == nil:
		return true
	}
	return visible.Parent() != r.file.Pkg.Types.Scope() && !after || visible.Parent() == types.Universe
}

// result reports a named result of the function.
func (r *rewriting) result(v *types.Var) bool {
	fn, _ := r.loop.Func()
	var list *ast.FieldList
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		list = fn.Type.Results
	case *ast.FuncLit:
		list = fn.Type.Results
	}
	return list != nil && list.Pos() <= v.Pos() && v.Pos() < list.End()
}

// captured reports a variable that a function literal mentions.
func (r *rewriting) captured(v *types.Var) bool {
	fn, _ := r.loop.Func()
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && ast.Node(lit) != fn {
			ast.Inspect(lit, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				found = found || ok && r.file.Pkg.Info.ObjectOf(id) == v
				return !found
			})
			return false
		}
		return !found
	})
	return found
}

// again reports a loop around this one that starts after v is declared: code before the
// loop runs after it, too.
func (r *rewriting) again(v *types.Var) bool {
	return slices.ContainsFunc(r.loop.Path[:len(r.loop.Path)-1], func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return n.Pos() > v.Pos()
		}
		return false
	})
}

// written reports a mention that is the target of an assignment.
func (r *rewriting) written(id *ast.Ident) bool {
	fn, _ := r.loop.Func()
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			found = found || slices.Contains(a.Lhs, ast.Expr(id))
		}
		return !found
	})
	return found
}
