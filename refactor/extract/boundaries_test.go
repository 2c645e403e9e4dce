package extract_test

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extract"
	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	boundaries = flag.Int("boundaries", 4, "how many types of each module TestBoundaries tries, spread over all; 0 is all")
	vetted     = flag.Bool("vetted", false, "whether TestBoundaries also runs go vet before and after")
)

// TestBoundaries puts a boundary around types of code that nobody here wrote. What
// comes out type-checks in all variants of each package, go vet finds no more in it, and
// undo gives back every byte; what is refused is what the survey says that nobody
// would hold.
func TestBoundaries(t *testing.T) {
	dirs := map[string]string{}
	for _, mod := range []string{"github.com/spf13/cobra@v1.10.2", "golang.org/x/mod@v0.42.0"} {
		dirs[mod] = t.TempDir()
		if err := corpus.Module(dirs[mod], mod); err != nil {
			t.Fatal(err)
		}
	}
	for root := range strings.SplitSeq(*further, ",") {
		if root != "" {
			dirs[root] = t.TempDir()
			if err := corpus.Checkout(dirs[root], root); err != nil {
				t.Fatal(err)
			}
		}
	}
	applied := 0
	for name, dir := range dirs {
		t.Run(name, func(t *testing.T) { applied += boundariesOf(t, dir) })
	}
	if applied == 0 {
		t.Error("nothing was applied")
	}
}

func boundariesOf(t *testing.T, dir string) (applied int) {
	snap := open(t, dir)
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	before := ""
	if *vetted {
		before = vet(t, dir)
	}
	all := everywhere.Spread(everywhere.UsedTypes(w), *boundaries)
	for _, u := range all {
		target := u.Package.Pkg.Path + "." + u.Type.Obj().Name()
		set, err := boundaryOf(t, snap, target)
		out := boundary.Survey(boundary.Request{What: "test", World: w, Type: u.Type, Package: u.Package, Home: u.Package, Accessors: true})
		if err != nil {
			if why, ours := everywhere.Refusal(err); !ours || out.Held > 0 && strings.HasPrefix(why, "nobody-holds") {
				t.Errorf("%s: %v", target, err)
			}
			continue
		}
		applied++
		if !out.Used() {
			t.Errorf("%s: applied, and nobody holds it", target)
		}
		if *vetted {
			if err := change.Apply(dir, set); err != nil {
				t.Fatal(err)
			}
			if after := vet(t, dir); strings.Count(after, "\n") > strings.Count(before, "\n") {
				t.Errorf("%s: go vet says more:\n%s\nbefore:\n%s", target, after, before)
			}
			if _, err := change.Undo(dir); err != nil {
				t.Fatal(err)
			}
		} else {
			everywhere.Undone(t, dir, set)
		}
	}
	t.Logf("%d of %d applied", applied, len(all))
	return applied
}

func boundaryOf(t *testing.T, snap *source.Snapshot, target string) (change.Set, error) {
	req := refactor.Request{Target: target, Params: map[string]string{"name": "part", "step": "boundary"}}
	return extract.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
}

// vet returns what go vet says of a module, a line each.
func vet(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "vet", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, _ := cmd.CombinedOutput() // it fails where it finds something
	var lines []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
