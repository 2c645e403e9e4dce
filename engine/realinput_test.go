package engine

import (
	"encoding/json"
	"go/build"
	"path/filepath"
	"slices"
	"testing"
)

// TestFindRealInput runs find twice on code that nobody made for it: every
// package is placed exactly once, and the output is the same to the byte.
func TestFindRealInput(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks large programs")
	}
	cache := goCache(t)
	src := filepath.Join(build.Default.GOROOT, "src")
	for _, c := range []struct {
		name, dir string
		patterns  []string
		packages  int // at least
	}{
		{"net/http", src, []string{"./net/http/..."}, 10},
		{"cmd/go", filepath.Join(src, "cmd"), []string{"./go/..."}, 45},
		{"nats-server", moduleDir(t, nats), nil, 15}, // the module cache is read-only
		{"unweld", ".", []string{"github.com/unweld/unweld/..."}, 25},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			t.Setenv("GOCACHE", cache)
			cold, placed := findJSON(t, c.dir, c.patterns)
			if warm, _ := findJSON(t, c.dir, c.patterns); cold != warm {
				t.Error("the cached run says something else than the first")
			}
			if len(placed) < c.packages {
				t.Errorf("%d packages placed, want at least %d", len(placed), c.packages)
			}
			slices.Sort(placed)
			if n := len(slices.Compact(slices.Clone(placed))); n != len(placed) {
				t.Errorf("%d packages are placed twice", len(placed)-n)
			}
		})
	}
}

func findJSON(t *testing.T, dir string, patterns []string) (output string, placed []string) {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Find(t.Context(), FindOptions{Patterns: patterns})
	if err != nil {
		t.Fatal(err)
	}
	placed = slices.Clone(r.Shared)
	for _, c := range r.Components {
		placed = append(placed, c.Packages...)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), placed
}
