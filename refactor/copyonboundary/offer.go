package copyonboundary

import (
	"go/ast"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// offer offers a method that is seen to return a part of its receiver, or to store an
// argument in it.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f := site.Func()
	if f == nil || site.Test() || f.Body == nil || f.Recv == nil || len(f.Recv.List[0].Names) == 0 || !shares(f) {
		return nil
	}
	return []refactor.Offer{{
		Title:   "Copy at the boundary of " + f.Name.Name,
		Request: refactor.Request{Target: site.Target(source.Receiver(f) + "." + f.Name.Name)},
	}}
}

// shares reports a method one of whose results, or parameters, is written as a slice,
// map or pointer, and which returns a field of its receiver or assigns to one.
func shares(f *ast.FuncDecl) bool {
	recv, params := f.Recv.List[0].Names[0].Name, map[string]bool{}
	gives := false
	for _, p := range fields(f.Type.Results) {
		gives = gives || refers(p.Type)
	}
	for _, p := range fields(f.Type.Params) {
		for _, n := range p.Names {
			params[n.Name] = refers(p.Type)
		}
	}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				found = found || gives && of(e, recv)
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if i < len(n.Rhs) && of(l, recv) {
					found = found || stored(n.Rhs[i], params)
				}
			}
		}
		return !found
	})
	return found
}

func fields(l *ast.FieldList) []*ast.Field {
	if l == nil {
		return nil
	}
	return l.List
}

func refers(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.StarExpr, *ast.MapType:
		return true
	case *ast.ArrayType:
		return t.Len == nil
	}
	return false
}

// of reports a part of the receiver: c.items, c.byID[id].
func of(e ast.Expr, recv string) bool {
	for {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				return id.Name == recv
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return false
		}
	}
}

// stored reports a parameter, or one that is appended.
func stored(e ast.Expr, params map[string]bool) bool {
	if id, ok := e.(*ast.Ident); ok {
		return params[id.Name]
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "append" {
		return false
	}
	for _, a := range call.Args[1:] {
		if id, ok := a.(*ast.Ident); ok && params[id.Name] {
			return true
		}
	}
	return false
}
