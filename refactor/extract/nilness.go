package extract

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// concrete returns a node for an expression that is no variable and makes or
// gives the concrete type: a call of the component's own function, a literal,
// nil.
func (f *flow) concrete(file *code.File, e ast.Expr, stack []ast.Node) *node {
	tv, ok := file.Pkg.Info.Types[e]
	if !ok || !tv.IsValue() && !tv.IsNil() || len(stack) < 2 || !f.job.isPointer(tv.Type) {
		return nil
	}
	if _, paren := e.(*ast.ParenExpr); paren {
		return nil
	}
	if id, ok := e.(*ast.Ident); ok && !tv.IsNil() {
		if sel, ok := stack[len(stack)-2].(*ast.SelectorExpr); ok && sel.Sel == id {
			return nil
		}
	}
	return &node{name: "value", span: f.job.world.Span(e), file: file, why: "it is the concrete type",
		literal: tv.IsNil(), nilable: !f.job.makes(file, e, 0)}
}

// concreteResult is concrete for one of many results of a call. A constructor
// that fails gives nil with its error, which counts where the error is dropped.
func (f *flow) concreteResult(file *code.File, call *ast.CallExpr, i int, dropped bool) *node {
	tuple, ok := file.Pkg.Info.TypeOf(call).(*types.Tuple)
	if !ok || i >= tuple.Len() || !f.job.isPointer(tuple.At(i).Type()) {
		return nil
	}
	fn := calledFunc(file, call)
	return &node{name: "value", span: f.job.world.Span(call), file: file, why: "it is the concrete type",
		nilable: fn == nil || !f.job.returnsNew(fn, i, !dropped, 0)}
}

func blank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// maxNilDepth is how many calls deep it is looked whether a function gives nil.
const maxNilDepth = 5

// makes reports an expression that is never nil: a literal's address, new, or a
// call of a function that returns nothing else.
func (j *job) makes(file *code.File, e ast.Expr, depth int) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op.String() == "&"
	case *ast.CallExpr:
		if tv := file.Pkg.Info.Types[ast.Unparen(e.Fun)]; tv.IsBuiltin() {
			return true // new
		}
		fn := calledFunc(file, e)
		return fn != nil && j.returnsNew(fn, 0, false, depth)
	case *ast.Ident:
		return j.setOnceNonNil(file, e, depth)
	}
	return false
}

// returnsNew reports whether the i-th result of a function of the module is
// never nil; with an error beside it, where failed is set.
func (j *job) returnsNew(fn *types.Func, i int, failed bool, depth int) bool {
	d := j.world.Decl(fn)
	if d == nil || d.Func.Body == nil || depth > maxNilDepth {
		return false
	}
	all := true
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			switch {
			case i >= len(n.Results):
				all = false
			case failed && fails(d.File, n):
			default:
				all = all && j.makes(d.File, n.Results[i], depth+1)
			}
		}
		return all
	})
	return all
}

// fails reports a return of an error that isn't nil.
func fails(f *code.File, ret *ast.ReturnStmt) bool {
	last := ret.Results[len(ret.Results)-1]
	tv := f.Pkg.Info.Types[last]
	return len(ret.Results) > 1 && !tv.IsNil() && (crossing.IsError(tv.Type) || types.Implements(tv.Type, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)))
}

// setOnceNonNil reports a local variable that gets one value, which is never nil.
func (j *job) setOnceNonNil(file *code.File, id *ast.Ident, depth int) bool {
	v, ok := file.Pkg.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Parent() == nil || v.Parent() == file.Pkg.Types.Scope() || depth > maxNilDepth {
		return false
	}
	var value ast.Expr
	times := 0
	ast.Inspect(file.AST, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, l := range a.Lhs {
			if lid, ok := l.(*ast.Ident); ok && (file.Pkg.Info.Defs[lid] == v || file.Pkg.Info.Uses[lid] == v) {
				times++
				if len(a.Lhs) == len(a.Rhs) {
					value = a.Rhs[i]
				}
			}
		}
		return true
	})
	return times == 1 && value != nil && j.makes(file, value, depth+1)
}
