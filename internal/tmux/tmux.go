// Package tmux gives tests a real terminal: a window of tmux in which a command
// runs, with keys that are pressed and a screen that is read.
package tmux

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long Sees waits.
const patience = 2 * time.Minute

// A Window is a window of a tmux server of its own. Its methods fail the test where
// tmux does; those that return the window can be chained.
type Window struct {
	t      testing.TB
	socket string
}

var windows atomic.Int32

// Open runs a command of the shell in a window of the given size until the test
// ends. When the command is over, the window says "status" and its exit code.
func Open(t testing.TB, width, height int, command string) Window {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is missing; install it with: make tools")
	}
	w := Window{t, fmt.Sprintf("unweld-test-%d-%d", os.Getpid(), windows.Add(1))}
	w.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), command+"; echo status $?; sleep 600")
	t.Cleanup(func() { w.tmux("kill-server") })
	return w
}

func (w Window) tmux(args ...string) string {
	w.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", w.socket}, args...)...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// Press presses keys, by the names that tmux has for them: "Enter", "C-c", "x".
func (w Window) Press(keys ...string) Window {
	w.t.Helper()
	w.tmux(append([]string{"send-keys"}, keys...)...)
	return w
}

// Type types a text.
func (w Window) Type(text string) Window {
	w.t.Helper()
	w.tmux("send-keys", "-l", text)
	return w
}

// Resize gives the window another size.
func (w Window) Resize(width, height int) Window {
	w.t.Helper()
	w.tmux("resize-window", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height))
	return w
}

// Screen returns what stands in the window, in lines.
func (w Window) Screen() string {
	w.t.Helper()
	return w.tmux("capture-pane", "-p")
}

// Sees waits until all of what stands in the window.
func (w Window) Sees(what ...string) Window {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		screen, missing := w.Screen(), ""
		for _, s := range what {
			if !strings.Contains(screen, s) {
				missing = s
			}
		}
		if missing == "" {
			return w
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%q isn't in the window:\n%s", missing, screen)
		}
	}
}
