// Package clients_test drives the language server with editors for which unweld has no
// plug-in: each is configured as docs/editors.md says, and used as a person does.
package clients_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/unweld/unweld/lsp" // so that go test runs this again when the server changes
)

// build returns the path of unweld.
func build(t *testing.T) string {
	t.Helper()
	unweld := filepath.Join(t.TempDir(), "unweld")
	if out, err := exec.Command("go", "build", "-o", unweld, "../../cmd/unweld").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return unweld
}

// shop copies the sample module, with an unweld.yaml that has the hazards of a split shown,
// into a repository: editors take that for the project.
func shop(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "testdata", "modules", "shop"))); err != nil {
		t.Fatal(err)
	}
	yaml := "version: 1\ncomponents:\n  carts: {packages: [./carts]}\n  pricing: {packages: [./pricing]}\neditor: {split: micro}\n"
	if err := os.WriteFile(filepath.Join(dir, "unweld.yaml"), []byte(yaml), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	return dir
}

// extracted holds what an editor saved to what the action is about.
func extracted(t *testing.T, shop string) {
	t.Helper()
	service, err := os.ReadFile(filepath.Join(shop, "pricing", "service.go"))
	if err != nil || !strings.Contains(string(service), "type Service interface") {
		t.Errorf("pricing/service.go: %v\n%s", err, service)
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = shop
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("what was saved doesn't compile: %v\n%s", err, out)
	}
}

// TestEmacs drives Emacs with eglot.
func TestEmacs(t *testing.T) {
	if _, err := exec.LookPath("emacs"); err != nil {
		t.Skip("Emacs is missing; install it with: make tools")
	}
	if err := exec.Command("emacs", "--batch", "--eval", "(require 'eglot)").Run(); err != nil {
		t.Skip("this Emacs has no eglot; install it with: apt-get install elpa-eglot")
	}
	dir, script := shop(t), filepath.Join("testdata", "eglot.el")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "emacs", "--batch", "--load", script)
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "UNWELD="+build(t), "SHOP="+dir, "STATE="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("emacs: %v\n%s", err, out)
	}
	for _, want := range []string{"diagnostic ", "\nactions ", "\nchanged 11\n", "\nundone 11\n", "\nsaved\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("Emacs didn't say %q:\n%s", want, out)
		}
	}
	extracted(t, dir)
}
