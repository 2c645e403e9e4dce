package threadcontext

import (
	"go/ast"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// offer offers the function or method whose signature is at the place, or says
// why it can't gain a context.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f, target := thread.Target(site)
	if f == nil {
		return nil
	}
	return []refactor.Offer{{
		Title:    "Thread a context to " + f.Name.Name,
		Request:  refactor.Request{Target: target},
		Disabled: unable(site, f),
	}}
}

func unable(site *refactor.Site, f *ast.FuncDecl) string {
	if why := thread.Fixed(site, f); why != "" {
		return why
	}
	if takesContext(f) {
		return f.Name.Name + " takes a context already"
	}
	return ""
}

// takesContext reports a first parameter that is written context.Context.
func takesContext(f *ast.FuncDecl) bool {
	if len(f.Type.Params.List) == 0 {
		return false
	}
	sel, ok := f.Type.Params.List[0].Type.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Context" {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "context"
}
