package matrix

import (
	"slices"
	"strings"

	"github.com/unweld/unweld/tui/grid"
)

// columnField is what a filter says before words that are looked for in columns, and not in rows.
const columnField = "column:"

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.filter }

// SetFilter is documented in screen.Filtered. Its words are looked for in the names of rows, those after
// "column:" in those of columns. A folder has the words of all that is in it.
func (s *Screen) SetFilter(filter string) {
	row, column := s.selected()
	s.filter = filter
	s.sift()
	s.put(row, column)
}

// Shown is documented in screen.Filtered. It counts rows, or columns if those alone are filtered, or
// none is left.
func (s *Screen) Shown() (shown, all int) {
	if len(s.down) == len(s.m.Names) || len(s.across) == 0 {
		return len(s.across), len(s.m.Names)
	}
	return len(s.down), len(s.m.Names)
}

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) {
	row, column := s.selected()
	return func() { s.put(row, column) }
}

// sift works out which rows and columns the filter lets through.
func (s *Screen) sift() {
	var rows, columns []string
	for word := range strings.FieldsSeq(strings.ToLower(s.filter)) {
		if name, ok := strings.CutPrefix(word, columnField); ok {
			columns = append(columns, name)
		} else {
			rows = append(rows, word)
		}
	}
	s.down, s.across = s.having(rows), s.having(columns)
}

// having are the rows of the matrix whose names have all of the words.
func (s *Screen) having(words []string) []int {
	match := grid.Matcher(strings.Join(words, " "))
	var found []int
	for i, name := range s.m.Names {
		if len(words) == 0 || match(strings.ToLower(name+" "+s.labels[i]), nil) || s.folder(i) && slices.ContainsFunc(s.in(i), func(c string) bool { return match(strings.ToLower(c), nil) }) {
			found = append(found, i)
		}
	}
	return found
}

// selected is the row and the column of the cell at the cursor, as the matrix counts them; none,
// which is -1, where the filter leaves none.
func (s *Screen) selected() (row, column int) {
	at := func(list []int, i int) int {
		if i < len(list) {
			return list[i]
		}
		return -1
	}
	return at(s.down, s.row.At), at(s.across, s.column.At)
}

// put puts the cursor on a cell, or near it if the filter hides that. It reports whether it is there.
func (s *Screen) put(row, column int) bool {
	near := func(list []int, i int) (at int, there bool) { return slices.BinarySearch(list, i) }
	var there, too bool
	s.row.At, there = near(s.down, row)
	s.column.At, too = near(s.across, column)
	s.keep()
	return there && too
}
