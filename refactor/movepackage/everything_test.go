package movepackage_test

import (
	"flag"
	"path"
	"testing"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/movepackage"
)

var everything = flag.Int("everything", 2, "how many packages of each module TestEverything tries, spread over all; 0 is all")

// TestEverything moves packages to another folder.
func TestEverything(t *testing.T) {
	everywhere.Packages(t, movepackage.Refactoring, *everything, corpus.Module, func(pkgs []*source.Package, i int) (refactor.Request, bool) {
		p := pkgs[i].Pkg
		return refactor.Request{Target: p.Path, Params: map[string]string{"to": "./zz/moved"}}, path.Clean(p.Dir) != "."
	})
}
