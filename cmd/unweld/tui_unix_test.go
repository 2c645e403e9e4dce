//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A window is a window of tmux, a real terminal, in which a command runs.
type window struct {
	*testing.T
	socket string
}

var windows atomic.Int32

// openWindow runs a command of the shell in a window of the given size.
func openWindow(t *testing.T, width, height int, command string) window {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is missing; install it with: make tools")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "unweld")); err != nil { // by this name, the test is the command line
		t.Fatal(err)
	}
	w := window{t, fmt.Sprintf("unweld-test-%d-%d", os.Getpid(), windows.Add(1))}
	cmd := fmt.Sprintf("PATH=%s:$PATH; cd %s || exit; %s; echo status $?; sleep 60", bin, filepath.Join("..", "..", "testdata", "modules", "shop"), command)
	w.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), cmd)
	t.Cleanup(func() { w.tmux("kill-server") })
	return w
}

func (w window) tmux(args ...string) string {
	w.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", w.socket}, args...)...).CombinedOutput()
	if err != nil {
		w.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (w window) press(keys ...string) window {
	w.Helper()
	w.tmux(append([]string{"send-keys"}, keys...)...)
	return w
}

func (w window) screen() string { return w.tmux("capture-pane", "-p") }

// sees waits until all of what stands in the window.
func (w window) sees(what ...string) window {
	w.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		screen, missing := w.screen(), ""
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

// TestExplorerInTmux uses the real program in a real terminal. What is typed while it
// loads is neither echoed nor carried out.
func TestExplorerInTmux(t *testing.T) {
	editor := filepath.Join(t.TempDir(), "vim")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\necho edits $@\nread line\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	w := openWindow(t, 80, 24, "EDITOR="+editor+" unweld tui")
	w.sees("q ends it").press("x", "j")
	w.sees("> app").press("j", "Enter").sees("example.com/shop/carts", "used by: 2").press("Escape").sees("> carts")
	w.press("/", "n", "o", "t").sees("> notifications", "1 of 1").press("Enter", "Escape").sees("app", "> notifications")
	w.press("2", "G", "0", "Enter").sees("app uses pricing", "app/app.go:").press("e").sees("edits +", "app/app.go").press("Enter").sees("app uses pricing")
	w.press("3", "Enter", "j", "Enter", "j", "Enter", "c").sees("about ", "before")
	w.tmux("resize-window", "-x", "40", "-y", "10")
	w.sees("[3 hazards]").press("?").sees("help").press("1").sees("> notifications").press("q").sees("status 0")
	if screen := w.screen(); strings.Contains(screen, "xj") || strings.Contains(screen, "> notifications") {
		t.Errorf("the screen isn't as it was before:\n%s", screen)
	}
}

// TestExplorerRefuses: without a terminal that can be drawn on and read from, the
// explorer says so at once.
func TestExplorerRefuses(t *testing.T) {
	for _, test := range []struct{ command, want string }{
		{"unweld tui </dev/null", "standard input is not a terminal"},
		{"echo q | unweld tui", "standard input is not a terminal"},
		{"TERM=dumb unweld tui", "TERM=dumb"},
		{"TERM= unweld tui", "TERM="},
		{"unweld tui --mouse", "unknown flag"},
		{"unweld -C /nowhere tui", "is not a folder"},
	} {
		t.Run(test.command, func(t *testing.T) {
			openWindow(t, 80, 24, test.command).sees(test.want, "hint: ", "status 2")
		})
	}
}
