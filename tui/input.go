package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/actions"
	"github.com/unweld/unweld/tui/codepage"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/help"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/page"
	"github.com/unweld/unweld/tui/screen"
)

// keyLine is the line of keys at the bottom.
func keyLine(width int, own keymap.Table) string {
	return keymap.Line(width, draw.Width, own, everywhere)
}

// press handles a key. Esc and a key that follows it at once can't be told from the
// key with Alt; as nothing is done with Alt, the two are what is meant.
func (m *model) press(key tea.KeyPressMsg) tea.Cmd {
	if key.Mod == tea.ModAlt {
		first := m.press(tea.KeyPressMsg{Code: tea.KeyEscape})
		key.Mod = 0
		if key.Text == "" && key.Code >= ' ' && key.Code < tea.KeyExtended {
			key.Text = string(key.Code)
		}
		return tea.Sequence(first, m.press(key))
	}
	name := key.String()
	m.said = ""
	switch {
	case name == "ctrl+c":
		return tea.Quit
	case m.world == nil:
		// Nothing is there that another key could be meant for.
		if e, _ := everywhere.ByKey(name); e.Name == "quit" || e.Name == "suspend" {
			return m.do(e, "")
		}
		return nil
	case m.prompt != nil:
		return m.typed(key)
	}
	if e, ok := m.top().Keys().ByKey(name); ok {
		return m.effect(m.top().Do(e.Name, ""))
	}
	if e, ok := everywhere.ByKey(name); ok {
		return m.do(e, "")
	}
	return nil
}

// do carries out an entry of everywhere.
func (m *model) do(e keymap.Entry, arg string) tea.Cmd {
	switch e.Name {
	case "quit":
		return tea.Quit
	case "suspend":
		return tea.Suspend
	case "redraw":
		return tea.ClearScreen
	case "back":
		return m.back()
	case "help":
		if m.helping() {
			return m.back()
		}
		return m.effect(screen.Push{Screen: help.New(help.Part{Title: m.views[m.at].name + ": " + m.top().Title(), Table: m.top().Keys()}, help.Part{Title: "everywhere", Table: everywhere})})
	case "filter":
		m.filter(arg)
	case "command":
		m.prompt = &prompt{kind: ":"}
	case "next-view":
		m.at = (m.at + 1) % len(m.views)
		return m.started()
	case "previous-view":
		m.at = (m.at + len(m.views) - 1) % len(m.views)
		return m.started()
	case "components", "matrix", "hazards", "split", "problems", "top":
		m.show(slices.IndexFunc(m.views, func(v *view) bool { return v.name == e.Name }))
		return m.started()
	case "revert":
		return m.undo()
	case "open":
		m.open(arg)
	case "code":
		return m.effect(codepage.Open(m.world.World, arg))
	case "actions":
		return m.actions()
	case "refactor":
		if _, there := m.top().(*actions.All); there && arg == "" {
			return nil
		}
		if arg == "" {
			return m.effect(screen.Push{Screen: actions.NewAll(m.world.World, m.top().Place(), m.problem())})
		}
		form, err := actions.Named(m.world.World, arg)
		if err != nil {
			m.said = screen.Told(err)
			return nil
		}
		return m.effect(screen.Push{Screen: form})
	case "edit":
		return m.edit()
	case "copy":
		return m.copy()
	case "refresh":
		return m.refresh()
	}
	return nil
}

// helping reports whether help is shown.
func (m *model) helping() bool {
	_, ok := m.top().(*help.Screen)
	return ok
}

// show goes to a view; to what it begins with, if it is there already.
func (m *model) show(view int) {
	if m.at == view {
		m.views[view].stack = m.views[view].stack[:1]
	}
	m.at = view
}

func (m *model) back() tea.Cmd {
	v := m.views[m.at]
	if f, ok := v.top().(screen.Filtered); ok && f.Filter() != "" {
		f.SetFilter("")
		return nil
	}
	if len(v.stack) > 1 {
		v.stack = v.stack[:len(v.stack)-1]
		return m.started() // the module may have been read again meanwhile
	}
	return nil
}

// filter sets the filter, or lets it be typed if it is empty.
func (m *model) filter(text string) {
	f, ok := m.top().(screen.Filtered)
	switch {
	case !ok:
		m.said = "this screen has nothing to filter"
	case text != "":
		f.SetFilter(text)
	default:
		m.prompt = &prompt{kind: "/", text: []rune(f.Filter()), was: f.Filter(), back: f.Bookmark()}
	}
}

func (m *model) open(name string) {
	if m.world.Component(name) == nil {
		m.said = "there is no component “" + name + "”"
		return
	}
	m.at = 0
	m.show(0)
	m.effect(screen.Push{Screen: page.New(m.world.World, name)})
}

func (m *model) edit() tea.Cmd {
	at := m.top().Place()
	if at.File == "" {
		m.said = "no place in a file is selected"
		return nil
	}
	return openEditor(m.world.abs(at.File), at)
}

// actions shows what can be done at the selected place.
func (m *model) actions() tea.Cmd {
	if _, there := m.top().(*actions.Screen); there {
		return nil
	}
	at := m.top().Place()
	if !at.IsValid() {
		m.said = "no place in a file is selected: choose a reference, a hazard or a package"
		return nil
	}
	return m.effect(screen.Push{Screen: actions.New(m.world.World, at, m.problem())})
}

