package source

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const retainedModule = `
-- go.mod --
module example.com/m

go 1.26
-- a/a.go --
package a

func A() int { return 1 }
-- b/b.go --
package b

import "example.com/m/a"

func B() int { return a.A() }
-- c/c.go --
package c

func C() {}
`

// TestLoadTakesOver: a later snapshot checks what an edit changed, with what
// imports it, and nothing else; until everything is let go.
func TestLoadTakesOver(t *testing.T) {
	dir := extract(t, retainedModule)
	s := open(t, Options{Dir: dir})
	var idle func()
	var after time.Duration
	s.work.retained.wait = func(d time.Duration, f func()) *time.Timer {
		after, idle = d, f
		return time.NewTimer(time.Hour)
	}
	step := func(what string, s *Snapshot, opts LoadOptions, want int64) map[string]*Package {
		t.Helper()
		before := s.Counters().Loaded
		pkgs := load(t, s, opts, "./...")
		if n := s.Counters().Loaded - before; n != want {
			t.Errorf("%s: %d packages were checked, want %d", what, n, want)
		}
		if b := pkgs["example.com/m/b"]; b.Types.Imports()[0] != pkgs["example.com/m/a"].Types {
			t.Errorf("%s: b has other types than a", what)
		}
		return pkgs
	}
	with := func(name, text string) *Snapshot {
		return s.Next(map[string][]byte{filepath.Join(s.Root, filepath.FromSlash(name)): []byte(text)})
	}
	first := step("first", s, LoadOptions{}, 3)
	step("with tests", s, LoadOptions{Tests: true}, 0)
	step("c", with("c/c.go", "package c\n\nfunc C() { println() }\n"), LoadOptions{}, 1)
	if again := step("as before", s.Next(nil), LoadOptions{}, 0); again["example.com/m/a"].Types != first["example.com/m/a"].Types {
		t.Error("a has other types than before")
	}
	edited := "package a\n\nfunc A() int { return 2 }\n"
	step("a, for once", with("a/a.go", edited), LoadOptions{Once: true}, 2)
	step("a", with("a/a.go", edited), LoadOptions{}, 2)
	broken := step("a broken", with("a/a.go", "package a\n\nfunc A() string { return 2 }\n"), LoadOptions{}, 2)
	if len(broken["example.com/m/a"].Problems) == 0 || len(broken["example.com/m/b"].Problems) == 0 {
		t.Error("what is broken isn't said")
	}
	if again := step("a broken, again", with("a/a.go", "package a\n\nfunc A() string { return 2 }\n"), LoadOptions{}, 0); len(again["example.com/m/b"].Problems) == 0 {
		t.Error("what was taken over has lost its problems")
	}
	if after != idleTime {
		t.Errorf("it is let go after %v", after)
	}
	idle()
	step("after a while", s.Next(nil), LoadOptions{}, 3)
	s.work.retained.limit = 1
	step("beyond the budget", with("c/c.go", "package c\n\nfunc C() { println(1) }\n"), LoadOptions{}, 1)
	if after != largeIdleTime {
		t.Errorf("beyond the budget it is let go after %v", after)
	}
	for id, variants := range s.work.retained.packages {
		if len(variants) > 1 {
			t.Errorf("beyond the budget there are %d variants of %s", len(variants), id)
		}
	}
}

