package source

import (
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestProblems holds what Problems finds to what Load finds, in packages whose
// bodies aren't checked again in their variant for tests, and in those where that would
// miss something.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name, files string
		want        []string // file:line, each once
	}{
		{"fine", "-- m.go --\npackage m\nfunc F() int { return 1 }\n-- m_test.go --\npackage m\nvar _ = F()\n", nil},
		{"body", "-- m.go --\npackage m\nfunc F() int { return \"\" }\n-- m_test.go --\npackage m\nvar _ = F()\n", []string{"m.go:2"}},
		{"unused import", "-- m.go --\npackage m\nimport \"os\"\n-- m_test.go --\npackage m\n", []string{"m.go:2"}},
		{"test's name", "-- m.go --\npackage m\nfunc F() int { return g() }\n-- m_test.go --\npackage m\nfunc g() int { return 1 }\n", []string{"m.go:2"}},
		{"test's method by interface", "-- m.go --\npackage m\ntype T struct{}\nfunc F() interface{ M() } { return T{} }\n-- m_test.go --\npackage m\ntype U = T\nfunc (U) M() {}\n", []string{"m.go:3"}},
		{"method of a test's type", "-- m.go --\npackage m\nfunc F() int { return \"\" }\n-- m_test.go --\npackage m\ntype T struct{}\nfunc (T) M() {}\n", []string{"m.go:2"}},
		{"test's name for one of the language", "-- m.go --\npackage m\nfunc F() float64 { return max(1.5, 2) }\n-- m_test.go --\npackage m\nfunc max(a, b int) int { return a }\n", []string{"m.go:2"}},
		{"test's type for one of the language", "-- m.go --\npackage m\nfunc F() { var s string; _ = s }\n-- m_test.go --\npackage m\ntype (\n\tU int\n\tstring struct{}\n)\nvar _ U = U(len(\"\"))\n", nil},
		{"test's constant for one of the language", "-- m.go --\npackage m\nfunc F() bool { return true }\n-- m_test.go --\npackage m\nconst true = 1\n", []string{"m.go:2"}},
		{"test's method makes another ambiguous", "-- m.go --\npackage m\ntype A struct{}\nfunc (A) M() {}\ntype B struct{}\ntype T struct { A; B }\nfunc F() { T{}.M() }\n-- m_test.go --\npackage m\nfunc (*B) M() {}\n", []string{"m.go:6"}},
		{"test declares again", "-- m.go --\npackage m\nfunc F() {}\n-- m_test.go --\npackage m\nfunc F() {}\n", []string{"m.go:2", "m_test.go:2"}},
		{"test's body", "-- m.go --\npackage m\nimport \"os\"\nfunc F() { os.Exit(1) }\nfunc G[T any]() {}\nfunc init() {}\n-- m_test.go --\npackage m\nfunc g() { var x int }\n", []string{"m_test.go:2"}},
		{"no tests", "-- m.go --\npackage m\nfunc F() int { return \"\" }\n", []string{"m.go:2"}},
		{"external tests", "-- m.go --\npackage m\nfunc F() int { return \"\" }\n-- m_test.go --\npackage m_test\nvar x int = \"\"\n", []string{"m.go:2", "m_test.go:2"}},
		{"importer", "-- m.go --\npackage m\nfunc F() int { return 1 }\n-- m_test.go --\npackage m\nvar _ = F()\n-- n/n.go --\npackage n\nimport \"example.com/m\"\nfunc G() string { return m.F() }\n", []string{"n/n.go:3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{Dir: extract(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n"+c.files)})
			found, err := s.Problems(t.Context(), nil, "./...")
			if err != nil {
				t.Fatal(err)
			}
			if got := places(found); !slices.Equal(got, c.want) {
				t.Errorf("Problems finds errors at %q, want %q", got, c.want)
			}
			for _, apart := range []bool{false, true} {
				var loaded []component.Problem
				for _, p := range load(t, s, LoadOptions{Tests: true, Apart: apart}, "./...") {
					loaded = append(loaded, p.Problems...)
				}
				if got := places(loaded); !slices.Equal(got, c.want) {
					t.Errorf("Load finds errors at %q, want %q (apart: %v)", got, c.want, apart)
				}
			}
		})
	}
}

func places(found []component.Problem) []string {
	var out []string
	for _, p := range found {
		file, rest, _ := strings.Cut(p.Span.String(), ":")
		line, _, _ := strings.Cut(rest, ":")
		out = append(out, file+":"+line)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestApart: a body is known in one variant of its package, and those of the tests in
// the other; a file is parsed once for both.
func TestApart(t *testing.T) {
	s := open(t, Options{Dir: extract(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- m.go --\npackage m\nfunc F() int { x := 1; return x }\n-- m_test.go --\npackage m\nfunc g() int { y := F(); return y }\n")})
	before := s.Counters().Parsed
	pkgs := load(t, s, LoadOptions{Tests: true, Apart: true}, "./...")
	if n := s.Counters().Parsed - before; n != 2 {
		t.Errorf("%d files were parsed, want 2", n)
	}
	defines := func(id string) []string {
		var names []string
		for name := range pkgs[id].Info.Defs {
			names = append(names, name.Name)
		}
		slices.Sort(names)
		return names
	}
	if got, want := defines("example.com/m"), []string{"F", "m", "x"}; !slices.Equal(got, want) {
		t.Errorf("the package defines %q, want %q", got, want)
	}
	if got, want := defines("example.com/m [example.com/m.test]"), []string{"F", "g", "m", "m", "y"}; !slices.Equal(got, want) {
		t.Errorf("its variant defines %q, want %q", got, want)
	}
	whole := load(t, s, LoadOptions{Tests: true}, "./...")
	if n := len(whole["example.com/m [example.com/m.test]"].Info.Defs); n != 6 {
		t.Errorf("with all bodies the variant has %d definitions, want 6", n)
	}
	if n := s.Counters().Parsed - before; n != 2 {
		t.Errorf("%d files were parsed after a second load, want 2", n)
	}
}
