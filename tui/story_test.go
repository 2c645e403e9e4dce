package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/engine"
)

// TestLookAround is the way from a component to the code behind a coupling.
func TestLookAround(t *testing.T) {
	r := start(t, 100, 24, opened(session(t)))
	r.sees("example.com/shop", "> app").press("/").press("web").sees("/web", "> web").press("enter", "enter").sees("uses:", "used by:")
	r.press("esc", "esc").sees("> web").press("2").sees("[2 matrix]").press("G", "0").sees("app uses pricing: 4 references", "[   4]").press("enter").sees("pricing.", "app/app.go:").press("esc").press("3").sees("[3 hazards]")
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Fatal(err)
	}
}

// TestFastKeys: keys that come at once, in one read, reach the screens that they are
// meant for.
func TestFastKeys(t *testing.T) {
	r := start(t, 80, 24, opened(session(t)))
	r.sees("> app").press("/carts\r\r").sees("carts", "> ▾ packages: 1").press("jj2Gl1").sees("[1 components]", "carts", "packages: 1").press("?").sees("everywhere")
}

func TestCommands(t *testing.T) {
	r := start(t, 100, 24, opened(session(t)))
	r.sees("> app").press(":op").sees(":open COMPONENT: show a component").press("tab", "car", "tab").sees(":open carts").press("enter").sees("carts", "packages: 1")
	r.press(":open nobody\r").sees("there is no component “nobody”").press(":open\r").sees("usage: :open COMPONENT")
	r.press(":c\r").sees("could be").press(":quit now\r").sees("takes nothing").press("1").press(":sort used\r").sees("sorted by used by")
	r.press(":sort nothing\r").sees("no column begins with “nothing”").press(":filter web\r").sees("/web  1 of").press(":code no-context\r").sees("before")
	r.press(":code no-such\r").sees("no code “no-such” is known").press(":quit\r")
	if err := r.leaves(); err != nil {
		t.Fatal(err)
	}
}

// TestMouse: clicks select, open, sort and change the view, and the wheel scrolls.
func TestMouse(t *testing.T) {
	r := start(t, 80, 24, opened(session(t)))
	click := func(x, y int) {
		r.program.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	}
	r.sees("> app")
	click(5, 4)
	r.sees("> carts")
	click(5, 4)
	r.sees("packages: 1")
	r.program.Send(tea.MouseClickMsg{Button: tea.MouseRight})
	r.sees("> carts")
	click(5, 2)
	r.sees("sorted by component, reversed")
	click(18, 0)
	r.sees("[2 matrix]")
	click(47, 0)
	r.sees("[5 problems]")
	click(2, 0)
	r.sees("[1 components]")
	r.press("g").program.Send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	r.sees("> ").press("y").sees("copied: ")
}

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
	r.sees("type-checking 3 of 7 packages", "q ends it").press("j", "enter", "/", "x", "j").took(5)
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

func TestRunIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, keys := io.Pipe()
	defer keys.Close()
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := Run(ctx, opened(session(t)), in, io.Discard, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run returned %v", err)
	}
}

