package listuse

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// Leaves returns a reason if the error's handling ends or continues a loop around.
func (u *Use) Leaves() *Reason {
	if u.Check == nil {
		return nil
	}
	var found *ast.BranchStmt
	ast.Inspect(u.Check.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BranchStmt:
			found = n
		}
		return found == nil
	})
	if found == nil {
		return nil
	}
	return &Reason{found.Pos(), "an error leaves the loop around"}
}

// Late tells what comes of an error that follows after the loop's body has run for some
// elements: a reason where its handling sees what the body did to variables of the
// function; late where others may see what the body did.
func (u *Use) Late(body *reorder.Footprint) (why *Reason, late bool) {
	if u.Check == nil {
		return nil, false
	}
	vars, all := body.Locals()
	fn, _ := u.Loop.Func()
	bare := returnsBare(u.Check.Body)
	for _, v := range vars {
		if code.Uses(u.File.Pkg.Info, u.Check.Body, v) || bare && isResult(fn, v) || captured(u, fn, v) {
			return &Reason{u.Check.Pos(), "an error would come after the loop has changed " + v.Name() + ", which is seen then"}, false
		}
	}
	return nil, !all || body.Outside() != nil || body.Prints() != nil
}

// returnsBare reports a return without results in a piece of a function.
func returnsBare(within ast.Node) bool {
	found := false
	ast.Inspect(within, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit && n != within {
			return false
		}
		r, ok := n.(*ast.ReturnStmt)
		found = found || ok && len(r.Results) == 0
		return !found
	})
	return found
}

// captured reports a variable that a function literal mentions, which may run at any
// time.
func captured(u *Use, fn ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && ast.Node(lit) != fn {
			found = found || code.Uses(u.File.Pkg.Info, lit, v)
			return false
		}
		return !found
	})
	return found
}

// isResult reports a named result of a function.
func isResult(fn ast.Node, v *types.Var) bool {
	var list *ast.FieldList
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		list = fn.Type.Results
	case *ast.FuncLit:
		list = fn.Type.Results
	}
	return list != nil && slices.ContainsFunc(list.List, func(f *ast.Field) bool { return f.Pos() <= v.Pos() && v.Pos() < f.End() })
}
