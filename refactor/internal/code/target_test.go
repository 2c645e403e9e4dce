package code

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// TestFindFuncs: each spelling of a target names the functions that it should.
func TestFindFuncs(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":       "module example.com/m\n\ngo 1.26\n",
		"root.go":      "package m\n\n// F is of the root.\nfunc F() {}\n\n// T has G.\ntype T struct{}\n\n// G is its method.\nfunc (*T) G() {}\n",
		"a.b/under.go": "package under\n\n// F is of a folder with a dot.\nfunc F() {}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w, err := Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string]string{
		".F": "example.com/m.F", "./.F": "example.com/m.F", ".{F}": "example.com/m.F", "./.{F}": "example.com/m.F", "example.com/m.F": "example.com/m.F",
		"..F": "example.com/m.F", ".T.G": "(*example.com/m.T).G", ".(*T).G": "(*example.com/m.T).G", "./.T.{G}": "(*example.com/m.T).G", "example.com/m.T.G": "(*example.com/m.T).G",
		"./a.b.F": "example.com/m/a.b.F", "./a.b.{F}": "example.com/m/a.b.F",
	} {
		fns, err := FindFuncs(w, spec)
		if err != nil || len(fns) != 1 || fns[0].FullName() != want {
			t.Errorf("%s: %v, %v", spec, fns, err)
		}
	}
	for spec, want := range map[string]string{
		".": ".: names no function", "./": "./: names no function", ".H": ".H: package example.com/m declares no H",
		".T": ".T: T is a type", "./a.F": "./a.F: no such package in this module",
	} {
		if _, err := FindFuncs(w, spec); err == nil || err.Error() != want || component.HintOf(err) == "" {
			t.Errorf("%s: %v, hint %q", spec, err, component.HintOf(err))
		}
	}
}
