// Package problems is the screen of what keeps the result from being the whole
// truth: code that doesn't load, mistakes in unweld.yaml. It also shows why something
// was refused.
package problems

import (
	"fmt"

	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/outline"
	"github.com/unweld/unweld/tui/screen"
	"github.com/unweld/unweld/tui/sourcepane"
)

// A Screen lists the problems.
type Screen struct {
	world   *screen.World
	title   string              // of reasons
	reasons []component.Problem // nil: those of the module are shown
	outline *outline.Outline
	rows    int
}

// NewRefusal returns the reasons for which something wasn't done, at least one.
func NewRefusal(w *screen.World, title string, reasons []component.Problem) *Screen {
	s := &Screen{title: title, reasons: reasons, outline: outline.New()}
	s.Renew(w)
	return s
}

func (s *Screen) all() []component.Problem {
	if s.reasons != nil {
		return s.reasons
	}
	return s.world.Mistakes()
}

// New returns the problems of a module.
func New(w *screen.World) *Screen {
	s := &Screen{outline: outline.New()}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	s.world = w
	var nodes []*outline.Node
	for i, p := range s.all() {
		nodes = append(nodes, &outline.Node{ID: fmt.Sprintf("%s %d", p.AtPlace(), i), Text: p.AtPlace(), Of: p,
			Style: func(t draw.Theme) lipgloss.Style { return t.Error }})
	}
	if len(nodes) == 0 {
		nodes = []*outline.Node{{ID: "none", Text: "everything was read: the code loads, and unweld.yaml has no mistakes"}}
	}
	s.outline.SetNodes(nodes)
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	if s.reasons != nil {
		return s.title
	}
	if n := len(s.world.Mistakes()); n > 0 {
		return screen.Count(n, "problem") + "; the rest was analysed, but isn't the whole"
	}
	return "none"
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table { return cursor.Keys }

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	s.outline.Do(name)
	return nil
}

// Click is documented in screen.Screen.
func (s *Screen) Click(_, y int) screen.Effect {
	if y < s.rows {
		s.outline.Click(y)
	}
	return nil
}

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.outline.Filter() }

// SetFilter is documented in screen.Filtered.
func (s *Screen) SetFilter(f string) { s.outline.SetFilter(f) }

// Shown is documented in screen.Filtered.
func (s *Screen) Shown() (shown, all int) { return s.outline.Shown() }

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) { return s.outline.Bookmark() }

func (s *Screen) selected() (component.Problem, bool) {
	n := s.outline.Selected()
	if n == nil {
		return component.Problem{}, false
	}
	p, ok := n.Of.(component.Problem)
	return p, ok
}

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string {
	p, ok := s.selected()
	if !ok {
		return ""
	}
	return p.AtPlace()
}

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	p, _ := s.selected()
	return p.Span
}

// View is documented in screen.Screen. Below the list is the whole text of the
// selected problem, and its source where there is room.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	p, ok := s.selected()
	if !ok {
		s.rows = size.Height
		return s.outline.View(size, t)
	}
	said := draw.Wrap(draw.Clean(p.Message), size.Width)
	if p.Hint != "" {
		said = append(said, draw.Wrap("hint: "+draw.Clean(p.Hint), size.Width)...)
	}
	s.rows = max(min(len(s.all()), size.Height/3), 1)
	lines := append(s.outline.View(draw.Size{Width: size.Width, Height: s.rows}, t), "")
	lines = append(append(lines, said...), "")
	if rest := size.Height - len(lines); rest > 3 && p.Span.IsValid() {
		lines = append(lines, sourcepane.View(s.world.Content, p.Span, draw.Size{Width: size.Width, Height: rest}, t)...)
	}
	return draw.Lines(lines, size.Height)
}
