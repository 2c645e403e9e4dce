package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// meaningModule is code whose function bodies depend on declarations that they
// don't name.
const meaningModule = `
-- go.mod --
module example.com/m

go 1.26
-- a/a.go --
package a

import "example.com/m/b"

type Num = int

const Size = 4

type Arr [Size]int

type T struct{ n int }

func (t *T) M(x Num) int { return x + t.n }

func (t *T) K() {}

func (t *T) Set(p *[]int) { (*p)[0] = t.n }

type S struct {
	*T
	name string
}

type U struct{ k int }

type I interface{ M(x int) int }

type J interface {
	I
	K()
}

type Setter interface{ Set(p *[]int) }

func Take(i I)   {}
func TakeJ(j J)  {}
func Give() *S   { return nil }
func GiveT() *T  { return nil }
func list() []*S { return nil }

const (
	first = iota
	second
	third
)

var inferred = GiveT().M

var table = map[string]I{}

func Map[E interface{ M(int) int }](e E) E { return e }

type Box[E any] struct{ e E }

func (b Box[E]) Get() E { return b.e }

var Boxed Box[I]

func Back() error { return b.Fail() }
-- a/use.go --
package a

import . "example.com/m/b"

func use() { Take(Give()) }

func useJ() { TakeJ(Give()) }

func arr() Arr { return [4]int{} }

func index() int { return [...]int{second: 7, third: 9}[second] }

func callsInferred() int { return inferred(3) }

func loops() {
	for _, s := range list() {
		table[s.name] = s
	}
}

func ranges() {
	var i I
	for _, i = range list() {
		_ = i
	}
}

func instance() { _ = Map(Give()) }

func same() bool { return *GiveT() == *GiveT() }

func boxed() { Boxed.e = Give() }

func sends(c chan<- I) { c <- Give() }

func returns() I { return Give() }

func literal() any { return struct{ i I }{Give()} }

func dotted() int { return Helper(2) + len("x") }

func remote() error { return Back() }

var start = begin()

func begin() int { return later }

var later = 3
-- b/b.go --
package b

type E struct{ s string }

func (e *E) Error() string { return e.s }

func (e *E) Load(p []byte) error { p[0] = 1; return nil }

func Fail() error { return nil }

func Helper(n int) int { return n }

func Made() *E { return nil }
-- c/c.go --
package c

import "example.com/m/a"

type Mer interface{ M(int) int }

func take(m Mer) {}

func use() { take(a.Give()) }

func deep() int { return len(a.Boxed.Get().(*a.S).T.String()) }
-- c/d.go --
package c

import "example.com/m/b"

func remote(p []byte) error { return b.Made().Load(p) }

func wraps() error { return b.Made() }
`

