package extract

import (
	"go/ast"
	"go/token"
	"go/types"
)

// settings notes each variable of the target's package that other packages or
// tests set: they set it in their own process only.
func (j *job) settings() {
	seen := map[string]bool{}
	for _, f := range j.world.Files {
		if f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path && !f.Test {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			for _, id := range set(n) {
				v, ok := f.Pkg.Info.Uses[id].(*types.Var)
				if !ok || !j.packageLevel(v) || seen[v.Name()] {
					continue
				}
				seen[v.Name()] = true
				j.note(j.world.Span(id), "this sets "+j.target.pkg.Pkg.Name+"."+v.Name()+": what of the component runs in another process doesn't see it")
			}
			return true
		})
	}
}

// packageLevel reports whether v is a variable of the target's package, in any
// variant of it.
func (j *job) packageLevel(v *types.Var) bool {
	if v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return false
	}
	f := j.world.FileOf(v)
	return f != nil && !f.Test && f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path
}

// set returns the names that a node gives a new value, or whose address it takes.
func set(n ast.Node) []*ast.Ident {
	var targets []ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		targets = n.Lhs
	case *ast.IncDecStmt:
		targets = []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			targets = []ast.Expr{n.X}
		}
	}
	var out []*ast.Ident
	for _, t := range targets {
		switch t := ast.Unparen(t).(type) {
		case *ast.Ident:
			out = append(out, t)
		case *ast.SelectorExpr:
			out = append(out, t.Sel)
		}
	}
	return out
}
