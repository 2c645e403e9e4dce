package batchcall

import (
	"go/ast"
	"path"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// offer offers the function or method whose signature is at the place, if a loop of
// the same file calls one of that name, and the one that a loop calls at the place.
func offer(in refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() {
		return nil
	}
	if f := site.Func(); f != nil {
		if f.Body == nil || f.Name.Name == "init" || f.Name.Name == "main" || f.Type.Params.NumFields() == 0 || !looped(site.Syntax, f) {
			return nil
		}
		return []refactor.Offer{offered(site.Target(nameOf(f)), f.Name.Name, unable(f))}
	}
	call := callInLoop(site)
	if call == nil || len(call.Args) == 0 {
		return nil
	}
	if target, name, why := callee(in, site, call); target != "" {
		return []refactor.Offer{offered(target, name, why)}
	}
	return nil
}

func offered(target, name, why string) refactor.Offer {
	return refactor.Offer{
		Title:    "Call " + name + " once instead of in loops",
		Request:  refactor.Request{Target: target},
		Disabled: why,
	}
}

// nameOf is a function as targets name it: F, or T.M.
func nameOf(f *ast.FuncDecl) string {
	if recv := source.Receiver(f); recv != "" {
		return recv + "." + f.Name.Name
	}
	return f.Name.Name
}

// looped reports whether a loop of the file calls something of the function's name.
func looped(file *ast.File, f *ast.FuncDecl) bool {
	found := false
	calls(file, func(call *ast.CallExpr) {
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			found = found || f.Recv == nil && fun.Name == f.Name.Name
		case *ast.SelectorExpr:
			found = found || f.Recv != nil && fun.Sel.Name == f.Name.Name
		}
	})
	return found
}

// calls visits the calls that stand in loops of a file, those of function literals
// in them left out: these run when they are called.
func calls(file *ast.File, visit func(*ast.CallExpr)) {
	var in func(n ast.Node, loop bool)
	in = func(root ast.Node, loop bool) {
		ast.Inspect(root, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				if n != root {
					in(n.Body, false)
					return false
				}
			case *ast.ForStmt:
				in(n.Body, true)
				return false
			case *ast.RangeStmt:
				in(n.X, loop)
				in(n.Body, true)
				return false
			case *ast.CallExpr:
				if loop {
					visit(n)
				}
			}
			return true
		})
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			in(f.Body, false)
		}
	}
}

// callInLoop returns the call of a loop whose function's name is at the place, or
// nil.
func callInLoop(site *refactor.Site) *ast.CallExpr {
	var found *ast.CallExpr
	calls(site.Syntax, func(call *ast.CallExpr) {
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			if site.Covers(fun.Pos(), fun.End()) {
				found = call
			}
		case *ast.SelectorExpr:
			if site.Covers(fun.Sel.Pos(), fun.Sel.End()) {
				found = call
			}
		}
	})
	return found
}

// callee returns the function that a call names as far as the file tells: one that
// it declares, or one of an imported package of the module. The target is empty for
// any other.
func callee(in refactor.Input, site *refactor.Site, call *ast.CallExpr) (target, name, why string) {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if f := declared(site.Syntax, fun.Name, false); f != nil {
			return site.Target(fun.Name), fun.Name, unable(f)
		}
	case *ast.SelectorExpr:
		if pkg := imported(in, site.Syntax, fun.X); pkg != "" && fun.Sel.IsExported() {
			return pkg + "." + fun.Sel.Name, fun.Sel.Name, ""
		}
		if f := declared(site.Syntax, fun.Sel.Name, true); f != nil {
			return site.Target(nameOf(f)), fun.Sel.Name, unable(f)
		}
	}
	return "", "", ""
}

// declared returns the function of a name that a file declares, or its only method of
// that name; nil if it has none that takes something.
func declared(file *ast.File, name string, method bool) *ast.FuncDecl {
	var found *ast.FuncDecl
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != name || (f.Recv != nil) != method {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	if found == nil || found.Body == nil || found.Type.Params.NumFields() == 0 {
		return nil
	}
	return found
}

// imported returns the path of the module's package that an expression names, or "".
func imported(in refactor.Input, file *ast.File, x ast.Expr) string {
	id, ok := x.(*ast.Ident)
	if !ok || in.Snapshot == nil || in.Snapshot.Module == "" {
		return ""
	}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !strings.HasPrefix(p, in.Snapshot.Module+"/") {
			continue
		}
		if spec.Name != nil && spec.Name.Name == id.Name || spec.Name == nil && path.Base(p) == id.Name {
			return p
		}
	}
	return ""
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
