package code_test

import (
	"go/types"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

func load(t *testing.T) *code.World {
	t.Helper()
	dir := t.TempDir()
	if err := txtar.Write(txtar.Parse([]byte(closing)), dir); err != nil {
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
	return w
}

// TestBecomes has types with a method Close that get to an interface with such a
// method, or don't: their comments say "becomes" where they do.
func TestBecomes(t *testing.T) {
	w := load(t)
	tried := 0
	for _, f := range w.Files {
		for _, name := range f.Pkg.Types.Scope().Names() {
			tn, ok := f.Pkg.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || types.IsInterface(tn.Type()) || w.FileOf(tn) != f {
				continue
			}
			m, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, tn.Pkg(), "Close")
			fn, ok := m.(*types.Func)
			if !ok {
				continue
			}
			tried++
			line := w.Fset.Position(tn.Pos()).Line
			text := strings.Split(string(f.Before), "\n")[line-1]
			_, comment, _ := strings.Cut(text, "// ")
			if frozen := w.Frozen(fn); (frozen != "") != strings.HasPrefix(comment, "becomes") {
				t.Errorf("%s: %s", text, frozen)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d types were tried", tried)
	}
}

const closing = `
-- go.mod --
module example.com/m

go 1.26
-- internal/a/a.go --
package a

import (
	"container/list"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sync"
	"text/template"
)

type alone struct{} // is in no interface
func (*alone) Close() error { return nil }

type printed struct{} // is printed, and nobody who prints closes
func (*printed) Close() error { return nil }

type encoded struct{ Part *part } // is encoded with its part
func (*encoded) Close() error { return nil }

type part struct{} // is part of what is encoded
func (*part) Close() error { return nil }

type converted struct{} // becomes one here
func (*converted) Close() error { return nil }

type kept struct{} // becomes one after it was kept as any value
func (*kept) Close() error { return nil }

type listed struct{} // becomes one after it was in a list of another module
func (*listed) Close() error { return nil }

type valued struct{} // becomes one after it was in a context
func (*valued) Close() error { return nil }

type stepped struct{} // becomes one by way of an interface of the module
func (*stepped) Close() error { return nil }
func (*stepped) Step()        {}

type inner struct{} // becomes one, as whoever executes a template may do with it
func (*inner) Close() error { return nil }

type outer struct{ Inner []*inner } // becomes one in the same way
func (*outer) Close() error { return nil }

type returned struct{} // becomes one with several results
func (*returned) Close() error { return nil }

type instance struct{} // becomes one for a type parameter
func (*instance) Close() error { return nil }

type sorted struct{} // is sorted by a generic function
func (*sorted) Close() error { return nil }

type base struct{} // becomes one inside of what embeds it
func (*base) Close() error { return nil }

type wide struct{ *base } // becomes one here

type looked struct{} // becomes one, as reflection may do
func (*looked) Close() error { return nil }

type given struct{} // becomes one, as a function value gives it to another module
func (*given) Close() error { return nil }

type stepper interface{ Step() }

func closeIt(v any) {
	if c, ok := v.(io.Closer); ok {
		c.Close()
	}
}

func two() (*returned, error) { return nil, nil }

func each[T any](vs ...T) {
	for _, v := range vs {
		closeIt(v)
	}
}

// Use uses all of them.
func Use(w io.Writer) error {
	(&alone{}).Close()
	fmt.Println(&printed{}, &printed{})
	json.NewEncoder(w).Encode(&encoded{})
	var c io.Closer = &converted{}
	c.Close()
	var s stepper = &stepped{}
	if c, ok := s.(io.Closer); ok {
		c.Close()
	}
	var l list.List
	l.PushBack(&listed{})
	l.Front().Value.(io.Closer).Close()
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, &valued{})
	switch v := ctx.Value(key{}).(type) {
	case io.Closer:
		v.Close()
	}
	var err error
	c, err = two()
	if err != nil {
		return err
	}
	each(&instance{})
	slices.Reverse([]*sorted{{}})
	c = wide{}
	reflect.ValueOf(&looked{})
	pool := sync.Pool{New: func() any { return new(kept) }}
	closeIt(pool.Get())
	var t template.Template
	t.Funcs(template.FuncMap{"given": func() *given { return nil }})
	return t.Execute(w, &outer{})
}
-- store/store.go --
package store

// Store is for users of the module to implement, or to take from it.
type Store interface {
	Get(key string) string
	Close() string
}
-- store/memory/memory.go --
package memory

import "example.com/m/store"

var _ = store.Store.Get

type Memory struct{} // belongs to store.Store, which nothing freezes
func (*Memory) Get(key string) string { return "" }
func (*Memory) Close() string         { return "" }
-- other/other.go --
package other

type Other struct{} // has the same methods, and no business with the store
func (*Other) Get(key string) string { return "" }
func (*Other) Close() string         { return "" }
-- other/other_test.go --
package other

import "example.com/m/store"

var _ store.Store
`

// TestIntended has two types with the methods of an interface that nothing is
// converted to: one of them is there for it.
func TestIntended(t *testing.T) {
	w := load(t)
	want := map[string]int{"Memory": 2, "Other": 1} // members of the class of Close
	for _, f := range w.Files {
		for name, n := range want {
			if tn, ok := f.Pkg.Types.Scope().Lookup(name).(*types.TypeName); ok && w.FileOf(tn) == f {
				m, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, tn.Pkg(), "Close")
				if members, _ := w.Class(m.(*types.Func)); len(members) != n {
					t.Errorf("%s: %d members, want %d", name, len(members), n)
				}
				delete(want, name)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}