// meaningEdits are edits of one file of it: what, the file, what stands there,
// and what is put in its place.
var meaningEdits = [][4]string{
	{"a method's parameter", "a/a.go", "M(x Num) int {", "M(x Num, more ...int) int {"},
	{"a method's result", "a/a.go", "M(x Num) int { return x + t.n }", "M(x Num) string { return \"\" }"},
	{"an alias", "a/a.go", "type Num = int", "type Num = uint8"},
	{"an alias that becomes a type", "a/a.go", "type Num = int", "type Num int"},
	{"a method's name", "a/a.go", "func (t *T) M(", "func (t *T) N("},
	{"a receiver", "a/a.go", "func (t *T) K()", "func (u *U) K()"},
	{"an embedded field", "a/a.go", "\t*T\n", "\tt *T\n"},
	{"a second embedded field", "a/a.go", "\t*T\n", "\t*T\n\tV\n"},
	{"another method of the same depth", "a/a.go", "type U struct{ k int }", "type U struct{ k int }\n\ntype V struct{}\n\nfunc (V) M(int) int { return 0 }"},
	{"an interface", "a/a.go", "type I interface{ M(x int) int }", "type I interface{ M(x int) int; L() }"},
	{"an embedded interface", "a/a.go", "\tI\n\tK()", "\tI\n\tK() error"},
	{"an interface that nothing names", "a/a.go", "type Setter interface{ Set(p *[]int) }", "type Setter interface{ Set(p *[]int); K(int) }"},
	{"one that embeds", "a/a.go", "type Setter interface{ Set(p *[]int) }", "type Setter interface{ Set(p *[]int) }\n\ntype More interface{ Setter; K() }"},
	{"a constant", "a/a.go", "const Size = 4", "const Size = 5"},
	{"iota", "a/a.go", "\tfirst = iota\n", "\tfirst = iota\n\tzeroth\n"},
	{"what a value is inferred from", "a/a.go", "func GiveT() *T  { return nil }", "func GiveT() *U  { return nil }"},
	{"a field that can't be compared", "a/a.go", "type T struct{ n int }", "type T struct{ n int; f []int }"},
	{"a constraint", "a/a.go", "interface{ M(int) int }]", "interface{ M(int) int; Z() }]"},
	{"a generic type", "a/a.go", "struct{ e E }", "struct{ e *E }"},
	{"a generic method", "a/a.go", "func (b Box[E]) Get() E { return b.e }", "func (b Box[E]) Get() []E { return nil }"},
	{"a name of the language", "a/a.go", "func Take(", "func len(s string) int { return 1 }\n\nfunc Take("},
	{"a package's function", "b/b.go", "func Helper(n int) int", "func Helper(n int8) int"},
	{"a function that hides it", "a/a.go", "func Take(", "func Helper(n uint) uint { return n }\n\nfunc Take("},
	{"an error that is none", "b/b.go", "func (e *E) Error() string { return e.s }", "func (e *E) Error() int { return 1 }"},
	{"a method of another package", "b/b.go", "Load(p []byte) error { p[0]", "Load(p []byte, _ int) error { p[0]"},
	{"a method that one expected", "a/a.go", "func (t *T) K() {}", "func (t *T) K() {}\n\nfunc (t T) String() string { return \"\" }"},
	{"data", "b/b.go", "type E struct{ s string }", "type E struct{ S string; f func() }"},
	{"a circle of variables", "a/use.go", "var later = 3", "var later = start"},
	{"a circle through a function", "a/use.go", "func begin() int { return later }", "func begin() int { return start }"},
	{"a brace", "a/use.go", "func index() int {", "func index() int "},
	{"a broken body", "a/use.go", "func use() { Take(Give()) }", "func use() { Take(Give(), }"},
	{"a body that is broken elsewhere", "a/use.go", "func arr() Arr { return", "func arr() Arr { x := (; return"},
	{"a constraint of the build", "a/use.go", "package a\n", "//go:build never\n\npackage a\n"},
	{"a language version", "a/use.go", "package a\n", "//go:build go1.20\n\npackage a\n"},
	{"the package clause", "c/d.go", "package c", "package d"},
	{"an import", "c/d.go", "import \"example.com/m/b\"", "import b \"example.com/m/a\""},
	{"a file of cgo", "c/c.go", "import \"example.com/m/a\"", "import \"C\"\n\nimport \"example.com/m/a\""},
	{"a function that moved", "c/d.go", "func wraps() error { return b.Made() }", "func wraps() error { return b.Made() }\n\nfunc take(m Mer) { _ = m }"},
	{"comments between and within", "a/use.go", "func arr() Arr {", "// arr is new.\n\n// It has words.\nfunc arr() /* here */ Arr {\n\t// and here"},
	{"a variable's function", "a/a.go", "var inferred = GiveT().M", "var inferred = func(n int) int { Take(Give()); return n }"},
	{"a type in a body", "a/use.go", "func use() { Take(Give()) }", "func use() {\n\ttype S struct{ *T }\n\tTake(S{})\n}"},
	{"generated code", "c/d.go", "package c\n", "// Code generated by hand. DO NOT EDIT.\n\npackage c\n"},
}

// TestMeaning edits declarations on which function bodies depend in roundabout
// ways: after each edit, and after it is taken back, a session that lived through
// all of them says what a fresh one says.
func TestMeaning(t *testing.T) {
	t.Setenv("GOCACHE", goCache(t)) // it would move with the next line
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &editing{t: t, dir: dir, buffers: map[string][]byte{}}
	original := map[string]string{}
	for _, f := range txtar.Parse([]byte(meaningModule)).Files {
		original[f.Name] = string(f.Data)
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var sessions Sessions
	before := e.everything(e.open(&sessions))
	e.compare(&sessions, "at the start")
	for i, edit := range meaningEdits {
		what, file, old, now := edit[0], edit[1], edit[2], edit[3]
		if strings.Count(original[file], old) != 1 {
			t.Fatalf("%q stands %d times in %s", old, strings.Count(original[file], old), file)
		}
		e.buffers[filepath.Join(dir, filepath.FromSlash(file))] = []byte(strings.Replace(original[file], old, now, 1))
		e.compare(&sessions, "after an edit of "+what)
		if i%3 == 0 { // or the next edit comes at once
			clear(e.buffers)
			if got := e.everything(e.open(&sessions)); got != before {
				t.Fatalf("after an edit of %s was taken back:\n%s", what, firstDifference(got, before))
			}
		}
		clear(e.buffers)
	}
}
