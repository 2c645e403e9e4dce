package engine

import (
	"encoding/json"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/split"
)

// realInput is code that nobody made for find.
type realInput struct {
	name, dir string
	patterns  []string
	packages  int // at least
}

func realInputs(t *testing.T) []realInput {
	t.Helper()
	if testing.Short() {
		t.Skip("type-checks large programs")
	}
	src := filepath.Join(build.Default.GOROOT, "src")
	return []realInput{
		{"net/http", src, []string{"./net/http/..."}, 10},
		{"cmd/go", filepath.Join(src, "cmd"), []string{"./go/..."}, 45},
		{"nats-server", moduleDir(t, nats), nil, 15}, // the module cache is read-only
		{"unweld", ownTree(t), []string{"github.com/unweld/unweld/..."}, 25},
	}
}

// ownTree is a copy of this module's tree, which stays as it is while people, and other
// tests, go on to change the tree itself.
func ownTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir("..", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimPrefix(name, ".."))
		switch base := e.Name(); {
		case e.IsDir() && base != ".." && (base[0] == '.' || base == "node_modules"):
			return filepath.SkipDir
		case e.IsDir():
			return os.MkdirAll(to, 0o777)
		case !e.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFindRealInput runs find twice: every package is placed exactly once, and
// the output is the same to the byte.
func TestFindRealInput(t *testing.T) {
	cache := goCache(t)
	for _, c := range realInputs(t) {
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

// TestCheckRealInput holds the same code to the rules that init would write, of
// which nothing is broken, and then to one that forbids what the code does.
func TestCheckRealInput(t *testing.T) {
	for _, c := range realInputs(t) {
		if c.name == "cmd/go" {
			continue // rules are about whole modules, and that one is too large
		}
		t.Run(c.name, func(t *testing.T) {
			s, err := Open(t.Context(), Options{Dir: c.dir})
			if err != nil {
				t.Fatal(err)
			}
			s.config = &split.Config{Version: 1} // unweld has a file of its own
			code, err := s.codeUnder(t.Context(), s.config)
			if err != nil {
				t.Fatal(err)
			}
			found := code.Found
			if len(found.Couplings) == 0 {
				t.Fatal("nothing is coupled")
			}
			content, err := s.proposed(code)
			if err != nil {
				t.Fatal(err)
			}
			cfg, problems := split.Parse(split.FileName, content)
			if err := split.Usage(problems); err != nil {
				t.Fatal(err)
			}
			s.config = cfg
			r, err := s.Check(t.Context(), CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !r.OK || r.Packages < c.packages {
				t.Errorf("%d packages, %d violations of what is allowed, the first: %+v", r.Packages, len(r.Violations), slices.Concat(r.Violations, []Violation{{}})[0])
			}
			cut := found.Couplings[0]
			cfg.Rules.Allow[cut.From] = slices.DeleteFunc(slices.Clone(cfg.Rules.Allow[cut.From]), func(to string) bool { return to == cut.To })
			if r, err = s.Check(t.Context(), CheckOptions{}); err != nil {
				t.Fatal(err)
			}
			if r.OK || len(r.Violations) < len(cut.Evidence) {
				t.Errorf("%d violations of a rule that %d uses break", len(r.Violations), len(cut.Evidence))
			}
			for _, v := range r.Violations {
				if v.Component != cut.From || !v.Span.IsValid() {
					t.Errorf("a violation without its place, or of another component: %+v", v)
				}
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
