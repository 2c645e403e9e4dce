package hazards

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/codepage"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/reading"
	"github.com/unweld/unweld/tui/screen"
	"github.com/unweld/unweld/tui/sourcepane"
)

// One is the screen of one hazard: all that is said of it, and its source.
type One struct {
	world  *screen.World
	hazard component.Hazard
	text   reading.Text
}

// NewOne returns the screen of a hazard.
func NewOne(w *screen.World, h component.Hazard) *One { return &One{world: w, hazard: h} }

// Renew is documented in screen.Screen.
func (s *One) Renew(w *screen.World) { s.world = w }

// Title is documented in screen.Screen.
func (s *One) Title() string { return s.hazard.Name }

// Keys is documented in screen.Screen.
func (s *One) Keys() keymap.Table {
	return append(keymap.Table{{Name: "explain", Keys: []string{"c"}, Does: "show the page of the code", Short: "code"}}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (s *One) Do(name, _ string) screen.Effect {
	if name == "explain" {
		return codepage.Open(s.world, s.hazard.Name)
	}
	s.text.Do(name)
	return nil
}

// Click is documented in screen.Screen.
func (s *One) Click(int, int) screen.Effect { return nil }

// Filter is documented in screen.Filtered.
func (s *One) Filter() string { return s.text.Filter() }

// SetFilter is documented in screen.Filtered.
func (s *One) SetFilter(f string) { s.text.SetFilter(f) }

// Shown is documented in screen.Filtered.
func (s *One) Shown() (shown, all int) { return s.text.Shown() }

// Bookmark is documented in screen.Filtered.
func (s *One) Bookmark() (back func()) { return s.text.Bookmark() }

// Copied is documented in screen.Screen.
func (s *One) Copied() string { return s.hazard.Pos }

// Place is documented in screen.Screen.
func (s *One) Place() text.Span { return s.hazard.Problem.Span }

// Problem is documented in screen.About.
func (s *One) Problem() *component.Problem { return &s.hazard.Problem }

func (s *One) said(width int, t draw.Theme) []string {
	h := s.hazard
	lines := []string{t.Severity(h.Severity).Render(draw.Cut(fmt.Sprintf("%s: %s", h.Severity, h.Name), width))}
	say := func(what string) { lines = append(lines, draw.Wrap(draw.Clean(what), width)...) }
	say(h.Message)
	if h.Path != "" && !strings.Contains(h.Message, h.Path) {
		say("at " + h.Path)
	}
	if h.Component != "" {
		say("component " + h.Component)
	}
	if h.Hint != "" {
		lines = append(lines, "")
		say("hint: " + h.Hint)
	}
	for _, fix := range h.Fixes {
		say("fix: " + strings.TrimSpace(fix.Title))
	}
	for _, r := range h.Problem.Related {
		say(r.Message + ": " + r.Span.String())
	}
	return append(lines, "")
}

// View is documented in screen.Screen. The text has as much room as it needs, but for
// a part that is left to the source.
func (s *One) View(size draw.Size, t draw.Theme) []string {
	lines := s.said(size.Width, t)
	source := max(size.Height-len(lines), min(size.Height/2, 12))
	if size.Height < 12 {
		// There is no room for both: the source follows the text.
		lines, source = append(lines, sourcepane.View(s.world.Content, s.Place(), draw.Size{Width: size.Width, Height: 7}, t)...), 0
	}
	top := s.text.View(reading.Lines(lines), size.Height-source)
	return append(top, sourcepane.View(s.world.Content, s.Place(), draw.Size{Width: size.Width, Height: source}, t)...)
}
