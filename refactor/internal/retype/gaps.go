package retype

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// gaps finds where a list gets elements that nobody has stored, which are nil: by make,
// by a literal with indices, by clear, and where it is made longer within its capacity.
// All other elements of a list are what the program stores in it.
func (f *Flow) gaps(file *code.File, n ast.Node) {
	info := file.Pkg.Info
	switch n := n.(type) {
	case *ast.CallExpr:
		if !info.Types[ast.Unparen(n.Fun)].IsBuiltin() {
			return
		}
		switch builtin(n) {
		case "make":
			if len(n.Args) > 1 && !zeroConstant(info, n.Args[1]) {
				f.gap(info.TypeOf(n))
			}
		case "clear":
			f.gap(info.TypeOf(n.Args[0]))
		}
	case *ast.CompositeLit:
		if _, slice := code.Under(info.TypeOf(n)).(*types.Slice); slice && len(n.Elts) > 0 && anyKeyed(n) {
			f.gap(info.TypeOf(n))
		}
	case *ast.SliceExpr:
		if n.High != nil && !within(info, n.High, types.ExprString(n.X)) {
			f.gap(info.TypeOf(n))
		}
	}
}

// gap says that the elements of a list may be nil.
func (f *Flow) gap(t types.Type) {
	if !f.holds(t) {
		return
	}
	f.inside(t, func(s *slot) { s.zero = true })
}

func anyKeyed(n *ast.CompositeLit) bool {
	for _, e := range n.Elts {
		if _, ok := e.(*ast.KeyValueExpr); ok {
			return true
		}
	}
	return false
}

func zeroConstant(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && constant.Sign(v) == 0
}

// within reports an end of a slice that is no further than the list's: 0, or its
// length, less a number that isn't negative.
func within(info *types.Info, e ast.Expr, list string) bool {
	if zeroConstant(info, e) {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return builtin(e) == "len" && info.Types[ast.Unparen(e.Fun)].IsBuiltin() && types.ExprString(e.Args[0]) == list
	case *ast.BinaryExpr:
		v := info.Types[e.Y].Value
		return e.Op == token.SUB && v != nil && constant.Sign(v) >= 0 && within(info, e.X, list)
	}
	return false
}

// keepsElements reports a generic function or type whose values of a type parameter are
// those that it was given.
func keepsElements(obj types.Object) bool {
	if obj == nil || obj.Pkg() == nil {
		return false
	}
	switch obj.Pkg().Path() {
	case "slices", "maps", "sort":
		return true
	}
	return false
}
