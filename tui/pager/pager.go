// Package pager is the screen of a text that is read.
package pager

import (
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen shows a text.
type Screen struct {
	title, copied string
	text          func(width int, t draw.Theme) []string
	cursor        cursor.Cursor
	lines, height int
}

// New returns the screen of a text that is wrapped to the width it gets. copied is
// what is copied from it.
func New(title, copied string, text func(width int, t draw.Theme) []string) *Screen {
	return &Screen{title: title, copied: copied, text: text}
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(*screen.World) {}

// Title is documented in screen.Screen.
func (s *Screen) Title() string { return s.title }

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table { return cursor.Keys }

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	s.cursor.Scroll(name, s.lines, s.height)
	return nil
}

// Click is documented in screen.Screen.
func (s *Screen) Click(int, int) screen.Effect { return nil }

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.copied }

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span { return text.Span{} }

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	lines := s.text(size.Width, t)
	s.lines, s.height = len(lines), size.Height
	s.cursor.Top = max(min(s.cursor.Top, s.lines-s.height), 0)
	return draw.Lines(lines[s.cursor.Top:], size.Height)
}
