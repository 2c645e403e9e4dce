package actions

import (
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/screen"
)

// All is the screen of all refactorings, and of bind, state and eject, whatever place is selected. What
// can be done at the selected place begins with it; for the others the user says where.
type All struct {
	world *screen.World
	at    text.Span          // the selected place; the zero Span: none
	about *component.Problem // that is shown there, or nil
	docs  map[string]string  // by name
	here  map[string]engine.Offer
	grid  *grid.Grid
	rows  int // lines of the list when it was drawn
}

// NewAll returns the screen; at and problem are as in New, and may be missing.
func NewAll(w *screen.World, at text.Span, problem *component.Problem) *All {
	s := &All{at: at, about: problem, docs: map[string]string{}, grid: grid.New(
		grid.Column{Title: "name"}, grid.Column{Title: "what it does", Rank: 2}, grid.Column{Title: "at the selected place", Rank: 1})}
	for _, r := range engine.Refactorings() {
		s.docs[r.Name], _, _ = strings.Cut(r.Doc, "\n")
	}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen.
func (s *All) Renew(w *screen.World) {
	s.world, s.here = w, map[string]engine.Offer{}
	if s.at.IsValid() {
		for _, o := range w.Offers(s.at, s.about) {
			name := o.Operation + o.Refactoring
			if _, twice := s.here[name]; !twice && o.Disabled == "" {
				s.here[name] = o
			}
		}
	}
	var rows []grid.Row
	for _, name := range engine.OfferNames() {
		o, err := engine.OfferNamed(name)
		if err != nil {
			continue // it is one of the names, so there is none
		}
		target := s.here[name].Request.Target
		rows = append(rows, grid.Row{ID: name, Cells: []string{name, draw.Clean(o.Title), draw.Clean(target)},
			Text: strings.ToLower(name + " " + o.Title + " " + s.docs[name]), Fields: map[string]string{"name": name, "here": strings.ToLower(target)}})
	}
	s.grid.SetRows(rows)
}

// Title is documented in screen.Screen.
func (s *All) Title() string {
	if s.at.IsValid() {
		return "all refactorings, from " + s.at.String()
	}
	return "all refactorings"
}

// Keys is documented in screen.Screen.
func (s *All) Keys() keymap.Table {
	return append(append(keymap.Table{
		{Name: "choose", Keys: []string{"enter", "right", "l"}, Does: "see its parameters, and say what it works on", Short: "choose"},
	}, cursor.Keys...), grid.Keys...)
}

// Do is documented in screen.Screen.
func (s *All) Do(name, arg string) screen.Effect {
	if name == "choose" {
		return s.choose()
	}
	if !s.grid.Do(name, arg) {
		return screen.Say("no column begins with “" + arg + "”; there are " + strings.Join(s.grid.Columns(), ", "))
	}
	return nil
}

// choose opens the form of the selected one, filled in as the selected place says.
func (s *All) choose() screen.Effect {
	r, ok := s.grid.Selected()
	if !ok {
		return nil
	}
	o, err := engine.OfferNamed(r.ID)
	if err != nil {
		return screen.Say(screen.Told(err))
	}
	if here, ok := s.here[r.ID]; ok {
		o.Request = here.Request
		for i := range o.Form {
			p := &o.Form[i]
			if at := slices.IndexFunc(here.Form, func(q engine.RefactorParam) bool { return q.Name == p.Name }); at >= 0 {
				p.Suggestions = here.Form[at].Suggestions
			}
		}
	}
	return screen.Push{Screen: newForm(s.world, o)}
}

// Click is documented in screen.Screen: a second click chooses.
func (s *All) Click(x, y int) screen.Effect {
	if y < s.rows && s.grid.Click(x, y) {
		return s.choose()
	}
	return nil
}

// Filter is documented in screen.Filtered.
func (s *All) Filter() string { return s.grid.Filter() }

// SetFilter is documented in screen.Filtered.
func (s *All) SetFilter(f string) { s.grid.SetFilter(f) }

// Shown is documented in screen.Filtered.
func (s *All) Shown() (shown, all int) { return s.grid.Shown() }

// Bookmark is documented in screen.Filtered.
func (s *All) Bookmark() (back func()) { return s.grid.Bookmark() }

// Copied is documented in screen.Screen.
func (s *All) Copied() string {
	r, _ := s.grid.Selected()
	return r.ID
}

// Place is documented in screen.Screen.
func (s *All) Place() text.Span { return s.at }

// View is documented in screen.Screen. Below the list stands what the selected one does.
func (s *All) View(size draw.Size, t draw.Theme) []string {
	var below []string
	if r, ok := s.grid.Selected(); ok {
		said := s.docs[r.ID]
		if said == "" && len(r.Cells) > 1 {
			said = r.Cells[1]
		}
		below = append([]string{""}, draw.Wrap(draw.Clean(said), size.Width)...)
	}
	below = below[:min(len(below), size.Height/2)]
	s.rows = max(size.Height-len(below), 1)
	return draw.Lines(append(s.grid.View(draw.Size{Width: size.Width, Height: s.rows}, t), below...), size.Height)
}
