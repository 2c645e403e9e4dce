package extract_test

import (
	"context"
	"flag"
	"go/types"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extract"
)

var (
	everything = flag.Int("everything", 0, "how many targets of each corpus TestEverything tries; 0 for a few")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything extracts whatever looks like a component from real code. Each
// outcome must be either code that type-checks, which Run has made sure of, or
// a refusal with a reason of our own: never a crash, and never a type error in
// what we wrote ourselves.
func TestEverything(t *testing.T) {
	limit := *everything
	if limit == 0 {
		limit = 3
	}
	for _, pkg := range []string{"net/textproto", "encoding/csv", "text/tabwriter", "text/scanner"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			copyStd(t, dir, pkg)
			tryAll(t, dir, limit)
		})
	}
	for _, mod := range []string{"github.com/dustin/go-humanize@v1.0.1", "github.com/google/uuid@v1.6.0", "github.com/mattn/go-runewidth@v0.0.16"} {
		t.Run(mod, func(t *testing.T) {
			t.Parallel()
			tryAll(t, copyModule(t, mod), limit)
		})
	}
	if *another != "" {
		t.Run("corpus", func(t *testing.T) { tryAll(t, *another, limit) })
	}
}

func tryAll(t *testing.T, dir string, limit int) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	done, refused := 0, 0
	all := targets(t, snap)
	if len(all) == 0 {
		t.Fatal("nothing to extract: the corpus doesn't load")
	}
	for i, req := range all {
		if i >= limit {
			break
		}
		start := time.Now()
		_, err := extract.Refactoring.Do(context.Background(), refactor.Input{Snapshot: snap}, req)
		switch {
		case err == nil:
			done++
		case isRefusal(err):
			refused++
			first, _, _ := strings.Cut(strings.ReplaceAll(err.Error(), "refused\n\t", "refused: "), "\n")
			t.Logf("%s %v: %s", req.Target, req.Params, first)
		default:
			t.Errorf("%s %v: %v", req.Target, req.Params, err)
		}
		if d := time.Since(start); d > time.Minute {
			t.Logf("%s took %v", req.Target, d)
		}
	}
	t.Logf("%d extracted, %d refused", done, refused)
}

// copyModule copies a module that this one requires into a scratch directory.
func copyModule(t *testing.T, mod string) string {
	t.Helper()
	dir := t.TempDir()
	if err := corpus.Module(dir, mod); err != nil {
		t.Fatal(err)
	}
	return dir
}

// targets lists the packages with functions and the struct types with methods
// of a module, each with and without keeping signatures.
func targets(t *testing.T, snap *source.Snapshot) []refactor.Request {
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
