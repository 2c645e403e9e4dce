package injectglobal_test

import (
	"flag"
	"go/types"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/injectglobal"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	everything = flag.Int("everything", 4, "how many variables of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything injects package variables of code that nobody here wrote. Each
// outcome is code that type-checks with its tests, which Do has made sure of, or a
// refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Rare: true, Requests: variables}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return injectglobal.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}

// variables lists the package variables of a module.
func variables(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil || len(pkgs) == 0 {
		t.Fatal(len(pkgs), err)
	}
	var out []refactor.Request
	for _, p := range pkgs {
		for _, name := range p.Types.Scope().Names() {
			if _, ok := p.Types.Scope().Lookup(name).(*types.Var); ok {
				out = append(out, refactor.Request{Target: p.Pkg.Path + "." + name})
			}
		}
	}
	return out
}
