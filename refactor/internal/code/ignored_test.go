package code_test

import (
	"go/types"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// TestIgnoredUse has a file for one platform only, which mentions some of what the
// package declares, and has other names in comments, strings and of others' methods.
func TestIgnoredUse(t *testing.T) {
	dir := t.TempDir()
	if err := txtar.Write(txtar.Parse([]byte(platforms)), dir); err != nil {
		t.Fatal(err)
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	var scope *types.Scope
	for _, p := range w.Packages {
		if p.Pkg.Name == "a" && p.ForTest == "" {
			scope = p.Types.Scope()
		}
	}
	box := scope.Lookup("Box").Type()
	member := func(name string) types.Object {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(box), true, scope.Lookup("Box").Pkg(), name)
		return obj
	}
	for _, tt := range []struct {
		obj  types.Object
		want string
	}{
		{scope.Lookup("Run"), ""},
		{scope.Lookup("Walk"), "b/b_windows.go"},
		{scope.Lookup("start"), "a/a_windows.go"},
		{scope.Lookup("Box"), "a/a_windows.go"},
		{scope.Lookup("Said"), ""},
		{scope.Lookup("Other"), ""},
		{scope.Lookup("Wrong"), ""},
		{member("Open"), "b/b_windows.go"},
		{member("Level"), "b/b_windows.go"},
		{member("hidden"), ""},
		{member("Unused"), ""},
	} {
		if tt.obj == nil {
			t.Fatal("an object isn't there")
		}
		if got := w.IgnoredUse(tt.obj); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.obj.Name(), got, tt.want)
		}
	}
}

const platforms = `
-- go.mod --
module example.com/m

go 1.26
-- a/a.go --
package a

type Box struct {
	Level  int
	hidden int
}

func (b *Box) Open() *Box { return b }
func (b *Box) Unused()    { b.hidden++ }

func Run()   {}
func Walk()  {}
func start() {}
func Said()  {}
func Other() {}
func Wrong() {}
-- a/a_windows.go --
package a

import "testing"

// Said is said here.
var box = &Box{}

func init() {
	start()
	_ = "Other"
}

func helper(t *testing.T) { t.Run("x", nil) }
-- b/b.go --
package b

import "example.com/m/a"

func Use() { a.Run() }
-- b/b_windows.go --
package b

import x "example.com/m/a"

func windows() {
	x.Walk()
	b := make().Open()
	b.Level, b.hidden = 1, 2
}

type wrong struct{ Wrong int }
-- c/c.go --
package c
-- c/c_windows.go --
package c

type open struct{ Unused int }

func use(o open) int { return o.Unused }
`
