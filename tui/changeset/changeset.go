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
	"github.com/unweld/unweld/tui/reading"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen shows a change.
type Screen struct {
	world *screen.World
	set   change.Set
	diff  string
	done  bool
	text  reading.Text
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
	return append(keymap.Table{
		{Name: "apply", Keys: []string{"w"}, Does: "write the change", Short: "write it"},
		{Name: "undo", Keys: []string{"u"}, Does: "take the change back, once it is written"},
	}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	switch {
	case name == "undo" && !s.done:
		return screen.Say("it isn't written; Esc leaves it")
	case name == "undo":
		return screen.Revert{}
	case name != "apply":
		s.text.Do(name)
		return nil
	case s.done:
		return screen.Say("it is written; u takes it back")
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
	return screen.Refresh("written; u takes it back")
}

// Reverted is documented in screen.Reverted: what was taken back can be written again.
func (s *Screen) Reverted(title string) { s.done = s.done && title != s.set.Title }

// Click is documented in screen.Screen.
func (s *Screen) Click(int, int) screen.Effect { return nil }

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.text.Filter() }

// SetFilter is documented in screen.Filtered.
func (s *Screen) SetFilter(f string) { s.text.SetFilter(f) }

// Shown is documented in screen.Filtered.
func (s *Screen) Shown() (shown, all int) { return s.text.Shown() }

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) { return s.text.Bookmark() }

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
	var blocks []reading.Block
	for _, note := range s.set.Notes {
		said := note.Message
		if note.Span.IsValid() {
			said = note.Span.String() + ": " + said
		}
		blocks = append(blocks, reading.Block{Lines: draw.Wrap(draw.Clean(said), size.Width)})
	}
	if len(blocks) > 0 {
		blocks = append(blocks, reading.Block{Lines: []string{""}})
	}
	blocks = append(blocks, s.hunks(size.Width, t)...)
	return s.text.View(blocks, size.Height)
}

// hunks are the files of the diff, as headings, and what changes in them.
func (s *Screen) hunks(width int, t draw.Theme) []reading.Block {
	var blocks []reading.Block
	lines := strings.Split(strings.TrimSuffix(s.diff, "\n"), "\n")
	names := 0 // lines that are the rest of a heading
	for i, line := range lines {
		text := draw.Cut(draw.Clean(line), width)
		if isNames(lines[i:]) {
			names = 2
		}
		heading := names > 0 || strings.HasPrefix(line, "diff ") || strings.HasPrefix(line, "rename ")
		names = max(names-1, 0)
		switch {
		case heading:
			text = t.Title.Render(text)
		case strings.HasPrefix(line, "+"):
			text = t.Info.Render(text)
		case strings.HasPrefix(line, "-"):
			text = t.Error.Render(text)
		}
		if n := len(blocks); n == 0 || blocks[n-1].Heading != heading || strings.HasPrefix(line, "@@") || strings.HasPrefix(line, "diff ") {
			blocks = append(blocks, reading.Block{Heading: heading})
		}
		last := &blocks[len(blocks)-1]
		last.Lines = append(last.Lines, text)
	}
	return blocks
}

// isNames reports whether lines of a diff begin with the two names of a file, and not with lines
// of one that begin as those do.
func isNames(lines []string) bool {
	return len(lines) > 2 && strings.HasPrefix(lines[0], "--- ") && strings.HasPrefix(lines[1], "+++ ") && strings.HasPrefix(lines[2], "@@ ")
}
