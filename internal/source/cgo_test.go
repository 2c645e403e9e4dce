package source

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// checked type-checks what matches in dir and returns the packages that were,
// and what is wrong with them.
func checked(t *testing.T, opts Options, patterns ...string) (paths []string, problems []component.Problem) {
	t.Helper()
	s := open(t, opts)
	scan, err := s.Scan(t.Context(), patterns...)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	err = scan.Check(t.Context(), scan.Packages, Visitor{Done: func(p *Package, _ string, _ []*Body) error {
		mu.Lock()
		defer mu.Unlock()
		paths, problems = append(paths, p.Pkg.Path), append(problems, p.Problems...)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return paths, problems
}

const cgoPackages = `
-- go.mod --
module example.com/m

go 1.24
-- a/a.go --
package a

/*
static int twice(int x) { return 2*x; }
*/
import "C"

func Twice(n int) int { return int(C.twice(C.int(n))) }
-- b/b.go --
package b

// #include <errno.h>
import "C"
import "example.com/m/a"

func Quad(n int) int { return a.Twice(a.Twice(n)) + int(C.EPERM) }
-- c/c.go --
//go:build cgo

package c

import "C"

func F() C.int { return 2 }
-- c/pure.go --
//go:build !cgo

package c

func F() int { return 2 }
-- d/d.go --
package d

import "example.com/m/c"

var N = int(c.F())
-- e/e.go --
package e

import "example.com/m/b"

var N = b.Quad(1)
`

func needC(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Fatal("a C compiler is missing; install it with: make tools")
	}
}

// TestCgoPackages: several packages of a workspace use cgo, and each other.
func TestCgoPackages(t *testing.T) {
	needC(t)
	dir, store := extract(t, cgoPackages), &MemoryStore{}
	for range 2 {
		paths, problems := checked(t, Options{Dir: dir, Env: []string{"CGO_ENABLED=1"}, Store: store})
		if len(paths) != 5 || len(problems) > 0 {
			t.Errorf("checked %q: %v", paths, problems)
		}
	}
	paths, problems := checked(t, Options{Dir: dir, Env: []string{"CGO_ENABLED=0"}, Store: store}, "./c", "./d")
	if len(paths) != 2 || len(problems) > 0 {
		t.Errorf("without cgo, checked %q: %v", paths, problems)
	}
	_, problems = checked(t, Options{Dir: dir, Env: []string{"CGO_ENABLED=0"}, Store: store})
	if len(problems) == 0 || !strings.Contains(fmt.Sprint(problems), "build constraints exclude all Go files") {
		t.Errorf("packages that can't be without cgo are said to be fine: %v", problems)
	}
}

// TestCgoOfTheStandardLibrary: as a workspace of its own, and from elsewhere.
func TestCgoOfTheStandardLibrary(t *testing.T) {
	needC(t)
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	std := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	elsewhere := extract(t, cgoPackages)
	for _, cgo := range []string{"CGO_ENABLED=0", "CGO_ENABLED=1"} {
		for _, dir := range []string{std, elsewhere} {
			paths, problems := checked(t, Options{Dir: dir, Env: []string{cgo}}, "os/user", "net")
			if len(paths) != 2 || len(problems) > 0 {
				t.Errorf("%s in %s: checked %q: %v", cgo, dir, paths, problems)
			}
		}
	}
}

// TestCgoListingIsKept: what cgo made of packages is taken over by a later process, as long
// as it is still there and no file that cgo reads in the module changed.
func TestCgoListingIsKept(t *testing.T) {
	needC(t)
	dir, store := extract(t, cgoPackages+"-- a/a.h --\n#define A 1\n"), &MemoryStore{}
	opts := Options{Dir: dir, Store: store}
	says := func() string {
		t.Helper()
		paths, problems := checked(t, opts)
		slices.Sort(paths)
		return fmt.Sprint(paths, problems)
	}
	first := says()
	for _, step := range []struct {
		what   string
		change func()
		asked  bool
	}{
		{"nothing changed", func() {}, false},
		{"a new file", func() { write(t, dir+"/a/more.go", "package a\n\nfunc f() {}\n") }, true},
		{"a function body in it", func() { write(t, dir+"/a/more.go", "package a\n\nfunc f() { println() }\n") }, false},
		{"a header", func() { write(t, dir+"/a/a.h", "#define A 2\n") }, true},
		{"the preamble", func() { write(t, dir+"/a/a.go", strings.Replace(read(t, dir+"/a/a.go"), "2*x", "x+x", 1)) }, true},
		{"the build cache is emptied", func() {
			for key, data := range store.data {
				if strings.HasPrefix(key, "listing ") {
					store.data[key] = bytes.ReplaceAll(data, []byte(`-d"`), []byte(`-gone"`))
				}
			}
		}, true},
		{"another compiler", func() { opts.Env = []string{"CC=cc"} }, true},
		{"which may lie anywhere", func() {}, true},
		{"as before", func() { opts.Env = nil }, false},
		{"flags that a program tells", func() {
			write(t, dir+"/a/a.go", strings.Replace(read(t, dir+"/a/a.go"), "package a", "// See pkg-config.\npackage a", 1))
		}, true},
		{"which may tell others", func() {}, true},
	} {
		step.change()
		got, asked := listed(t, opts)
		if asked != step.asked {
			t.Errorf("%s: asked %v", step.what, asked)
		}
		if want, _ := listed(t, Options{Dir: dir, Env: opts.Env}); got != want {
			t.Errorf("%s: says\n%s\nwant\n%s", step.what, got, want)
		}
		if now := says(); now != first {
			t.Errorf("%s: checked %s, want %s", step.what, now, first)
		}
	}
}
