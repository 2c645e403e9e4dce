package mergepackages_test

import (
	"flag"
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/mergepackages"
)

var everything = flag.Int("everything", 3, "how many packages of each module TestEverything tries, spread over all; 0 is all")

// TestEverything merges each package into one that imports it, or else into the one
// that comes before it.
func TestEverything(t *testing.T) {
	everywhere.Packages(t, mergepackages.Refactoring, *everything, corpus.Module, func(pkgs []*source.Package, i int) (refactor.Request, bool) {
		p := pkgs[i].Pkg
		into := slices.IndexFunc(pkgs, func(q *source.Package) bool { return q.Types != nil && q.Pkg.Name != "main" && imports(q, p.Path) })
		if into < 0 {
			into = i - 1
		}
		if into < 0 || p.Name == "main" || pkgs[into].Pkg.Name == "main" {
			return refactor.Request{}, false
		}
		return refactor.Request{Target: p.Path, Params: map[string]string{"into": pkgs[into].Pkg.Path}}, true
	})
}

func imports(p *source.Package, path string) bool {
	for _, q := range p.Types.Imports() {
		if q.Path() == path {
			return true
		}
	}
	return false
}
