package clients_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/internal/debian"
)

const languages = `[language-server.unweld]
command = "%s"
args = ["lsp"]

[[language]]
name = "go"
language-servers = ["unweld"]
`

// TestHelix drives Helix in a terminal: a hazard, the list of code actions, one of them, undo
// and redo.
func TestHelix(t *testing.T) {
	program, err := debian.Helix.Path()
	if errors.Is(err, debian.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is missing; install it with: make tools")
	}
	dir, config := shop(t), t.TempDir()
	file := filepath.Join(config, "helix", "languages.toml")
	if err := os.Mkdir(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, languages, build(t)), 0o666); err != nil {
		t.Fatal(err)
	}
	w := window{t, fmt.Sprintf("unweld-helix-%d", os.Getpid())}
	w.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40",
		fmt.Sprintf("cd '%s' && XDG_CONFIG_HOME='%s' XDG_STATE_HOME='%s' '%s' carts/carts.go:63:17; echo status $?; sleep 60", dir, config, config, program))
	t.Cleanup(func() { w.tmux("kill-server") })
	w.sees("Create takes no context").types(":open pricing/pricing.go").press("Enter").sees("package pricing")
	w.types("/type Engine").press("Enter").types("l").press("Space", "a").sees("Extract Engine as a component: ").press("Enter").sees("pricing.go [+]", `"context"`)
	w.press("u").sees("pricing.go  ").press("U").sees("pricing.go [+]") // undo is one step, and so is doing it again
	w.types(":write-all").press("Enter").sees("pricing.go  ").types(":quit-all").press("Enter").sees("status 0")
	extracted(t, dir)
}

// A window is a window of tmux.
type window struct {
	*testing.T
	socket string
}

func (w window) tmux(args ...string) string {
	w.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", w.socket}, args...)...).CombinedOutput()
	if err != nil {
		w.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// press presses keys, by their names.
func (w window) press(keys ...string) window {
	w.Helper()
	w.tmux(append([]string{"send-keys"}, keys...)...)
	return w
}

// types types a text.
func (w window) types(text string) window {
	w.Helper()
	w.tmux("send-keys", "-l", text)
	return w
}

// sees waits until all of what stands in the window.
func (w window) sees(what ...string) window {
	w.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		screen, missing := w.tmux("capture-pane", "-p"), ""
		for _, s := range what {
			if !strings.Contains(screen, s) {
				missing = s
			}
		}
		if missing == "" {
			return w
		}
		if time.Now().After(deadline) {
			w.Fatalf("%q isn't in the window:\n%s", missing, screen)
		}
	}
}
