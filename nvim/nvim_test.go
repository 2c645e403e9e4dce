// Package nvim_test tests the Neovim plugin.
package nvim_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/internal/debian"
	_ "github.com/unweld/unweld/lsp" // so that go test runs this again when the server changes
)

// TestNeovim drives the Neovim of this machine, which may be as old as 0.7.
func TestNeovim(t *testing.T) {
	program, err := exec.LookPath("nvim")
	if err != nil {
		t.Fatal("Neovim is missing; install it with: make tools")
	}
	use(t, editor{program, "setup", build(t)})
}

// TestNewNeovim drives a Neovim that has vim.lsp.enable.
func TestNewNeovim(t *testing.T) {
	program, err := debian.Neovim.Path()
	if errors.Is(err, debian.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	server := build(t)
	for _, start := range []string{"enable", "setup"} {
		t.Run(start, func(t *testing.T) { use(t, editor{program, start, server}) })
	}
}

// An editor is a Neovim, the way in which it is made to start the server, and that server.
type editor struct{ program, start, server string }

// build returns the path of unweld.
func build(t *testing.T) string {
	t.Helper()
	unweld := filepath.Join(t.TempDir(), "unweld")
	if out, err := exec.Command("go", "build", "-o", unweld, "../cmd/unweld").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return unweld
}

// use uses :Unweld in an editor, and its own code actions: it shows a hazard of the split that the
// sample shop's unweld.yaml names for editors, nothing in the standard library, and the extract action
// leaves a module on disk that compiles.
func use(t *testing.T, with editor) {
	t.Helper()
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
	out := with.run(t, "commands.lua", home, shop)
	for _, want := range []string{"taken back unsaved", "kept what was changed since", "added tax", "taken back", "preview | pricing | pricing |", "complete preview", "complete pricing", "help unweld.txt", " components · micro", "hazards ", "done"} {
		if !strings.Contains(out, want) {
			t.Errorf("Neovim didn't say %q:\n%s", want, out)
		}
	}
	out = with.run(t, "extract.lua", home, shop)
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

// run runs a script of testdata with the plugin and none of the user's configuration.
func (e editor) run(t *testing.T, script, home, shop string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	run := fmt.Sprintf("lua local ok, err = pcall(function() loadfile([[%s]])(loadfile([[%s]])([[%s]], [[%s]])) end) if not ok then io.stdout:write(err) vim.cmd('cquit') end",
		absolute(t, filepath.Join("testdata", script)), absolute(t, filepath.Join("testdata", "common.lua")), e.start, shop)
	cmd := exec.CommandContext(ctx, e.program, "--headless", "--clean", "-n", "--cmd", "set runtimepath^="+absolute(t, "."), "-c", run)
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "UNWELD="+e.server, "XDG_STATE_HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "NVIM_LOG_FILE="+filepath.Join(home, "nvim.log"))
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
