package engine

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// variantsModule is code whose function bodies depend on declarations in other
// files, other packages and other systems' files.
const variantsModule = `
-- go.mod --
module example.com/v

go 1.26
-- kinds/kinds.go --
package kinds

import "example.com/v/far"

type Number interface{ ~int | ~int64 }

type Ordered interface {
	Number
	String() string
}

func Sum[T Number](xs ...T) (total T) {
	for _, x := range xs {
		total += x
	}
	return total
}

func Keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }

type Celsius int

type Table map[string]Celsius

type Pair[A any, B any] struct {
	First  A
	Second B
}

func (p Pair[A, B]) Swap() Pair[B, A] { return Pair[B, A]{p.Second, p.First} }

type Alias = Pair[int, string]

type Of[T any] = []T

const (
	zero = iota
	one
	two
)

const Length = far.Width * 2

type Buffer [Length]byte

type Reader interface{ Read(p []byte) (int, error) }

type ReadCloser interface {
	Reader
	Close() error
}

type file struct{ far.Handle }

func open() *file { return &file{} }

func Both() (*file, error) { return open(), nil }

var ErrOther error = far.Err{}
-- kinds/use.go --
package kinds

import (
	"errors"

	"example.com/v/far"
	alias "example.com/v/near"
)

func sums() Celsius { return Sum(Celsius(1), Celsius(2)) }

func keys() []string { return Keys(Table{}) }

func swapped() string { return Pair[int, string]{1, "x"}.Swap().First }

func aliased() Alias { return Alias{First: 1, Second: "x"} }

func list() Of[int] { return []int{one, two} }

func array() [two]int { return [2]int{} }

func buffer() byte { var b Buffer; return b[far.Width] }

func reads() Reader { return open() }

func closes() ReadCloser { r, _ := Both(); return r }

func switches(n int) string {
	switch n {
	case zero:
		return "zero"
	case one:
		return "one"
	case two:
		return "two"
	}
	return ""
}

func typeSwitch(v any) int {
	switch v.(type) {
	case Celsius:
		return 1
	case far.Degree:
		return 2
	case int:
		return 3
	}
	return 0
}

func literal() map[int]string { return map[int]string{one: "a", two: "b", far.Width: "c"} }

func is(err error) bool { return errors.Is(err, ErrOther) || err == far.Err{} }

func converted(d far.Degree) Celsius { return Celsius(d) }

func moved() int { return alias.Near() }

func fields() any { return far.Options{Name: "x", Depth: 1} }

func method() func(int) int { return far.Handle.Scale }

func ranges() (n int) {
	for range far.Each() {
		n++
	}
	return n
}

func sizes() byte { var b [far.Size]byte; return b[3] }

func built() string { return platform() }

var a, b = b0(), a0()

func a0() int { return c }

func b0() int { return 2 }

var c = b
-- kinds/other.go --
package kinds

func other() int { return 1 }

func (f *file) Close() error { return nil }
-- kinds/interfaces.go --
package kinds

import (
	"io"

	"example.com/v/near"
)

// Wide embeds, Named is declared by another's name.
type Wide interface{ near.Filler }

type Named near.Turner

type Sends interface{ near.Sender }

func (f *file) Fill(p []byte) { p[0] = 1 }

func (f *file) Turn(p []byte) { p[0] = 1 }

func (f *file) Send(p []byte, _ int) { p[0] = 1 }

type Std interface {
	io.Reader
	Shut() error
}

type disk struct{}

func (*disk) Read(p []byte) (int, error) { p[0] = 1; return 1, nil }

func (*disk) Shut() error { return nil }
-- kinds/platform_linux.go --
package kinds

func platform() string { return "linux" }
-- kinds/platform_rest.go --
//go:build !linux

package kinds

func platform() string { return "rest" }
-- far/far.go --
package far

import "unsafe"

const Width = 4

type Degree int64

type Err struct{ code int }

func (Err) Error() string { return "far" }

type Handle struct{ fd int }

func (h Handle) Read(p []byte) (int, error) { return h.fd, nil }

func (h Handle) Scale(n int) int { return n }

type Options struct {
	Name  string
	Depth int
}

func Each() []int { return nil }

type sized struct{ a, b int32 }

const Size = unsafe.Sizeof(sized{})
-- near/near.go --
package near

// Near is near.
func Near() int { return 1 }

type Filler interface{ Fill(p []byte) }

type Turner interface{ Turn(p []byte) }

type Sender interface{ Send(p []byte, to Target) }

type Target = int
-- top/top.go --
package top

import (
	"example.com/v/far"
	"example.com/v/kinds"
)

type closer interface{ Close() error }

func top() closer { f, _ := kinds.Both(); return f }

func pair() kinds.Alias { return kinds.Pair[int, string]{} }

func wide() [kinds.Length]byte { return kinds.Buffer{} }

func named() string { return far.Options{"x", 1}.Name }

func worst() error { return kinds.ErrOther }
`

