package extractcontract_test

import (
	"flag"
	"go/types"
	"testing"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extractcontract"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	everything = flag.Int("everything", 6, "how many types of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything extracts the contract of each exported type of code that nobody
// here wrote. Each outcome is code that type-checks with its tests, which Do has
// made sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	for _, mod := range []string{"golang.org/x/mod@v0.42.0"} {
		t.Run(mod, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := corpus.Module(dir, mod); err != nil {
				t.Fatal(err)
			}
			tryAll(t, dir, *everything)
		})
	}
	if *another != "" {
		t.Run("corpus", func(t *testing.T) { tryAll(t, *another, *everything) })
	}
}

func tryAll(t *testing.T, dir string, limit int) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	all := targets(t, snap)
	if len(all) == 0 {
		t.Fatal("no exported types: the corpus doesn't load")
	}
	done, kept, refused := 0, 0, map[string]int{}
	for _, target := range everywhere.Spread(all, limit) {
		set, err := extractcontract.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, refactor.Request{Target: target})
		switch why, ours := everywhere.Refusal(err); {
		case err == nil && len(set.Notes) == 0:
			done++
		case err == nil:
			kept++
		case ours:
			refused[why]++
		default:
			t.Errorf("%s: %v", target, err)
		}
	}
	if done+kept == 0 {
		t.Error("no contract was extracted")
	}
	t.Logf("of %d exported types: %d done, %d with notes, refused:\n%s", len(all), done, kept, everywhere.Ranked(refused))
}

// targets lists the exported struct types of a module that have methods and that
// another package imports.
func targets(t *testing.T, snap *source.Snapshot) []string {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, p := range pkgs {
		for _, i := range p.Imports {
			used[i] = true
		}
	}
	var out []string
	for _, p := range pkgs {
		if p.IllTyped() || !used[p.Pkg.Path] {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || !tn.Exported() || tn.IsAlias() {
				continue
			}
			named, ok := tn.Type().(*types.Named)
			if _, st := tn.Type().Underlying().(*types.Struct); ok && st && named.NumMethods() > 0 && named.TypeParams().Len() == 0 {
				out = append(out, p.Pkg.Path+"."+name)
			}
		}
	}
	return out
}
