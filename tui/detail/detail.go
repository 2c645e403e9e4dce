// Package detail is the second screen of the terminal explorer: the packages,
// couplings and hazards of one component, with the places they come from.
package detail

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/viewport"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
)

// A Kind says what a page is about.
type Kind int

// The kinds of pages.
const (
	Component Kind = iota // one component
	Broken                // what couldn't be read as it was meant: code that doesn't load, mistakes in unweld.yaml
	Shared                // packages that belong to no component
	Loose                 // hazards that belong to no component
)

// A Page is what can be looked at: a component, or what belongs to none.
type Page struct {
	Kind Kind
	Name string
}

// Others returns the pages beside those of components that have something on them.
func Others(found *component.Result) []Page {
	var pages []Page
	if len(Mistakes(found)) > 0 {
		pages = append(pages, Page{Broken, "what doesn't load"})
	}
	if len(found.Shared) > 0 {
		pages = append(pages, Page{Shared, "shared packages"})
	}
	if slices.ContainsFunc(found.Hazards, func(h component.Hazard) bool { return h.Component == "" }) {
		pages = append(pages, Page{Loose, "hazards outside of components"})
	}
	return pages
}

// Mistakes are the problems of found that keep it from being the whole truth.
func Mistakes(found *component.Result) []component.Problem {
	var all []component.Problem
	for _, p := range found.Problems {
		if p.Severity == component.Error {
			all = append(all, p)
		}
	}
	return all
}

// A Screen is the state of one page.
type Screen struct {
	found         *component.Result
	of            Page
	component     component.Found
	view          viewport.Model
	width, height int
}

// New returns a screen that shows a page.
func New(found *component.Result, of Page, width, height int) Screen {
	s := Screen{found: found, of: of, component: component.Found{Name: of.Name}, view: viewport.New()}
	for _, c := range found.Components {
		if of.Kind == Component && c.Name == of.Name {
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
func (s Screen) Update(key tea.KeyPressMsg) Screen {
	switch key.String() {
	case "g", "home":
		s.view.GotoTop()
	case "G", "end":
		s.view.GotoBottom()
	default:
		s.view, _ = s.view.Update(key)
	}
	return s
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
	switch s.of.Kind {
	case Broken:
		s.mistakes(p)
	case Shared:
		p.heading("packages that several components use, and that belong to none")
		for _, name := range s.found.Shared {
			p.line(2, name)
		}
	case Loose:
		s.hazards(p, "")
	case Component:
		s.whole(p)
	}
	return strings.TrimSuffix(p.String(), "\n")
}

func (s Screen) mistakes(p *page) {
	p.heading("the rest was analysed, but isn't the whole")
	for _, problem := range Mistakes(s.found) {
		p.line(2, problem.AtPlace())
		if problem.Hint != "" {
			p.line(4, problem.Hint)
		}
	}
}

// whole writes all of a component.
func (s Screen) whole(p *page) {
	p.heading("packages")
	for _, name := range s.component.Packages {
		p.line(2, name)
	}
	for _, name := range s.component.Decls {
		p.line(2, name)
	}
	s.couplings(p, "uses", func(c component.Coupling) (from, other string) { return c.From, c.To })
	s.couplings(p, "used by", func(c component.Coupling) (from, other string) { return c.To, c.From })
	s.hazards(p, s.component.Name)
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

func (s Screen) hazards(p *page, of string) {
	p.heading("hazards")
	none := true
	for _, h := range s.found.Hazards {
		if h.Component != of {
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