// variantEdits are edits of one or more files of it: what, and then for each the
// file, what stands there and what is put in its place. A file that isn't there
// begins empty.
var variantEdits = [][]string{
	{"a constraint that lets more in", "kinds/kinds.go", "~int | ~int64", "~int | ~int64 | ~string"},
	{"a constraint that lets less in", "kinds/kinds.go", "~int | ~int64", "int | int64"},
	{"a constraint in a signature", "kinds/kinds.go", "[M ~map[K]V, K comparable, V any]", "[M map[K]V, K comparable, V any]"},
	{"the order of type parameters", "kinds/kinds.go", "type Pair[A any, B any] struct", "type Pair[B any, A any] struct"},
	{"a generic alias", "kinds/kinds.go", "type Of[T any] = []T", "type Of[T any] = [1]T"},
	{"an alias that stands for another instance", "kinds/kinds.go", "type Alias = Pair[int, string]", "type Alias = Pair[string, int]"},
	{"the order of iota", "kinds/kinds.go", "\tone\n\ttwo\n", "\ttwo\n\tone\n"},
	{"iota that begins later", "kinds/kinds.go", "zero = iota", "zero = iota + 1"},
	{"constants that become alike", "kinds/kinds.go", "\tone\n\ttwo\n", "\tone = 2\n\ttwo = 2\n"},
	{"the length of an array in another package", "far/far.go", "Width = 4", "Width = 2"},
	{"a length below what is indexed", "far/far.go", "Width = 4", "Width = 0"},
	{"a length that isn't whole", "far/far.go", "Width = 4", "Width = 4.25"},
	{"a size that the compiler knows", "far/far.go", "a, b int32", "a, b int8"},
	{"an interface that embeds gets a method", "kinds/kinds.go", "type Reader interface{ Read", "type Reader interface{ Reset(); Read"},
	{"an interface of another package's values", "top/top.go", "interface{ Close() error }", "interface{ Close() error; Name() string }"},
	{"a method that moves to another file", "kinds/other.go", "func (f *file) Close() error { return nil }", "", "kinds/kinds.go", "func open() *file", "func (f *file) Close() error { return nil }\n\nfunc open() *file"},
	{"a method that moves to a new file", "kinds/other.go", "func (f *file) Close() error { return nil }", "", "kinds/fresh.go", "", "package kinds\n\nfunc (f *file) Close() error { return nil }\n"},
	{"a method that a value no longer has", "far/far.go", "func (h Handle) Read(", "func (h *Handle) Read("},
	{"a promoted method that becomes ambiguous", "kinds/kinds.go", "type file struct{ far.Handle }", "type file struct {\n\tfar.Handle\n\tmore\n}\n\ntype more struct{}\n\nfunc (more) Read([]byte) (int, error) { return 0, nil }"},
	{"a field that hides a promoted method", "far/far.go", "type Handle struct{ fd int }", "type Handle struct{ fd int; Close int }"},
	{"a type that becomes an alias", "kinds/kinds.go", "type Celsius int", "type Celsius = far.Degree"},
	{"a type in a switch that becomes the same", "far/far.go", "type Degree int64", "type Degree = int"},
	{"a type that can't be converted", "far/far.go", "type Degree int64", "type Degree struct{}"},
	{"a type that can't be compared", "far/far.go", "type Err struct{ code int }", "type Err struct{ code []int }"},
	{"a type that implements no more", "far/far.go", "func (Err) Error() string", "func (*Err) Error() string"},
	{"the order of fields", "far/far.go", "\tName  string\n\tDepth int\n", "\tDepth int\n\tName  string\n"},
	{"a field that nobody else may name", "far/far.go", "\tDepth int\n", "\tdepth int\n"},
	{"a method's expression", "far/far.go", "func (h Handle) Scale(", "func (h *Handle) Scale("},
	{"what is ranged over", "far/far.go", "func Each() []int", "func Each() func(func(int) bool)"},
	{"what can't be ranged over", "far/far.go", "func Each() []int { return nil }", "func Each() struct{} { return struct{}{} }"},
	{"an interface that another package embeds", "near/near.go", "Fill(p []byte)", "Fill(p []byte, n int)"},
	{"one that gets a method there", "near/near.go", "type Filler interface{ ", "type Filler interface{ More(); "},
	{"an interface that another is declared by", "near/near.go", "Turn(p []byte)", "Turn(p []byte, n int)"},
	{"an alias in an interface that another package embeds", "near/near.go", "type Target = int", "type Target = uint"},
	{"a method of an interface elsewhere", "kinds/interfaces.go", "Turn(p []byte) {", "Turn(p []byte, _ ...int) {"},
	{"a method beside one of the library's", "kinds/interfaces.go", "(*disk) Shut() error { return nil }", "(*disk) Shut() {}"},
	{"an interface that asks for another of the library's", "kinds/interfaces.go", "io.Reader", "io.Writer"},
	{"an import's name", "kinds/use.go", "alias \"example.com/v/near\"", "near \"example.com/v/near\""},
	{"an import's name and its use", "kinds/use.go", "alias \"example.com/v/near\"", "near \"example.com/v/near\"", "kinds/use.go", "alias.Near()", "near.Near()"},
	{"an import that means another package", "kinds/use.go", "alias \"example.com/v/near\"", "alias \"example.com/v/far\""},
	{"a package's name", "near/near.go", "package near", "package nearby"},
	{"a declaration of an import's name", "kinds/other.go", "func other()", "func alias()"},
	{"the system that a file is for", "kinds/platform_rest.go", "//go:build !linux", "//go:build linux"},
	{"the systems of twins", "kinds/platform_rest.go", "//go:build !linux", "//go:build linux", "kinds/platform_linux.go", "package kinds\n", "//go:build !linux\n\npackage kinds\n"},
	{unbuilt, "kinds/platform_rest.go", "\"rest\"", "undefined"},
	{"the result of a function that only one system has", "kinds/platform_linux.go", "platform() string { return \"linux\" }", "platform() int { return 1 }"},
	{"the order of initialization", "kinds/use.go", "var a, b = b0(), a0()", "var b, a = b0(), a0()"},
	{"a circle of initialization", "kinds/use.go", "func b0() int { return 2 }", "func b0() int { return c }"},
	{"a circle through a method", "kinds/other.go", "Close() error { return nil }", "Close() error { _ = c; return nil }", "kinds/use.go", "func b0() int { return 2 }", "func b0() int { closes(); open().Close(); return 2 }"},
	{"a function that becomes a variable", "kinds/other.go", "func other() int { return 1 }", "var other = func() int { return 1 }"},
	{"two of one name", "kinds/other.go", "func other()", "func reads()"},
	{"an init function", "kinds/other.go", "func other() int { return 1 }", "func init() { c = 3 }"},
	{"a language version", "go.mod", "go 1.26", "go 1.21"},
	{"a directive", "far/far.go", "type Options struct", "//unweld:contract far\ntype Options struct"},
	{"a comment that speaks to a linker", "kinds/other.go", "func other() int {", "//go:noinline\nfunc other() int {"},
	{"a variable's type", "kinds/kinds.go", "var ErrOther error = far.Err{}", "var ErrOther = far.Err{}"},
	{"a dot", "kinds/use.go", "\t\"example.com/v/far\"", "\t. \"example.com/v/far\"", "kinds/use.go", "far.", ""},
}

