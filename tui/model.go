package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/components"
	"github.com/unweld/unweld/tui/detail"
)

// model is the whole program: until something was found how far that has come,
// then the list, and on top of it one page.
type model struct {
	load          tea.Cmd
	doing         string // what the analysis does
	seconds       int    // for how long it has worked
	err           error  // ended it
	found         *component.Result
	list          components.Screen
	detail        *detail.Screen // nil while the list is shown
	width, height int
}

func newModel(load tea.Cmd) model {
	const width, height = 80, 24 // until the terminal says how large it is
	return model{load: load, doing: "opening the module", width: width, height: height}
}

// second is the message that one has passed while something is loaded.
type second struct{}

func eachSecond() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return second{} })
}

func (m model) Init() tea.Cmd { return tea.Batch(m.load, eachSecond()) }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m.resize(msg.Width, msg.Height), nil
	case progress:
		m.doing = string(msg)
	case second:
		if m.found == nil {
			m.seconds++
			return m, eachSecond()
		}
	case loaded:
		if m.err = msg.err; m.err != nil {
			return m, tea.Quit
		}
		return m.show(msg.found), nil
	case tea.KeyPressMsg:
		return m.press(msg)
	default:
		if m.found != nil {
			var cmd tea.Cmd
			m.list, cmd = m.list.Update(msg)
			return m, cmd
		}
	}
	return m, nil
}

func (m model) show(found *component.Result) model {
	m.found, m.list = found, components.New(found, m.width, m.height)
	return m
}

func (m model) resize(width, height int) model {
	m.width, m.height = width, height
	if m.found != nil {
		m.list = m.list.Resize(m.width, m.height)
	}
	if m.detail != nil {
		d := m.detail.Resize(m.width, m.height)
		m.detail = &d
	}
	return m
}

// press handles a key. Which screen is shown is decided here and at once, so that a
// key that follows reaches the right one.
func (m model) press(key tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	switch name := key.String(); {
	case name == "ctrl+c", name == "q" && !m.typing():
		return m, tea.Quit
	case name == "ctrl+z":
		return m, tea.Suspend
	case m.found == nil:
		return m, nil // nothing is there that it could be meant for
	case m.detail != nil && (name == "esc" || name == "backspace"):
		m.detail = nil
		return m, nil
	case m.detail == nil && name == "enter" && !m.typing():
		if page, ok := m.list.Selected(); ok {
			d := detail.New(m.found, page, m.width, m.height)
			m.detail = &d
		}
		return m, nil
	}
	var cmd tea.Cmd
	if m.detail != nil {
		d := m.detail.Update(key)
		m.detail = &d
	} else {
		m.list, cmd = m.list.Update(key)
	}
	return m, cmd
}

// typing reports whether letters go into the filter.
func (m model) typing() bool { return m.found != nil && m.detail == nil && m.list.Typing() }

func (m model) View() tea.View {
	var content, title string
	switch {
	case m.found == nil:
		content = m.loading()
	case m.detail != nil:
		content, title = m.detail.View(), m.found.Module
	default:
		content, title = m.list.View(), m.found.Module
	}
	view := tea.NewView(content)
	view.AltScreen = true
	view.WindowTitle = strings.TrimSuffix("unweld: "+title, ": ")
	return view
}

// loading says what is being done, and how to leave.
func (m model) loading() string {
	lines := []string{"", "unweld looks for the components of this module.", "", m.doing, fmt.Sprintf("%d s", m.seconds), "", "q ends it at once"}
	style := lipgloss.NewStyle()
	var b strings.Builder
	for i, line := range lines[:min(len(lines), max(m.height, 1))] {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(style.MaxWidth(m.width).Render(" " + line))
	}
	return b.String()
}
