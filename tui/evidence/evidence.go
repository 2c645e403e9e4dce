// Package evidence is the screen of the references from one component to another,
// each with the line of code that makes it.
package evidence

import (
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/screen"
	"github.com/unweld/unweld/tui/sourcepane"
)

// A Screen lists the references.
type Screen struct {
	world    *screen.World
	from, to string
	users    []string // the components whose references to used are shown
	used     []string
	grid     *grid.Grid
	places   map[string]text.Span // by row
	whole    bool                 // the source alone is shown
	rows     draw.Size            // of the list, when it was drawn
}

// New returns the references from one component to another.
func New(w *screen.World, from, to string) *Screen {
	return Between(w, from, to, []string{from}, []string{to})
}

// Between returns the references from any of some components to any of others, which
// together are called from and to.
func Between(w *screen.World, from, to string, users, used []string) *Screen {
	s := &Screen{from: from, to: to, users: users, used: used, grid: grid.New(grid.Column{Title: "refers to"}, grid.Column{Title: "how", Rank: 2}, grid.Column{Title: "place", Rank: 1}, grid.Column{Title: "from", Rank: 3})}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	s.world, s.places = w, map[string]text.Span{}
	var rows []grid.Row
	used := map[string]bool{}
	for _, name := range s.used {
		used[name] = true
	}
	for _, user := range s.users {
		for _, c := range w.Uses(user) {
			if used[c.To] {
				rows = append(rows, s.rowsOf(c)...)
			}
		}
	}
	s.grid.SetRows(rows)
}

// rowsOf are the references of a coupling.
func (s *Screen) rowsOf(c *component.Coupling) []grid.Row {
	var rows []grid.Row
	for _, ev := range c.Evidence {
		id := ev.Pos + " " + ev.Kind + " " + ev.To
		for _, twice := s.places[id]; twice; _, twice = s.places[id] {
			id += " again"
		}
		s.places[id] = screen.PlaceOf(ev)
		to := s.world.Short(ev.To)
		rows = append(rows, grid.Row{ID: id, Cells: []string{draw.Clean(to), ev.Kind, draw.Clean(ev.Pos), draw.Clean(s.world.Short(ev.From))},
			Text: strings.ToLower(to + " " + ev.Kind + " " + ev.Pos), Fields: map[string]string{"how": ev.Kind, "file": strings.ToLower(ev.Pos), "to": strings.ToLower(to)}})
	}
	return rows
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	return s.from + " uses " + s.to + ": " + screen.Count(s.references(), "reference")
}

func (s *Screen) references() int {
	_, all := s.grid.Shown()
	return all
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(append(keymap.Table{
		{Name: "source", Keys: []string{"enter", "right", "l"}, Does: "show the source alone, or with the list", Short: "source"},
	}, cursor.Keys...), grid.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, arg string) screen.Effect {
	if name == "source" {
		s.whole = !s.whole
		return nil
	}
	if !s.grid.Do(name, arg) {
		return screen.Say("there is no column " + arg)
	}
	return nil
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	if y < s.rows.Height && x < s.rows.Width && s.grid.Click(x, y) {
		s.whole = !s.whole
	}
	return nil
}

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.grid.Filter() }

// SetFilter is documented in screen.Filtered.
func (s *Screen) SetFilter(f string) { s.grid.SetFilter(f) }

// Shown is documented in screen.Filtered.
func (s *Screen) Shown() (shown, all int) { return s.grid.Shown() }

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) { return s.grid.Bookmark() }

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.Place().String() }

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	row, _ := s.grid.Selected()
	return s.places[row.ID]
}

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	list, source, beside := screen.Halves(size)
	switch {
	case s.whole:
		s.rows = draw.Size{}
		return sourcepane.View(s.world.Content, s.Place(), size, t)
	case beside:
		s.rows = list
		return draw.Beside(s.grid.View(list, t), sourcepane.View(s.world.Content, s.Place(), source, t), list.Width)
	}
	s.rows = list
	return append(s.grid.View(list, t), sourcepane.View(s.world.Content, s.Place(), source, t)...)
}
