// Package reading is text that is scrolled through, and of which a filter leaves only what has
// certain words: the part of a screen that shows a text.
package reading

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
)

// A Block is a piece of text that a filter shows as a whole or not at all: a paragraph, or
// a heading, which is shown with any of the blocks up to the next heading, and they with it.
type Block struct {
	Lines   []string // may have styles
	Heading bool
}

// Lines are blocks of one line each.
func Lines(lines []string) []Block {
	all := make([]Block, len(lines))
	for i, l := range lines {
		all[i].Lines = []string{l}
	}
	return all
}

// Text is the state of a text while it is read. The zero value is ready.
type Text struct {
	Cursor cursor.Cursor // its Top is the first line that is shown
	filter string
	// As it was drawn last.
	lines, height int
	shown, all    int // blocks that aren't empty
}

// Do carries out a motion.
func (t *Text) Do(name string) { t.Cursor.Scroll(name, t.lines, t.height) }

// Filter is documented in screen.Filtered.
func (t *Text) Filter() string { return t.filter }

// SetFilter is documented in screen.Filtered.
func (t *Text) SetFilter(filter string) { t.filter, t.Cursor.Top = filter, 0 }

// Shown is documented in screen.Filtered. It counts what was drawn last.
func (t *Text) Shown() (shown, all int) { return t.shown, t.all }

// Bookmark returns what goes back to where the reader is now.
func (t *Text) Bookmark() (back func()) {
	was := t.Cursor
	return func() { t.Cursor = was }
}

// View draws as much of the blocks as fits, from where the reader is.
func (t *Text) View(blocks []Block, height int) []string {
	lines := t.filtered(blocks)
	t.lines, t.height = len(lines), height
	t.Cursor.Top = max(min(t.Cursor.Top, t.lines-t.height), 0)
	return draw.Lines(lines[t.Cursor.Top:], height)
}

// filtered are the lines of the blocks that the filter lets through.
func (t *Text) filtered(blocks []Block) []string {
	match := grid.Matcher(t.filter)
	found := make([]bool, len(blocks))
	heading, whole := -1, false // the last heading, and whether the filter found it
	t.shown, t.all = 0, 0
	for i, b := range blocks {
		text := ansi.Strip(strings.Join(b.Lines, " "))
		found[i] = match(strings.ToLower(strings.Join(strings.Fields(text), " ")), nil)
		switch {
		case b.Heading:
			heading, whole = i, found[i] && t.filter != ""
		case whole:
			found[i] = true
		case found[i] && heading >= 0:
			found[heading] = true
		}
		if strings.TrimSpace(text) == "" {
			found[i] = found[i] && t.filter == "" || whole
		} else if !b.Heading {
			t.all++
			if found[i] {
				t.shown++
			}
		}
	}
	var lines []string
	for i, b := range blocks {
		if found[i] {
			lines = append(lines, b.Lines...)
		}
	}
	return lines
}
