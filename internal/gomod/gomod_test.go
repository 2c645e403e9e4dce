package gomod

import (
	"os"
	"path/filepath"
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
// is required in an older, for one that isn't required, and for one in two releases.
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
	twice := []string{"example.com/none@v1.2.0", "example.com/none@v1.10.0", "example.com/none@v1.3.0"}
	if got, want := Queries(mod, twice, []string{"example.com/none/c"}), []string{"example.com/none/c@v1.10.0", "example.com/none@v1.10.0"}; !slices.Equal(got, want) {
		t.Errorf("queries %q, want %q", got, want)
	}
	nested := []string{"example.com/new@v1.2.0", "example.com/new/in@v1.1.0"} // a module in the folder of another one
	want = []string{"example.com/new/in/d@v1.1.0", "example.com/new/in@v1.1.0", "example.com/new/inner@v1.5.0", "example.com/new@v1.5.0"}
	if got := Queries(mod, nested, []string{"example.com/new", "example.com/new/in", "example.com/new/in/d", "example.com/new/inner"}); !slices.Equal(got, want) {
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

// TestGetLanguage requires a module where go.mod has no go line: the copy has the
// language of the module that is required, if that is one which go.mod has to name (go 1.21 or newer),
// and never the version of the toolchain.
func TestGetLanguage(t *testing.T) {
	for needs, want := range map[string]string{"1.13": "1.16", "1.20": "1.16", "1.21.3": "1.21.3", "1.24": "1.24"} {
		dir := t.TempDir()
		before := "module example.com/m\n\nreplace example.com/used v1.0.0 => ./used\n"
		for name, content := range map[string]string{"go.mod": before, "used/go.mod": "module example.com/used\n\ngo " + needs + "\n", "used/used.go": "package used\n"} {
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		env := append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		after, err := Get(t.Context(), dir, env, map[string][]byte{"go.mod": []byte(before)}, []string{"example.com/used@v1.0.0"})
		if err != nil {
			t.Fatal(err)
		}
		mod, err := modfile.Parse("go.mod", after["go.mod"], nil)
		if err != nil {
			t.Fatal(err)
		}
		if mod.Go == nil || mod.Go.Version != want || len(mod.Require) != 1 {
			t.Errorf("for a module of go %s, want go %s:\n%s", needs, want, after["go.mod"])
		}
	}
}

// TestGetFlags: what the user's GOFLAGS say counts, but for what would keep go get
// from its work.
func TestGetFlags(t *testing.T) {
	dir := t.TempDir()
	before := "module example.com/m\n\ngo 1.24\n\nreplace example.com/used v1.0.0 => ./used\n"
	for name, content := range map[string]string{"go.mod": before, "vendor/modules.txt": "", "laid.go": "package used\n",
		"used/go.mod": "module example.com/used\n\ngo 1.20\n", "used/used.go": "package used\n",
		"overlay.json": `{"Replace": {"` + filepath.ToSlash(filepath.Join(dir, "used", "extra", "extra.go")) + `": "` + filepath.ToSlash(filepath.Join(dir, "laid.go")) + `"}}`} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	get := func(flags string) error {
		env := append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS="+flags)
		_, err := Get(t.Context(), dir, env, map[string][]byte{"go.mod": []byte(before)}, []string{"example.com/used/extra@v1.0.0"})
		return err
	}
	if err := get(""); err == nil {
		t.Error("a package that is only in the overlay was found without it")
	}
	for _, flags := range []string{"", " -mod=vendor", " -mod=readonly", " -modfile=other.mod"} {
		if err := get("-overlay=" + filepath.Join(dir, "overlay.json") + flags); err != nil {
			t.Errorf("with%s: %v", flags, err)
		}
	}
}
