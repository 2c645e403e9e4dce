// Package changeset is the screen of a change before it is written: its diff, which
// the user applies or leaves.
package changeset

import (
	"context"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen shows a change.
type Screen struct {
	world *screen.World
	set   change.Set
	diff  string
	done  bool

	cursor        cursor.Cursor
	lines, height int
}

// New returns the screen of a change.
func New(w *screen.World, set change.Set) *Screen {
	s := &Screen{world: w, set: set}
	diff, err := w.Diff(set)
	if s.diff = diff; err != nil {
		s.diff = screen.Told(err)
	}
	return s
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) { s.world = w }

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	if s.done {
		return "written: " + s.set.Title
	}
	return "not written yet: " + s.set.Title
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(keymap.Table{{Name: "apply", Keys: []string{"w"}, Does: "write the change", Short: "write it"}}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	switch {
	case name != "apply":
		s.cursor.Scroll(name, s.lines, s.height)
		return nil
	case s.done:
		return screen.Say("it is written; :revert takes it back")
	}
	apply, set := s.world.Apply, s.set
	return screen.Work{Doing: "writing the change", Of: s, Do: func(ctx context.Context) (any, error) { return nil, apply(ctx, set) }}
}

// Done is documented in screen.Working.
func (s *Screen) Done(_ any, err error) screen.Effect {
	if err != nil {
		return screen.Say("not written: " + screen.Told(err))
	}
	s.done = true
	return screen.Refresh("written; :revert takes it back")
}

// Click is documented in screen.Screen.
func (s *Screen) Click(int, int) screen.Effect { return nil }

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.diff }

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	if len(s.set.Files) == 0 {
		return text.Span{}
	}
	return text.Span{File: s.set.Files[0].Path}
}

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	var lines []string
	for _, note := range s.set.Notes {
		said := note.Message
		if note.Span.IsValid() {
			said = note.Span.String() + ": " + said
		}
		lines = append(lines, draw.Wrap(draw.Clean(said), size.Width)...)
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(s.diff, "\n"), "\n") {
		text := draw.Cut(draw.Clean(line), size.Width)
		switch {
		case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
			text = t.Title.Render(text)
		case strings.HasPrefix(line, "+"):
			text = t.Info.Render(text)
		case strings.HasPrefix(line, "-"):
			text = t.Error.Render(text)
		}
		lines = append(lines, text)
	}
	s.lines, s.height = len(lines), size.Height
	s.cursor.Top = max(min(s.cursor.Top, s.lines-s.height), 0)
	return draw.Lines(lines[s.cursor.Top:], size.Height)
}
