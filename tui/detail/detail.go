// Package detail is the second screen of the terminal explorer: the packages,
// couplings and hazards of one component, with the places they come from.
package detail

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/viewport"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
)

// Closed is the message that the user wants to go back to the list.
type Closed struct{}

// A Screen is the state of one component's page.
type Screen struct {
	found         *component.Result
	component     component.Found
	view          viewport.Model
	width, height int
}

// New returns the page of the named component.
func New(found *component.Result, name string, width, height int) Screen {
	s := Screen{found: found, component: component.Found{Name: name}, view: viewport.New()}
	for _, c := range found.Components {
		if c.Name == name {
			s.component = c
		}
	}
	return s.Resize(width, height)
}

// Resize wraps the page again and keeps the place as well as it can.
func (s Screen) Resize(width, height int) Screen {
	s.width, s.height = width, height
	s.view.SetWidth(width)
	s.view.SetHeight(max(height-4, 1)) // title, help and a blank line for each
	s.view.SetContent(s.page())
	return s
}

// Update handles a key.
func (s Screen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch press.String() {
		case "esc", "backspace":
			return s, func() tea.Msg { return Closed{} }
		case "g", "home":
			s.view.GotoTop()
			return s, nil
		case "G", "end":
			s.view.GotoBottom()
			return s, nil
		}
	}
	var cmd tea.Cmd
	s.view, cmd = s.view.Update(msg)
	return s, cmd
}

// View draws the part of the page that fits.
func (s Screen) View() string {
	title := lipgloss.NewStyle().Bold(true).MaxWidth(s.width).Render(s.component.Name)
	help := fmt.Sprintf("↑/↓ scroll • esc back • q quit • %d%%", int(100*s.view.ScrollPercent()))
	help = lipgloss.NewStyle().Faint(true).MaxWidth(s.width).Render(help)
	return title + "\n\n" + s.view.View() + "\n\n" + help
}

// page is everything there is to say, wrapped to the width.
func (s Screen) page() string {
	p := &page{width: s.width}
	p.heading("packages")
	for _, name := range s.component.Packages {
		p.line(2, name)
	}
	for _, name := range s.component.Decls {
		p.line(2, name)
	}
	s.couplings(p, "uses", func(c component.Coupling) (from, other string) { return c.From, c.To })
	s.couplings(p, "used by", func(c component.Coupling) (from, other string) { return c.To, c.From })
	s.hazards(p)
	return strings.TrimSuffix(p.String(), "\n")
}

// couplings writes those of which side says that this component is the one.
func (s Screen) couplings(p *page, title string, side func(component.Coupling) (this, other string)) {
	p.heading(title)
	none := true
	for _, c := range s.found.Couplings {
		this, other := side(c)
		if this != s.component.Name {
			continue
		}
		none = false
		p.line(2, fmt.Sprintf("%s, weight %.1f", other, c.Weight))
		for _, ev := range c.Evidence {
			p.line(4, fmt.Sprintf("%s %s (%s)", ev.Kind, ev.To, ev.Pos))
		}
	}
	if none {
		p.line(2, "none")
	}
}

func (s Screen) hazards(p *page) {
	p.heading("hazards")
	none := true
	for _, h := range s.found.Hazards {
		if h.Component != s.component.Name {
			continue
		}
		none = false
		p.line(2, fmt.Sprintf("%s: %s: %s", h.Pos, h.Severity, h.Name))
		p.line(4, h.Message)
		if h.Path != "" {
			p.line(4, "at "+h.Path)
		}
		if h.Hint != "" {
			p.line(4, h.Hint)
		}
	}
	if none {
		p.line(2, "none")
	}
}

// page collects lines that are no wider than the terminal.
type page struct {
	strings.Builder
	width int
}

func (p *page) heading(title string) {
	if p.Len() > 0 {
		p.WriteString("\n")
	}
	p.WriteString(lipgloss.NewStyle().Bold(true).Render(title) + "\n")
}

// line writes what, wrapped and indented as a block.
func (p *page) line(indent int, what string) {
	for line := range strings.SplitSeq(lipgloss.Wrap(what, max(p.width-indent, 1), "/"), "\n") {
		p.WriteString(strings.Repeat(" ", indent) + line + "\n")
	}
}
