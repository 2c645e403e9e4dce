package tui

import (
	"bytes"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/screen"
)

// TestManners: on each screen there is help, a filter, a prompt for commands, a way by vim's keys and one
// by arrows, the mouse, something to copy, and R; and each is as it was after they are left.
func TestManners(t *testing.T) {
	found := shop(t)
	found.Problems = mistakes
	m := resize(ready(t, found), 100, 30)
	(&played{}).on(m)
	for _, stop := range tour {
		press(m, stop.keys...)
		if m.prompt != nil {
			continue // a key is a letter there
		}
		m.said = ""
		here, before := m.top(), plain(m)
		unchanged := func(after string) {
			t.Helper()
			if m.said = ""; m.top() != here || plain(m) != before && !strings.HasPrefix(stop.name, "top") { // which changes by itself
				t.Fatalf("after %s, %s is:\n%s\nit was:\n%s", after, stop.name, plain(m), before)
			}
		}
		mannersOfHelp(t, m, stop.name)
		unchanged("help")
		mannersOfFilter(t, m, stop.name)
		unchanged("a filter")
		if press(m, ":", "z", "z"); m.prompt == nil || !strings.Contains(plain(m), "no such command; ? lists them") {
			t.Errorf("%s: no command can be typed", stop.name)
		}
		press(m, "esc")
		unchanged(":")
		if press(m, "tab"); m.top() == here {
			t.Errorf("%s: Tab stays", stop.name)
		}
		press(m, "shift+tab")
		unchanged("Tab and Shift-Tab")
		if press(m, "y"); !strings.HasPrefix(m.said, "copied: ") && here.Title() != "none" {
			t.Errorf("%s: y says %q", stop.name, m.said)
		}
		if press(m, "R"); m.doing == "" {
			t.Errorf("%s: R reads nothing", stop.name)
		}
		m.doing = ""
		unchanged("R")
		m.stale = true
		if !strings.Contains(plain(m), "files changed; R reads them again") {
			t.Errorf("%s doesn't tell that files changed", stop.name)
		}
		m.stale = false
		mannersOfMotion(t, m, stop.name)
	}
}

// mannersOfHelp: ? shows the screen's own keys, and shows the screen again.
func mannersOfHelp(t *testing.T, m *model, name string) {
	t.Helper()
	if m.helping() {
		return
	}
	own := m.top().Keys()
	press(m, "?")
	if !m.helping() || len(own) > 0 && !strings.Contains(plain(m), own[0].Does[:min(len(own[0].Does), 20)]) {
		t.Errorf("%s has no help:\n%s", name, plain(m))
	}
	press(m, "?")
}

// mannersOfFilter: a filter is typed, leaves what it says, and is taken away.
func mannersOfFilter(t *testing.T, m *model, name string) {
	t.Helper()
	f, ok := m.top().(screen.Filtered)
	if !ok {
		t.Errorf("%s has no filter", name)
		return
	}
	was := f.Filter()
	press(m, "/", "ctrl+u", "q", "z", "x", "q")
	_ = m.View()
	if shown, all := f.Shown(); shown != 0 || all == 0 {
		t.Errorf("%s: a filter that nothing has shows %d of %d", name, shown, all)
	}
	if fits(t, m); !strings.Contains(plain(m), "0 of") {
		t.Errorf("%s: how many are shown isn't:\n%s", name, plain(m))
	}
	press(m, "esc")
	if f.Filter() != was {
		t.Errorf("%s: Esc leaves the filter %q, not %q", name, f.Filter(), was)
	}
}

// mannersOfMotion: arrows do what vim's keys do, and so does the wheel.
func mannersOfMotion(t *testing.T, m *model, name string) {
	t.Helper()
	meant := func(key string) string {
		if e, ok := m.top().Keys().ByKey(key); ok {
			return e.Name
		}
		e, _ := everywhere.ByKey(key)
		return e.Name
	}
	for vim, other := range map[string]string{"j": "down", "k": "up", "h": "left", "g": "home", "G": "end", "ctrl+f": "pgdown", "ctrl+b": "pgup"} {
		if a, b := meant(vim), meant(other); a != b || a == "" {
			t.Errorf("%s: %s is %q, and %s is %q", name, vim, a, keymap.Label(other), b)
		}
	}
	if a, b := meant("l"), meant("right"); a != b {
		t.Errorf("%s: l is %q, and → is %q", name, a, b)
	}
	press(m, "g")
	press(m, "j", "j", "j")
	byKey := plain(m)
	press(m, "g")
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if got := plain(m); got != byKey {
		t.Errorf("%s: the wheel does something else than three times j", name)
	}
	press(m, "g")
}

// TestLooks: each screen says the same on a light and on a dark terminal and without colours, the mouse can be
// left to the terminal, and what is read out has no marks for the eye.
func TestLooks(t *testing.T) {
	found := shop(t)
	found.Problems = mistakes
	for _, size := range []draw.Size{{Width: 40, Height: 10}, {Width: 100, Height: 30}} {
		m := resize(ready(t, found), size.Width, size.Height)
		(&played{}).on(m)
		for _, stop := range tour {
			press(m, stop.keys...)
			m.Update(tea.BackgroundColorMsg{Color: lipgloss.Color("#000000")})
			dark := plain(m)
			m.Update(tea.BackgroundColorMsg{Color: lipgloss.Color("#ffffff")})
			if light := plain(m); light != dark {
				t.Errorf("%s says something else on a light terminal:\n%s\non a dark one:\n%s", stop.name, light, dark)
			}
			m.mouse = false
			if m.View().MouseMode != tea.MouseModeNone {
				t.Errorf("%s takes the mouse", stop.name)
			}
			if m.mouse = true; m.View().MouseMode == tea.MouseModeNone {
				t.Errorf("%s leaves the mouse to the terminal", stop.name)
			}
			var out bytes.Buffer
			(&linear{m: m, out: &out}).print()
			resize(m, size.Width, size.Height)
			if strings.ContainsAny(out.String(), "\x1b\r▸▾│─") || strings.TrimSpace(out.String()) == "" {
				t.Errorf("%s is read out as:\n%s", stop.name, out.String())
			}
		}
	}
}
