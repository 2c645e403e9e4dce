package retype

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// heldAgainst returns the value that the one at the end of stack is compared with by the
// function that both are given to as interfaces, by what they point to; nil where it is
// given to no such function. Such a function finds two nil pointers of one type equal as
// it does two interfaces without a value, and nil never equal to a value.
func (f *Flow) heldAgainst(file *code.File, stack []ast.Node) ast.Expr {
	call, ok := stack[max(len(stack)-2, 0)].(*ast.CallExpr)
	if !ok {
		return nil
	}
	fn, i := file.Callee(call), slices.Index(call.Args, stack[len(stack)-1].(ast.Expr))
	if fn == nil || fn.Pkg() == nil || i < 0 || call.Ellipsis.IsValid() {
		return nil
	}
	first := f.comparedParams(fn)
	switch {
	case first < 0 || first+1 >= len(call.Args):
		return nil
	case i == first:
		return call.Args[first+1]
	case i == first+1:
		return call.Args[first]
	}
	return nil
}

// comparedParams returns the index of the first of the two parameters that a function
// compares by what they point to; -1 where it isn't known to do that.
func (f *Flow) comparedParams(fn *types.Func) int {
	first, known := f.comparers[fn]
	if !known {
		first = -1
		switch path := fn.Pkg().Path(); {
		case fn.FullName() == "reflect.DeepEqual":
			first = 0
		case path == "github.com/stretchr/testify/assert" || path == "github.com/stretchr/testify/require":
			if slices.Contains([]string{"Equal", "Equalf", "NotEqual", "NotEqualf", "Same", "Samef", "NotSame", "NotSamef"}, fn.Name()) {
				first = 1
				if fn.Signature().Recv() != nil {
					first = 0 // it has the test
				}
			}
		case code.TestHelper(fn):
			first = f.passesPair(fn, 0)
		}
		f.comparers[fn] = first
	}
	return first
}

// passesPair returns the index of the first of two parameters of type any that a function
// of the module hands to reflect.DeepEqual, itself or by another; -1 for none.
func (f *Flow) passesPair(fn *types.Func, depth int) int {
	d := f.World.Decl(fn)
	if d == nil || d.Func.Body == nil || depth > deepest {
		return -1
	}
	ps := fn.Signature().Params()
	index := func(e ast.Expr) int {
		id, ok := ast.Unparen(e).(*ast.Ident)
		for i := range ps.Len() {
			if ok && d.File.Pkg.Info.Uses[id] == ps.At(i) && isAny(ps.At(i).Type()) {
				return i
			}
		}
		return -1
	}
	found := -1
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found >= 0 {
			return found < 0
		}
		callee := d.File.Callee(call)
		if callee == nil {
			return true
		}
		at := -1
		if callee.FullName() == "reflect.DeepEqual" {
			at = 0
		} else if f.World.FileOf(callee) != nil {
			at = f.passesPair(callee, depth+1)
		}
		if at >= 0 && at+1 < len(call.Args) {
			a, b := index(call.Args[at]), index(call.Args[at+1])
			if a >= 0 && b >= 0 && (a == b+1 || b == a+1) {
				found = min(a, b)
			}
		}
		return found < 0
	})
	return found
}

func isAny(t types.Type) bool {
	it, ok := types.Unalias(t).Underlying().(*types.Interface)
	return ok && it.Empty()
}

// assertsNil reports a function of the module that fails a test where its one value of
// type any is nil, or isn't, and takes a nil pointer for nil.
func (f *Flow) assertsNil(fn *types.Func, i int) bool {
	d := f.World.Decl(fn)
	if d == nil || d.Func.Body == nil || !code.TestHelper(fn) || !strings.HasSuffix(fn.Name(), "Nil") || i >= fn.Signature().Params().Len() || !isAny(fn.Signature().Params().At(i).Type()) {
		return false
	}
	return f.asksIsNil(d, 0)
}

// asksIsNil reports whether a function asks by reflection whether something is nil.
func (f *Flow) asksIsNil(d *code.Decl, depth int) bool {
	found := false
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		callee := d.File.Callee(call)
		if callee == nil {
			return true
		}
		found = callee.FullName() == "(reflect.Value).IsNil"
		if own := f.World.Decl(callee); own != nil && own.Func.Body != nil && depth < deepest {
			found = found || f.asksIsNil(own, depth+1)
		}
		return !found
	})
	return found
}

// held records that the value at the end of stack, of a slot, is compared with another
// by what the two point to, and reports whether nothing else becomes of it there.
func (f *Flow) held(file *code.File, src *slot, stack []ast.Node) bool {
	other := f.heldAgainst(file, stack)
	if other == nil || file.Pkg.Info.Types[other].Type == nil || !f.isPointer(file.Pkg.Info.TypeOf(other)) {
		return false
	}
	f.equalPointers(file, src, other, append(slices.Clip(stack[:len(stack)-1]), other), f.pointed(file, stack) || made(ast.Unparen(stack[len(stack)-1].(ast.Expr)), file.Pkg.Info), f.World.Span(stack[len(stack)-1]))
	return true
}

// heldInside is held for values that have the type inside of their own.
func (f *Flow) heldInside(file *code.File, e ast.Expr, t types.Type, stack []ast.Node) bool {
	other := f.heldAgainst(file, stack)
	if other == nil || !f.holds(file.Pkg.Info.TypeOf(other)) || types.IsInterface(file.Pkg.Info.TypeOf(other)) {
		return false
	}
	f.inside(t, func(s *slot) { f.compare(s, s, f.World.Span(e)) })
	f.equal(t, file.Pkg.Info.TypeOf(other), nil)
	return true
}