// unbuilt is the one edit of them that changes nothing.
const unbuilt = "a file that isn't built"

// cgoEdits are edits of files that use C.
var cgoEdits = [][]string{
	{"a body beside C", "c/c.go", "return int(C.twice(1))", "return int(C.twice(2)) + 1"},
	{"what C declares", "c/c.go", "static int twice(int n)", "static long twice(long n)"},
	{"a function that C lacks", "c/c.go", "C.twice", "C.thrice"},
	{"a type of C", "c/c.go", "type number C.int", "type number C.long"},
	{"a file without C", "c/plain.go", "number { return 1 }", "number { return \"\" }"},
	{"a user of it", "use/use.go", "c.Twice()", "c.Twice() + 1"},
}

const cgoModule = `
-- go.mod --
module example.com/c

go 1.26
-- c/c.go --
package c

// static int twice(int n) { return 2 * n; }
import "C"

type number C.int

func Twice() int { return int(C.twice(1)) }
-- c/plain.go --
package c

func plain() number { return 1 }
-- use/use.go --
package use

import "example.com/c/c"

func use() int { return c.Twice() }
`

// TestVariants makes each edit and takes it back, and then makes them in random
// company: a session that lived through it says what a fresh one says.
func TestVariants(t *testing.T) {
	v := newVariants(t, variantsModule)
	before := v.everything(v.open(&v.sessions))
	for _, edit := range variantEdits {
		v.make(edit)
		v.compare(&v.sessions, "after an edit of "+edit[0])
		if now := v.everything(v.open(&v.sessions)); (now == before) != (edit[0] == unbuilt) {
			t.Errorf("whether an edit of %s changes what is said: %v", edit[0], now != before)
		}
		clear(v.buffers)
		if now := v.everything(v.open(&v.sessions)); now != before {
			t.Fatalf("after an edit of %s was taken back:\n%s", edit[0], firstDifference(now, before))
		}
	}
	steps := 40
	if testing.Short() {
		steps = 15
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range steps {
		var names []string
		for range 1 + r.IntN(3) {
			edit := variantEdits[r.IntN(len(variantEdits))]
			if v.make(edit) {
				names = append(names, edit[0])
			}
		}
		v.compare(&v.sessions, "after edits of "+strings.Join(names, ", and ")+" at once")
		if r.IntN(2) == 0 {
			clear(v.buffers)
		}
	}
}

// TestVariantsOfC does so where the go command translates C.
func TestVariantsOfC(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Fatal("a C compiler is missing; install it with: make tools")
	}
	t.Setenv("CGO_ENABLED", "1")
	v := newVariants(t, cgoModule)
	for _, edit := range cgoEdits {
		v.make(edit)
		v.compare(&v.sessions, "after an edit of "+edit[0])
		clear(v.buffers)
	}
	v.compare(&v.sessions, "at the end")
}

