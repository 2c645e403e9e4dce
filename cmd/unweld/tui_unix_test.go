//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/tmux"
)

// openWindow runs a command of the shell in a window of the given size, in which
// this test is the command line.
func openWindow(t *testing.T, width, height int, command string) tmux.Window {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "unweld")); err != nil { // by this name it is
		t.Fatal(err)
	}
	return tmux.Open(t, width, height, fmt.Sprintf("PATH=%s:$PATH; cd %s || exit; %s", bin, filepath.Join("..", "..", "testdata", "modules", "shop"), command))
}

// TestExplorerInTmux uses the real program in a real terminal. What is typed while it
// loads is neither echoed nor carried out.
func TestExplorerInTmux(t *testing.T) {
	editor := filepath.Join(t.TempDir(), "vim")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\necho edits $@\nread line\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	w := openWindow(t, 80, 24, "EDITOR="+editor+" unweld tui")
	w.Sees("q ends it").Press("x", "j")
	w.Sees("> app").Press("j", "Enter").Sees("example.com/shop/carts", "used by: 2").Press("Escape").Sees("> carts")
	w.Press("/", "n", "o", "t").Sees("> notifications", "1 of 1").Press("Enter", "Escape").Sees("app", "> notifications")
	w.Press("2", "G", "0", "Enter").Sees("app uses pricing", "app/app.go:").Press("e").Sees("edits +", "app/app.go").Press("Enter").Sees("app uses pricing")
	w.Press("3", "Enter", "j", "j", "c").Sees("about ", "before")
	w.Resize(40, 10).Sees("[3 hazards]").Press("?").Sees("help").Press("1").Sees("> notifications").Press("q").Sees("status 0")
	if screen := w.Screen(); strings.Contains(screen, "xj") || strings.Contains(screen, "> notifications") {
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
			openWindow(t, 80, 24, test.command).Sees(test.want, "hint: ", "status 2")
		})
	}
}
