package tui

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/evidence"
	"github.com/unweld/unweld/tui/screen"
)

var update = flag.Bool("update", false, "write the golden files")

// shopSession is a session on the shop, which no test changes.
var shopSession = sync.OnceValues(func() (*engine.Session, error) {
	return engine.Open(context.Background(), engine.Options{Dir: "../testdata/modules/shop", NoCache: true})
})

// ownShop is a session on a copy of the shop, for a test that may write; nil for others.
var ownShop *engine.Session

// copyShop gives the test a copy of the shop.
func copyShop(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/modules/shop")); err != nil {
		t.Fatal(err)
	}
	s, err := engine.Open(t.Context(), engine.Options{Dir: dir, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	ownShop = s
	t.Cleanup(func() { ownShop = nil })
}

func session(t testing.TB) *engine.Session {
	t.Helper()
	if ownShop != nil {
		return ownShop
	}
	s, err := shopSession()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shop is what is found in the shop. It is the caller's.
func shop(t testing.TB) *component.Result {
	t.Helper()
	found, err := session(t).Find(t.Context(), engine.FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	own := *found
	return &own
}

// ready is the program when found was found.
func ready(t testing.TB, found *component.Result) *model {
	t.Helper()
	m := newModel(nil)
	s := session(t)
	m.loaded(loaded{world: (&loader{open: opened(s)}).worldOf(t.Context(), s, found)})
	return m
}

var named = map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown}

func keyOf(name string) tea.KeyPressMsg {
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	if name == "shift+tab" {
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	}
	if code, ok := named[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// press presses keys by name, without a terminal. It reports whether the program
// ends.
func press(m *model, keys ...string) (quit bool) {
	for _, k := range keys {
		_, cmd := m.Update(keyOf(k))
		if k != "e" && k != "R" { // those begin what a test can't go on from
			quit = follow(m, cmd)
		}
	}
	return quit
}

// follow does what a command says, and what follows from that, but for ticks.
func follow(m *model, cmd tea.Cmd) (quit bool) {
	if cmd == nil {
		return false
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg:
		return follow(m, msg[0])
	case worked:
		_, cmd := m.Update(msg)
		return follow(m, cmd)
	}
	return false
}

func letters(s string) []string { return strings.Split(s, "") }

func resize(m *model, width, height int) *model {
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

// plain is what the screen shows without colour.
func plain(m *model) string {
	var b bytes.Buffer
	w := colorprofile.Writer{Forward: &b, Profile: colorprofile.NoTTY}
	io.WriteString(&w, m.View().Content)
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// fits checks that nothing sticks out of the terminal.
func fits(t testing.TB, m *model) {
	t.Helper()
	if w, h := lipgloss.Size(m.View().Content); w > m.size.Width || h > m.size.Height {
		t.Fatalf("the screen is %dx%d on a terminal of %dx%d:\n%s", w, h, m.size.Width, m.size.Height, plain(m))
	}
}

// tour is a walk through all screens: what is pressed, and what is seen then.
var tour = []struct {
	name string
	keys []string
}{
	{"components", nil},
	{"sorted by use", []string{">", ">", ">"}},
	{"sorted by name, reversed", []string{"<", "<", "<", "s"}},
	{"filtering by text", append([]string{"s", "/"}, letters("re")...)},
	{"filtering by endpoint", append([]string{"ctrl+u"}, letters("endpoint:place")...)},
	{"component", []string{"enter", "enter"}},
	{"hazards of a component", []string{"G"}},
	{"references", append([]string{"g", ":"}, append(letters("open web"), "enter", "/", "u", "s", "e", "s", "enter", "j", "enter")...)},
	{"source", []string{"enter"}},
	{"matrix", []string{"2", "G", "0", "l", "l"}},
	{"matrix by folder", []string{"f"}},
	{"matrix, filtered", append(append([]string{"/"}, letters("pay column:order")...), "enter")},
	{"matrix, nothing found", append(append([]string{"f", "/"}, letters("x")...), "enter")},
	{"matrix, references", []string{"esc", "G", "0", "enter"}},
	{"hazards", []string{"3"}},
	{"hazards, folded", []string{"Z"}},
	{"hazard", []string{"enter", "j", "enter", "j", "enter"}},
	{"page of a code", []string{"c"}},
	{"what can be done", []string{"3", "3", "Z", "Z", "j", "j", "a"}},
	{"parameters", []string{"enter"}},
	{"refused", append(append([]string{":"}, letters("set C!")...), "enter", "w")},
	{"all refactorings", []string{"esc", "esc", "A"}},
	{"all refactorings, filtered", append(append([]string{"/"}, letters("context")...), "enter")},
	{"refactoring without a place", []string{"2", "2", "A", "enter"}},
	{"refactoring, what it works on", []string{"esc"}},
	{"command", []string{"3", "3", ":", "s"}},
	{"command that isn't one", []string{"x", "y"}},
	{"command that failed", []string{"enter"}},
	{"help", []string{"1", "?"}},
	{"split, one unit", []string{"4"}},
	{"split, moved", []string{"G", "n"}},
	{"split, moved again", []string{"h", "G", "k", "L"}},
	{"split, costs", []string{"pgdown"}},
	{"split, taken back", []string{"pgup", "u"}},
	{"split, can't be", []string{"h", "g", "n"}},
	{"split, filtered", append(append([]string{"u", "/"}, letters("re")...), "enter")},
	{"split, to be written", append([]string{"esc", "w"}, append(letters("two"), "enter")...)},
	{"split, to be written, filtered", append(append([]string{"/"}, letters("nothing")...), "enter")},
	{"problems", []string{"5"}},
	{"top", []string{"6"}},
	{"top, by link", []string{"o"}},
	{"top, moving", []string{"o", "m"}},
	{"top, moved", append(letters("tax"), "enter")},
	{"top, taken back", []string{"u"}},
}

// TestScreens looks at each screen on terminals of several sizes.
func TestScreens(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"40x10", 40, 10}, {"60x20", 60, 20}, {"80x24", 80, 24}, {"200x50", 200, 50}} {
		t.Run(size.name, func(t *testing.T) {
			found := shop(t)
			found.Problems = mistakes
			m := resize(ready(t, found), size.width, size.height)
			(&played{}).on(m)
			var b strings.Builder
			for _, stop := range tour {
				press(m, stop.keys...)
				fits(t, m)
				b.WriteString("==== " + stop.name + "\n" + plain(m))
			}
			file := filepath.Join("testdata", "screens-"+size.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("the screens differ from %s; run with -update and look at the difference", file)
			}
		})
	}
}

var mistakes = []component.Problem{
	{Severity: component.Error, Span: screen.ParsePlace("web/web.go:3:1"), Message: "no such thing", Hint: "make one"},
	{Severity: component.Error, Message: "nor this"},
}

// TestNoWordIsCut: on a small terminal, each word is whole, or ends in "…".
func TestNoWordIsCut(t *testing.T) {
	found := shop(t)
	found.Problems = mistakes
	large, small := resize(ready(t, found), 400, 300), resize(ready(t, found), 40, 10)
	(&played{}).on(large)
	(&played{}).on(small)
	known := map[string]bool{"units": true} // said where not all of them fit
	for _, stop := range tour {
		press(large, stop.keys...)
		for _, word := range strings.Fields(strings.ReplaceAll(plain(large), "│", " ")) {
			known[word] = true
			for i := range len(word) { // where a long word may be broken
				if strings.ContainsRune("/.,", rune(word[i])) {
					for j := i + 1; j < len(word); j++ {
						if strings.ContainsRune("/.,", rune(word[j])) {
							known[word[i+1:j+1]] = true
						}
					}
					known[word[:i+1]], known[word[i+1:]] = true, true
				}
			}
		}
	}
	for _, stop := range tour {
		press(small, stop.keys...)
		for _, word := range strings.Fields(strings.ReplaceAll(plain(small), "│", " ")) {
			if word = strings.Trim(word, "[]›‹─│"); !known[word] && !known["["+word] && !known[word+"]"] && !strings.Contains(word, "…") && len(word) > 3 {
				t.Errorf("%s has a piece of a word, %q:\n%s", stop.name, word, plain(small))
			}
		}
	}
}

// TestEverythingIsShown: each package, endpoint, piece of evidence, hazard and
// problem can be looked at.
func TestEverythingIsShown(t *testing.T) {
	found := shop(t)
	found.Problems = mistakes
	found.Shared = append([]string{"example.com/shop/common"}, found.Shared...)
	found.Hazards = append([]component.Hazard{{Name: "facts-cut", Severity: component.Info, Pos: "common/common.go:1:1", Message: "nobody's"}}, found.Hazards...)
	m := resize(ready(t, found), 400, 600)
	shows := func(what ...string) {
		t.Helper()
		got := plain(m)
		for _, w := range what {
			if !strings.Contains(got, w) {
				t.Errorf("%q isn't shown:\n%s", w, got[:min(len(got), 3000)])
			}
		}
	}
	command := func(c string) { press(m, append(append([]string{":"}, letters(c)...), "enter")...) }
	for _, c := range found.Components {
		command("open " + c.Name)
		shows(c.Packages...)
		for _, e := range c.Endpoints {
			shows(e.Name + "  called from")
		}
		for _, h := range found.Hazards {
			if h.Component == c.Name {
				shows(string(h.Severity) + "  " + h.Name + "  " + h.Pos + "  " + h.Message)
			}
		}
	}
	press(m, "1", "G")
	for range found.Components {
		press(m, "enter")
		if strings.Contains(plain(m), "belongs to no component") {
			break
		}
		press(m, "esc", "k")
	}
	shows("example.com/shop/common", "info  facts-cut  common/common.go:1:1  nobody's")
	for _, c := range found.Couplings {
		m.effect(screen.Push{Screen: evidence.New(m.world.World, c.From, c.To)})
		for _, ev := range c.Evidence {
			shows(ev.Pos)
		}
		press(m, "esc")
	}
	press(m, "3", "Z")
	if !strings.Contains(plain(m), "nobody's") {
		press(m, "Z")
	}
	for _, h := range found.Hazards {
		shows(h.Pos + "  " + h.Message)
	}
	press(m, "5")
	for _, p := range found.Problems {
		shows(p.AtPlace(), p.Hint)
		press(m, "j")
	}
	if len(found.Hazards) == 1 || len(found.Couplings) == 0 {
		t.Error("the shop has no hazards or no couplings: nothing was tested")
	}
}

func TestQuit(t *testing.T) {
	m := ready(t, shop(t))
	if press(m, "esc") {
		t.Error("esc quits the list")
	}
	if press(m, "/", "q") || press(m, "esc", ":", "q", "esc") {
		t.Error("q quits while a filter or a command is typed")
	}
	if !press(m, append(append([]string{":"}, letters("quit")...), "enter")...) {
		t.Error(":quit doesn't quit")
	}
	if !press(m, ":", "q", "enter") || !press(m, "ctrl+c") || !press(m, "/", "ctrl+c") {
		t.Error(":q or Ctrl-C doesn't quit")
	}
	press(m, "esc")
	for _, keys := range [][]string{{}, {"enter"}, {"?"}, {"2"}, {"2", "enter"}, {"3"}, {"3", "enter"}, {"3", "c"}, {"4"}, {"5"}, {"6"}} {
		if m := ready(t, shop(t)); !press(m, append(keys, "q")...) {
			t.Errorf("q doesn't quit after %v", keys)
		}
	}
}

// TestStaysSelected: what is selected stays so, however the rows are sorted, filtered
// or read again.
func TestStaysSelected(t *testing.T) {
	m := resize(ready(t, shop(t)), 80, 24)
	selected := func(want string) {
		t.Helper()
		if got := m.top().Copied(); got != want {
			t.Errorf("%q is selected, not %q", got, want)
		}
	}
	press(m, "j", "j")
	was := m.top().Copied()
	press(m, ">", ">", "s")
	selected(was)
	press(m, append([]string{"/"}, letters(was)...)...)
	press(m, "enter", "esc")
	selected(was)
	found := shop(t)
	found.Components = append([]component.Found{{Name: "aaa"}}, found.Components...)
	s := session(t)
	m.loaded(loaded{world: &world{screen.NewWorld(found, contentOf(s), codeOf), s.Abs, nil}})
	selected(was)
	press(m, "enter", "2")
	m.loaded(loaded{world: &world{screen.NewWorld(&component.Result{}, contentOf(s), codeOf), s.Abs, nil}})
	fits(t, m)
	press(m, "enter", "l", "n", "1")
	fits(t, m)
	if got := plain(m); !strings.Contains(got, "there is no component "+was) {
		t.Errorf("the page of a component that is gone shows:\n%s", got)
	}
}

// TestAfterFailure: what was read last stays when it can't be read again.
func TestAfterFailure(t *testing.T) {
	m := resize(ready(t, shop(t)), 80, 24)
	m.loaded(loaded{err: errors.New("go.mod is gone")})
	if got := plain(m); !strings.Contains(got, "> app") || !strings.Contains(got, "not read again: go.mod is gone") || m.err != nil {
		t.Errorf("the screen is:\n%s", got)
	}
}

// colours matches what sets a colour of the text or of its background.
var colours = regexp.MustCompile(`\x1b\[(\d+[;:])*([34][0-8]|9[0-7]|10[0-7])([;:]\d+)*m`)

// TestColours: colours are written for light and for dark terminals, and in no form
// where there are to be none.
func TestColours(t *testing.T) {
	raw := func(o Options) string {
		in, keys := io.Pipe()
		defer keys.Close()
		var out bytes.Buffer
		r := make(chan error, 1)
		go func() {
			r <- run(t.Context(), opened(session(t)), o, func(p *tea.Program) {
				go func() {
					for range 40 {
						time.Sleep(10 * time.Millisecond)
						p.Send(keyOf("tab"))
					}
					p.Send(keyOf("q"))
				}()
			}, tea.WithInput(in), tea.WithOutput(&out), tea.WithWindowSize(80, 24), tea.WithEnvironment([]string{"TERM=xterm-256color", "TTY_FORCE=1"}))
		}()
		if err := <-r; err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if found := colours.FindAllString(raw(Options{NoColour: true}), -1); found != nil {
		t.Errorf("colours are written: %q", found)
	}
	if !colours.MatchString(raw(Options{})) {
		t.Error("no colours are written")
	}
	m := ready(t, shop(t))
	dark := m.View().Content
	m.Update(tea.BackgroundColorMsg{Color: lipgloss.Color("#ffffff")})
	if light := m.View().Content; light == dark {
		t.Error("a light terminal gets the colours of a dark one")
	}
}
