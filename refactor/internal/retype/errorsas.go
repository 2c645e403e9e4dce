package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// soughtBy returns the variable that a call of errors.As looks for a value for, with its
// address; nil where the call isn't one.
func soughtBy(file *code.File, call *ast.CallExpr) (*ast.Ident, *ast.UnaryExpr) {
	fn := file.Callee(call)
	if fn == nil || len(call.Args) != 2 || !slices.Contains([]string{"errors.As", "github.com/pkg/errors.As", "golang.org/x/xerrors.As"}, fn.FullName()) {
		return nil, nil
	}
	u, ok := ast.Unparen(call.Args[1]).(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return nil, nil
	}
	id, ok := ast.Unparen(u.X).(*ast.Ident)
	if !ok {
		return nil, nil
	}
	return id, u
}

// sought handles the address of a variable at the end of stack that errors.As looks for a
// value for, and reports whether that is what becomes of it. It finds what the type of the
// variable tells, as an assertion does, and asks the methods As of errors whether they
// know the type.
func (f *Flow) sought(file *code.File, e ast.Expr, stack []ast.Node) bool {
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok || call.Args[len(call.Args)-1] != e {
		return false
	}
	id, u := soughtBy(file, call)
	if id == nil || u != e || !f.isPointer(file.Pkg.Info.TypeOf(id)) {
		return false
	}
	s := f.slotOf(file, id)
	if !s.local || s.star == nil {
		return false
	}
	if f.partsAsserted {
		s.keep("errors.As looks for it here, and a pointer to it is asserted, as methods As do", f.World.Span(e))
		return true
	}
	f.assertion(s, types.Universe.Lookup("error").Type(), "errors.As looks for the type here")
	return true
}

// soughtAt returns the positions at which errors.As gets the address of a variable in a
// function.
func soughtAt(file *code.File, d ast.Node, v types.Object) []token.Pos {
	var out []token.Pos
	ast.Inspect(d, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, u := soughtBy(file, call); id != nil && file.Pkg.Info.Uses[id] == v {
				out = append(out, u.Pos())
			}
		}
		return true
	})
	return out
}
