// Package components is the first screen of the terminal explorer: the list of
// all components, which can be filtered by name.
package components

import (
	"fmt"
	"io"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/list"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/detail"
)

// A Screen is the state of the list.
type Screen struct{ list list.Model }

// New returns the list of what was found, for a terminal of the given size.
func New(found *component.Result, width, height int) Screen {
	hazards := map[string]int{}
	for _, h := range found.Hazards {
		hazards[h.Component]++
	}
	names := 0
	for _, c := range found.Components {
		names = max(names, lipgloss.Width(c.Name))
	}
	var items []list.Item
	for _, page := range detail.Others(found) {
		items = append(items, other(page))
	}
	for _, c := range found.Components {
		items = append(items, row{found: c, hazards: hazards[c.Name]})
	}
	first := len(items) - len(found.Components)
	l := list.New(items, delegate{names: names}, width, height)
	l.Title = title(found)
	l.Styles.Title = lipgloss.NewStyle().Bold(true)
	l.SetStatusBarItemName("component", "components")
	l.DisableQuitKeybindings()
	open := key.NewBinding(key.WithKeys("enter"), key.WithHelp("enter", "show"))
	quit := key.NewBinding(key.WithKeys("q"), key.WithHelp("q", "quit"))
	l.AdditionalShortHelpKeys = func() []key.Binding { return []key.Binding{open, quit} }
	l.AdditionalFullHelpKeys = l.AdditionalShortHelpKeys
	if len(found.Components) > 0 {
		l.Select(first)
	}
	return Screen{list: l}
}

// title names the module, and says where the result isn't the whole truth.
func title(found *component.Result) string {
	t := found.Module
	if t == "" {
		t = "workspace"
	}
	if n := len(detail.Mistakes(found)); n > 0 {
		return fmt.Sprintf("%s (%s: see the first line)", t, count(n, "problem"))
	}
	return t
}

// Items returns the lines, of which each is a page.
func (s Screen) Items() []list.Item { return s.list.Items() }

// Typing reports whether the user is writing a filter.
func (s Screen) Typing() bool { return s.list.SettingFilter() }

// Resize fits the list to the terminal.
func (s Screen) Resize(width, height int) Screen {
	s.list.SetSize(width, height)
	return s
}

// Selected returns the page of the line that is selected.
func (s Screen) Selected() (detail.Page, bool) {
	switch item := s.list.SelectedItem().(type) {
	case row:
		return detail.Page{Kind: detail.Component, Name: item.found.Name}, true
	case other:
		return detail.Page(item), true
	}
	return detail.Page{}, false
}

// Update handles a key, or the outcome of filtering.
func (s Screen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	var cmd tea.Cmd
	s.list, cmd = s.list.Update(msg)
	return s, cmd
}

// View draws the list.
func (s Screen) View() string { return s.list.View() }

type row struct {
	found   component.Found
	hazards int
}

// FilterValue is what a filter is compared with.
func (r row) FilterValue() string { return r.found.Name }

// other is the line of a page that isn't a component's.
type other detail.Page

// FilterValue is what a filter is compared with.
func (o other) FilterValue() string { return o.Name }

// delegate draws one line for each component; the marker at its start is
// what tells the selected one.
type delegate struct{ names int }

func (d delegate) Height() int                         { return 1 }
func (d delegate) Spacing() int                        { return 0 }
func (d delegate) Update(tea.Msg, *list.Model) tea.Cmd { return nil }

func (d delegate) Render(w io.Writer, m list.Model, index int, item list.Item) {
	var line string
	switch r := item.(type) {
	case other:
		line = r.Name
	case row:
		size := count(len(r.found.Packages), "package")
		if len(r.found.Decls) > 0 {
			size = count(len(r.found.Decls), "declaration")
		}
		line = fmt.Sprintf("%-*s  %-12s  used by %-3d uses %-3d %s", min(d.names, 30), r.found.Name, size,
			r.found.Metrics.Ca, r.found.Metrics.Ce, count(r.hazards, "hazard"))
	}
	style, marker := lipgloss.NewStyle(), "  "
	if index == m.Index() {
		style, marker = style.Bold(true).Foreground(lipgloss.Cyan), "> "
	}
	fmt.Fprint(w, style.MaxWidth(m.Width()).Render(marker+line))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
