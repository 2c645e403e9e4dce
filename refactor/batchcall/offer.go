package batchcall

import (
	"go/ast"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// offer offers the function or method whose signature is at the place.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f := site.Func()
	if f == nil || f.Body == nil || site.Test() {
		return nil
	}
	name := f.Name.Name
	if recv := source.Receiver(f); recv != "" {
		name = recv + "." + name
	}
	if f.Name.Name == "init" || f.Name.Name == "main" || f.Type.Params.NumFields() == 0 {
		return nil
	}
	return []refactor.Offer{{
		Title:    "Call " + f.Name.Name + " once instead of in loops",
		Request:  refactor.Request{Target: site.Target(name)},
		Disabled: unable(f),
	}}
}

func unable(f *ast.FuncDecl) string {
	params := f.Type.Params.List
	_, variadic := params[len(params)-1].Type.(*ast.Ellipsis)
	switch {
	case f.Type.TypeParams != nil || f.Recv != nil && generic(f.Recv.List[0].Type):
		return f.Name.Name + " is generic"
	case variadic:
		return f.Name.Name + " takes any number of arguments"
	}
	return ""
}

func generic(e ast.Expr) bool {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	switch e.(type) {
	case *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}
