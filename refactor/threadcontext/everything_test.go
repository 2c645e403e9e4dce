package threadcontext_test

import (
	"errors"
	"flag"
	"fmt"
	"go/types"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

var (
	everything = flag.Int("everything", 1, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything threads a context to exported functions and methods of code
// that nobody here wrote. Each outcome is code that type-checks with its tests,
// which Do has made sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	for _, pkg := range []string{"net/textproto", "encoding/csv", "text/tabwriter", "net/mail", "html"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := corpus.Std(dir, pkg); err != nil {
				t.Fatal(err)
			}
			tryAll(t, dir)
		})
	}
	for _, mod := range []string{"github.com/dustin/go-humanize@v1.0.1", "github.com/google/uuid@v1.6.0", "github.com/mattn/go-runewidth@v0.0.16"} {
		t.Run(mod, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := corpus.Module(dir, mod); err != nil {
				t.Fatal(err)
			}
			tryAll(t, dir)
		})
	}
	if *another != "" {
		t.Run("corpus", func(t *testing.T) { tryAll(t, *another) })
	}
}

func tryAll(t *testing.T, dir string) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	all := targets(t, snap)
	if len(all) == 0 {
		t.Fatal("no exported functions: the corpus doesn't load")
	}
	step := 1
	if *everything > 0 {
		step = max(1, len(all) / *everything)
	}
	done, refused := 0, map[string]int{}
	for i := 0; i < len(all); i += step {
		_, err := do(t, dir, refactor.Request{Target: all[i]})
		switch {
		case err == nil:
			done++
		case isRefusal(err):
			refused[reason(err)]++
		default:
			t.Errorf("%s: %v", all[i], err)
		}
	}
	t.Logf("of %d exported functions: %d done, refused: %v", len(all), done, refused)
}

// reason is a refusal without the names that are in it.
func reason(err error) string {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		_, why, _ := strings.Cut(r.Problems[0].Message, ": ")
		return r.Problems[0].Code + ": " + why
	}
	return fmt.Sprint(err)
}

// targets lists the exported functions of a module, and the exported methods
// of its exported types.
func targets(t *testing.T, snap *source.Snapshot) []string {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range pkgs {
		if p.IllTyped() {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			switch obj := p.Types.Scope().Lookup(name).(type) {
			case *types.Func:
				if obj.Exported() {
					out = append(out, p.Pkg.Path+"."+name)
				}
			case *types.TypeName:
				named, ok := obj.Type().(*types.Named)
				if !ok || !obj.Exported() || obj.IsAlias() {
					continue
				}
				for m := range named.Methods() {
					if m.Exported() {
						out = append(out, p.Pkg.Path+"."+name+"."+m.Name())
					}
				}
			}
		}
	}
	return out
}
