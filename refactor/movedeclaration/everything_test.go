package movedeclaration_test

import (
	"flag"
	"fmt"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/movedeclaration"
)

var (
	everything = flag.Int("everything", 2, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything, or a package of the standard library")
)

// TestEverything moves exported declarations of code that nobody here wrote to a
// new package each. An outcome is code that type-checks with its tests, which Do
// has made sure of, or a refusal with a reason of our own; undo gives back every
// byte.
func TestEverything(t *testing.T) {
	var sum tally
	t.Run("corpora", func(t *testing.T) {
		for _, pkg := range []string{"net/textproto", "encoding/csv", "text/tabwriter", "net/mail", "html", "container/list", "encoding/hex"} {
			t.Run(pkg, func(t *testing.T) {
				dir := t.TempDir()
				if err := corpus.Std(dir, pkg); err != nil {
					t.Fatal(err)
				}
				moveAll(t, dir, &sum)
			})
		}
		for _, mod := range []string{"github.com/dustin/go-humanize@v1.0.1", "github.com/google/uuid@v1.6.0", "github.com/mattn/go-runewidth@v0.0.16"} {
			t.Run(mod, func(t *testing.T) {
				dir := t.TempDir()
				if err := corpus.Module(dir, mod); err != nil {
					t.Fatal(err)
				}
				moveAll(t, dir, &sum)
			})
		}
		if *another != "" {
			t.Run("corpus", func(t *testing.T) {
				dir := *another
				if !filepath.IsAbs(dir) {
					dir = t.TempDir()
					if err := corpus.Std(dir, *another); err != nil {
						t.Fatal(err)
					}
				}
				moveAll(t, dir, &sum)
			})
		}
	})
	t.Log(sum.String())
	if sum.done == 0 {
		t.Error("nothing was moved")
	}
}

// A tally counts outcomes.
type tally struct {
	tried, done, few int // few: done with at most three new exports
	refused          map[string]int
}

func (s *tally) String() string {
	return fmt.Sprintf("of %d: %d moved (%d %%), %d of them with at most three new exports (%d %%); refused:\n%s", s.tried, s.done, percent(s.done, s.tried), s.few, percent(s.few, s.tried), everywhere.Ranked(s.refused))
}

func percent(n, of int) int { return n * 100 / max(of, 1) }

func moveAll(t *testing.T, dir string, sum *tally) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	all := targets(t, snap)
	if len(all) == 0 {
		t.Fatal("no exported declarations: the corpus doesn't load")
	}
	if sum.refused == nil {
		sum.refused = map[string]int{}
	}
	for _, target := range everywhere.Spread(all, *everything) {
		to := target[:strings.LastIndexByte(target, '.')] + "/zzmoved"
		sum.tried++
		set, err := movedeclaration.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, refactor.Request{Target: target, Params: map[string]string{"to": to}})
		switch why, ours := everywhere.Refusal(err); {
		case err == nil:
			sum.done++
			if exports(set) <= 3 {
				sum.few++
			}
			if dir != *another { // which isn't ours to write to
				everywhere.Undone(t, dir, set)
			}
		case ours:
			sum.refused[why]++
			t.Logf("%s: %v", target, err)
		default:
			t.Errorf("%s: %v", target, err)
		}
	}
}

// exports counts the notes about names that are exported.
func exports(set change.Set) int {
	n := 0
	for _, note := range set.Notes {
		if strings.Contains(note.Message, "is exported now") {
			n++
		}
	}
	return n
}

// targets lists the exported declarations of a module, but for those of main
// packages.
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
			if obj := p.Types.Scope().Lookup(name); obj.Exported() {
				if _, label := obj.(*types.Label); !label {
					out = append(out, p.Pkg.Path+"."+name)
				}
			}
		}
	}
	return out
}
