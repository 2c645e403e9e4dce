// Package nvim_test tests the Neovim plugin.
package nvim_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/unweld/unweld/lsp" // so that go test runs this again when the server changes
)

// TestNeovim drives a real Neovim: it shows a hazard of the split that the sample
// shop's unweld.yaml names for editors, nothing in the standard library, and the extract action leaves a module on disk that compiles.
func TestNeovim(t *testing.T) {
	if _, err := exec.LookPath("nvim"); err != nil {
		t.Fatal("Neovim is missing; install it with: make tools")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	shop, home := filepath.Join(dir, "shop"), filepath.Join(dir, "home")
	if err := os.CopyFS(shop, os.DirFS(filepath.Join("..", "testdata", "modules", "shop"))); err != nil {
		t.Fatal(err)
	}
	yaml := "version: 1\ncomponents:\n  carts: {packages: [./carts]}\n  pricing: {packages: [./pricing]}\neditor: {split: micro}\n"
	if err := os.WriteFile(filepath.Join(shop, "unweld.yaml"), []byte(yaml), 0o666); err != nil {
		t.Fatal(err)
	}
	unweld := filepath.Join(dir, "unweld")
	if out, err := exec.Command("go", "build", "-o", unweld, "../cmd/unweld").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out := neovim(t, "commands.lua", home, unweld, shop)
	for _, want := range []string{"added tax", "taken back", "preview | pricing | pricing |", "complete preview", "complete pricing", "help unweld.txt", " components · micro", "hazards ", "done"} {
		if !strings.Contains(out, want) {
			t.Errorf("Neovim didn't say %q:\n%s", want, out)
		}
	}
	out = neovim(t, "extract.lua", home, unweld, shop)
	for _, want := range []string{"diagnostic ", "action refactor.extract.component: Extract Engine as a component", "quickfix 11 files: extract pricing", "applied"} {
		if !strings.Contains(out, want) {
			t.Fatalf("Neovim didn't say %q:\n%s", want, out)
		}
	}
	service, err := os.ReadFile(filepath.Join(shop, "pricing", "service.go"))
	if err != nil || !strings.Contains(string(service), "type Service interface") {
		t.Errorf("pricing/service.go: %v\n%s", err, service)
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = shop
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("what Neovim saved doesn't compile: %v\n%s", err, out)
	}
}

// neovim runs a script of testdata with the plugin and none of the user's configuration.
func neovim(t *testing.T, script, home, unweld, shop string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	run := fmt.Sprintf("lua loadfile([[%s]])(require('unweld'), [[%s]])", absolute(t, filepath.Join("testdata", script)), shop)
	cmd := exec.CommandContext(ctx, "nvim", "--headless", "--clean", "-n", "--cmd", "set runtimepath^="+absolute(t, "."), "-c", run)
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "UNWELD="+unweld, "XDG_STATE_HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "NVIM_LOG_FILE="+filepath.Join(home, "nvim.log"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("nvim: %v\n%s", err, out)
	}
	return string(out)
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(abs); err != nil {
		t.Fatal(err)
	}
	return abs
}