// TestListingsOfChange: the go command lists a module as a change would leave it once, and as
// it is not again after that. Another change is another question.
func TestListingsOfChange(t *testing.T) {
	s := open(t, Options{Dir: extract(t, retainedModule)})
	with := func(imported string) *Snapshot {
		text := "package c\n\nimport _ \"" + imported + "\"\n\nfunc C() {}\n"
		return s.WithOverlay(map[string][]byte{filepath.Join(s.Root, "c", "c.go"): []byte(text)})
	}
	step := func(what string, s *Snapshot, want int64, imports ...string) {
		t.Helper()
		before := s.Counters().Listed
		pkgs := load(t, s, LoadOptions{}, "./...")
		if n := s.Counters().Listed - before; n != want {
			t.Errorf("%s: listed %d times, want %d", what, n, want)
		}
		if got := pkgs["example.com/m/c"].Imports; !slices.Equal(got, imports) {
			t.Errorf("%s: c imports %q, want %q", what, got, imports)
		}
	}
	step("as it is", s, 1)
	step("a change", with("errors"), 1, "errors")
	step("as it is, again", s, 0)
	step("the change, again", with("errors"), 0, "errors")
	step("another change", with("sort"), 1, "sort")
	step("the change before", with("errors"), 0, "errors")
	step("as it is, after two", s, 1)
}

// TestSuperseded: beyond the budget, what a request checks anew takes the place of what an
// earlier one checked, and of what was made of that, while the request is under way. What
// the request itself has checked stays.
func TestSuperseded(t *testing.T) {
	s := open(t, Options{Dir: extract(t, retainedModule)})
	r := s.work.retained
	r.limit = 1
	edited := func(n string) *Snapshot {
		return s.Next(map[string][]byte{filepath.Join(s.Root, "a", "a.go"): []byte("package a\n\nfunc A() int { return " + n + " }\n")})
	}
	request := func(snaps ...*Snapshot) {
		defer s.Use()()
		for _, s := range snaps {
			pkgs, err := s.Load(t.Context(), LoadOptions{}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Derive(t.Context(), s, "number", pkgs, func() (int, error) { return 1, nil }); err != nil {
				t.Fatal(err)
			}
		}
		for id, variants := range r.packages {
			if want := len(snaps); len(variants) != want && !(len(variants) == 1 && id == "example.com/m/c") {
				t.Errorf("there are %d variants of %s, want %d", len(variants), id, want)
			}
		}
		if len(r.sets) != len(snaps) || len(r.loads) != len(snaps) || len(r.recent) != len(snaps) {
			t.Errorf("there are %d sets, %d and %d loads, want %d", len(r.sets), len(r.loads), len(r.recent), len(snaps))
		}
	}
	request(s)
	request(edited("2"))
	request(edited("3"), edited("4"))
	before := s.Counters()
	request(edited("5"))
	after := s.Counters()
	if loaded, parsed := after.Loaded-before.Loaded, after.Parsed-before.Parsed; loaded != 2 || parsed != 1 {
		t.Errorf("%d packages were checked and %d files parsed, want 2 and 1", loaded, parsed)
	}
}

// TestDerivedOnce: what was made of packages is there until one of them changes,
// and an error isn't kept.
func TestDerivedOnce(t *testing.T) {
	s := open(t, Options{Dir: extract(t, retainedModule)})
	made := 0
	derive := func(s *Snapshot, err error) int {
		t.Helper()
		pkgs, loadErr := s.Load(t.Context(), LoadOptions{}, "./...")
		if loadErr != nil {
			t.Fatal(loadErr)
		}
		n, got := Derive(t.Context(), s, "number", pkgs, func() (int, error) { made++; return made, err })
		if got != err {
			t.Errorf("got %v, want %v", got, err)
		}
		return n
	}
	func() { // as the language server goes on after a panic
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		pkgs, err := s.Load(t.Context(), LoadOptions{}, "./...")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = Derive(t.Context(), s, "number", pkgs, func() (int, error) { panic("in make") })
	}()
	derive(s, filepath.SkipDir)
	if a, b := derive(s, nil), derive(s.Next(nil), nil); a != 2 || b != 2 {
		t.Errorf("made %d, then %d", a, b)
	}
	if c := derive(s.Next(map[string][]byte{filepath.Join(s.Root, "c", "c.go"): []byte("package c\n")}), nil); c != 3 {
		t.Errorf("after an edit it is the one of before: %d", c)
	}
	if d := derive(s, nil); d != 2 {
		t.Errorf("as it was before the edit: %d", d)
	}
}