// module writes files into a folder and returns an Opener for it.
func module(t *testing.T, files map[string]string) (dir string, open Opener) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, files)
	return dir, func(ctx context.Context, progress func(string)) (*engine.Session, error) {
		return engine.Open(ctx, engine.Options{Dir: dir, NoCache: true, Progress: progress})
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMistakes: what find refuses in unweld.yaml is told, and the rest is shown.
func TestMistakes(t *testing.T) {
	_, open := module(t, map[string]string{
		"go.mod":      "module example.com/m\n\ngo 1.25\n",
		"a/a.go":      "package a\n\nfunc A() {}\n",
		"b/b.go":      "package b\n\nfunc B() { missing() }\n",
		"unweld.yaml": "version: 1\ncomponents:\n  a:\n    packages: [./a]\n  b:\n    packages: [./missing]\n",
	})
	r := start(t, 100, 24, open)
	r.sees("> a", "problems (2)").press("5").sees("unweld.yaml:6", "./missing", "b/b.go:3:12", "undefined: missing").press("j").sees("func B() { missing() }")
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
}

// TestRefresh: files that change are noticed, and read again when the user says so.
func TestRefresh(t *testing.T) {
	dir, open := module(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.25\n", "a/a.go": "package a\n\nfunc A() {}\n", "c/c.go": "package c\n\nfunc C() {}\n"})
	r := start(t, 100, 24, open)
	r.sees("> a").press("j").sees("> c")
	write(t, dir, map[string]string{"b/b.go": "package b\n\nfunc B() {}\n"})
	r.sees("files changed; R reads them again").press("R").sees("  b ", "> c", "read again").press("k").misses("read again")
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
}

// TestBoard tries a split out, writes it, and takes that back.
func TestBoard(t *testing.T) {
	const config = "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]} # kept\n"
	dir, open := module(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.25\n", "main.go": "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { a.A() }\n",
		"a/a.go": "package a\n\nimport \"example.com/m/b\"\n\nfunc A() { b.B() }\n", "b/b.go": "package b\n\nfunc B() {}\n", "unweld.yaml": config})
	file := filepath.Join(dir, "unweld.yaml")
	r := start(t, 100, 30, open)
	r.sees("> a").press("4").sees("main (3, and all else)", "nothing crosses").press("j", "n").sees("│b (1)", "1 (+1)", "if b is down")
	r.press("u").misses("│b (1)").press("U").sees("│b (1)").press("H").misses("│b (1)").press(":move far\r").sees("│far (1)", "crossings at 1 of 1 entry point")
	// By mouse: the card is dragged to the other unit.
	r.program.Send(tea.MouseClickMsg{X: 45, Y: 3, Button: tea.MouseLeft})
	r.program.Send(tea.MouseReleaseMsg{X: 3, Y: 3, Button: tea.MouseLeft})
	r.misses("│far (1)").press("u").sees("│far (1)")
	r.press("w").sees(":write ").press("two\r").sees("not written yet: add split two", "+splits:", "far: {components: [b]}").press("w").sees("written: add split two", "the files were read again")
	if content, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(content), config) || !strings.Contains(string(content), "far: {components: [b]}") {
		t.Errorf("%v\n%s", err, content)
	}
	r.press("esc").sees("a draft; nothing is written", "│far (1)", "crossings at 1 of 1 entry point").press("u").misses("│far (1)").press("U").sees("│far (1)")
	r.press(":begin two\r").sees("begun with split two", "│far (1)").press(":write two\r").sees("has a split two already")
	r.press(":begin tow\r").sees("did you mean two?").press(":revert\r").sees("taken back: add split two")
	if content, err := os.ReadFile(file); err != nil || string(content) != config {
		t.Errorf("%v\n%s", err, content)
	}
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
}

// TestBoardGoesOn reads the files again, without a component that was moved: the
// draft goes on without it.
func TestBoardGoesOn(t *testing.T) {
	dir, open := module(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.25\n", "main.go": "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { a.A() }\n",
		"a/a.go": "package a\n\nimport \"example.com/m/b\"\n\nfunc A() { b.B() }\n", "b/b.go": "package b\n\nfunc B() {}\n",
		"unweld.yaml": "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]}\n"})
	r := start(t, 100, 30, open)
	r.sees("> a").press("4").sees("nothing crosses").press(":move near\r").sees("│near (1)").press("h", "g", ":move far\r").sees("│far (1)", "│near (1)", "crossings at 1")
	for name, content := range map[string]string{"a/a.go": "package a\n\nfunc A() {}\n", "unweld.yaml": "version: 1\ncomponents:\n  a: {packages: [./a]}\n"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	r.sees("files changed; R reads them again").press("R").sees("no longer there, and in no unit:", "│near (1)").misses("│far")
	r.press("u").misses("│near (1)")
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
}

