package prune

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestBundle(t *testing.T) {
	files := map[string][]byte{
		"a.go":          []byte("// Header.\n\npackage p\n\nimport (\n\t\"fmt\"\n\tmrand \"math/rand\"\n\n\t\"example.com/m/q\"\n)\n\n// A prints.\nfunc A() { fmt.Println(mrand.Int(), q.Q) }\n"),
		"b.go":          []byte("package p\n\nimport _ \"embed\"\nimport \"fmt\"\n\n// About what follows.\n\nvar b = fmt.Sprint() // of B\n"),
		"doc.go":        []byte("// Header.\n\n// Package p is one.\npackage p\n"),
		"late.go":       []byte("//go:build unix\n\npackage p\n"),
		"late_linux.go": []byte("package p\n"),
		"other.go":      []byte("package p\n\nimport fmt \"example.com/m/fmt\"\n\nvar _ = fmt.X\n"),
		"same.go":       []byte("package p\n\nimport \"b\"\n\nvar _ = b.X\n"),
	}
	got, err := Bundle("p", "// Generated.\n", files)
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"late.go", "late_linux.go", "other.go", "p.go", "same.go"}) {
		t.Errorf("%q", names)
	}
	want := `// Generated.

// Package p is one.
package p

import (
	_ "embed"
	"fmt"
	mrand "math/rand"

	"example.com/m/q"
)

// From a.go.

// A prints.
func A() { fmt.Println(mrand.Int(), q.Q) }

// From b.go.

// About what follows.

var b = fmt.Sprint() // of B
`
	if string(got["p.go"]) != want {
		t.Errorf("%s", got["p.go"])
	}
	for _, name := range []string{"late.go", "late_linux.go", "other.go", "same.go"} {
		if string(got[name]) != string(files[name]) {
			t.Errorf("%s is now\n%s", name, got[name])
		}
	}
}

// TestBundleOfOneName has a file that stays as it is where the bundle would be.
// TestBundleOfNothing: of a package that declares nothing no file is left, however
// many it had; a blank variable is a declaration.
func TestBundleOfNothing(t *testing.T) {
	none := map[string][]byte{"a.go": []byte("// Package p is one.\npackage p\n"), "b.go": []byte("//go:build unix\n\npackage p\n\nimport _ \"embed\"\n")}
	if got, err := Bundle("p", "// Generated.\n", none); err != nil || len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
	none["b.go"] = append(none["b.go"], "var _ = 1\n"...)
	if got, err := Bundle("p", "// Generated.\n", none); err != nil || len(got) == 0 {
		t.Errorf("with a declaration: %q, %v", got, err)
	}
}

func TestBundleOfOneName(t *testing.T) {
	files := map[string][]byte{"p.go": []byte("//go:build unix\n\npackage p\n"), "q.go": []byte("package p\n\nvar q int\n")}
	if got, err := Bundle("p", "// Generated.\n", files); err != nil || !maps.EqualFunc(got, files, func(a, b []byte) bool { return string(a) == string(b) }) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Bundle("p", "", map[string][]byte{"a.go": []byte("package p\n\nfunc {")}); err == nil || !strings.Contains(err.Error(), "a.go") {
		t.Errorf("of what doesn't parse: %v", err)
	}
}
