package threadcontext

import (
	"go/ast"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// offer offers the function or method whose signature is at the place, or says
// why it can't gain a context.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f := site.Func()
	if f == nil || site.Test() {
		return nil // no target names a function of a test
	}
	target := strings.TrimSuffix(site.Dir(), "/") + "." + f.Name.Name
	if site.Dir() == "./" {
		target = "./." + f.Name.Name
	}
	if recv := source.Receiver(f); recv != "" {
		target = strings.TrimSuffix(target, f.Name.Name) + recv + "." + f.Name.Name
	}
	return []refactor.Offer{{
		Title:    "Thread a context to " + f.Name.Name,
		Request:  refactor.Request{Target: target},
		Disabled: unable(site, f),
	}}
}

func unable(site *refactor.Site, f *ast.FuncDecl) string {
	name := f.Name.Name
	switch {
	case f.Body == nil:
		return name + " has no Go body"
	case f.Recv == nil && (name == "init" || name == "main" && site.Syntax.Name.Name == "main"):
		return "the runtime calls " + name
	case takesContext(f):
		return name + " takes a context already"
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
