package code

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// TestHelper reports a function that fails a test and gives nothing back: it has a
// parameter by which a test ends, and no results. What such a function prints is no
// result of the program.
func TestHelper(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Results().Len() == 0 && slices.ContainsFunc(slices.Collect(sig.Params().Variables()), func(v *types.Var) bool { return endsTest(v.Type()) })
}

// endsTest reports a type with a method of package testing by which a test fails at once,
// and none by which a logger, which may have such a method too, says something.
func endsTest(t types.Type) bool {
	has := func(name string) bool {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		fn, ok := obj.(*types.Func)
		return ok && fn.Signature().Results().Len() == 0
	}
	return slices.ContainsFunc([]string{"Fatal", "Fatalf", "FailNow"}, has) &&
		!slices.ContainsFunc([]string{"Print", "Printf", "Println", "Debug", "Debugf", "Info", "Infof", "Warn", "Warnf", "Panic", "Panicf"}, has)
}

// inTestHelper reports whether a position of a file is in a function that TestHelper
// reports.
func (f *File) inTestHelper(pos token.Pos) bool {
	for _, d := range f.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Pos() <= pos && pos < fn.End() {
			obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func)
			return ok && TestHelper(obj)
		}
	}
	return false
}
