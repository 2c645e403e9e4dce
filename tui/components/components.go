// Package components is the first screen of the explorer: the table of all
// components, with their sizes, their metrics and how many hazards they have.
package components

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/page"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen is the table.
type Screen struct {
	world *screen.World
	grid  *grid.Grid
}

// New returns the table of a module's components.
func New(w *screen.World) *Screen {
	s := &Screen{grid: grid.New(
		grid.Column{Title: "component"},
		grid.Column{Title: "packages", Number: true, Rank: 4},
		grid.Column{Title: "endpoints", Number: true, Rank: 5},
		grid.Column{Title: "used by", Number: true, Rank: 2},
		grid.Column{Title: "uses", Number: true, Rank: 3},
		grid.Column{Title: "cohesion", Number: true, Rank: 8},
		grid.Column{Title: "instability", Number: true, Rank: 9},
		grid.Column{Title: "errors", Number: true, Rank: 1},
		grid.Column{Title: "warnings", Number: true, Rank: 1},
		grid.Column{Title: "info", Number: true, Rank: 7},
	)}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	s.world = w
	rows := make([]grid.Row, 0, len(w.Found.Components)+1)
	for i := range w.Found.Components {
		rows = append(rows, row(w, &w.Found.Components[i]))
	}
	if len(w.Found.Shared) > 0 || len(w.Hazards("")) > 0 {
		none := row(w, &component.Found{Packages: w.Found.Shared})
		for i, title := range s.grid.Columns() {
			if title != "packages" && title != "errors" && title != "warnings" && title != "info" {
				none.Cells[i] = ""
			}
		}
		none.Cells[0], none.Last = screen.ByNone, true
		rows = append(rows, none)
	}
	s.grid.SetRows(rows)
}

func row(w *screen.World, c *component.Found) grid.Row {
	count := map[component.Severity]float64{}
	var codes, endpoints []string
	for _, h := range w.Hazards(c.Name) {
		count[h.Severity]++
		codes = append(codes, h.Name)
	}
	for _, e := range c.Endpoints {
		endpoints = append(endpoints, e.Name)
	}
	size := len(c.Packages)
	if len(c.Decls) > 0 {
		size = len(c.Decls)
	}
	numbers := []float64{0, float64(size), float64(len(c.Endpoints)), float64(c.Metrics.Ca), float64(c.Metrics.Ce), c.Metrics.Cohesion,
		c.Metrics.Instability, count[component.Error], count[component.Warn], count[component.Info]}
	cells := []string{draw.Clean(c.Name)}
	for i, n := range numbers[1:] {
		if i == 4 || i == 5 {
			cells = append(cells, fmt.Sprintf("%.2f", n))
		} else {
			cells = append(cells, strconv.Itoa(int(n)))
		}
	}
	return grid.Row{ID: c.Name, Cells: cells, Numbers: numbers, Text: strings.ToLower(c.Name), Fields: map[string]string{
		"name": strings.ToLower(c.Name), "pkg": strings.ToLower(strings.Join(append(c.Packages, c.Decls...), " ")),
		"hazard": strings.Join(codes, " "), "endpoint": strings.ToLower(strings.Join(endpoints, " ")),
	}}
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	return screen.Count(len(s.world.Found.Components), "component") + ", sorted by " + s.grid.SortedBy()
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(append(keymap.Table{
		{Name: "show", Keys: []string{"enter", "right", "l"}, Does: "show the component", Short: "show"},
	}, cursor.Keys...), grid.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, arg string) screen.Effect {
	if name == "show" {
		return s.show()
	}
	if !s.grid.Do(name, arg) {
		return screen.Say("no column begins with “" + arg + "”; there are " + strings.Join(s.grid.Columns(), ", "))
	}
	return nil
}

func (s *Screen) show() screen.Effect {
	if r, ok := s.grid.Selected(); ok {
		return screen.Push{Screen: page.New(s.world, r.ID)}
	}
	return nil
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	if s.grid.Click(x, y) {
		return s.show()
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
func (s *Screen) Copied() string {
	r, _ := s.grid.Selected()
	return r.ID
}

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	r, _ := s.grid.Selected()
	return s.world.ComponentAt(s.world.Component(r.ID))
}

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	lines := s.grid.View(size, t)
	if _, all := s.grid.Shown(); all == 0 {
		reason := "no components were found: the module has no package that could be one."
		if len(s.world.Mistakes()) > 0 {
			reason = "no components were found: what doesn't load is on the screen “problems”."
		}
		return draw.Lines(append(lines[:1], draw.Wrap(reason, size.Width)...), size.Height)
	}
	return lines
}
