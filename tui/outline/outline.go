// Package outline is a list with parts that can be folded: headings, and lines
// below them. It can be filtered, and what is selected stays selected by its
// identity.
package outline

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
)

// A Node is a line, and what is below it.
type Node struct {
	ID     string // among the nodes below the same one
	Text   string
	Style  func(draw.Theme) lipgloss.Style // nil: plain
	Fields map[string]string               // what a filter looks for after "key:", in lower case
	Folded bool                            // what is below isn't shown, unless a filter finds something there
	Below  []*Node
	Of     any // what the screen shows here
}

// Keys are what can be done beside motions.
var Keys = keymap.Table{
	{Name: "fold", Keys: []string{"z"}, Does: "fold or unfold a heading"},
	{Name: "fold-all", Keys: []string{"Z"}, Does: "fold or unfold all headings"},
}

type line struct {
	node  *Node
	depth int
	path  string
}

// An Outline is the state of the list.
type Outline struct {
	roots  []*Node
	folded map[string]bool // by path, where a user said so
	filter string
	shown  []line
	cursor cursor.Cursor
	height int
}

// New returns an outline without nodes.
func New() *Outline { return &Outline{folded: map[string]bool{}, height: 1} }

// SetNodes replaces all nodes.
func (o *Outline) SetNodes(roots []*Node) { o.keeping(func() { o.roots = roots }) }

// SetFilter shows nodes only in which each word is found, and those above them.
func (o *Outline) SetFilter(filter string) { o.keeping(func() { o.filter = filter }) }

// Filter is what was set last.
func (o *Outline) Filter() string { return o.filter }

// Shown is how many lines without anything below them are there, of how many.
func (o *Outline) Shown() (shown, all int) {
	match := grid.Matcher(o.filter)
	var count func(nodes []*Node, above bool)
	count = func(nodes []*Node, above bool) {
		for _, n := range nodes {
			ok := above || match(strings.ToLower(n.Text), n.Fields)
			if len(n.Below) == 0 {
				all++
				if ok {
					shown++
				}
			}
			count(n.Below, ok)
		}
	}
	count(o.roots, false)
	return shown, all
}

// Bookmark returns what selects again what is selected now.
func (o *Outline) Bookmark() (back func()) {
	was := ""
	if o.cursor.At < len(o.shown) {
		was = o.shown[o.cursor.At].path
	}
	return func() {
		o.selectPath(was)
		o.cursor.Keep(len(o.shown), o.height)
	}
}

func (o *Outline) keeping(change func()) {
	selected := ""
	if o.cursor.At < len(o.shown) {
		selected = o.shown[o.cursor.At].path
	}
	change()
	o.shown = o.shown[:0]
	o.flatten(o.roots, 0, "", false)
	// The selected line stays, or the nearest above it that is still there.
	for path := selected; path != ""; path = parent(path) {
		if o.selectPath(path) {
			break
		}
	}
	o.cursor.Keep(len(o.shown), o.height)
}

const separator = "\x00"

func parent(path string) string {
	if at := strings.LastIndex(path, separator); at >= 0 {
		return path[:at]
	}
	return ""
}

func (o *Outline) selectPath(path string) bool {
	for i, l := range o.shown {
		if l.path == path {
			o.cursor.At = i
			return true
		}
	}
	return false
}

// flatten appends the lines of nodes. found says that the filter found one above.
func (o *Outline) flatten(nodes []*Node, depth int, above string, found bool) (any bool) {
	match := grid.Matcher(o.filter)
	for _, n := range nodes {
		path := above + separator + n.ID
		if o.filter == "" {
			o.shown = append(o.shown, line{n, depth, path})
			if !o.isFolded(n, path) {
				o.flatten(n.Below, depth+1, path, false)
			}
			continue
		}
		here := found || match(strings.ToLower(n.Text), n.Fields)
		at := len(o.shown)
		o.shown = append(o.shown, line{n, depth, path})
		below := o.flatten(n.Below, depth+1, path, here)
		switch {
		case !here && !below:
			o.shown = o.shown[:at]
			continue
		case o.isFolded(n, path) && here && !below:
			o.shown = o.shown[:at+1]
		}
		any = true
	}
	return any
}

func (o *Outline) isFolded(n *Node, path string) bool {
	if folded, said := o.folded[path]; said {
		return folded
	}
	return n.Folded
}

// Selected returns the selected node, or nil.
func (o *Outline) Selected() *Node {
	if o.cursor.At >= len(o.shown) {
		return nil
	}
	return o.shown[o.cursor.At].node
}

// Do carries out a motion or an entry of Keys.
func (o *Outline) Do(name string) bool {
	switch name {
	case "fold":
		o.Fold()
	case "fold-all":
		open := false // whether a heading is; those below a folded one don't count
		for _, n := range o.roots {
			open = open || len(n.Below) > 0 && !o.isFolded(n, separator+n.ID)
		}
		o.keeping(func() { o.each(func(_ *Node, path string) { o.folded[path] = open }) })
	default:
		return o.cursor.Do(name, len(o.shown), o.height)
	}
	return true
}

// each calls f for all nodes that have something below them.
func (o *Outline) each(f func(n *Node, path string)) {
	var walk func(nodes []*Node, above string)
	walk = func(nodes []*Node, above string) {
		for _, n := range nodes {
			if len(n.Below) > 0 {
				path := above + separator + n.ID
				f(n, path)
				walk(n.Below, path)
			}
		}
	}
	walk(o.roots, "")
}

// Fold folds or unfolds the selected heading, or the one that the selected line is
// below.
func (o *Outline) Fold() {
	if o.cursor.At >= len(o.shown) {
		return
	}
	path := o.shown[o.cursor.At].path
	if n := o.Selected(); len(n.Below) == 0 {
		path = parent(path)
		if path == "" {
			return
		}
		o.selectPath(path)
	}
	o.keeping(func() { o.folded[path] = !o.isFolded(o.shown[o.cursor.At].node, path) })
}

// Click selects a line of what was drawn. It reports whether that was selected
// before.
func (o *Outline) Click(y int) (again bool) {
	at := o.cursor.Top + y
	if at >= len(o.shown) {
		return false
	}
	again = at == o.cursor.At
	o.cursor.At = at
	return again
}

// View draws as many lines as fit.
func (o *Outline) View(size draw.Size, t draw.Theme) []string {
	o.height = max(size.Height, 1)
	o.cursor.Keep(len(o.shown), o.height)
	var lines []string
	for at := o.cursor.Top; at < len(o.shown) && len(lines) < size.Height; at++ {
		l := o.shown[at]
		fold := ""
		if len(l.node.Below) > 0 {
			fold = "▾ "
			if at+1 == len(o.shown) || o.shown[at+1].depth <= l.depth {
				fold = "▸ "
			}
		}
		text := draw.Clean(l.node.Text)
		indent := strings.Repeat("  ", l.depth)
		if at == o.cursor.At {
			lines = append(lines, t.Selected.Render(draw.Cut("> "+indent+fold+text, size.Width)))
			continue
		}
		style := lipgloss.NewStyle()
		if l.node.Style != nil {
			style = l.node.Style(t)
		}
		lines = append(lines, style.Render(draw.Cut("  "+indent+fold+text, size.Width)))
	}
	return draw.Lines(lines, size.Height)
}
