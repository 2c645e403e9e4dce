package refactor

import (
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

const file = `// Package p is parsed.
package p

import "strings"

type (
	// A is first.
	A struct{ n int }
	B interface{ M() }
)

type C[T any] struct{}

func (c *C[T]) Do(x int) int {
	return x
}

func F() string { return strings.ToUpper("f") }
`

// at makes the site of a cursor before needle, or of a selection from there to
// the end of to.
func at(t *testing.T, needle, to string) *Site {
	t.Helper()
	start := strings.Index(file, needle)
	end := start
	if to != "" {
		end = strings.Index(file, to) + len(to)
	}
	if start < 0 || end < start {
		t.Fatalf("no %q up to %q", needle, to)
	}
	s := NewSite([]byte(file), text.Span{File: "p/p.go", Start: start, End: end}, nil)
	if s == nil {
		t.Fatal("no site")
	}
	return s
}

func TestSite(t *testing.T) {
	for _, tt := range []struct{ needle, want string }{
		{"package p\n", "package"},
		{"p\n\nimport", "package"},
		{"\"strings\"", "import strings"},
		{"A struct", "type A"},
		{"B interface", "type B"},
		{"type C", "type C"},
		{"C[T any", "type C"},
		{"(c *C", "func C.Do"},
		{"Do(x", "func C.Do"},
		{"return x", ""},
		{"F() string", "func .F"},
		{"n int", ""},
		{"type (", ""},
	} {
		s := at(t, tt.needle, "")
		var got []string
		if s.PackageClause() {
			got = append(got, "package")
		}
		if i := s.Import(); i != nil {
			got = append(got, "import "+strings.Trim(i.Path.Value, `"`))
		}
		if ts := s.Type(); ts != nil {
			got = append(got, "type "+ts.Name.Name)
		}
		if f := s.Func(); f != nil {
			got = append(got, "func "+source.Receiver(f)+"."+f.Name.Name)
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("at %q: %q, want %q", tt.needle, got, tt.want)
		}
		if len(s.Selected()) > 0 {
			t.Errorf("at %q: a cursor selects something", tt.needle)
		}
	}
	for needle, want := range map[string]string{"ToUpper": "strings.ToUpper", "strings.To": "strings", "Do(x": "Do", "return x": "", "C[T any": "C"} {
		var got []string
		for _, id := range at(t, needle, "").Names() {
			got = append(got, id.Name)
		}
		if strings.Join(got, ".") != want {
			t.Errorf("names at %q: %q, want %q", needle, got, want)
		}
	}
	if n := len(at(t, "return x", "return strings").Selected()); n != 2 {
		t.Errorf("the selection touches %d declarations, want 2", n)
	}
	if s := NewSite([]byte("no go"), text.Span{File: "x.go"}, nil); s != nil {
		t.Error("a file that is no Go has a site")
	}
	if s := NewSite([]byte("package p\nfunc ("), text.Span{File: "x_test.go", Start: 3}, nil); s == nil || !s.PackageClause() || !s.Test() {
		t.Error("a file with errors has no site")
	}
}

// TestTarget names declarations as every request can, also in the module's root.
func TestTarget(t *testing.T) {
	for file, want := range map[string][2]string{
		"p/q/p.go": {"./p/q.F", "./p/q.{F,T.M}"},
		"p.go":     {"./.F", "./.{F,T.M}"},
	} {
		s := NewSite([]byte("package p\n"), text.Span{File: file}, nil)
		if got := [2]string{s.Target("F"), s.Target("F", "T.M")}; got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}
