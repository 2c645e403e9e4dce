package listuse

import (
	"go/ast"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// Offer offers what can be done to the list that the function or method returns whose
// signature is at the place; nothing where it returns no list. title is for the
// function's name.
func Offer(site *refactor.Site, title func(name string) string) []refactor.Offer {
	f := site.Func()
	if f == nil || f.Body == nil || site.Test() || !returnsList(f) {
		return nil
	}
	name := f.Name.Name
	if recv := source.Receiver(f); recv != "" {
		name = recv + "." + name
	}
	return []refactor.Offer{{Title: title(f.Name.Name), Request: refactor.Request{Target: site.Target(name)}, Disabled: unable(f)}}
}

// returnsList reports a result that is written as a slice of anything but bytes.
func returnsList(f *ast.FuncDecl) bool {
	rs := f.Type.Results
	if rs == nil || rs.NumFields() > 2 {
		return false
	}
	list, ok := rs.List[0].Type.(*ast.ArrayType)
	if !ok || list.Len != nil {
		return false
	}
	id, ok := list.Elt.(*ast.Ident)
	return !ok || id.Name != "byte"
}

func unable(f *ast.FuncDecl) string {
	if f.Type.TypeParams != nil {
		return f.Name.Name + " is generic"
	}
	if f.Recv != nil {
		e := f.Recv.List[0].Type
		if star, ok := e.(*ast.StarExpr); ok {
			e = star.X
		}
		switch e.(type) {
		case *ast.IndexExpr, *ast.IndexListExpr:
			return f.Name.Name + " is a method of a generic type"
		}
	}
	return ""
}
