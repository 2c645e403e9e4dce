package returnchanges

import (
	"go/ast"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// offer offers a function that is seen to write to what a pointer, slice or map
// leads to that it is given.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f, target := thread.Target(site)
	if f == nil || f.Body == nil || !writes(f) {
		return nil
	}
	return []refactor.Offer{{
		Title:    "Return what " + f.Name.Name + " changes",
		Request:  refactor.Request{Target: target},
		Disabled: thread.Fixed(site, f),
	}}
}

// writes reports a statement that changes memory behind a parameter.
func writes(f *ast.FuncDecl) bool {
	refs := map[string]bool{}
	for _, field := range f.Type.Params.List {
		switch t := field.Type.(type) {
		case *ast.StarExpr, *ast.MapType:
		case *ast.ArrayType:
			if t.Len != nil {
				continue
			}
		default:
			continue
		}
		for _, n := range field.Names {
			refs[n.Name] = true
		}
	}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				found = found || behind(l, refs)
			}
		case *ast.IncDecStmt:
			found = found || behind(n.X, refs)
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "copy" || id.Name == "clear") && len(n.Args) > 0 {
				x, ok := n.Args[0].(*ast.Ident)
				found = found || ok && refs[x.Name]
			}
		}
		return !found
	})
	return found
}

// behind reports an expression for memory that one of the names leads to.
func behind(e ast.Expr, refs map[string]bool) bool {
	for deeper := false; ; deeper = true {
		switch x := e.(type) {
		case *ast.Ident:
			return deeper && refs[x.Name]
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return false
		}
	}
}
