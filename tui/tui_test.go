package tui

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"charm.land/bubbles/v2/list"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/components"
	"github.com/unweld/unweld/tui/detail"
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
	case list.FilterMatchesMsg, components.Chosen, detail.Closed:
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
	m := newModel(shop(t))
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

// TestEverythingIsShown: each package, piece of evidence and hazard stands on
// some component's page.
func TestEverythingIsShown(t *testing.T) {
	found := shop(t)
	m := newModel(found)
	send(&m, tea.WindowSizeMsg{Width: 1000, Height: 2000})
	pages := map[string]string{}
	for i, c := range found.Components {
		if i > 0 {
			press(&m, down)
		}
		press(&m, enter)
		pages[c.Name] = plain(t, m)
		for _, want := range append([]string{c.Name}, c.Packages...) {
			if !strings.Contains(pages[c.Name], want) {
				t.Errorf("the page of %s lacks %s", c.Name, want)
			}
		}
		press(&m, esc)
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
		if !strings.Contains(pages[h.Component], h.Pos+": "+string(h.Severity)+": "+h.Name) {
			t.Errorf("the page of %q lacks the hazard %s at %s", h.Component, h.Name, h.Pos)
		}
	}
	if len(found.Hazards) == 0 || len(found.Couplings) == 0 {
		t.Error("the shop has no hazards or no couplings: nothing was tested")
	}
}

func TestQuit(t *testing.T) {
	found := shop(t)
	m := newModel(found)
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
	if got := plain(t, newModel(found)); !strings.Contains(got, "some code doesn't load: web/shop.go:3:1") {
		t.Errorf("the list is silent about code that doesn't load:\n%s", got)
	}
}

// watched is a terminal that tells when a component's page is on it.
type watched struct {
	bytes.Buffer
	shown chan struct{}
	once  sync.Once
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), "esc back") {
		w.once.Do(func() { close(w.shown) })
	}
	return n, err
}

// TestRun drives the whole program.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	in, keys := io.Pipe()
	defer keys.Close()
	out := &watched{shown: make(chan struct{})}
	done := make(chan error, 1)
	s := session(t)
	go func() {
		done <- Run(ctx, s, in, out, WithoutColour(), tea.WithWindowSize(80, 24))
	}()
	if _, err := io.WriteString(keys, "\r"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-out.shown:
	case <-ctx.Done():
	}
	if _, err := io.WriteString(keys, "q"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, colour := range []string{"\x1b[36m", "\x1b[38;", "\x1b[48;"} {
		if strings.Contains(out.String(), colour) {
			t.Errorf("%q is written without colour", colour)
		}
	}
	for _, want := range []string{"example.com/shop/app", "esc back"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the program showed no %q: %q", want, out.String())
		}
	}
}

func TestRunIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := session(t)
	in, keys := io.Pipe()
	defer keys.Close()
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := Run(ctx, s, in, io.Discard, tea.WithWindowSize(80, 24)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run returned %v", err)
	}
}
