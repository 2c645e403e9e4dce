package main

// Rules of this program's output:
//
//   - Results go to stdout; everything else goes to stderr.
//   - An error is one line "unweld: object: what is wrong", lower case and
//     without a full stop, then its details indented, then "hint: next step".
//   - Progress is one line that is overwritten, on a terminal only.
//   - Colour is used on a terminal only, never when NO_COLOR is set, unless
//     --color says otherwise. Nothing is told by colour alone.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/mattn/go-isatty"
)

type terminal struct {
	out, err io.Writer
	colour   string // auto, always, never

	mu     sync.Mutex
	status bool // a progress line stands on the terminal
}

func newTerminal(out, err io.Writer) *terminal {
	return &terminal{out: out, err: err, colour: "auto"}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// coloured reports whether w wants colour.
func (t *terminal) coloured(w io.Writer) bool {
	switch t.colour {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// progress shows what is being done, and takes it away again when what is
// empty.
func (t *terminal) progress(what string) {
	if !isTerminal(t.err) || os.Getenv("TERM") == "dumb" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.status {
		fmt.Fprint(t.err, "\r\x1b[K")
	}
	t.status = what != ""
	if t.status {
		const width = 78
		if len(what) > width {
			what = what[:width]
		}
		fmt.Fprint(t.err, what)
	}
}

// failure prints err as the rules say.
func (t *terminal) failure(err error) {
	t.progress("")
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(t.err, "unweld: interrupted: nothing is left half-written")
		return
	}
	if is[findings](err) {
		if err.Error() != "" {
			fmt.Fprintln(t.err, "unweld: "+err.Error())
		}
		return
	}
	fmt.Fprintln(t.err, t.paint(t.err, red, "unweld: ")+strings.ReplaceAll(err.Error(), "\n\t", "\n  "))
	if hint := hintOf(err); hint != "" {
		fmt.Fprintln(t.err, t.paint(t.err, cyan, "hint: ")+hint)
	}
}

// note prints something the user should know beside the result.
func (t *terminal) note(format string, args ...any) {
	t.progress("")
	fmt.Fprintf(t.err, format+"\n", args...)
}

// json prints v as a verb's whole result.
func (t *terminal) json(v any) error {
	e := json.NewEncoder(t.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

const (
	bold  = "1"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (t *terminal) paint(w io.Writer, colour, s string) string {
	if !t.coloured(w) || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// diff prints a unified diff.
func (t *terminal) diff(d string) {
	t.progress("")
	for line := range strings.Lines(d) {
		text := strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(text, "+++"), strings.HasPrefix(text, "---"):
			text = t.paint(t.out, bold, text)
		case strings.HasPrefix(text, "@@"):
			text = t.paint(t.out, cyan, text)
		case strings.HasPrefix(text, "+"):
			text = t.paint(t.out, green, text)
		case strings.HasPrefix(text, "-"):
			text = t.paint(t.out, red, text)
		}
		fmt.Fprintln(t.out, text)
	}
}
