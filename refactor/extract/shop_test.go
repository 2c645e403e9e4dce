package extract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor"
)

// TestShop extracts the sample's pricing engine: the shop builds and its own
// tests, changed only where they call it, pass.
func TestShop(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "testdata", "modules", "shop"))); err != nil {
		t.Fatal(err)
	}
	set, err := run(t, dir, refactor.Request{Target: "./pricing.Engine", Params: map[string]string{"name": "pricing"}})
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(t, dir, set); !strings.Contains(d, "+	prices pricing.Service") || strings.Contains(d, "context.Background()") {
		t.Errorf("the carts don't hold the contract, or a context isn't passed on:\n%s", d)
	}
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	goCommand(t, dir, "test", "-vet=all", "./...")
}
