package listuse

import (
	"go/ast"
	"go/token"

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
	if rs == nil || rs.NumFields() > 2 || rs.NumFields() == 2 && !isError(rs.List[len(rs.List)-1]) {
		return false
	}
	list, ok := rs.List[0].Type.(*ast.ArrayType)
	if !ok || list.Len != nil {
		return false
	}
	id, ok := list.Elt.(*ast.Ident)
	return !ok || id.Name != "byte"
}

func isError(f *ast.Field) bool {
	id, ok := f.Type.(*ast.Ident)
	return ok && id.Name == "error"
}

// Makes reports a function that looks as if it made its list itself: it appends to a
// variable of its own, or stores at its indexes, and returns it.
func Makes(f *ast.FuncDecl) bool {
	own := map[string]bool{} // declared here
	grown := map[string]bool{}
	returned := map[string]bool{}
	name := func(e ast.Expr) string {
		if id, ok := e.(*ast.Ident); ok {
			return id.Name
		}
		return ""
	}
	if ids := f.Type.Results.List[0].Names; len(ids) > 0 {
		own[ids[0].Name], returned[ids[0].Name] = true, true
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ValueSpec:
			for _, id := range n.Names {
				own[id.Name] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				own[name(l)] = own[name(l)] || n.Tok == token.DEFINE
				ast.Inspect(l, func(n ast.Node) bool {
					if at, ok := n.(*ast.IndexExpr); ok {
						grown[name(at.X)] = true
					}
					return true
				})
			}
		case *ast.CallExpr:
			if name(n.Fun) == "append" && len(n.Args) > 1 {
				grown[name(n.Args[0])] = true
			}
		case *ast.ReturnStmt:
			if len(n.Results) == 0 {
				break
			}
			list := n.Results[0]
			if call, ok := list.(*ast.CallExpr); ok && name(call.Fun) == "append" && len(call.Args) > 1 {
				list = call.Args[0]
			}
			returned[name(list)] = true
		}
		return true
	})
	for id := range grown {
		if id != "" && own[id] && returned[id] {
			return true
		}
	}
	return false
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
