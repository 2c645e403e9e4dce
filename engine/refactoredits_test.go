package engine

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var anyStruct = regexp.MustCompile(`(?m)^type ([A-Z]\w*) struct`)

// TestRefactoringsLikeFresh: after any edits a session that has lived through them proposes
// the changes, or refuses for the reasons, that a new one does.
func TestRefactoringsLikeFresh(t *testing.T) {
	dir := writable(t, moduleDir(t, "github.com/rogpeppe/go-internal@v1.16.0"))
	t.Setenv("GOCACHE", goCache(t)) // it would move with the next line
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	e := &editing{t: t, dir: dir, rand: rand.New(rand.NewPCG(5, 6)), buffers: map[string][]byte{}}
	e.list()
	var targets []string
	for _, file := range e.files {
		rel, err := filepath.Rel(dir, filepath.Dir(file))
		if err != nil || strings.HasSuffix(file, "_test.go") || strings.Contains(rel, "windows") {
			continue
		}
		for _, m := range anyStruct.FindAllStringSubmatch(e.text(file), -1) {
			targets = append(targets, "./"+filepath.ToSlash(rel)+"."+m[1])
		}
	}
	steps := 12
	if testing.Short() {
		steps = 3
	}
	var sessions Sessions
	changes := 0
	for i := range steps {
		what := "nothing"
		if i > 0 {
			what = e.step(i)
		}
		fresh, err := Open(t.Context(), Options{Dir: dir, Overlay: maps.Clone(e.buffers), NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			target := targets[e.rand.IntN(len(targets))]
			name, params := "extract-contract", map[string]string(nil)
			if e.rand.IntN(2) == 0 {
				name, params = "extract", map[string]string{"name": "part", "step": "boundary"}
			}
			got, changed := e.refactored(e.open(&sessions), name, target, params)
			want, _ := e.refactored(fresh, name, target, params)
			if got != want {
				t.Fatalf("step %d, %s: %s %s in the session that lived through it gives something else than in a fresh one:\n%s", i, what, name, target, firstDifference(got, want))
			}
			if changed {
				changes++
			}
			t.Log(i, what, name, target, changed)
		}
	}
	if changes == 0 {
		t.Error("nothing was ever changed")
	}
}

// refactored is what a refactoring proposes, or why it doesn't.
func (e *editing) refactored(s *Session, name, target string, params map[string]string) (what string, changed bool) {
	e.t.Helper()
	set, err := s.Refactor(e.t.Context(), name, RefactorRequest{Target: target, Params: params})
	if err != nil {
		return err.Error(), false
	}
	out, err := json.MarshalIndent(set, "", " ")
	if err != nil {
		e.t.Fatal(err)
	}
	return string(out), true
}
