package placement

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Effect returns a call in the initializer of a variable that might do more than
// make a value, or nil.
func Effect(f *code.File, n ast.Node) *ast.CallExpr {
	info := f.Pkg.Info
	var found *ast.CallExpr
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			tv := info.Types[ast.Unparen(n.Fun)]
			if found == nil && !tv.IsType() && !tv.IsBuiltin() && !makesValue(info, n) {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// makesValue reports a call of a function that is known to do nothing but make a
// value.
func makesValue(info *types.Info, call *ast.CallExpr) bool {
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		id = fun.Sel
	case *ast.Ident:
		id = fun
	default:
		return false
	}
	fn, ok := info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "errors", "regexp", "strings", "bytes", "strconv", "unicode", "unicode/utf8", "math", "math/big", "math/bits", "sort", "slices", "maps", "sync", "time",
		"html/template", "text/template", "net/netip", "path", "reflect", "cmp", "encoding/base64", "encoding/base32", "encoding/hex", "encoding/binary":
		return fn.FullName() != "time.Now"
	case "fmt":
		return strings.HasPrefix(fn.Name(), "Sprint") || fn.Name() == "Errorf"
	}
	return false
}

// Order notes that a package that does something when it is initialized may do it earlier or
// later under another import path: Go initializes packages in the order of their paths, as
// far as imports leave it open. Nothing is noted where no other package of the module that
// does something changes places with it.
func Order(w *code.World, pkg *source.Package, newPath string) []change.Note {
	own := starts(w, pkg)
	if own == nil {
		return nil
	}
	for _, p := range w.Packages {
		if p.ForTest != "" || p == pkg || code.Imports(p.Types, pkg.Pkg.Path) || code.Imports(pkg.Types, p.Pkg.Path) {
			continue
		}
		if (pkg.Pkg.Path < p.Pkg.Path) != (newPath < p.Pkg.Path) && p.Pkg.Name != "main" && starts(w, p) != nil {
			return []change.Note{{Span: w.Span(own), Message: "this may run on the other side of what " + p.Pkg.Path + " does when it is initialized: Go initializes packages in the order of their import paths"}}
		}
	}
	return nil
}

// starts returns the first thing that a package does when it is initialized, or nil.
func starts(w *code.World, pkg *source.Package) ast.Node {
	for _, f := range w.Files {
		if f.Pkg != pkg || f.Test {
			continue
		}
		for _, d := range f.AST.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					return d.Name
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					if call := Effect(f, d); call != nil {
						return call
					}
				}
			}
		}
	}
	return nil
}
