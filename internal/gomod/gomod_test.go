package gomod

import (
	"slices"
	"testing"

	"golang.org/x/mod/modfile"
)

const file = `module example.com/m

go 1.21

require (
	example.com/new v1.5.0
	example.com/old v1.1.0
)
`

func TestLanguage(t *testing.T) {
	for content, want := range map[string]string{file: "1.21", "module m\n": "1.16", "module m\n\ngo 1.24.2\n": "1.24.2", "?": "1.16"} {
		if got := Language([]byte(content)); got != want {
			t.Errorf("%q: %s, want %s", content, got, want)
		}
	}
}

// TestQueries asks for a module that is required in a newer release, for one that
// is required in an older, and for one that isn't required.
func TestQueries(t *testing.T) {
	mod, err := modfile.Parse("go.mod", []byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	requires := []string{"example.com/old@v1.2.0", "example.com/new@v1.2.0", "example.com/none@v1.2.0"}
	got := Queries(mod, requires, []string{"example.com/new/a", "example.com/newer/b", "example.com/old", "example.com/none/c"})
	want := []string{"example.com/new/a@v1.5.0", "example.com/new@v1.5.0", "example.com/none/c@v1.2.0", "example.com/none@v1.2.0", "example.com/old@v1.2.0"}
	if !slices.Equal(got, want) {
		t.Errorf("queries %q, want %q", got, want)
	}
	if got, want := Unmet(mod, requires), []string{"example.com/old@v1.2.0", "example.com/none@v1.2.0"}; !slices.Equal(got, want) {
		t.Errorf("unmet %q, want %q", got, want)
	}
}

func TestDirect(t *testing.T) {
	got, err := direct([]byte("module m\n\nrequire (\n\ta.com/a v1.0.0 // indirect\n\ta.com/ab v1.0.0 // indirect\n)\n"), []string{"a.com/a@v1.0.0"})
	want := "module m\n\nrequire a.com/a v1.0.0\n\nrequire a.com/ab v1.0.0 // indirect\n"
	if err != nil || string(got) != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}
