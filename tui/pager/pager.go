// Package pager is the screen of a text that is read.
package pager

import (
	"strings"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/reading"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen shows a text.
type Screen struct {
	title, copied string
	blocks        func(width int, t draw.Theme) []reading.Block
	text          reading.Text
}

// New returns the screen of a text that is wrapped to the width it gets. copied is
// what is copied from it; if that is empty, it is the text.
func New(title, copied string, blocks func(width int, t draw.Theme) []reading.Block) *Screen {
	return &Screen{title: title, copied: copied, blocks: blocks}
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(*screen.World) {}

// Title is documented in screen.Screen.
func (s *Screen) Title() string { return s.title }

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table { return cursor.Keys }

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	s.text.Do(name)
	return nil
}

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
func (s *Screen) Copied() string {
	if s.copied != "" {
		return s.copied
	}
	const wide = 100
	var b strings.Builder
	for _, block := range s.blocks(wide, draw.Theme{}) {
		for _, l := range block.Lines {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span { return text.Span{} }

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	return s.text.View(s.blocks(size.Width, t), size.Height)
}
