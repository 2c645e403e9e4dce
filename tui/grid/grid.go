// Package grid is a table: its columns can be sorted and give way where the
// terminal is narrow, its rows can be filtered, and what is selected stays
// selected by its identity, however the rows are sorted, filtered or replaced.
package grid

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
)

// A Column is one of a table. The first gives way to the others where they don't
// all fit, as far as leastFirst; then those of the highest rank are left out.
type Column struct {
	Title  string
	Rank   int
	Number bool // stands on the right, and is sorted by Row.Numbers, the largest first
}

const leastFirst = 16

// A Row is one of a table.
type Row struct {
	ID      string
	Cells   []string
	Numbers []float64 // for columns with numbers
	// Text is what a filter is looked for in, and Fields what is looked for after
	// "key:", both in lower case.
	Text   string
	Fields map[string]string
	Last   bool // stands below the others, however they are sorted
}

// Keys are what can be done beside motions.
var Keys = keymap.Table{
	{Name: "sort-next", Keys: []string{">", "."}, Does: "sort by the next column", Short: "sort"},
	{Name: "sort-previous", Keys: []string{"<", ","}, Does: "sort by the previous column"},
	{Name: "reverse", Keys: []string{"s"}, Does: "sort the other way round"},
	{Name: "sort", Arg: "COLUMN", Does: "sort by the column whose title begins so"},
}

// A Grid is the state of a table.
type Grid struct {
	columns []Column
	rows    []Row
	widths  []int // of the widest cell of each column

	order    []int // all rows, sorted
	shown    []int // those that the filter lets through, in the same order
	filter   string
	by       int // column that is sorted by
	reversed bool
	cursor   cursor.Cursor
	height   int // of the rows when they were drawn last
	edges    []int
}

// New returns an empty table that is sorted by its first column.
func New(columns ...Column) *Grid { return &Grid{columns: columns, height: 1} }

// SetRows replaces the rows.
func (g *Grid) SetRows(rows []Row) {
	g.keeping(func() {
		g.rows = rows
		g.sort()
		g.widths = make([]int, len(g.columns))
		for i, c := range g.columns {
			g.widths[i] = draw.Width(c.Title) + 1 // the mark of the column that is sorted by
		}
		for _, r := range rows {
			for i, cell := range r.Cells {
				g.widths[i] = max(g.widths[i], draw.Width(cell))
			}
		}
	})
}

// Retitle gives a column another title.
func (g *Grid) Retitle(column int, title string) { g.columns[column].Title = title }

// SetFilter shows the rows only in which each word of the filter is found.
func (g *Grid) SetFilter(filter string) { g.keeping(func() { g.filter = filter }) }

// Filter is what was set last.
func (g *Grid) Filter() string { return g.filter }

// Shown is how many rows the filter lets through, of how many.
func (g *Grid) Shown() (shown, all int) { return len(g.shown), len(g.rows) }

// keeping changes the rows that are shown, or their order. The selected row stays
// selected, or the one that takes its place.
func (g *Grid) keeping(change func()) {
	selected, ok := g.Selected()
	change()
	match := Matcher(g.filter)
	g.shown = g.shown[:0]
	for _, i := range g.order {
		if match(g.rows[i].Text, g.rows[i].Fields) {
			g.shown = append(g.shown, i)
		}
	}
	if ok {
		g.Select(selected.ID)
	}
	g.cursor.Keep(len(g.shown), g.height)
}

// Matcher returns what reports whether a text and its fields, in lower case, have
// each word of a filter. A word "key:value" has to be in the field of that key,
// where there is one.
func Matcher(filter string) func(text string, fields map[string]string) bool {
	words := strings.Fields(strings.ToLower(filter))
	return func(text string, fields map[string]string) bool {
		for _, w := range words {
			in := text
			if key, value, ok := strings.Cut(w, ":"); ok {
				if field, ok := fields[key]; ok {
					in, w = field, value
				}
			}
			if !strings.Contains(in, w) {
				return false
			}
		}
		return true
	}
}

// sort puts all rows in order; those that are equal by their identity.
func (g *Grid) sort() {
	g.order = g.order[:0]
	for i := range g.rows {
		g.order = append(g.order, i)
	}
	slices.SortFunc(g.order, g.compare)
}

func (g *Grid) compare(a, b int) int {
	x, y := &g.rows[a], &g.rows[b]
	if x.Last != y.Last {
		if x.Last {
			return 1
		}
		return -1
	}
	var c int
	if g.columns[g.by].Number {
		c = cmp.Compare(y.Numbers[g.by], x.Numbers[g.by])
	} else {
		c = strings.Compare(x.Cells[g.by], y.Cells[g.by])
	}
	if g.reversed {
		c = -c
	}
	if c == 0 {
		c = strings.Compare(x.ID, y.ID)
	}
	return c
}

// Select selects a row that is shown.
func (g *Grid) Select(id string) bool {
	at := slices.IndexFunc(g.shown, func(i int) bool { return g.rows[i].ID == id })
	if at < 0 {
		return false
	}
	g.cursor.At = at
	g.cursor.Keep(len(g.shown), g.height)
	return true
}

// Selected returns the selected row, if there is one.
func (g *Grid) Selected() (Row, bool) {
	if g.cursor.At >= len(g.shown) {
		return Row{}, false
	}
	return g.rows[g.shown[g.cursor.At]], true
}

// Bookmark returns what selects again what is selected now.
func (g *Grid) Bookmark() (back func()) {
	r, ok := g.Selected()
	return func() {
		if ok {
			g.Select(r.ID)
		}
	}
}

// Do carries out a motion or an entry of Keys.
func (g *Grid) Do(name, arg string) bool {
	switch name {
	case "sort-next":
		g.sortBy((g.by + 1) % len(g.columns))
	case "sort-previous":
		g.sortBy((g.by + len(g.columns) - 1) % len(g.columns))
	case "reverse":
		g.keeping(func() {
			g.reversed = !g.reversed
			g.sort()
		})
	case "sort":
		at := slices.IndexFunc(g.columns, func(c Column) bool { return arg != "" && strings.HasPrefix(c.Title, strings.ToLower(arg)) })
		if at < 0 {
			return false
		}
		g.sortBy(at)
	default:
		return g.cursor.Do(name, len(g.shown), g.height)
	}
	return true
}

func (g *Grid) sortBy(column int) {
	g.keeping(func() {
		g.by, g.reversed = column, false
		g.sort()
	})
}

// SortedBy says by what the rows are sorted.
func (g *Grid) SortedBy() string {
	if g.reversed {
		return g.columns[g.by].Title + ", reversed"
	}
	return g.columns[g.by].Title
}

// Columns are the titles.
func (g *Grid) Columns() []string {
	var titles []string
	for _, c := range g.columns {
		titles = append(titles, c.Title)
	}
	return titles
}

// Click is a click on a line of what was drawn. On a title it sorts by its column,
// on a row it selects it. It reports whether that was selected before.
func (g *Grid) Click(x, y int) (again bool) {
	if y == 0 {
		for i, edge := range g.edges {
			if x < edge {
				if g.by == i {
					g.Do("reverse", "")
				} else {
					g.sortBy(i)
				}
				return false
			}
		}
		return false
	}
	at := g.cursor.Top + y - 1
	if at >= len(g.shown) {
		return false
	}
	again = at == g.cursor.At
	g.cursor.At = at
	return again
}
