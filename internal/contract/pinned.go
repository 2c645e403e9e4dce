package contract

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Beside returns the package variable, other than the contract's own, that
// holds a component's implementation, or nil: `var service Service = resident`.
// Code that uses it bypasses the contract, so the component is pinned to the
// process that calls it; pass the reason in Options.Pinned.
func Beside(info *types.Info, files []*ast.File, variable string) *types.Var {
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				vs := s.(*ast.ValueSpec)
				if len(vs.Names) == 1 && vs.Names[0].Name == variable && len(vs.Values) == 1 {
					return heldBy(info, vs.Values[0])
				}
			}
		}
	}
	return nil
}

// heldBy returns the package variable that e is, or that e passes to a call.
func heldBy(info *types.Info, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := info.Uses[e].(*types.Var); ok && isPackageLevel(v) {
			return v
		}
	case *ast.CallExpr:
		for _, a := range e.Args {
			if v := heldBy(info, a); v != nil {
				return v
			}
		}
	}
	return nil
}
