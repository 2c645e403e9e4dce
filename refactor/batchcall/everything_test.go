package batchcall_test

import (
	"flag"
	"go/ast"
	"go/types"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/batchcall"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/internal/loop"
)

var (
	everything = flag.Int("everything", 0, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything batches the calls of functions that loops call, of code that nobody
// here wrote. Each outcome is code that type-checks with its tests, which Do has made
// sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: called, Rare: true}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return batchcall.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}

// called asks for the functions and methods that loops of a module call.
func called(t *testing.T, snap *source.Snapshot) []refactor.Request {
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	for _, f := range w.Files {
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || f.Test {
				continue
			}
			obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func)
			if !ok || obj.Signature().Params().Len() == 0 {
				continue
			}
			for _, ref := range w.Refs(obj) {
				if ref.Call != nil && loop.Around(ref.File, ref.Path) != nil {
					name := fn.Name.Name
					if recv := source.Receiver(fn); recv != "" {
						name = recv + "." + name
					}
					out = append(out, refactor.Request{Target: f.Pkg.Pkg.Path + "." + name})
					break
				}
			}
		}
	}
	return out
}
