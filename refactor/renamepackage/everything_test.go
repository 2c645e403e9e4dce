package renamepackage_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/renamepackage"
)

var everything = flag.Int("everything", 2, "how many packages of each module TestEverything tries, spread over all; 0 is all")

// TestEverything gives packages another name.
func TestEverything(t *testing.T) {
	everywhere.Packages(t, renamepackage.Refactoring, *everything, corpus.Module, func(pkgs []*source.Package, i int) (refactor.Request, bool) {
		p := pkgs[i].Pkg
		return refactor.Request{Target: p.Path, Params: map[string]string{"name": "renamed"}}, p.Name != "main"
	})
}
