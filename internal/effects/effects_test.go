package effects

import (
	"context"
	"go/build"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// program loads a txtar archive as a module named m.
func program(t *testing.T, archive string) (*Program, []*source.Package) {
	t.Helper()
	dir := t.TempDir()
	files := append([]txtar.File{{Name: "go.mod", Data: []byte("module m\n\ngo 1.26\n")}}, txtar.Parse([]byte(archive)).Files...)
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(context.Background(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := snap.Load(context.Background(), source.LoadOptions{}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		if p.IllTyped() {
			t.Fatalf("%s: %v", p.Pkg.Path, p.Problems)
		}
	}
	p, err := Of(context.Background(), snap, pkgs)
	if err != nil {
		t.Fatal(err)
	}
	return p, pkgs
}

// expected parses "// want EFFECT [stateless] [KIND...]" doc comments: for each
// method the words after want.
func expected(t *testing.T, src string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	want := ""
	for line := range strings.Lines(src) {
		if w, ok := strings.CutPrefix(line, "// want "); ok {
			want = strings.TrimSpace(w)
			continue
		}
		if want == "" || !strings.HasPrefix(line, "func ") {
			continue
		}
		decl := strings.TrimPrefix(line, "func ")
		if strings.HasPrefix(decl, "(") {
			_, decl, _ = strings.Cut(decl, ") ")
		}
		name, _, _ := strings.Cut(decl, "(")
		out[name], want = want, ""
	}
	return out
}

// words describes m as the want comments do.
func words(m Method) string {
	out := []string{string(m.Effect)}
	if !m.TouchesState {
		out = append(out, "stateless")
	}
	var kinds []string
	for _, p := range m.Problems {
		for k := eventClock; k <= eventUnknown; k++ {
			if strings.HasSuffix(p.Message, k.consequence()) {
				kinds = append(kinds, kindNames[k])
			}
		}
	}
	slices.Sort(kinds)
	return strings.Join(append(out, slices.Compact(kinds)...), " ")
}

var kindNames = map[eventKind]string{
	eventClock: "clock", eventRandom: "random", eventIO: "io", eventGoroutine: "goroutine",
	eventSelect: "select", eventMapOrder: "order", eventOutput: "output", eventContext: "context", eventCancel: "cancel", eventProcess: "process", eventUnknown: "unfollowed",
}

func check(t *testing.T, want map[string]string, got map[string]Method) {
	t.Helper()
	for name, w := range want {
		m, ok := got[name]
		if !ok {
			t.Errorf("%s: not analysed", name)
			continue
		}
		if g := words(m); g != w {
			t.Errorf("%s: got %q, want %q (because %v; problems %v)", name, g, w, m.Because, m.Problems)
		}
		if (m.Effect == component.EffectReads) != (m.Because == nil) {
			t.Errorf("%s: effect %s because %v", name, m.Effect, m.Because)
		}
	}
}

func TestType(t *testing.T) {
	files, err := filepath.Glob("testdata/type/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, pkgs := program(t, "-- p/p.go --\n"+string(data))
			want := expected(t, string(data))
			if len(want) == 0 {
				t.Fatal("no want comments")
			}
			got, err := p.Named(t.Context(), pkgs[0].Types, "Engine")
			if err != nil {
				t.Fatal(err)
			}
			check(t, want, got)

			// Asked for one at a time, each says the same.
			p, pkgs = program(t, "-- p/p.go --\n"+string(data))
			engine := pkgs[0].Types.Scope().Lookup("Engine").Type().(*types.Named)
			for _, name := range slices.Backward(slices.Sorted(maps.Keys(got))) {
				one, err := p.Methods(t.Context(), engine, func(n string) bool { return n == name })
				if err != nil {
					t.Fatal(err)
				}
				if len(one) != 1 || words(one[name]) != words(got[name]) || !reflect.DeepEqual(one[name].Because, got[name].Because) {
					t.Errorf("%s, asked for alone: %v because %v, together: %q because %v", name, one, one[name].Because, words(got[name]), got[name].Because)
				}
			}
		})
	}
}

func TestFuncs(t *testing.T) {
	for _, name := range []string{"p.go", "shared.go"} {
		data, err := os.ReadFile("testdata/funcs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := program(t, "-- p/p.go --\n"+string(data))
		got, err := p.Funcs(t.Context(), "m/p")
		if err != nil {
			t.Fatal(err)
		}
		check(t, expected(t, string(data)), got)
	}
}

// Package variables that other packages change.
func TestOutside(t *testing.T) {
	p, _ := program(t, `-- p/p.go --
package p

type Limits struct{ Max int }

var (
	Rate    = 1
	Table   = map[string]int{}
	Fixed   = map[string]int{}
	Current = &Limits{}
	Scaled  = 2
	Touched = map[string]int{}
)

func ReadRate() int          { return Rate }
func ReadTable(k string) int { return Table[k] }
func ReadFixed(k string) int { return Fixed[k] }
func ReadMax() int           { return Current.Max }
func ReadScaled() int        { return Scaled }
func ReadTouched() int       { return Touched["x"] }
-- q/q.go --
package q

import "m/p"

func Set() { p.Rate = 2 }

func Fill(k string) { t := p.Table; t[k] = 1 }

func Look(k string) int { return p.Fixed[k] }

func Scaled() int { return p.Scaled * 2 }
-- r/r.go --
package r

import (
	"m/p"
	"m/s"
)

var limits = p.Current

func Raise() { limits.Max++ }

func Hand() { s.Touch(p.Touched) }
-- s/s.go --
package s

func Touch(m map[string]int) { m["x"] = 1 }
`)
	got, err := p.Funcs(t.Context(), "m/p")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ReadRate": "reads", "ReadTable": "reads", "ReadFixed": "reads stateless",
		"ReadMax": "reads", "ReadScaled": "reads stateless", "ReadTouched": "reads",
	} {
		if g := words(got[name]); g != want {
			t.Errorf("%s: got %q, want %q", name, g, want)
		}
	}
}

func TestCgo(t *testing.T) {
	if !build.Default.CgoEnabled {
		t.Skip("without cgo the go command leaves the file out, and there is nothing to analyse")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Fatal("a C compiler is missing; install it with: make tools")
	}
	src := `package p

// static void poke(int *p) { *p = 1; }
// static int twice(int n) { return 2*n; }
import "C"

import "unsafe"

type Engine struct{ n C.int }

// want unknown unfollowed
func (e *Engine) Poke() { C.poke(&e.n) }

// want unknown unfollowed
func (e *Engine) PokeUnsafe() { C.poke((*C.int)(unsafe.Pointer(&e.n))) }

// want reads unfollowed
func (e *Engine) Twice() int { return int(C.twice(e.n)) }

// want reads
func (e *Engine) Plain() int { return int(e.n) }
`
	p, pkgs := program(t, "-- p/p.go --\n"+src)
	got, err := p.Named(t.Context(), pkgs[0].Types, "Engine")
	if err != nil {
		t.Fatal(err)
	}
	check(t, expected(t, src), got)
	if at := got["Poke"].Because.Span.File; at != "p/p.go" {
		t.Errorf("the call is said to stand in %s", at)
	}
}
