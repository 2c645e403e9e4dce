package tui

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/internal/text"
)

// edited is the message that the editor has ended.
type edited struct{ err error }

// openEditor gives the terminal to the user's editor, at a place.
func openEditor(file string, at text.Span) tea.Cmd {
	args := editorCommand(cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi"), file, at)
	return tea.ExecProcess(exec.Command(args[0], args[1:]...), func(err error) tea.Msg {
		if err != nil {
			err = fmt.Errorf("%s: %w", args[0], err)
		}
		return edited{err}
	})
}

// editorCommand is how an editor is started at a line of a file. Which flags it
// takes depends on its name; one that isn't known gets the file alone.
func editorCommand(editor, file string, at text.Span) []string {
	args := strings.Fields(editor)
	if len(args) == 0 {
		args = []string{"vi"}
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	switch {
	case !at.IsValid():
	case name == "code" || name == "codium" || name == "cursor":
		return append(args, "--goto", fmt.Sprintf("%s:%d:%d", file, at.Line, max(at.Col, 1)))
	case name == "hx" || name == "helix" || name == "zed" || name == "subl":
		return append(args, fmt.Sprintf("%s:%d:%d", file, at.Line, max(at.Col, 1)))
	case name == "micro":
		return append(args, fmt.Sprintf("+%d:%d", at.Line, max(at.Col, 1)), file)
	case strings.Contains(name, "vi") || name == "nano" || name == "pico" || strings.HasPrefix(name, "emacs") || name == "kak" || name == "joe" || name == "mg":
		return append(args, fmt.Sprintf("+%d", at.Line), file)
	}
	return append(args, file)
}
