package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// Through reports whether what a field leads to is written at the end of a path: an
// element of it, or a field behind it.
func Through(f *code.File, stack []ast.Node) bool {
	i := len(stack) - 1
climb:
	for ; i > 0; i-- {
		switch p := stack[i-1].(type) {
		case *ast.ParenExpr, *ast.StarExpr:
			continue
		case *ast.SelectorExpr:
			if s := f.Pkg.Info.Selections[p]; s != nil && s.Kind() == types.FieldVal {
				continue
			}
		case *ast.IndexExpr:
			if p.X == stack[i] {
				continue
			}
		}
		break climb
	}
	if i == 0 {
		return false
	}
	switch p := stack[i-1].(type) {
	case *ast.AssignStmt:
		return i < len(stack)-1 && slices.Contains(p.Lhs, stack[i].(ast.Expr))
	case *ast.IncDecStmt:
		return i < len(stack)-1
	case *ast.UnaryExpr:
		return p.Op == token.AND
	case *ast.CallExpr:
		if id, ok := ast.Unparen(p.Fun).(*ast.Ident); ok && len(p.Args) > 0 && p.Args[0] == stack[i] {
			b, ok := f.Pkg.Info.Uses[id].(*types.Builtin)
			return ok && (b.Name() == "delete" || b.Name() == "clear" || b.Name() == "copy" || b.Name() == "append")
		}
	}
	return false
}
