// Package matrix is the screen of the design structure matrix: which component
// uses which, with cycles, and the references behind each cell.
package matrix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/matrix"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/evidence"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/page"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen shows a matrix. The cursor is on a cell.
type Screen struct {
	world         *screen.World
	m             *matrix.Matrix
	row, column   cursor.Cursor
	height, width int // in cells, when it was drawn
	longest       int // of the names
	label         int // width of the names as they are drawn
}

// New returns the matrix of a module.
func New(w *screen.World) *Screen {
	s := &Screen{height: 1, width: 1}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	var row, column string
	if s.m != nil && len(s.m.Names) > 0 {
		row, column = s.m.Names[s.row.At], s.m.Names[s.column.At]
	}
	s.world, s.m = w, matrix.Of(w.Found)
	s.longest = 0
	for i, name := range s.m.Names {
		s.longest = max(s.longest, draw.Width(name))
		if name == row {
			s.row.At = i
		}
		if name == column {
			s.column.At = i
		}
	}
	s.keep()
}

func (s *Screen) keep() {
	s.row.Keep(len(s.m.Names), s.height)
	s.column.Keep(len(s.m.Names), s.width)
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	if n := s.m.Cycles(); n > 0 {
		return "a row uses columns; x: " + screen.Count(n, "cycle")
	}
	return "a row uses columns; no cycles"
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(keymap.Table{
		{Name: "show", Keys: []string{"enter"}, Does: "show the references of the cell; on the diagonal, the component", Short: "references"},
		{Name: "left", Keys: []string{"h", "left"}, Does: "go a cell to the left"},
		{Name: "right", Keys: []string{"l", "right"}, Does: "go a cell to the right"},
		{Name: "first-column", Keys: []string{"0"}, Does: "go to the first column"},
		{Name: "last-column", Keys: []string{"$"}, Does: "go to the last column"},
		{Name: "transpose", Keys: []string{"t"}, Does: "go to the cell of the other direction", Short: "other direction"},
		{Name: "next-cycle", Keys: []string{"n"}, Does: "go to the next reference of a cycle", Short: "next cycle"},
	}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	n := len(s.m.Names)
	switch name {
	case "show":
		return s.show()
	case "left":
		s.column.At--
	case "right":
		s.column.At++
	case "first-column":
		s.column.At = 0
	case "last-column":
		s.column.At = n - 1
	case "transpose":
		s.row.At, s.column.At = s.column.At, s.row.At
	case "next-cycle":
		if !s.nextCycle() {
			return screen.Say("there are no cycles")
		}
	default:
		s.row.Do(name, n, s.height)
	}
	s.keep()
	return nil
}

// nextCycle goes to the next of the references that close a cycle.
func (s *Screen) nextCycle() bool {
	if len(s.m.Closing) == 0 {
		return false
	}
	here := [2]int{s.row.At, s.column.At}
	next := s.m.Closing[0]
	for _, at := range s.m.Closing {
		if slices.Compare(at[:], here[:]) > 0 {
			next = at
			break
		}
	}
	s.row.At, s.column.At = next[0], next[1]
	return true
}

func (s *Screen) show() screen.Effect {
	if len(s.m.Names) == 0 {
		return nil
	}
	from, to := s.m.Names[s.row.At], s.m.Names[s.column.At]
	switch {
	case from == to:
		return screen.Push{Screen: page.New(s.world, from)}
	case s.m.At(s.row.At, s.column.At).References == 0:
		return screen.Say(from + " doesn't use " + to)
	}
	return screen.Push{Screen: evidence.New(s.world, from, to)}
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	row, column := s.row.Top+y-1, s.column.Top+(x-s.left())/cell
	if y < 1 || x < s.left() || row >= len(s.m.Names) || column >= len(s.m.Names) {
		return nil
	}
	again := row == s.row.At && column == s.column.At
	s.row.At, s.column.At = row, column
	if again {
		return s.show()
	}
	return nil
}

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.said() }

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span { return text.Span{} }

// said is the selected cell in words.
func (s *Screen) said() string {
	if len(s.m.Names) == 0 {
		return "no components were found"
	}
	from, to := s.m.Names[s.row.At], s.m.Names[s.column.At]
	c := s.m.At(s.row.At, s.column.At)
	switch {
	case from == to:
		return from
	case c.References == 0:
		return from + " doesn't use " + to
	}
	what := fmt.Sprintf("%s uses %s: %s, weight %.1f", from, to, screen.Count(c.References, "reference"), c.Weight)
	if c.Cyclic {
		what += "; part of a cycle"
	}
	return what
}

const cell = 5 // width of one, with the space before it

// left is where the cells begin: after the marker, the number and the name.
func (s *Screen) left() int { return 2 + s.digits() + 1 + s.label }

func (s *Screen) digits() int { return len(strconv.Itoa(len(s.m.Names))) }

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	s.label = min(s.longest, max(size.Width-3-s.digits()-1-4*cell, 4), size.Width/2)
	below := draw.Wrap(draw.Clean(s.said()), size.Width)
	s.height = max(size.Height-1-len(below), 1)
	s.width = max((size.Width-s.left()-1)/cell, 1)
	s.keep()
	n := len(s.m.Names)
	to := min(s.column.Top+s.width, n)
	head := strings.Repeat(" ", s.left())
	for j := s.column.Top; j < to; j++ {
		mark := " "
		if j == s.column.At {
			mark = "↓"
		}
		head += " " + draw.FitRight(mark+strconv.Itoa(j+1), cell-1)
	}
	lines := []string{t.Faint.Render(draw.Cut(strings.TrimRight(head, " "), size.Width))}
	for i := s.row.Top; i < min(s.row.Top+s.height, n); i++ {
		lines = append(lines, s.line(i, to, size.Width, t))
	}
	return append(draw.Lines(lines, size.Height-len(below)), below...)
}

func (s *Screen) line(row, to, width int, t draw.Theme) string {
	label := draw.FitRight(strconv.Itoa(row+1), s.digits()) + " " + draw.Fit(draw.Clean(s.m.Names[row]), s.label)
	var b strings.Builder
	if row == s.row.At {
		b.WriteString(t.Selected.Render("> " + label))
	} else {
		b.WriteString("  " + label)
	}
	before := " "
	for j := s.column.Top; j < to; j++ {
		text := s.cellText(row, j)
		switch {
		case row == s.row.At && j == s.column.At:
			b.WriteString(t.Current.Render("[" + text + "]"))
			before = ""
			continue
		case s.m.At(row, j).Cyclic:
			text = t.Error.Render(text)
		}
		b.WriteString(before + text)
		before = " "
	}
	return draw.Cut(strings.TrimRight(b.String(), " "), width)
}

// cellText is what stands in a cell, in four places.
func (s *Screen) cellText(row, column int) string {
	c := s.m.At(row, column)
	switch n := c.References; {
	case row == column:
		return draw.FitRight("—", cell-1)
	case n == 0:
		return draw.FitRight("·", cell-1)
	default:
		number := strconv.Itoa(n)
		if n >= 1000 {
			number = strconv.Itoa(n/1000) + "k"
		}
		if c.Cyclic {
			number = "x" + number
		}
		return draw.FitRight(number, cell-1)
	}
}
