// Package cursor moves through a list that is longer than the screen.
package cursor

import "github.com/unweld/unweld/tui/keymap"

// Keys are the motions, by arrow keys and as in vim.
var Keys = keymap.Table{
	{Name: "down", Keys: []string{"j", "down"}, Does: "go down a line"},
	{Name: "up", Keys: []string{"k", "up"}, Does: "go up a line"},
	{Name: "page-down", Keys: []string{"pgdown", "ctrl+f", "space"}, Does: "go down a screen"},
	{Name: "page-up", Keys: []string{"pgup", "ctrl+b"}, Does: "go up a screen"},
	{Name: "half-page-down", Keys: []string{"ctrl+d"}, Does: "go down half a screen"},
	{Name: "half-page-up", Keys: []string{"ctrl+u"}, Does: "go up half a screen"},
	{Name: "first", Keys: []string{"g", "home"}, Does: "go to the first line"},
	{Name: "last", Keys: []string{"G", "end"}, Does: "go to the last line"},
}

// A Cursor is a place in a list: the line that it is on, and the first that is on
// the screen.
type Cursor struct{ At, Top int }

// Do carries out an entry of Keys in a list of n lines, of which height are on the
// screen. It reports whether the name is one of them.
func (c *Cursor) Do(name string, n, height int) bool {
	page := max(height-1, 1)
	switch name {
	case "down":
		c.At++
	case "up":
		c.At--
	case "page-down":
		c.At += page
	case "page-up":
		c.At -= page
	case "half-page-down":
		c.At += max(height/2, 1)
	case "half-page-up":
		c.At -= max(height/2, 1)
	case "first":
		c.At = 0
	case "last":
		c.At = n - 1
	default:
		return false
	}
	c.Keep(n, height)
	return true
}

// Keep keeps the cursor in a list of n lines, and on the screen.
func (c *Cursor) Keep(n, height int) {
	c.At = max(min(c.At, n-1), 0)
	height = max(height, 1)
	c.Top = max(min(c.Top, c.At, n-height), 0)
	c.Top = max(c.Top, c.At-height+1)
}

// Scroll is Do for text without a line that is selected: Top moves.
func (c *Cursor) Scroll(name string, n, height int) bool {
	s := Cursor{At: c.Top}
	if !s.Do(name, max(n-height+1, 1), height) {
		return false
	}
	c.Top, c.At = s.At, s.At
	return true
}