// problem is the one that is selected, or nil.
func (m *model) problem() *component.Problem {
	if s, ok := m.top().(screen.About); ok {
		return s.Problem()
	}
	return nil
}

func (m *model) copy() tea.Cmd {
	what := m.top().Copied()
	if what == "" {
		m.said = "nothing is selected that could be copied"
		return nil
	}
	m.said = "copied: " + what
	if n := strings.Count(strings.TrimSpace(what), "\n") + 1; n > 1 {
		m.said = "copied: " + screen.Count(n, "line")
	}
	return tea.SetClipboard(what)
}

func (m *model) refresh() tea.Cmd {
	if m.doing != "" {
		m.said = "wait: " + m.doing
		return nil
	}
	m.doing, m.seconds = "listing packages", 0
	return tea.Batch(m.load, eachSecond())
}

// commands are those that can be typed here.
func (m *model) commands() []keymap.Entry {
	return slices.Concat(m.top().Keys(), everywhere)
}

// typed handles a key while a filter or a command is typed.
func (m *model) typed(key tea.KeyPressMsg) tea.Cmd {
	p := m.prompt
	switch name := key.String(); {
	case name == "esc" || name == "backspace" && len(p.text) == 0:
		m.prompt = nil
		if f, ok := m.top().(screen.Filtered); ok && p.kind == "/" {
			f.SetFilter(p.was)
			p.back()
		}
	case name == "enter":
		m.prompt = nil
		if p.kind == ":" {
			return m.command(string(p.text))
		}
	case p.kind == "/" && (name == "up" || name == "down"):
		return m.effect(m.top().Do(name, ""))
	case p.kind == ":" && name == "tab":
		p.text = []rune(complete(string(p.text), m.commands(), m.values))
	case p.edit(key):
		m.live()
	}
	return nil
}

// live filters while the filter is typed.
func (m *model) live() {
	if f, ok := m.top().(screen.Filtered); ok && m.prompt.kind == "/" {
		f.SetFilter(string(m.prompt.text))
	}
}

// values are what the argument of a command can be.
func (m *model) values(e keymap.Entry) []string {
	if s, ok := m.top().(screen.Completing); ok {
		if values := s.Values(e.Arg); values != nil {
			return values
		}
	}
	var names []string
	switch e.Arg {
	case "COMPONENT":
		for _, c := range m.world.Found.Components {
			names = append(names, c.Name)
		}
	case "NAME":
		if e.Name == "refactor" {
			names = engine.OfferNames()
		}
	case "CODE":
		for _, h := range m.world.Found.Hazards {
			names = append(names, h.Name)
		}
	}
	return names
}

// command carries out what was typed.
func (m *model) command(text string) tea.Cmd {
	c := parseCommand(text)
	if c.name == "" {
		return nil
	}
	own, all := keymap.Table(m.top().Keys()), keymap.Table(m.commands())
	near := all.ByName(c.name)
	switch {
	case len(near) == 0:
		m.said = "no command “" + c.name + "”; ? lists them"
	case len(near) > 1:
		var names []string
		for _, e := range near {
			names = append(names, e.Name)
		}
		m.said = fmt.Sprintf("“%s” could be %s", c.name, strings.Join(names, ", "))
	case c.arg != "" && near[0].Arg == "":
		m.said = near[0].Usage() + " takes nothing"
	case c.arg == "" && near[0].Arg != "" && !near[0].Asks:
		m.said = "usage: " + near[0].Usage()
	default:
		if e := own.ByName(near[0].Name); len(e) == 1 && e[0].Name == near[0].Name {
			return m.effect(m.top().Do(near[0].Name, c.arg))
		}
		return m.do(near[0], c.arg)
	}
	return nil
}

// click handles a click: on a view in the first line, or on the screen.
func (m *model) click(msg tea.MouseClickMsg) tea.Cmd {
	below := 0
	if m.world != nil {
		below = len(m.bottom())
	}
	m.said = ""
	switch {
	case m.world == nil || m.prompt != nil:
		return nil
	case msg.Button == tea.MouseRight || msg.Button == tea.MouseBackward:
		return m.back()
	case msg.Button != tea.MouseLeft:
	case m.low():
		return m.effect(m.top().Click(msg.X, msg.Y))
	case msg.Y == 0:
		x := 0
		for i, name := range m.tabNames() {
			if x += draw.Width(name); msg.X < x {
				m.show(i)
				return m.started()
			}
		}
	case msg.Y >= above && msg.Y < m.size.Height-below:
		m.pressed = msg
		return m.effect(m.top().Click(msg.X, msg.Y-above))
	}
	return nil
}

// drop handles the end of a drag.
func (m *model) drop(msg tea.MouseReleaseMsg) tea.Cmd {
	if m.world == nil || m.prompt != nil || msg.X == m.pressed.X && msg.Y == m.pressed.Y {
		return nil
	}
	if d, ok := m.top().(screen.Dropping); ok && msg.Y >= above && m.pressed.Y >= above {
		return m.effect(d.Drop(msg.X, msg.Y-above))
	}
	return nil
}

// wheel moves by three lines.
func (m *model) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	names := map[tea.MouseButton]string{tea.MouseWheelUp: "up", tea.MouseWheelDown: "down"}
	name := names[msg.Button]
	if m.world == nil || name == "" {
		return nil
	}
	for range 3 {
		m.effect(m.top().Do(name, ""))
	}
	return nil
}