// TestActions carries a refactoring out at the place of a hazard, and takes it back.
func TestActions(t *testing.T) {
	dir, open := module(t, nil)
	if err := os.CopyFS(dir, os.DirFS("../testdata/modules/shop")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "inventory", "inventory.go")
	content := func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := content()
	r := start(t, 120, 40, open)
	r.sees("> app").press("5", "a").sees("no place in a file is selected").press("1", "a").sees("what can be done at app/", "Extract package app").press("esc")
	// A package, and an endpoint, of a component's page.
	r.press(":open inventory\r").sees("packages: 1").press("j", "a").sees("what can be done at inventory/", "Extract package inventory").press("esc")
	r.press("/", "endpoint:available", "\r").sees("1 of").press("G", "a").sees("what can be done at inventory/inventory.go:40", "Thread a context to Available").press("esc")
	// By name, without a place.
	r.press(":refactor thred-context\r").sees("did you mean thread-context?").press(":refactor bind\r").sees("Bind a component", "> target  (must be given)", "  to      (must be given)")
	r.sees(":set ", "inventory").press("inv", "tab").sees(":set inventory").press("esc")
	r.press("w").sees("it must be given what it works on").press(":set nothing\r").sees("> target  nothing").press("j", "\r").sees("> to      connect").press("w").sees("refused: Bind a component", "nothing").press("esc", "esc")
	// From the list of all: the first is asked what it works on, and Tab knows declarations.
	r.press("5", "A").sees("all refactorings", "> batch-call").press("/context", "\r").sees("1 of").press("\r").sees(":set ", "./app").press("./inventory.Level.Av", "tab").sees(":set ./inventory.Level.Available").press("\r")
	r.sees("> target   ./inventory.Level.Available").press("w").sees("not written yet: thread a context through Available").press("esc", "esc", "esc", "esc")
	r.press("3").sees("no-context").press("/", "Available takes", "\r").sees("1 of 53").press("G").press("a").sees("what can be done at inventory/inventory.go:40", "> ", "  Thread a context to Available")
	r.press("j", "\r").sees("Thread a context to Available, of ./inventory.Level.Available", "> name     ctx (default)", "the name of the parameter")
	r.press(":set c-t\r", "w").sees("refused: ", "c-t").press("esc")
	r.press("x", "j", "j", "j").sees("> context  background (default)").press("\r").misses("background (default)")
	r.press("x", "w").sees("not written yet: thread a context through Available", "what other modules can import changes", "+func (l Level) Available(ctx context.Context) int")
	if content() != before {
		t.Errorf("it is written before it is told to:\n%s", content())
	}
	r.press("w").sees("written: thread a context")
	if after := content(); !strings.Contains(after, "Available(ctx context.Context) int") {
		t.Errorf("it isn't written:\n%s", after)
	}
	r.press("esc").sees("the files were read again").press(":revert\r").sees("taken back: thread a context")
	r.press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
	if content() != before {
		t.Errorf("it isn't as it was:\n%s", content())
	}
}

func TestEditorCommand(t *testing.T) {
	at := mistakes[0].Span
	for editor, want := range map[string]string{
		"vi": "vi +3 f.go", "/usr/bin/nvim -R": "/usr/bin/nvim -R +3 f.go", "nano": "nano +3 f.go", "emacsclient -t": "emacsclient -t +3 f.go",
		"code --wait": "code --wait --goto f.go:3:1", "hx": "hx f.go:3:1", "micro": "micro +3:1 f.go", "ed": "ed f.go", " ": "vi f.go",
	} {
		if got := strings.Join(editorCommand(editor, "f.go", at), " "); got != want && editor != " " {
			t.Errorf("%s is started as %q, not %q", editor, got, want)
		}
	}
	if got := strings.Join(editorCommand("vim", "f.go", mistakes[1].Span), " "); got != "vim f.go" {
		t.Errorf("without a line, vim is started as %q", got)
	}
}
