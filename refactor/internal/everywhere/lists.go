package everywhere

import (
	"go/ast"
	"go/types"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Lists asks for the functions and methods of a module that return a slice first.
func Lists(t *testing.T, snap *source.Snapshot) []refactor.Request {
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	for _, f := range w.Files {
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || f.Test || fn.Type.Results.NumFields() == 0 {
				continue
			}
			obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func)
			if !ok {
				continue
			}
			if _, slice := obj.Signature().Results().At(0).Type().Underlying().(*types.Slice); !slice {
				continue
			}
			name := fn.Name.Name
			if recv := source.Receiver(fn); recv != "" {
				name = recv + "." + name
			}
			out = append(out, refactor.Request{Target: f.Pkg.Pkg.Path + "." + name})
		}
	}
	return out
}
