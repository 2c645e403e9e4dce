package movedeclaration_test

import (
	"errors"
	"flag"
	"fmt"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
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
	var reasons []string
	for r, n := range s.refused {
		reasons = append(reasons, fmt.Sprintf("%4d %s", n, r))
	}
	slices.Sort(reasons)
	slices.Reverse(reasons)
	return fmt.Sprintf("of %d: %d moved (%d %%), %d of them with at most three new exports (%d %%); refused:\n%s", s.tried, s.done, percent(s.done, s.tried), s.few, percent(s.few, s.tried), strings.Join(reasons, "\n"))
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
	step := 1
	if *everything > 0 {
		step = max(1, len(all) / *everything)
	}
	if sum.refused == nil {
		sum.refused = map[string]int{}
	}
	for i := 0; i < len(all); i += step {
		to := path.Join(path.Dir(all[i]+"/"), "../zzmoved")
		if j := strings.LastIndexByte(all[i], '.'); j > 0 {
			to = all[i][:j] + "/zzmoved"
		}
		sum.tried++
		set, err := movedeclaration.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, refactor.Request{Target: all[i], Params: map[string]string{"to": to}})
		switch {
		case err == nil:
			sum.done++
			if exports(set) <= 3 {
				sum.few++
			}
			undo(t, dir, set)
		case isRefusal(err):
			sum.refused[reason(err)]++
			t.Logf("%s: %v", all[i], err)
		default:
			t.Errorf("%s: %v", all[i], err)
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

// undo applies a change set and takes it back.
func undo(t *testing.T, dir string, set change.Set) {
	t.Helper()
	if strings.HasPrefix(dir, "/root") || *another == dir {
		return // not ours to write to
	}
	before := archive.Tree(t, dir)
	if err := change.Apply(dir, set); err != nil {
		t.Errorf("apply: %v", err)
		return
	}
	if _, err := change.Undo(dir); err != nil {
		t.Errorf("undo: %v", err)
	}
	if after := archive.Tree(t, dir); after != before {
		t.Errorf("%s: undo left something else", set.Title)
	}
}

var nameInReason = regexp.MustCompile(`[\pL\pN_./]*[A-Z./_][\pL\pN_./]*|[0-9]+`)

// reason is a refusal without the names that are in it.
func reason(err error) string {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		why := r.Problems[0].Message
		if i := strings.Index(why, "others: "); i > 0 {
			why = why[:i]
		}
		return r.Problems[0].Code + ": " + nameInReason.ReplaceAllString(why, "X")
	}
	return fmt.Sprint(err)
}

// isRefusal reports an error with a reason of our own: about the request, or
// about a place; a type error in what we wrote is none.
func isRefusal(err error) bool {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		return !strings.Contains(r.Error(), "doesn't type-check here")
	}
	_, usage := errors.AsType[*component.UsageError](err)
	return usage
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
