package engine

import (
	"strings"
	"testing"
)

// TestVersionChanges holds pairs of versions of a package to what importers see.
func TestVersionChanges(t *testing.T) {
	const base = "package p\n\ntype T struct{ A, b int; *E; fmt.Stringer }\n\ntype I interface{ M() }\n\nfunc F(n int) int { return n }\n\nfunc (t *T) M() {}\n"
	for _, tt := range []struct{ old, new, breaking, more string }{
		{"return n", "return n + 1", "", ""},
		{"b int", "c int", "", ""},
		{"F(n int) int { return n }", "F(m int) (sum int) { return m }", "", ""},
		{"func F", "type t int\n\nfunc (t) M() {}\n\nfunc F", "", ""},
		{"F(n int)", "F(n int, more ...int)", "p.F", ""},
		{"func F(", "func G(", "p.F", "p.G"},
		{"A, b", "b", "p.T.A", ""},
		{"*E", "API", "p.T.E", ""},
		{"*E", "E", "p.T.E", ""},
		{"; fmt.Stringer", "", "p.T.Stringer", ""},
		{"M() }", "M(); ~int | ~string }", "", ""},
		{"M() }", "M(); io.Reader }", "p.I.Reader", ""},
		{"A, b", "A, B, b", "", ""},
		{"M() }", "M(); N() }", "p.I.N", ""},
		{"func F", "func G() {}\n\nfunc F", "", "p.G"},
	} {
		before, after := map[string]map[string]string{}, map[string]map[string]string{}
		exported([]byte(base), "p", before)
		exported([]byte(strings.Replace(base, tt.old, tt.new, 1)), "p", after)
		breaking, more := versionChanges(before, after)
		if strings.Join(breaking, " ") != tt.breaking || strings.Join(more, " ") != tt.more {
			t.Errorf("%q -> %q: breaking %q, more %q; want %q, %q", tt.old, tt.new, breaking, more, tt.breaking, tt.more)
		}
	}
	for file, want := range map[string]bool{"a/b.go": true, "b.go": true, "a/internal/b/c.go": false, "internal/c.go": false, "testdata/x/c.go": false} {
		if forOthers(file) != want {
			t.Errorf("%s: %t", file, !want)
		}
	}
}
