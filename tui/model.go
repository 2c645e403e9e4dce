package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/tui/board"
	"github.com/unweld/unweld/tui/components"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/hazards"
	"github.com/unweld/unweld/tui/matrix"
	"github.com/unweld/unweld/tui/problems"
	"github.com/unweld/unweld/tui/screen"
	"github.com/unweld/unweld/tui/top"
)

// A view is one of the lists that one begins with, and what was opened from there.
type view struct {
	name  string
	stack []screen.Screen
}

func (v *view) top() screen.Screen { return v.stack[len(v.stack)-1] }

// model is the whole program. It is changed by Update alone. Which screen is shown is
// decided there at once, never by a message, so that the next key reaches the right
// one.
type model struct {
	load    tea.Cmd              // reads the module
	changed func(*world) tea.Cmd // looks whether files changed
	mouse   bool
	context context.Context // of work beside the program

	size  draw.Size
	theme draw.Theme

	doing   string // what an analysis does; empty: none runs
	seconds int    // for how long it has
	err     error  // ended the program

	world   *world // nil until the module was read
	views   []*view
	at      int
	prompt  *prompt
	pressed tea.MouseClickMsg // where the mouse was pressed last
	said    string            // line at the bottom, until the next key
	stale   bool              // files changed since they were read
	ticking bool              // a tick is on its way
}

func newModel(load tea.Cmd) *model {
	return &model{load: load, doing: "opening the module", size: draw.Size{Width: 80, Height: 24}, theme: draw.NewTheme(true), mouse: true, context: context.Background()}
}

// second is the message that one has passed while something is loaded.
type second struct{}

func eachSecond() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return second{} })
}

func (m *model) Init() tea.Cmd {
	return tea.Batch(m.load, eachSecond(), tea.RequestBackgroundColor)
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = draw.Size{Width: max(msg.Width, 1), Height: max(msg.Height, 1)}
	case tea.BackgroundColorMsg:
		m.theme = draw.NewTheme(msg.IsDark())
	case progress:
		if m.doing != "" {
			m.doing = string(msg)
		}
	case second:
		if m.doing != "" {
			m.seconds++
			return m, eachSecond()
		}
	case loaded:
		return m, m.loaded(msg)
	case worked:
		return m, m.worked(msg)
	case tick:
		return m, tea.Batch(m.tick(), eachTick())
	case tea.MouseReleaseMsg:
		return m, m.drop(msg)
	case staleness:
		return m, m.staleness(msg)
	case edited:
		if m.said = ""; msg.err != nil {
			m.said = msg.err.Error()
		}
		if m.world != nil && m.changed != nil {
			return m, m.changed(m.world)
		}
	case tea.PasteMsg:
		if m.prompt != nil {
			m.prompt.paste(msg.Content)
			m.live()
		}
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case tea.MouseClickMsg:
		return m, m.click(msg)
	case tea.MouseWheelMsg:
		return m, m.wheel(msg)
	}
	return m, nil
}

// loaded shows what was read, the first time or again.
func (m *model) loaded(msg loaded) tea.Cmd {
	m.doing = ""
	switch {
	case msg.err != nil && m.world == nil:
		m.err = msg.err
		return tea.Quit
	case msg.err != nil:
		m.said = "not read again: " + msg.err.Error()
		return nil
	}
	first := m.world == nil
	m.world, m.stale = msg.world, false
	w := msg.world.World
	if first {
		m.views = []*view{{"components", []screen.Screen{components.New(w)}}, {"matrix", []screen.Screen{matrix.New(w)}},
			{"hazards", []screen.Screen{hazards.New(w)}}, {"split", []screen.Screen{board.New(w)}}, {"problems", []screen.Screen{problems.New(w)}}, {"top", []screen.Screen{top.New(w)}}}
	} else {
		for _, v := range m.views {
			for _, s := range v.stack {
				s.Renew(w)
			}
		}
		if m.said != "" {
			m.said += "; "
		}
		m.said += "the files were read again"
	}
	again := m.started()
	if m.changed == nil {
		return again
	}
	return tea.Batch(again, m.changed(m.world))
}

func (m *model) top() screen.Screen { return m.views[m.at].top() }

