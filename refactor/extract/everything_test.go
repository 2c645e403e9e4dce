package extract_test

import (
	"flag"
	"go/types"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extract"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	everything = flag.Int("everything", 3, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything extracts whatever looks like a component from real code. Each
// outcome must be either code that type-checks, which Run has made sure of, or
// a refusal with a reason of our own: never a crash, and never a type error in
// what we wrote ourselves.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: requests}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return extract.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}

// requests asks for the packages with functions and the struct types with methods
// of a module, each with and without keeping signatures.
func requests(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	add := func(target string) {
		out = append(out, refactor.Request{Target: target, Params: map[string]string{"name": "part"}}, refactor.Request{Target: target, Params: map[string]string{"name": "part", "keep-signatures": "true"}})
	}
	for _, p := range pkgs {
		if p.Pkg.Name == "main" || p.IllTyped() {
			continue
		}
		funcs := false
		for _, name := range p.Types.Scope().Names() {
			switch obj := p.Types.Scope().Lookup(name).(type) {
			case *types.Func:
				funcs = funcs || obj.Exported()
			case *types.TypeName:
				named, ok := obj.Type().(*types.Named)
				if ok && obj.Exported() && !obj.IsAlias() && named.NumMethods() > 0 && !types.IsInterface(named) {
					add(p.Pkg.Path + "." + name)
				}
			}
		}
		if funcs {
			add(p.Pkg.Path)
		}
	}
	return out
}
