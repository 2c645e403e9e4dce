package prune

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const commentedSource = `//go:build linux

// Package p does things. It does more.
//
// # And so on
package p

// #include <stdio.h>
import "C"

import (
	"embed" // for files

	// only here
	_ "unsafe"
)

// A Shown is seen. And used.
//
//nolint:revive
type Shown struct {
	A int // is said
	// B too
	B int ` + "`json:\"b\"` // read by nobody" + `
}

// hidden is not.
func hidden() {}

// Do does. Then it doesn't.
func (s *Shown) Do() { // begins
	// A remark.
	a := 1 /* one */ + 2 // three
	/* of
	   two lines */ println(a)

	// Another.

	switch a {
	// here
	case 1: // and there
	}
	//lint:ignore SA1 because
	println("// no comment")
	// last
}

// What people use.
// All of it stays.
type Kept struct {
	// A stays.
	A int // and this
} // too

// Use stays as well. Wholly.
func (k Kept) Use() {
	// with its remarks
}

// look is for the type's own use. So it goes.
func (k Kept) look() {}

// Errors. They are many.
var (
	// ErrOne is one. Is it?
	ErrOne = 1
	// errTwo is two.
	errTwo = 2
)

// files are embedded.
//
//go:embed a.txt
var files embed.FS

// now links.
//
//go:linkname now time.now
func now() int // x

// the end
`

const commentedWant = `//go:build linux

// Package p does things.
package p

// #include <stdio.h>
import "C"

import (
	"embed"

	_ "unsafe"
)

// A Shown is seen.
//
//nolint:revive
type Shown struct {
	A int
	B int ` + "`json:\"b\"`" + `
}

func hidden() {}

func (s *Shown) Do() {
	a := 1 + 2
	println(a)

	switch a {
	case 1:
	}
	//lint:ignore SA1 because
	println("// no comment")
}

// What people use.
// All of it stays.
type Kept struct {
	// A stays.
	A int // and this
} // too

// Use stays as well. Wholly.
func (k Kept) Use() {
	// with its remarks
}

func (k Kept) look() {}

// Errors.
var (
	// ErrOne is one.
	ErrOne = 1
	errTwo = 2
)

//go:embed a.txt
var files embed.FS

//go:linkname now time.now
func now() int
`

func TestComments(t *testing.T) {
	got, err := Comments([]byte(commentedSource), []string{"Kept"})
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != commentedWant {
		t.Errorf("%s", got)
	}
	again, err := Comments(got, []string{"Kept"})
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("again, %v: %s", err, again)
	}
	if _, err := Comments([]byte("package p\nfunc {"), nil); err == nil {
		t.Error("a broken file was taken")
	}
}

// TestCommentsOfStandardLibrary compares the code before and after in packages that nobody
// wrote for this.
func TestCommentsOfStandardLibrary(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	n, before, after := 0, 0, 0
	for _, dir := range []string{"net", "net/http", "go/printer", "runtime/cgo", "cmd/compile/internal/ssagen", "os/user", "encoding/json", "syscall"} {
		files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src", filepath.FromSlash(dir), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Comments(src, []string{"Conn", "Marshal"})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if want, have := codeOf(t, src), codeOf(t, got); want != have {
				t.Errorf("%s: the code isn't the same", name)
			}
			if formatted, err := format.Source(got); err != nil || !bytes.Equal(formatted, got) {
				t.Errorf("%s: isn't formatted: %v", name, err)
			}
			for line := range strings.Lines(string(src)) {
				if strings.HasPrefix(line, "//go:") && !strings.HasPrefix(line, "//go:generate") && !bytes.Contains(got, []byte(line)) {
					t.Errorf("%s: lost %s", name, line)
				}
			}
			n, before, after = n+1, before+len(src), after+len(got)
		}
	}
	t.Logf("%d files, %d bytes of %d", n, after, before)
}

// codeOf prints a file without comments, and without empty lines.
func codeOf(t *testing.T, src []byte) string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.SortImports(fset, f)
	var b bytes.Buffer
	if err := (&printer.Config{Mode: printer.RawFormat}).Fprint(&b, fset, f); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
