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

// generic is a program in which functions get instances of a generic type, some by way
// of other generic types, and compare what such values are part of.
const generic = `
-- go.mod --
module example.com/m

go 1.26
-- t/t.go --
package t

type T[E any] struct{ first E }

func (t *T[E]) First() E { return t.first }

func New[E any](e E) *T[E] { return &T[E]{first: e} }

type Pair[E any] struct{ Left, Right *T[E] }

func (p Pair[E]) Swapped() Pair[E] { return Pair[E]{p.Right, p.Left} }

type Outer struct{ Pair[string] }
-- u/u.go --
package u

import (
	"reflect"

	"example.com/m/t"
)

type named struct {
	t.Outer
	rest []*t.T[int]
}

func left(o t.Outer) string { return o.Left.First() }

func promoted(n *named) string { return n.Swapped().Right.First() }

func same(a, b t.Pair[int]) bool { return a == b }

type chain struct{ next *named }

func deep(a, b *chain) bool { return reflect.DeepEqual(a, b) }

func zero() named { return named{} }

func lists() *named { n := new(named); n.rest = make([]*t.T[int], 3); return n }

func nothing(s string) int { return len(s) }

func fresh() int { return t.New(1).First() }

var hold *t.T[int] = t.New(2)
`

// TestConcerns compares the flow of types when only the declarations in which they occur
// are looked at with what comes of looking at all.
func TestConcerns(t *testing.T) {
	dirs := map[string]string{}
	for name, files := range map[string]string{"remote": remote, "embedded": embedded, "generic": generic} {
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
			for _, typ := range append(usedTypes(w), genericTypes(w)...) {
				some, all, left := both(w, typ)
				skipped += left
				if some != all {
					t.Errorf("%s: not all that concerns it was seen:\n%s\nand with all:\n%s", typ, some, all)
				}
			}
			if skipped == 0 {
				t.Error("no declaration was left out")
			}
		})
	}
}

func usedTypes(w *code.World) []*types.Named {
	var out []*types.Named
	for _, u := range everywhere.UsedTypes(w) {
		out = append(out, u.Type)
	}
	return out
}

// genericTypes lists the exported generic structs of a module.
func genericTypes(w *code.World) []*types.Named {
	var out []*types.Named
	for _, p := range w.Packages {
		if p.ForTest != "" {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || !tn.Exported() || tn.IsAlias() {
				continue
			}
			n, ok := tn.Type().(*types.Named)
			if _, isStruct := tn.Type().Underlying().(*types.Struct); ok && isStruct && n.TypeParams().Len() > 0 {
				out = append(out, n)
			}
		}
	}
	return out
}

// both describes what Solve finds, in some declarations and in all, and counts those that
// were left out.
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
			fmt.Fprintln(&out, s.span, s.name, s.reached, s.why, s.at, len(s.into), len(s.from), len(s.nilFrom), slices.Sorted(maps.Keys(s.needs)), len(s.nilTest), len(s.nilTo), len(s.given), len(s.same), len(s.elided), s.zero, s.gap)
		}
		fmt.Fprintln(&out, f.Held(), f.Left(), f.Problems())
		return out.String(), f
	}
	some, f := solve(false)
	all, _ = solve(true)
	for _, file := range w.Files {
		if !f.concerned(file) {
			continue
		}
		for _, d := range file.AST.Decls {
			if !f.concerns().decls[d] {
				left++
			}
		}
	}
	return some, all, left
}
