// Package hazards has the screen of all hazards, by severity, code and component,
// and that of one hazard with its source.
package hazards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/codepage"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/outline"
	"github.com/unweld/unweld/tui/screen"
	"github.com/unweld/unweld/tui/sourcepane"
)

// A Screen is the list of all hazards.
type Screen struct {
	world   *screen.World
	outline *outline.Outline
	rows    draw.Size
	count   map[component.Severity]int
}

// New returns the hazards of a module.
func New(w *screen.World) *Screen {
	s := &Screen{outline: outline.New()}
	s.Renew(w)
	return s
}

// few is how many hazards are shown without being asked for.
const few = 20

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) {
	s.world, s.count = w, map[component.Severity]int{}
	type kind struct {
		severity component.Severity
		name     string
	}
	kinds := map[kind]*outline.Node{}
	var order []kind
	components := map[*outline.Node]map[string]*outline.Node{}
	for i := range w.Found.Hazards {
		h := &w.Found.Hazards[i]
		s.count[h.Severity]++
		k := kind{h.Severity, h.Name}
		of := kinds[k]
		if of == nil {
			of = &outline.Node{ID: string(h.Severity) + " " + h.Name, Style: style(h.Severity), Of: codeOf(h.Name), Fields: fields(h), Folded: len(w.Found.Hazards) > few}
			kinds[k], components[of] = of, map[string]*outline.Node{}
			order = append(order, k)
		}
		name := cmp.Or(h.Component, screen.ByNone)
		in := components[of][name]
		if in == nil {
			in = &outline.Node{ID: name}
			components[of][name] = in
			of.Below = append(of.Below, in)
		}
		in.Below = append(in.Below, place(h))
	}
	slices.SortFunc(order, func(a, b kind) int {
		return cmp.Or(cmp.Compare(rank(a.severity), rank(b.severity)), cmp.Compare(a.name, b.name))
	})
	var nodes []*outline.Node
	for _, k := range order {
		of, n := kinds[k], 0
		for _, in := range of.Below {
			n += len(in.Below)
			in.Text = fmt.Sprintf("%s  %d", in.ID, len(in.Below))
		}
		of.Text = fmt.Sprintf("%s  %s  %d in %s", k.severity, k.name, n, screen.Count(len(of.Below), "component"))
		if code, ok := w.Code(k.name); ok {
			of.Text += "  " + code.Title
		}
		slices.SortFunc(of.Below, func(a, b *outline.Node) int { return cmp.Compare(a.ID, b.ID) })
		nodes = append(nodes, of)
	}
	if len(nodes) == 0 {
		nodes = []*outline.Node{{ID: "none", Text: "no hazards were found"}}
	}
	s.outline.SetNodes(nodes)
}

// codeOf is what the line of a code shows.
type codeOf string

func rank(s component.Severity) int {
	return slices.Index([]component.Severity{component.Error, component.Warn, component.Info}, s)
}

func style(s component.Severity) func(draw.Theme) lipgloss.Style {
	return func(t draw.Theme) lipgloss.Style { return t.Severity(s) }
}

func fields(h *component.Hazard) map[string]string {
	return map[string]string{"hazard": h.Name, "code": h.Name, "severity": string(h.Severity)}
}

// place is the line of a hazard below its code and its component.
func place(h *component.Hazard) *outline.Node {
	f := fields(h)
	f["component"], f["file"] = strings.ToLower(h.Component), strings.ToLower(h.Pos)
	return &outline.Node{ID: h.Pos + " " + h.Path + " " + h.Message, Text: h.Pos + "  " + h.Message, Of: h, Fields: f}
}

// Node is the line of a hazard where its code isn't above it.
func Node(h *component.Hazard) *outline.Node {
	n := place(h)
	n.ID = h.Name + " " + n.ID
	n.Text = fmt.Sprintf("%s  %s  %s  %s", h.Severity, h.Name, h.Pos, h.Message)
	n.Style = style(h.Severity)
	return n
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	return fmt.Sprintf("%s, %s, %d info", screen.Count(s.count[component.Error], "error"), screen.Count(s.count[component.Warn], "warning"), s.count[component.Info])
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(append(keymap.Table{
		{Name: "show", Keys: []string{"enter", "right", "l"}, Does: "show the hazard; fold or unfold a heading", Short: "show"},
		{Name: "explain", Keys: []string{"c"}, Does: "show the page of the code", Short: "code"},
	}, cursor.Keys...), outline.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, _ string) screen.Effect {
	n := s.outline.Selected()
	switch {
	case name != "show" && name != "explain":
		s.outline.Do(name)
		return nil
	case n == nil:
		return nil
	}
	h, _ := n.Of.(*component.Hazard)
	code, _ := n.Of.(codeOf)
	switch {
	case name == "show" && h != nil:
		return screen.Push{Screen: NewOne(s.world, *h)}
	case name == "show":
		s.outline.Fold()
		return nil
	case h != nil:
		return codepage.Open(s.world, h.Name)
	case code != "":
		return codepage.Open(s.world, string(code))
	}
	return screen.Say("c shows the page of a code: select a code or a hazard")
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	if y < s.rows.Height && x < s.rows.Width && s.outline.Click(y) {
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
	case *component.Hazard:
		return of.Pos
	case codeOf:
		return string(of)
	}
	return n.ID
}

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	if p := s.Problem(); p != nil {
		return p.Span
	}
	return text.Span{}
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
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	list, source, beside := screen.Halves(size)
	at := s.Place()
	if !at.IsValid() || source.Height == 0 {
		s.rows = size
		return s.outline.View(size, t)
	}
	s.rows = list
	if beside {
		return draw.Beside(s.outline.View(list, t), sourcepane.View(s.world.Content, at, source, t), list.Width)
	}
	return append(s.outline.View(list, t), sourcepane.View(s.world.Content, at, source, t)...)
}
