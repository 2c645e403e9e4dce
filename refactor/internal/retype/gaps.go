package retype

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// gaps finds where a list gets elements that nobody has stored, which are nil: by make,
// by a literal with indices, by clear, and where it is made longer within its capacity.
// What make leaves is no gap where the next statement stores something everywhere.
// All other elements of a list are what the program stores in it.
func (f *Flow) gaps(file *code.File, n ast.Node) {
	info := file.Pkg.Info
	switch n := n.(type) {
	case *ast.BlockStmt:
		f.stored(file, n.List)
	case *ast.CaseClause:
		f.stored(file, n.Body)
	case *ast.CommClause:
		f.stored(file, n.Body)
	case *ast.CallExpr:
		if !info.Types[ast.Unparen(n.Fun)].IsBuiltin() {
			return
		}
		switch builtin(n) {
		case "make":
			if _, slice := code.Under(info.TypeOf(n)).(*types.Slice); slice && len(n.Args) > 1 && !zeroConstant(info, n.Args[1]) && !f.full[n] {
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

// stored finds the calls of make in a list of statements after which the next statement
// stores something in each element: a copy of a list as long, or a loop over one.
func (f *Flow) stored(file *code.File, list []ast.Stmt) {
	for i, s := range list[:max(len(list)-1, 0)] {
		a, ok := s.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 || !still(a.Lhs[0]) {
			continue
		}
		call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr)
		if !ok || builtin(call) != "make" || len(call.Args) < 2 {
			continue
		}
		made, n := types.ExprString(a.Lhs[0]), call.Args[1]
		switch next := list[i+1].(type) {
		case *ast.ExprStmt:
			c, ok := next.X.(*ast.CallExpr)
			f.full[call] = ok && builtin(c) == "copy" && file.Pkg.Info.Types[ast.Unparen(c.Fun)].IsBuiltin() &&
				len(c.Args) == 2 && types.ExprString(c.Args[0]) == made && long(c.Args[1], n)
		case *ast.RangeStmt:
			f.full[call] = long(next.X, n) && setsEach(next, a.Lhs[0])
		}
	}
}

// long reports whether a length is that of a list.
func long(list, n ast.Expr) bool {
	call, ok := ast.Unparen(n).(*ast.CallExpr)
	return ok && still(list) && builtin(call) == "len" && len(call.Args) == 1 && types.ExprString(call.Args[0]) == types.ExprString(list)
}

// setsEach reports a loop that sets the element of a list with its own index in each
// round, and does nothing else with the list.
func setsEach(n *ast.RangeStmt, list ast.Expr) bool {
	id, local := list.(*ast.Ident)
	key, ok := n.Key.(*ast.Ident)
	if !ok || !local || n.Tok != token.DEFINE {
		return false
	}
	sets := 0
	for _, s := range n.Body.List {
		a, ok := s.(*ast.AssignStmt)
		if ok && a.Tok == token.ASSIGN && len(a.Lhs) == 1 && types.ExprString(a.Lhs[0]) == id.Name+"["+key.Name+"]" {
			sets++
		}
	}
	mentions, other := 0, false
	ast.Inspect(n.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.BranchStmt:
			other = true
		case *ast.ReturnStmt:
			other = other || len(m.Results) == 0 // of results with names
		case *ast.AssignStmt:
			other = other || slices.ContainsFunc(m.Lhs, func(l ast.Expr) bool { return types.ExprString(l) == key.Name })
		case *ast.IncDecStmt:
			other = other || types.ExprString(m.X) == key.Name
		case *ast.Ident:
			if m.Name == id.Name {
				mentions++
			}
		}
		return !other
	})
	return sets == 1 && mentions == 1 && !other
}

// gap says that the elements of a list may be nil.
func (f *Flow) gap(t types.Type) {
	if !f.holds(t) {
		return
	}
	f.inside(t, func(s *slot) { s.gap = true })
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