func (m *model) View() tea.View {
	lines := m.loading()
	title := "unweld"
	if m.world != nil {
		lines = m.lines()
		title += ": " + m.world.Found.Module
	}
	for i, l := range lines {
		lines[i] = draw.Cut(l, m.size.Width)
	}
	v := tea.NewView(strings.Join(draw.Lines(lines, m.size.Height), "\n"))
	v.AltScreen = true
	v.WindowTitle = draw.Clean(strings.TrimSuffix(title, ": "))
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// loading says what is being done, and how to leave.
func (m *model) loading() []string {
	lines := []string{"", m.theme.Title.Render("unweld"), "looks for the components of this module", ""}
	lines = append(lines, draw.Wrap(draw.Clean(m.doing), m.size.Width-1)...)
	lines = append(lines, fmt.Sprintf("%d s", m.seconds), "", "q ends it at once")
	for i := range lines {
		lines[i] = strings.TrimRight(" "+lines[i], " ")
	}
	if over := len(lines) - m.size.Height; over > 0 {
		lines = lines[over:]
	}
	return lines
}

// above is the number of lines above a screen.
const above = 2

// low reports whether the terminal is too low for more than the screen itself.
func (m *model) low() bool { return m.size.Height < above+2 }

// lines draws the whole terminal.
func (m *model) lines() []string {
	if m.low() {
		return m.top().View(m.size, m.theme)
	}
	bottom := m.bottom()
	size := draw.Size{Width: m.size.Width, Height: m.size.Height - above - len(bottom)}
	body := draw.Lines(m.top().View(size, m.theme), size.Height) // before the path, which says how much of it is shown
	return slices.Concat([]string{m.tabs(), m.path()}, body, bottom)
}

// tab is how a view is written in the first line. How many problems there are is told in
// any case.
func (m *model) tab(i int, short bool) string {
	name := fmt.Sprint(i + 1)
	if !short || i == m.at {
		name += " " + m.views[i].name
	}
	if n := len(m.world.Mistakes()); n > 0 && m.views[i].name == "problems" {
		name += fmt.Sprintf(" (%d)", n)
	}
	if i == m.at {
		return "[" + name + "]"
	}
	return name
}

// tabNames are the views as they stand in the first line, each with a gap behind it: a
// narrow terminal gets smaller gaps, then numbers alone.
func (m *model) tabNames() (names []string) {
	for _, as := range []struct {
		short bool
		gap   string
	}{{false, "  "}, {false, " "}, {true, "  "}} {
		names = nil
		width := -len(as.gap)
		for i := range m.views {
			names = append(names, m.tab(i, as.short)+as.gap)
			width += draw.Width(names[i])
		}
		if width <= m.size.Width {
			break
		}
	}
	return names
}

func (m *model) tabs() string {
	line, width := "", 0
	names := m.tabNames()
	for i, name := range names {
		if i == len(names)-1 {
			name = strings.TrimRight(name, " ")
		}
		width += draw.Width(name)
		if i == m.at {
			name = m.theme.Title.Render(name)
		} else {
			name = m.theme.Faint.Render(name)
		}
		line += name
	}
	module := draw.Clean(cmp.Or(m.world.Found.Module, "workspace"))
	if left := m.size.Width - width - draw.Width(module); left >= 2 {
		line += strings.Repeat(" ", left) + m.theme.Faint.Render(module)
	}
	return line
}

// path says what is shown: the screens that lie on each other, and the filter.
func (m *model) path() string {
	var titles []string
	for i, s := range m.views[m.at].stack {
		if i > 0 || len(m.views[m.at].stack) == 1 {
			titles = append(titles, draw.Clean(s.Title()))
		}
	}
	right := ""
	if f, ok := m.top().(screen.Filtered); ok && f.Filter() != "" {
		shown, all := f.Shown()
		right = fmt.Sprintf(" /%s  %d of %d", draw.Clean(f.Filter()), shown, all)
	}
	right = draw.Cut(right, m.size.Width/2)
	left := draw.CutLeft(strings.Join(titles, " › "), m.size.Width-draw.Width(right))
	if len(titles) == 1 {
		left = titles[0]
	}
	return m.theme.Faint.Render(draw.Fit(left, m.size.Width-draw.Width(right))) + right
}

// bottom is what is typed or said, or what can be done. What is said gets as many
// lines as it takes, as long as it leaves room for the screen.
func (m *model) bottom() []string {
	say := func(what string) []string {
		lines := draw.Wrap(draw.Clean(what), m.size.Width)
		if most := max(m.size.Height/3, 1); len(lines) > most {
			lines = lines[:most]
			lines[most-1] = draw.Cut(lines[most-1]+" …", m.size.Width)
		}
		return lines
	}
	switch {
	case m.prompt != nil:
		h := ""
		if m.prompt.kind == ":" {
			h = hint(string(m.prompt.text), m.commands(), m.values)
		}
		return []string{m.prompt.view(m.size.Width, m.theme, h)}
	case m.said != "":
		return say(m.said)
	case m.doing != "":
		return say(fmt.Sprintf("%s (%d s)", m.doing, m.seconds))
	case m.stale:
		return say("files changed; R reads them again")
	}
	return []string{m.theme.Faint.Render(keyLine(m.size.Width, m.top().Keys()))}
}
