package source

import (
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestProblems holds what Problems finds to what Load finds, in packages whose
// bodies are checked in a test variant only, and in those where that would miss
// something.
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
		{"no tests", "-- m.go --\npackage m\nfunc F() int { return \"\" }\n", []string{"m.go:2"}},
		{"external tests", "-- m.go --\npackage m\nfunc F() int { return \"\" }\n-- m_test.go --\npackage m_test\nvar x int = \"\"\n", []string{"m.go:2", "m_test.go:2"}},
		{"importer", "-- m.go --\npackage m\nfunc F() int { return 1 }\n-- m_test.go --\npackage m\nvar _ = F()\n-- n/n.go --\npackage n\nimport \"example.com/m\"\nfunc G() string { return m.F() }\n", []string{"n/n.go:3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{Dir: extract(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n"+c.files)})
			found, err := s.Problems(t.Context(), "./...")
			if err != nil {
				t.Fatal(err)
			}
			if got := places(found); !slices.Equal(got, c.want) {
				t.Errorf("Problems finds errors at %q, want %q", got, c.want)
			}
			pkgs, err := s.Load(t.Context(), LoadOptions{Tests: true}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			var loaded []component.Problem
			for _, p := range pkgs {
				loaded = append(loaded, p.Problems...)
			}
			if got := places(loaded); !slices.Equal(got, c.want) {
				t.Errorf("Load finds errors at %q, want %q", got, c.want)
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
