package source

import (
	"fmt"
	"os/exec"
	"path/filepath"
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
	dir, store := extract(t, cgoPackages), &memory{}
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
