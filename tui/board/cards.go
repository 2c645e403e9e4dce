package board

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
)

// A card is a component, or one endpoint.
type card struct {
	name  string // of an endpoint with its component: pricing.Quote
	below bool   // an endpoint that is with its component
	apart bool   // an endpoint that isn't
}

// lay makes the cards of the units as they are now. Below a component that is unfolded
// stand the endpoints that are with it.
func (s *Screen) lay() {
	apart := map[string]bool{}
	for _, u := range s.units {
		for _, e := range u.Endpoints {
			apart[e] = true
		}
	}
	s.columns, s.all = s.columns[:0], 0
	for _, u := range s.units {
		var cards []card
		for _, c := range u.Components {
			cards = append(cards, card{name: c})
			if !s.unfolded[c] {
				continue
			}
			for _, e := range s.draft.Endpoints(c) {
				if !apart[e] {
					cards = append(cards, card{name: e, below: true})
				}
			}
		}
		for _, e := range u.Endpoints {
			cards = append(cards, card{name: e, apart: true})
		}
		s.all += len(cards)
		s.columns = append(s.columns, s.having(cards))
	}
}

// having are the cards that the filter lets through: those with all of its words, and the component
// of an endpoint that has them.
func (s *Screen) having(cards []card) []card {
	match := grid.Matcher(s.filter)
	var found []card
	var home *card // the component above, as long as it isn't there
	for i, c := range cards {
		if !c.below {
			home = nil
		}
		switch {
		case match(strings.ToLower(c.name), nil):
			if home != nil {
				found = append(found, *home)
			}
			found, home = append(found, c), nil
		case !c.below && !c.apart:
			home = &cards[i]
		}
	}
	return found
}

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.filter }

// SetFilter is documented in screen.Filtered: it shows cards with these words only. Moves and costs
// are of all of them.
func (s *Screen) SetFilter(filter string) {
	selected := s.selected()
	s.filter = filter
	s.lay()
	s.find(selected)
	if cards := s.columns; len(cards) > 0 && len(cards[s.unit.At]) == 0 {
		if at := slices.IndexFunc(cards, func(c []card) bool { return len(c) > 0 }); at >= 0 {
			s.unit.At, s.card.At = at, 0
			s.keep()
		}
	}
}

// Shown is documented in screen.Filtered.
func (s *Screen) Shown() (shown, all int) {
	for _, cards := range s.columns {
		shown += len(cards)
	}
	return shown, s.all
}

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) {
	unit, card := s.unit, s.card
	return func() { s.unit, s.card = unit, card }
}

// selected is the card at the cursor; the zero card where there is none.
func (s *Screen) selected() card {
	if s.unit.At < len(s.columns) && s.card.At < len(s.columns[s.unit.At]) {
		return s.columns[s.unit.At][s.card.At]
	}
	return card{}
}

// component is that of the card, or of its endpoint.
func (c card) component() string {
	if !c.below && !c.apart {
		return c.name
	}
	home, _, _ := strings.Cut(c.name, ".")
	return home
}

// find puts the cursor on the card of that name; of an endpoint that isn't shown, on that of its
// component.
func (s *Screen) find(wanted card) {
	for _, name := range []string{wanted.component(), wanted.name} {
		for i, cards := range s.columns {
			if at := slices.IndexFunc(cards, func(c card) bool { return c.name == name }); at >= 0 {
				s.unit.At, s.card.At = i, at
			}
		}
	}
	s.keep()
}

func (s *Screen) keep() {
	s.unit.Keep(len(s.columns), s.shown)
	n := 0
	if len(s.columns) > 0 {
		n = len(s.columns[s.unit.At])
	}
	s.card.Keep(n, s.cards)
}

// fold shows or hides the endpoints of the selected component.
func (s *Screen) fold() {
	at := s.selected()
	if c := at.component(); c != "" {
		s.unfolded[c] = !s.unfolded[c]
		s.lay()
		s.find(at)
	}
}

// foldAll hides all endpoints, or shows them if none is shown.
func (s *Screen) foldAll() {
	at, open := s.selected(), false
	for _, o := range s.unfolded {
		open = open || o
	}
	s.unfolded = map[string]bool{}
	for _, u := range s.units {
		for _, c := range u.Components {
			s.unfolded[c] = !open
		}
	}
	s.lay()
	s.find(at)
}

// onCard is what stands on a card, beside the mark of the selected one.
func (s *Screen) onCard(c card) string {
	switch {
	case c.below:
		return "    " + draw.Clean(strings.TrimPrefix(c.name, c.component()+"."))
	case c.apart:
		return "  " + draw.Clean(c.name)
	case s.unfolded[c.name]:
		return "▾ " + draw.Clean(c.name)
	}
	if found := s.world.Component(c.name); found != nil && len(found.Endpoints) > 0 {
		return "▸ " + draw.Clean(c.name)
	}
	return "  " + draw.Clean(c.name)
}

// drawUnits draws the units beside each other, as many as fit.
func (s *Screen) drawUnits(size draw.Size, t draw.Theme) []string {
	const least = 18
	s.shown = max(min(len(s.units), size.Width/(least+1)), 1)
	s.wide = min((size.Width-s.shown+1)/s.shown, 40)
	s.keep()
	lines := make([]string, s.cards+1)
	for i := s.unit.Top; i < min(s.unit.Top+s.shown, len(s.units)); i++ {
		column := s.drawUnit(i, t)
		for k := range lines {
			cell := strings.Repeat(" ", s.wide)
			if k < len(column) {
				cell = column[k]
			}
			if i > s.unit.Top {
				cell = "│" + cell
			}
			lines[k] += cell
		}
	}
	return lines
}

// drawUnit draws a title and as many cards as fit.
func (s *Screen) drawUnit(i int, t draw.Theme) []string {
	u, top := s.units[i], 0
	if i == s.unit.At {
		top = s.card.Top
	}
	title := fmt.Sprintf("%s (%d)", draw.Clean(u.Name), len(u.Components)+len(u.Endpoints))
	if u.Rest {
		title = fmt.Sprintf("%s (%d, and all else)", draw.Clean(u.Name), len(u.Components)+len(u.Endpoints))
	}
	if top+s.cards < len(s.columns[i]) {
		title += " ↓" // there is more
	}
	if i == s.unit.Top && i > 0 {
		title = "‹ " + title
	}
	if i == s.unit.Top+s.shown-1 && i+1 < len(s.units) {
		title = draw.Fit(title, s.wide-2) + " ›"
	}
	column := []string{t.Title.Render(draw.Fit(title, s.wide))}
	cards := s.columns[i]
	for j := top; j < min(top+s.cards, len(cards)); j++ {
		if i == s.unit.At && j == s.card.At {
			column = append(column, t.Selected.Render(draw.Fit("> "+s.onCard(cards[j]), s.wide)))
		} else {
			column = append(column, draw.Fit("  "+s.onCard(cards[j]), s.wide))
		}
	}
	return column
}
