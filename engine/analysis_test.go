package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/source"
)

// analysedModule has a component with a contract, one without, and packages that
// both stand on.
const analysedModule = `
-- go.mod --
module example.com/m

go 1.26
-- unweld.yaml --
version: 1
components:
  pricing:
    packages: [./pricing]
  stock:
    packages: [./stock]
splits:
  two:
    units:
      price:
        components: [pricing]
      rest:
        components: ["*"]
-- base/base.go --
package base

var total int

// Count counts.
func Count(n int) int { return n + total }
-- pricing/pricing.go --
package pricing

import (
	"context"

	"example.com/m/base"
)

// Service prices.
type Service interface {
	Price(ctx context.Context, sku string) (int, error)
	Set(ctx context.Context, sku string, price int) error
}

type engine struct{ prices map[string]int }

func New() Service { return &engine{map[string]int{}} }

func (e *engine) Price(_ context.Context, sku string) (int, error) { return base.Count(e.prices[sku]), nil }

func (e *engine) Set(_ context.Context, sku string, price int) error {
	e.prices[sku] = price
	return nil
}
-- stock/stock.go --
package stock

import "example.com/m/base"

// A Stock knows how many there are.
type Stock struct{ n map[string]int }

func New() *Stock { return &Stock{map[string]int{}} }

func (s *Stock) Left(sku string) int { return base.Count(s.n[sku]) }

func (s *Stock) Take(sku string) { s.n[sku]-- }
-- stock/stock_test.go --
package stock

import "testing"

func TestLeft(t *testing.T) {
	if New().Left("a") != 0 {
		t.Fail()
	}
}
-- main.go --
package main

import (
	"context"
	"fmt"

	"example.com/m/pricing"
	"example.com/m/stock"
)

func main() {
	prices, left := pricing.New(), stock.New()
	prices.Set(context.Background(), "a", 1)
	n, err := prices.Price(context.Background(), "a")
	left.Take("a")
	fmt.Println(n, err, left.Left("a"))
}
`

// saysAll is what the verbs that look at all function bodies say.
func saysAll(t *testing.T, s *Session) string {
	t.Helper()
	var out strings.Builder
	say := func(what string, v any, err error) {
		text, _ := json.MarshalIndent(v, "", " ")
		fmt.Fprintf(&out, "--- %s\n%s\n%v\n", what, text, err)
	}
	set, err := s.Refactor(t.Context(), "extract", RefactorRequest{Target: "./stock.Stock", Params: map[string]string{"name": "stock"}})
	say("extract", set, err)
	set, err = s.Bind(t.Context(), BindOptions{Component: "pricing", To: []string{"unix"}})
	say("bind", set, err)
	preview, err := s.SplitPreview(t.Context(), PreviewOptions{Name: "two"})
	say("preview", preview, err)
	found, err := s.Find(t.Context(), FindOptions{Effects: true})
	say("find", found, err)
	return out.String()
}

func writeArchive(t *testing.T, archive string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(f.Name)), string(f.Data))
	}
	return dir
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestAnalysedOnce counts how often the intermediate form of a module is made,
// whatever is asked of it, with and without generated code in the module, and how
// many packages are checked again after an edit. What is said then is what a
// session says that begins now.
func TestAnalysedOnce(t *testing.T) {
	t.Setenv("GOCACHE", goCache(t))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, bound := range []bool{false, true} {
		t.Run(fmt.Sprintf("bound=%v", bound), func(t *testing.T) {
			dir := writeArchive(t, analysedModule)
			if bound {
				s, err := Open(t.Context(), Options{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				set, err := s.Bind(t.Context(), BindOptions{Component: "pricing", To: []string{"unix"}})
				if err == nil {
					err = s.Apply(t.Context(), set)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			var sessions Sessions
			var last source.Counters
			step := func(what string, ssa, loaded int64) {
				t.Helper()
				s, err := sessions.Open(t.Context(), filepath.Join(dir, "main.go"), nil)
				if err != nil {
					t.Fatal(err)
				}
				got := saysAll(t, s)
				now := s.snap.Counters()
				if n := now.SSA - last.SSA; n != ssa {
					t.Errorf("%s: the intermediate form was made %d times, not %d", what, n, ssa)
				}
				if n := now.Loaded - last.Loaded; loaded >= 0 && n > loaded {
					t.Errorf("%s: %d packages were checked, not at most %d", what, n, loaded)
				}
				last = now
				fresh, err := Open(t.Context(), Options{Dir: dir, NoCache: true})
				if err != nil {
					t.Fatal(err)
				}
				if want := saysAll(t, fresh); got != want {
					t.Errorf("%s: %s", what, firstDifference(got, want))
				}
				for _, verb := range []string{"extract", "bind", "preview", "find"} {
					if _, after, _ := strings.Cut(got, "--- "+verb+"\n"); !strings.Contains(strings.SplitN(after, "--- ", 2)[0], "<nil>") {
						t.Errorf("%s: %s failed: %s", what, verb, after)
					}
				}
			}
			edit := func(file, old, new string) {
				t.Helper()
				name := filepath.Join(dir, filepath.FromSlash(file))
				text, err := os.ReadFile(name)
				if err != nil || strings.Count(string(text), old) != 1 {
					t.Fatalf("%s: %v, or not one %q", file, err, old)
				}
				writeFile(t, name, strings.Replace(string(text), old, new, 1))
			}
			step("first", 1, -1)
			step("again", 0, 12) // what bind and extract would lead to
			edit("stock/stock.go", `s.n[sku]--`, `s.n["x"]--`)
			step("a body", 1, 15)
			edit("stock/stock.go", `Take(sku string) {`, `Take(sku string, _ ...int) {`)
			step("a signature", 1, 15)
			edit("base/base.go", `return n + total`, `total++; return n + total`)
			step("a body in a dependency", 1, -1)
			edit("base/base.go", `func Count(n int) int`, `func Count(n int, _ ...string) int`)
			step("a signature in a dependency", 1, -1)
			edit("go.mod", "go 1.26", "go 1.25")
			step("go.mod", 1, -1)
		})
	}
}

// TestAnalysedTogether asks from several goroutines at once: one makes the
// intermediate form, and all say the same.
func TestAnalysedTogether(t *testing.T) {
	t.Setenv("GOCACHE", goCache(t))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := writeArchive(t, analysedModule)
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	said := make([]string, 4)
	var all sync.WaitGroup
	for i := range said {
		all.Go(func() { said[i] = saysAll(t, s) })
	}
	all.Wait()
	for i := range said {
		if said[i] != said[0] {
			t.Error(firstDifference(said[i], said[0]))
		}
	}
	if n := s.snap.Counters().SSA; n != 1 {
		t.Errorf("the intermediate form was made %d times", n)
	}
}
