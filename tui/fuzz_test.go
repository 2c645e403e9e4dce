package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/keymap"
)

var anyKey = strings.Fields("j k h l g G up down left right home end pgup pgdown enter esc tab shift+tab backspace ctrl+d ctrl+u ctrl+f ctrl+b ctrl+w " +
	"/ : ? 1 2 3 4 5 6 0 H L w n u U $ < > s z Z c n t y R a e o m M r x … ü 漢")

// TestAnyKeys: whatever is pressed, on a terminal of whatever size, with whatever was
// found, all fits on the screen and Ctrl-C leaves.
func TestAnyKeys(t *testing.T) {
	copyShop(t) // some keys write
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		m := ready(t, anything(t, rng))
		var pressed []string
		for range 300 {
			switch n := rng.IntN(40); {
			case n == 0:
				resize(m, 1+rng.IntN(250), 1+rng.IntN(80))
				pressed = append(pressed, fmt.Sprint(m.size))
			case n == 1:
				s := session(t)
				m.loaded(loaded{world: (&loader{open: opened(s)}).worldOf(t.Context(), s, anything(t, rng))})
				pressed = append(pressed, "(read again)")
			case n == 2:
				m.Update(tea.PasteMsg{Content: "two\nlines\tand \x1b[31m" + strings.Repeat("long ", 50)})
				pressed = append(pressed, "(paste)")
			case n < 6:
				m.Update(tea.MouseClickMsg{X: rng.IntN(m.size.Width), Y: rng.IntN(m.size.Height), Button: tea.MouseLeft})
				pressed = append(pressed, "(click)")
			default:
				key := anyKey[rng.IntN(len(anyKey))]
				pressed = append(pressed, key)
				if press(m, key) {
					t.Fatalf("%q leaves", pressed)
				}
			}
			func() {
				defer func() {
					if e := recover(); e != nil {
						t.Fatalf("after %q: %v", pressed, e)
					}
				}()
				fits(t, m)
			}()
		}
		if m.doing = ""; !press(m, "ctrl+c") {
			t.Errorf("Ctrl-C doesn't leave after %q", pressed)
		}
	}
}

// anything is the shop, or a part of it, or a program with odd names.
func anything(t *testing.T, rng *rand.Rand) *component.Result {
	found := shop(t)
	found.Problems = mistakes[:rng.IntN(len(mistakes)+1)]
	switch rng.IntN(4) {
	case 0:
		return &component.Result{Problems: found.Problems}
	case 1:
		found.Components = found.Components[:rng.IntN(len(found.Components))]
	case 2:
		name := strings.Repeat("very-long/漢字/\x1b[31m", 20)
		found.Components = append([]component.Found{{Name: name, Packages: []string{name}}}, found.Components...)
		found.Hazards = append([]component.Hazard{{Name: "no-such-code", Severity: "odd", Component: name, Pos: "gone.go:999999:7", Message: name}}, found.Hazards...)
		found.Couplings = append([]component.Coupling{{From: name, To: name}, {From: name, To: "app", Evidence: []component.Evidence{{To: name, Pos: "x"}}},
			{From: "app", To: name, Evidence: []component.Evidence{{To: name, Pos: "app/app.go:7:900"}}}}, found.Couplings...)
	}
	return found
}

// TestKeysAreUnambiguous: in no table a key or a name stands twice, and each entry
// has what help needs.
func TestKeysAreUnambiguous(t *testing.T) {
	check := func(where string, table keymap.Table) {
		seen := map[string]bool{}
		for _, e := range table {
			for _, k := range append([]string{":" + e.Name}, e.Keys...) {
				if seen[k] {
					t.Errorf("%s: %s stands twice", where, k)
				}
				seen[k] = true
			}
			if e.Does == "" || strings.HasSuffix(e.Does, ".") {
				t.Errorf("%s: %s isn't explained", where, e.Name)
			}
		}
	}
	check("everywhere", everywhere)
	m := resize(ready(t, shop(t)), 80, 24)
	for _, stop := range tour {
		press(m, stop.keys...)
		check(stop.name, m.top().Keys())
		for _, e := range m.top().Keys() {
			for _, k := range e.Keys {
				if other, ok := everywhere.ByKey(k); ok && other.Name != "back" {
					t.Errorf("%s: %s is taken from %s", stop.name, k, other.Name)
				}
			}
			if other := everywhere.ByName(e.Name); len(other) == 1 && other[0].Name == e.Name {
				t.Errorf("%s: :%s is a command everywhere", stop.name, e.Name)
			}
		}
	}
}
