package extract

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// frame returns why a function must be called by who calls it now, and not
// through another one: it recovers, or looks at its callers.
func frame(d *code.Decl) string {
	if d.Func.Body == nil {
		return ""
	}
	why := ""
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit || why != "" {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			if b, ok := d.File.Pkg.Info.Uses[fun].(*types.Builtin); ok && b.Name() == "recover" {
				why = "it recovers, which works only in the function that defer calls"
			}
		case *ast.SelectorExpr:
			fn, ok := d.File.Pkg.Info.Uses[fun.Sel].(*types.Func)
			if ok && fn.Pkg() != nil && (fn.FullName() == "runtime.Caller" || fn.FullName() == "runtime.Callers" || fn.Pkg().Path() == "testing" && fn.Name() == "Helper") {
				why = "it looks at its callers with " + fn.Pkg().Name() + "." + fn.Name()
			}
		}
		return true
	})
	return why
}
