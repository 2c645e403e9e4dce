package breakcycle_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/breakcycle"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	everything = flag.Int("everything", 8, "how many dependencies of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything ends each dependency between two packages of modules that nobody here
// wrote. Each outcome is code that type-checks with its tests, which Do has made sure
// of, and in which the dependency is gone; or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: dependencies,
		Modules: []string{"github.com/rogpeppe/go-internal@v1.16.0"}}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return breakcycle.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}

// dependencies asks to end each import of one of the module's packages by another, each
// by both ways.
func dependencies(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	for _, p := range pkgs {
		for _, q := range p.Types.Imports() {
			if !strings.HasPrefix(q.Path(), snap.Module+"/") || p.Types.Name() == "main" {
				continue
			}
			for _, by := range []string{"invert", "move"} {
				out = append(out, refactor.Request{Target: p.Pkg.Path, Params: map[string]string{"on": q.Path(), "by": by}})
			}
		}
	}
	return out
}
