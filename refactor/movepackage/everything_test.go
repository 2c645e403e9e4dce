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

// TestEverything moves each package of modules that nobody here wrote to another
// folder: what comes out type-checks with its tests, which Do has made sure of, or
// is refused with a reason of our own; undo gives back every byte.
func TestEverything(t *testing.T) {
	applied := 0
	for _, mod := range []string{"golang.org/x/mod@v0.42.0", "github.com/rogpeppe/go-internal@v1.16.0"} {
		t.Run(mod, func(t *testing.T) {
			dir := t.TempDir()
			if err := corpus.Module(dir, mod); err != nil {
				t.Fatal(err)
			}
			snap, err := source.Open(t.Context(), source.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range pkgs {
				if *everything > 0 && i%max(1, len(pkgs) / *everything) > 0 || path.Clean(p.Pkg.Dir) == "." {
					continue
				}
				if move(t, dir, snap, p.Pkg.Path) {
					applied++
				}
			}
		})
	}
	if applied == 0 {
		t.Error("nothing was moved")
	}
}

func move(t *testing.T, dir string, snap *source.Snapshot, target string) bool {
	req := refactor.Request{Target: target, Params: map[string]string{"to": "./zz/moved"}}
	set, err := movepackage.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	if err != nil {
		if _, ours := everywhere.Refusal(err); !ours {
			t.Errorf("%s: %v", target, err)
		}
		t.Logf("%s: %v", target, err)
		return false
	}
	everywhere.Undone(t, dir, set)
	return true
}
