// Package page is the screen of one component: its packages, endpoints, couplings
// and hazards.
package page

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/evidence"
	"github.com/unweld/unweld/tui/hazards"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/outline"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen is the page of a component, or of what belongs to none.
type Screen struct {
	world   *screen.World
	name    string // "" is what belongs to none
	outline *outline.Outline
}

// New returns the page of the named component.
func New(w *screen.World, name string) *Screen {
	s := &Screen{name: name, outline: outline.New()}
	s.Renew(w)
	s.outline.Do("first")
	return s
}

// coupling is what a line of a coupling shows.
type coupling struct{ from, to string }

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	s.world = w
	c := w.Component(s.name)
	switch {
	case s.name == "":
		c = &component.Found{Packages: w.Found.Shared}
	case c == nil:
		s.outline.SetNodes([]*outline.Node{{ID: "gone", Text: "there is no component " + s.name + " any more"}})
		return
	}
	nodes := []*outline.Node{list(packages, "package", c.Packages)}
	if s.name != "" {
		m := c.Metrics
		nodes[0].Below = append(nodes[0].Below, &outline.Node{ID: " metrics", Style: faint,
			Text: fmt.Sprintf("cohesion %.2f, instability %.2f", m.Cohesion, m.Instability) + origin(c)})
		if len(c.Decls) > 0 {
			nodes = append(nodes, list("declarations", "declaration", c.Decls))
		}
		nodes = append(nodes, endpoints(c), s.couplings("uses", w.Uses(s.name)), s.couplings("used by", w.UsedBy(s.name)))
	}
	own := heading("hazards", len(w.Hazards(s.name)))
	for _, h := range w.Hazards(s.name) {
		own.Below = append(own.Below, hazards.Node(h))
	}
	s.outline.SetNodes(append(nodes, own))
}

// origin says why something is a component; a package, which the matrix shows as if it
// were one, is it for no reason.
func origin(c *component.Found) string {
	switch {
	case c.Declared:
		return ", declared in unweld.yaml"
	case c.Stability > 0:
		return fmt.Sprintf(", found by clustering, stability %.2f", c.Stability)
	}
	return ""
}

func faint(t draw.Theme) lipgloss.Style { return t.Faint }

func heading(title string, n int) *outline.Node {
	return &outline.Node{ID: title, Text: fmt.Sprintf("%s: %d", title, n), Style: func(t draw.Theme) lipgloss.Style { return t.Title }}
}

// packages is the heading of a component's packages.
const packages = "packages"

// A named thing stands below a heading.
type named struct{ heading, name string }

func list(title, field string, names []string) *outline.Node {
	h := heading(title, len(names))
	for _, name := range names {
		h.Below = append(h.Below, &outline.Node{ID: name, Text: name, Of: named{title, name}, Fields: map[string]string{field: strings.ToLower(name), "pkg": strings.ToLower(name)}})
	}
	return h
}

func endpoints(c *component.Found) *outline.Node {
	h := heading("endpoints", len(c.Endpoints))
	for i, e := range c.Endpoints {
		callers := "called from " + screen.Count(e.Callers, "place")
		if e.Reads != nil && *e.Reads {
			callers += ", only reads"
		}
		h.Below = append(h.Below, &outline.Node{ID: e.Name, Text: e.Name + "  " + callers, Of: &c.Endpoints[i], Fields: map[string]string{"endpoint": strings.ToLower(e.Name)}})
	}
	return h
}

func (s *Screen) couplings(title string, all []*component.Coupling) *outline.Node {
	h := heading(title, len(all))
	for _, c := range all {
		other := c.To
		if title == "used by" {
			other = c.From
		}
		text := fmt.Sprintf("%s  %s, weight %.1f", other, screen.Count(len(c.Evidence), "reference"), c.Weight)
		h.Below = append(h.Below, &outline.Node{ID: other, Text: text, Of: coupling{c.From, c.To}})
	}
	return h
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	if s.name == "" {
		return "what belongs to no component"
	}
	return s.name
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(append(keymap.Table{
		{Name: "show", Keys: []string{"enter", "right", "l"}, Does: "show the references or the hazard; fold or unfold a heading", Short: "show"},
	}, cursor.Keys...), outline.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	if name != "show" {
		s.outline.Do(name)
		return nil
	}
	n := s.outline.Selected()
	if n == nil {
		return nil
	}
	switch of := n.Of.(type) {
	case coupling:
		return screen.Push{Screen: evidence.New(s.world, of.from, of.to)}
	case *component.Hazard:
		return screen.Push{Screen: hazards.NewOne(s.world, *of)}
	}
	if len(n.Below) > 0 {
		s.outline.Fold()
	}
	return nil
}

// Click is documented in screen.Screen.
func (s *Screen) Click(_, y int) screen.Effect {
	if s.outline.Click(y) {
		return s.Do("show", "")
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

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string {
	n := s.outline.Selected()
	if n == nil {
		return ""
	}
	switch of := n.Of.(type) {
	case named:
		return of.name
	case *component.FoundEndpoint:
		return of.Name
	case *component.Hazard:
		return of.Pos
	case coupling:
		return n.ID
	}
	return s.name
}

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	n := s.outline.Selected()
	if n == nil {
		return text.Span{}
	}
	switch of := n.Of.(type) {
	case *component.Hazard:
		return of.Problem.Span
	case named:
		if of.heading == packages {
			return s.world.PackageAt(of.name)
		}
	case *component.FoundEndpoint:
		return s.world.EndpointAt(of)
	case coupling:
		if c := s.world.Coupling(of.from, of.to); c != nil && len(c.Evidence) > 0 {
			return screen.PlaceOf(c.Evidence[0])
		}
	}
	return s.world.ComponentAt(s.world.Component(s.name))
}

// Problem is documented in screen.About.
func (s *Screen) Problem() *component.Problem {
	if n := s.outline.Selected(); n != nil {
		if h, ok := n.Of.(*component.Hazard); ok {
			return &h.Problem
		}
	}
	return nil
}

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string { return s.outline.View(size, t) }