// variants is a module of this file that is edited.
type variants struct {
	*editing
	original map[string]string
	sessions Sessions
}

func newVariants(t *testing.T, archive string) *variants {
	t.Setenv("GOCACHE", goCache(t)) // it would move with the next line
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v := &variants{editing: &editing{t: t, dir: dir, buffers: map[string][]byte{}}, original: map[string]string{}}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		v.original[name] = string(f.Data)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	v.compare(&v.sessions, "at the start")
	return v
}

// make makes an edit, unless one before it took away what it is of; into files
// of which there is no buffer yet it must go.
func (v *variants) make(edit []string) bool {
	v.t.Helper()
	buffers := maps.Clone(v.buffers)
	for i := 1; i < len(edit); i += 3 {
		name := filepath.Join(v.dir, filepath.FromSlash(edit[i]))
		text, old, now := v.original[name], edit[i+1], edit[i+2]
		if b, edited := buffers[name]; edited {
			text = string(b)
		}
		if strings.Count(text, old) == 0 || old == "" && text != "" {
			if len(v.buffers) == 0 {
				v.t.Fatalf("%s: %q doesn't stand in %s", edit[0], old, edit[i])
			}
			return false
		}
		buffers[name] = []byte(strings.ReplaceAll(text, old, now))
	}
	maps.Copy(v.buffers, buffers)
	return true
}
