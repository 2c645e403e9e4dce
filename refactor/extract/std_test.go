package extract_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor"
)

// TestStandardLibrary extracts packages of the standard library in a scratch
// copy: their own tests, unedited but for import paths, pass afterwards.
func TestStandardLibrary(t *testing.T) {
	for _, tt := range []struct{ pkg, local string }{
		{"html", ""},
		{"net/mail", "ReadMessage stays local"},
		{"go/format", "Node stays local"},
	} {
		t.Run(tt.pkg, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			copyStd(t, dir, tt.pkg)
			base := filepath.Base(tt.pkg)
			set, err := run(t, dir, refactor.Request{Target: "./" + base, Params: map[string]string{"name": base, "keep-signatures": "true"}})
			if err != nil {
				t.Fatal(err)
			}
			if got := notes(set); tt.local != "" && !strings.Contains(got, tt.local) || tt.local == "" && got != "" {
				t.Errorf("notes: got %q, want %q in it", got, tt.local)
			}
			if err := change.Apply(dir, set); err != nil {
				t.Fatal(err)
			}
			goCommand(t, dir, "vet", "./...")
			goCommand(t, dir, "test", "./...")
		})
	}
}

// copyStd copies a package of GOROOT/src into a new module, under its base
// name, and changes nothing but import paths of the package itself.
func copyStd(t *testing.T, dir, pkg string) {
	t.Helper()
	src := filepath.Join(goroot(t), filepath.FromSlash(pkg))
	base := filepath.Base(pkg)
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	err := filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(src, path)
		if err != nil || d.IsDir() && rel != "." && d.Name() != "testdata" && !strings.HasPrefix(rel, "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		content := string(data)
		if strings.HasSuffix(path, ".go") {
			content = strings.ReplaceAll(content, `"`+pkg+`"`, `"example.com/m/`+base+`"`)
		}
		write(t, dir, filepath.Join(base, rel), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
