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
	"testing"
	"time"

	"charm.land/bubbles/v2/list"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

var update = flag.Bool("update", false, "write the golden files")

func session(t *testing.T) *engine.Session {
	t.Helper()
	s, err := engine.Open(t.Context(), engine.Options{Dir: "../testdata/modules/shop", NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shop(t *testing.T) *component.Result {
	t.Helper()
	found, err := session(t).Find(t.Context(), engine.FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// ready is the model when found was found.
func ready(found *component.Result) model {
	return newModel(nil).show(found)
}

// press sends keys, and the messages that follow from them but for blinking
// cursors. It reports whether the program quits.
func press(m *model, keys ...tea.KeyPressMsg) (quit bool) {
	for _, k := range keys {
		quit = send(m, k)
	}
	return quit
}

func send(m *model, msg tea.Msg) (quit bool) {
	next, cmd := m.Update(msg)
	*m = next.(model)
	return follow(m, cmd)
}

func follow(m *model, cmd tea.Cmd) (quit bool) {
	if cmd == nil {
		return false
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg:
		for _, cmd := range msg {
			quit = follow(m, cmd) || quit
		}
	case list.FilterMatchesMsg:
		return send(m, msg)
	}
	return quit
}

func letters(s string) []tea.KeyPressMsg {
	var keys []tea.KeyPressMsg
	for _, r := range s {
		keys = append(keys, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return keys
}

var (
	enter = tea.KeyPressMsg{Code: tea.KeyEnter}
	esc   = tea.KeyPressMsg{Code: tea.KeyEscape}
	down  = tea.KeyPressMsg{Code: tea.KeyDown}
)

// plain is what the screen shows without colour.
func plain(t *testing.T, m model) string {
	t.Helper()
	var b bytes.Buffer
	w := colorprofile.Writer{Forward: &b, Profile: colorprofile.NoTTY}
	if _, err := io.WriteString(&w, m.View().Content); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, name string, m model) {
	t.Helper()
	got, file := plain(t, m), filepath.Join("testdata", name+".golden")
	fits(t, m)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s shows:\n%s\nwant:\n%s", name, got, want)
	}
}

// fits checks that nothing sticks out of the terminal.
func fits(t *testing.T, m model) {
	t.Helper()
	if w, h := lipgloss.Size(m.View().Content); w > m.width || h > m.height {
		t.Errorf("the screen is %dx%d on a terminal of %dx%d:\n%s", w, h, m.width, m.height, plain(t, m))
	}
}

func TestScreens(t *testing.T) {
	m := ready(shop(t))
	golden(t, "list", m)
	press(&m, down, enter)
	golden(t, "carts", m)
	press(&m, letters("G")...)
	golden(t, "carts-end", m)
	press(&m, esc)
	press(&m, letters("/rep")...)
	golden(t, "filtering", m)
	press(&m, enter, enter)
	golden(t, "reports", m)
	send(&m, tea.WindowSizeMsg{Width: 40, Height: 12})
	golden(t, "reports-small", m)
	press(&m, esc)
	golden(t, "list-small", m)
}

// TestEverythingIsShown: each package, piece of evidence, hazard and problem
// stands on some page.
func TestEverythingIsShown(t *testing.T) {
	found := shop(t)
	problem := component.Problem{Severity: component.Error, Message: "no such thing", Hint: "make one"}
	problem.Span.File, problem.Span.Line, problem.Span.Col = "web/shop.go", 3, 1
	found.Problems = []component.Problem{problem, {Severity: component.Error, Message: "nor this"}}
	found.Shared = append(found.Shared, "example.com/shop/common")
	found.Hazards = append(found.Hazards, component.Hazard{Name: "facts-cut", Severity: component.Info, Pos: "common/common.go:1:1", Message: "nobody's"})
	m := ready(found)
	send(&m, tea.WindowSizeMsg{Width: 1000, Height: 2000})
	press(&m, letters("g")...)
	pages := map[string]string{}
	var all strings.Builder
	for range len(m.list.Items()) {
		press(&m, enter)
		if m.detail == nil {
			t.Fatal("enter opens nothing")
		}
		page := plain(t, m)
		name, _, _ := strings.Cut(page, "\n")
		pages[name] = page
		all.WriteString(page)
		press(&m, esc, down)
	}
	for _, c := range found.Components {
		for _, want := range c.Packages {
			if !strings.Contains(pages[c.Name], want) {
				t.Errorf("the page of %s lacks %s", c.Name, want)
			}
		}
	}
	for _, p := range found.Problems {
		if !strings.Contains(all.String(), p.AtPlace()) || !strings.Contains(all.String(), p.Hint) {
			t.Errorf("no page has the problem %s", p.AtPlace())
		}
	}
	for _, p := range found.Shared {
		if !strings.Contains(all.String(), p) {
			t.Errorf("no page has the shared package %s", p)
		}
	}
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			for _, name := range []string{c.From, c.To} {
				if want := ev.To + " (" + ev.Pos + ")"; !strings.Contains(pages[name], want) {
					t.Errorf("the page of %s lacks %s", name, want)
				}
			}
		}
	}
	for _, h := range found.Hazards {
		if page, ok := pages[h.Component]; ok && !strings.Contains(page, h.Pos) || !strings.Contains(all.String(), h.Pos+": "+string(h.Severity)+": "+h.Name) {
			t.Errorf("the page of %q lacks the hazard %s at %s", h.Component, h.Name, h.Pos)
		}
	}
	if len(found.Hazards) == 0 || len(found.Couplings) == 0 {
		t.Error("the shop has no hazards or no couplings: nothing was tested")
	}
}

func TestQuit(t *testing.T) {
	found := shop(t)
	m := ready(found)
	if press(&m, esc) {
		t.Error("esc quits the list")
	}
	if press(&m, letters("/q")...) {
		t.Error("q quits while a filter is written")
	}
	press(&m, esc)
	if !press(&m, letters("q")...) {
		t.Error("q doesn't quit the list")
	}
	press(&m, enter)
	if !press(&m, letters("q")...) {
		t.Error("q doesn't quit a component's page")
	}
}

func TestBrokenCodeIsNamed(t *testing.T) {
	found := shop(t)
	problem := component.Problem{Severity: component.Error}
	problem.Span.File, problem.Span.Line, problem.Span.Col = "web/shop.go", 3, 1
	found.Problems = []component.Problem{problem}
	if got := plain(t, ready(found)); !strings.Contains(got, "1 problem") {
		t.Errorf("the list is silent about code that doesn't load:\n%s", got)
	}
}

// TestRun drives the whole program.
func TestRun(t *testing.T) {
	r := start(t, 80, 24, opened(session(t)))
	r.sees("example.com/shop", "> app").press("enter").sees("example.com/shop/app", "esc back").press("esc").misses("esc back")
	// Keys that come at once, in one read, reach the screens that they are meant for.
	r.press("\x1b[B\x1b[B\r").sees("esc back")
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Fatal(err)
	}
}

// TestWithoutColour: no colour in any form is written.
func TestWithoutColour(t *testing.T) {
	in, keys := io.Pipe()
	defer keys.Close()
	var out bytes.Buffer
	go io.WriteString(keys, "j\x0dq")
	if err := Run(t.Context(), opened(session(t)), in, &out, WithoutColour(), tea.WithWindowSize(80, 24)); err != nil {
		t.Fatal(err)
	}
	if found := colours.FindAllString(out.String(), -1); found != nil {
		t.Errorf("colours are written: %q", found)
	}
}

// colours matches what sets a colour of the text or of its background.
var colours = regexp.MustCompile(`\x1b\[(\d+[;:])*([34][0-8]|9[0-7]|10[0-7])([;:]\d+)*m`)

// TestLoading: the program is there before anything was read. Keys do nothing until
// there is something that they could be meant for, but q ends it at once.
func TestLoading(t *testing.T) {
	release, s := make(chan struct{}), session(t)
	slowly := func(ctx context.Context, progress func(string)) (*engine.Session, error) {
		progress("type-checking 3 of 7 packages")
		select {
		case <-release:
			return s, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	r := start(t, 60, 20, slowly)
	r.sees("type-checking 3 of 7 packages", "q ends it").press("j", "enter", "/", "x", "j")
	r.resize(40, 10).sees("type-checking 3 of 7 packages")
	close(release)
	r.sees("> app").press("q")
	if err := r.leaves(); err != nil {
		t.Fatal(err)
	}
}

func TestLeaveWhileLoading(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		cancelled := make(chan struct{})
		r := start(t, 80, 24, func(ctx context.Context, _ func(string)) (*engine.Session, error) {
			<-ctx.Done()
			close(cancelled)
			return nil, ctx.Err()
		})
		r.sees("q ends it").press(key)
		if err := r.leaves(); err != nil {
			t.Errorf("%s while loading: %v", key, err)
		}
		select {
		case <-cancelled:
		case <-time.After(slow):
			t.Errorf("%s doesn't cancel the analysis", key)
		}
	}
}

// TestStuck: an analysis that doesn't listen can't hold the user up.
func TestStuck(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	r := start(t, 80, 24, func(context.Context, func(string)) (*engine.Session, error) {
		<-release
		return nil, errors.New("too late")
	})
	r.sees("q ends it").press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
}

func TestOpenFails(t *testing.T) {
	want := errors.New("no module here")
	r := start(t, 80, 24, func(context.Context, func(string)) (*engine.Session, error) { return nil, want })
	if err := r.leaves(); !errors.Is(err, want) {
		t.Errorf("the error is %v", err)
	}
}

// TestMistakes: what find refuses in unweld.yaml is told, and the rest is shown.
func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":      "module example.com/m\n\ngo 1.25\n",
		"a/a.go":      "package a\n\nfunc A() {}\n",
		"unweld.yaml": "version: 1\ncomponents:\n  a:\n    packages: [./a]\n  b:\n    packages: [./missing]\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := engine.Open(t.Context(), engine.Options{Dir: dir, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, 100, 24, opened(s))
	r.sees("> a", "1 problem").press("g", "enter").sees("unweld.yaml:6", "./missing").press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
}

func TestRunIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := session(t)
	in, keys := io.Pipe()
	defer keys.Close()
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := Run(ctx, opened(s), in, io.Discard, tea.WithWindowSize(80, 24)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run returned %v", err)
	}
}
