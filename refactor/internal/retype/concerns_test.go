package retype

import (
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

// remote is a program in which functions get values of a type without its name.
const remote = `
-- go.mod --
module example.com/m

go 1.26
-- t/t.go --
package t

import "sync/atomic"

type T struct{ n int }

func (t *T) Get() int { return t.n }

type Keeper struct {
	last  *T
	any   interface{ Next() *T }
	deep  struct{ in []*T }
	swaps atomic.Pointer[T]
}

func (k *Keeper) Last() *T                       { return k.last }
func (k *Keeper) Any() interface{ Next() *T }    { return k.any }
func (k *Keeper) Swaps() *atomic.Pointer[T]      { return &k.swaps }
func (k *Keeper) Deep() struct{ in []*T }        { return k.deep }
func (k *Keeper) Each(f func(*T))                {}

type Pairs []struct {
	Name string
	T    *T
}

type List map[string]Keeper

func Make() *T { return &T{} }
-- u/u.go --
package u

import "example.com/m/t"

var keeper t.Keeper

func last() int { return keeper.Last().Get() }

func next() int { x := keeper.Any().Next(); return x.Get() }

func swapped() int { s := keeper.Swaps().Load(); return s.Get() }

func none() t.Pairs { return t.Pairs{{"a", nil}} }

func each() { keeper.Each(nil) }

func nothing() int { x := "a"; y := 1; return len(x) + y }

func made() { x := t.Make(); _ = x; var y interface{} = t.Make(); _ = y }
-- u/u_test.go --
package u

import "example.com/m/t"

var fresh = t.Make()

func use() int { return fresh.Get() }
`

// embedded is a program that gets methods from an instance that it embeds.
const embedded = `
-- go.mod --
module example.com/m

go 1.26
-- t/t.go --
package t

type T struct{ n int }

func (t *T) Get() int { return t.n }

type Box[E any] struct{ v *E }

func (b Box[E]) Open() *E { return b.v }

type Outer struct{ Box[T] }

type Named Box[T]

func (n Named) Same() Named { return n }
-- u/u.go --
package u

import "example.com/m/t"

func open(o t.Outer) int { return o.Open().Get() }
`

// TestNamesTell compares the flow of types when only the functions in which names lead
// to them are looked at with what comes of looking at all.
func TestNamesTell(t *testing.T) {
	dirs := map[string]string{}
	for name, files := range map[string]string{"remote": remote, "embedded": embedded} {
		dirs[name] = t.TempDir()
		for _, f := range txtar.Parse([]byte(files)).Files {
			file := filepath.Join(dirs[name], f.Name)
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, f.Data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, mod := range []string{"golang.org/x/mod@v0.42.0", "github.com/spf13/cobra@v1.10.2"} {
		dirs[mod] = t.TempDir()
		if err := corpus.Module(dirs[mod], mod); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(dirs)) {
		t.Run(name, func(t *testing.T) {
			snap, err := source.Open(t.Context(), source.Options{Dir: dirs[name]})
			if err != nil {
				t.Fatal(err)
			}
			w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
			if err != nil {
				t.Fatal(err)
			}
			skipped := 0
			for _, u := range everywhere.UsedTypes(w) {
				some, all, left := both(w, u.Type)
				skipped += left
				if some != all {
					t.Errorf("%s: not all that concerns it was seen:\n%s\nand with all:\n%s", u.Type, some, all)
				}
			}
			if skipped == 0 && name != "embedded" {
				t.Error("no function was left out")
			}
		})
	}
}

// both describes what Solve finds, by names and without them, and counts the functions
// that were left out.
func both(w *code.World, n *types.Named) (some, all string, left int) {
	solve := func(everywhere bool) (string, *Flow) {
		defer func(before bool) { wholly = before }(wholly)
		wholly = everywhere
		var out strings.Builder
		f := Solve(Config{World: w, Type: n, Path: n.Obj().Pkg().Path(), Grow: true, Local: true, Annotate: true, Accessors: true,
			Note: func(at text.Span, what string) { fmt.Fprintln(&out, at, what) },
			Role: func(file *code.File) Role {
				if file.Pkg.Pkg.Path != n.Obj().Pkg().Path() && !file.Test {
					return User
				}
				return Lazy
			}})
		for _, s := range f.order {
			fmt.Fprintln(&out, s.span, s.name, s.reached, s.why, s.at, len(s.into), len(s.from), len(s.nilFrom), slices.Sorted(maps.Keys(s.needs)), len(s.nilTest), len(s.given))
		}
		fmt.Fprintln(&out, f.Held(), f.Left(), f.Problems())
		return out.String(), f
	}
	some, f := solve(false)
	all, _ = solve(true)
	names := f.names()
	for _, d := range w.Files {
		if !f.concerned(d) {
			continue
		}
		for _, fn := range d.AST.Decls {
			if names != nil && !speaks(fn, names) {
				left++
			}
		}
	}
	return some, all, left
}
