// Package actions is the screen of what can be done at a place: refactorings, bindings
// and stores, each with the reason why it can't be done there, and their parameters.
package actions

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/problems"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen lists what can be done at a place, what can be done now first.
type Screen struct {
	world  *screen.World
	at     text.Span
	about  *component.Problem // that is shown there, or nil
	offers []engine.Offer
	filter string
	shown  []int // offers that the filter lets through
	cursor cursor.Cursor
	height int // lines of the list when it was drawn
}

// New returns the screen for a place; problem is the one that is shown there, or nil.
func New(w *screen.World, at text.Span, problem *component.Problem) *Screen {
	s := &Screen{at: at, about: problem, height: 1}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	s.world, s.offers = w, nil
	var disabled []engine.Offer
	seen := map[string]bool{}
	for _, o := range w.Offers(s.at, s.about) {
		switch {
		case seen[o.Title]: // a fix of the problem, and an offer of the place
		case o.Disabled != "":
			disabled = append(disabled, o)
		default:
			s.offers = append(s.offers, o)
		}
		seen[o.Title] = true
	}
	s.offers = append(s.offers, disabled...)
	s.SetFilter(s.filter)
}

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.filter }

// SetFilter is documented in screen.Filtered. Words are looked for in titles, and in why something
// can't be done.
func (s *Screen) SetFilter(filter string) {
	was := -1
	if len(s.shown) > 0 {
		was = s.shown[s.cursor.At]
	}
	s.filter, s.shown = filter, nil
	match := grid.Matcher(filter)
	for i, o := range s.offers {
		if match(strings.ToLower(o.Title+" "+o.Disabled), nil) {
			s.shown = append(s.shown, i)
		}
	}
	s.cursor.At, _ = slices.BinarySearch(s.shown, was)
	s.cursor.Keep(len(s.shown), s.height)
}

// Shown is documented in screen.Filtered.
func (s *Screen) Shown() (shown, all int) { return len(s.shown), len(s.offers) }

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) {
	was := s.cursor
	return func() { s.cursor = was }
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string { return "what can be done at " + s.at.String() }

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(keymap.Table{{Name: "choose", Keys: []string{"enter", "right", "l"}, Does: "see its parameters, or the change if it has none", Short: "choose"}}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	if name != "choose" {
		s.cursor.Do(name, len(s.shown), s.height)
		return nil
	}
	if len(s.shown) == 0 {
		return nil
	}
	o := s.offers[s.shown[s.cursor.At]]
	if o.Disabled != "" {
		return screen.Say("it can't be done: " + o.Disabled)
	}
	f := newForm(s.world, o)
	if len(f.offer.Form) == 0 {
		return f.compute()
	}
	return screen.Push{Screen: f}
}

// Click is documented in screen.Screen: a second click chooses.
func (s *Screen) Click(_, y int) screen.Effect {
	at := s.cursor.Top + y
	if y >= s.height || at >= len(s.shown) {
		return nil
	}
	if at == s.cursor.At {
		return s.Do("choose", "")
	}
	s.cursor.At = at
	s.cursor.Keep(len(s.shown), s.height)
	return nil
}

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.at.String() }

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span { return s.at }

// View is documented in screen.Screen. Below the list stands why the selected one
// can't be done.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	if len(s.offers) == 0 {
		return draw.Lines(draw.Wrap("nothing can be done at this place: choose a declaration, a package clause or an import", size.Width), size.Height)
	}
	var below []string
	if len(s.shown) == 0 {
		below = draw.Wrap("nothing that can be done here has these words", size.Width)
	} else if why := s.offers[s.shown[s.cursor.At]].Disabled; why != "" {
		below = draw.Wrap("can't be done: "+draw.Clean(why), size.Width)
	}
	below = below[:min(len(below), size.Height/2)]
	s.height = max(size.Height-len(below), 1)
	s.cursor.Keep(len(s.shown), s.height)
	var lines []string
	for i := s.cursor.Top; i < min(s.cursor.Top+s.height, len(s.shown)); i++ {
		o := s.offers[s.shown[i]]
		line := "  " + draw.Clean(o.Title)
		if o.Disabled != "" {
			line = "- " + draw.Clean(o.Title)
		}
		switch {
		case i == s.cursor.At:
			line = t.Selected.Render(draw.Fit(">"+line[1:], size.Width))
		case o.Disabled != "":
			line = t.Faint.Render(draw.Cut(line, size.Width))
		}
		lines = append(lines, line)
	}
	return draw.Lines(append(draw.Lines(lines, s.height), below...), size.Height)
}

// computed is the change that came of an offer.
type computed struct{ set change.Set }

// refusal shows why something isn't done, each reason with its place and its next step.
func refusal(w *screen.World, title string, err error) screen.Effect {
	reasons := []component.Problem{{Severity: component.Error, Message: err.Error(), Hint: component.HintOf(err)}}
	if refused, ok := errors.AsType[*component.Refusal](err); ok {
		reasons = refused.Problems
	} else if load, ok := errors.AsType[*component.LoadError](err); ok && len(load.Problems) > 0 {
		reasons = load.Problems
	} else if usage, ok := errors.AsType[*component.UsageError](err); ok && len(usage.Problems) > 0 {
		reasons = usage.Problems
	}
	return screen.Push{Screen: problems.NewRefusal(w, "refused: "+title, reasons)}
}

// work computes the change of an offer.
func work(of screen.Working, w *screen.World, o engine.Offer) screen.Effect {
	do := w.Do
	return screen.Work{Doing: "computing: " + o.Title, Of: of, Do: func(ctx context.Context) (any, error) {
		set, err := do(ctx, o)
		return computed{set}, err
	}}
}
