package wraptransaction_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/wraptransaction"
)

// TestDeliver wraps the transaction of the example and runs the outcome on SQLite:
// testdata/deliver_test.go.txt is a test of the module that comes out.
func TestDeliver(t *testing.T) {
	dir := t.TempDir()
	ar, err := txtar.ParseFile("testdata/example.txtar")
	if err != nil {
		t.Fatal(err)
	}
	module := &txtar.Archive{}
	for _, f := range ar.Files {
		if filepath.Ext(f.Name) == ".go" {
			module.Files = append(module.Files, f)
		}
	}
	module.Files = append(module.Files, goMod(t)...)
	if err := txtar.Write(module, dir); err != nil {
		t.Fatal(err)
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	set, err := wraptransaction.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, refactor.Request{Target: "./shop.Place", Params: map[string]string{"call": "./billing.Charge"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	test, err := os.ReadFile("testdata/deliver_test.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "shop", "deliver_test.go"), test, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", "./shop")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// goMod is what this repository requires, so that nothing has to be downloaded.
func goMod(t *testing.T) []txtar.File {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod = bytes.Replace(mod, []byte("module github.com/unweld/unweld"), []byte("module example.com/m"), 1)
	return []txtar.File{{Name: "go.mod", Data: mod}, {Name: "go.sum", Data: sum}}
}
