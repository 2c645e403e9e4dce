package behind_test

import (
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/source"
)

// program loads a module, given by its files, with tests, and follows its values.
func program(t *testing.T, files map[string]string) (*behind.Flow, map[string]*types.Package) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files["go.mod"] = "module m\n\ngo 1.24\n"
	for name, content := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	load := func(tests bool) []*source.Package {
		pkgs, err := snap.Load(t.Context(), source.LoadOptions{Tests: tests}, "m/...")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pkgs {
			if p.IllTyped() {
				t.Fatalf("%s: %v", p.ID, p.Problems)
			}
		}
		return pkgs
	}
	asked := load(false)
	flow, err := behind.Of(t.Context(), load(true), behind.Options{Module: "m", Span: snap.Span, Fset: asked[0].Fset})
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]*types.Package{}
	for _, p := range asked {
		byPath[p.Pkg.Path] = p.Types
	}
	return flow, byPath
}

// said are the types behind values, and why not all are known, in one line.
func said(v behind.Values) string {
	found, unknown := v.Types()
	var out []string
	for _, f := range found {
		s := f.Ref.String()
		if f.Local {
			s += " local"
		}
		if f.Test {
			s += " test"
		}
		out = append(out, s)
	}
	for _, u := range unknown {
		out = append(out, "? "+u.What)
	}
	return strings.Join(out, "; ")
}

// ways are ways by which a value gets to the parameter v of a method of a
// contract, called s, with declarations that they need.
var ways = []struct{ name, decls, code, want string }{
	{"Direct", "", `s.NAME(ctx, 3)`, "int"},
	{"Untyped", "", `s.NAME(ctx, 3.5); s.NAME(ctx, 'x'); s.NAME(ctx, "a"); s.NAME(ctx, true); s.NAME(ctx, 1i)`, "bool; complex128; float64; int32; string"},
	{"Nil", "", `s.NAME(ctx, nil)`, ""},
	{"Struct", "type T_NAME struct{ A int }", `s.NAME(ctx, T_NAME{1}); s.NAME(ctx, &T_NAME{2})`, "*m.T_NAME; m.T_NAME"},
	{"Variable", "", `var v any = 1; if len(os.Args) > 9 { v = "a" }; s.NAME(ctx, v)`, "int; string"},
	{"Field", "type T_NAME struct{ V any }", `t := T_NAME{V: int8(1)}; t.V = int16(2); s.NAME(ctx, t.V)`, "int16; int8"},
	{"Nested", "type U_NAME struct{ V any }; type T_NAME struct{ U *U_NAME }", `t := &T_NAME{U: &U_NAME{}}; t.U.V = uint8(1); s.NAME(ctx, t.U.V)`, "uint8"},
	{"Helper", "func help_NAME(s Service, ctx context.Context, v any) { s.NAME(ctx, v) }", `help_NAME(s, ctx, []string{"a"})`, "[]string"},
	{"Returned", "func make_NAME() any { return uint16(1) }", `s.NAME(ctx, make_NAME())`, "uint16"},
	{"Several", "func make_NAME() (any, error) { return uint32(1), nil }", `v, _ := make_NAME(); s.NAME(ctx, v)`, "uint32"},
	{"Closure", "", `v := any(uint64(1)); f := func() { s.NAME(ctx, v) }; v = "x"; f()`, "string; uint64"},
	{"FuncValue", "", `f := s.NAME; f(ctx, int64(1))`, "int64"},
	{"Expression", "", `f := Service.NAME; f(s, ctx, int32(1))`, "int32"},
	{"Channel", "", `c := make(chan any, 1); c <- 2.5; s.NAME(ctx, <-c); select { case x := <-c: s.NAME(ctx, x); case c <- "s": }; for y := range c { s.NAME(ctx, y) }`, "float64; string"},
	{"Map", "", `m := map[string]any{"a": 1}; m["b"] = "x"; s.NAME(ctx, m["a"]); for _, v := range m { s.NAME(ctx, v) }`, "int; string"},
	{"MapOk", "", `m := map[any]bool{int8(1): true}; for k := range m { s.NAME(ctx, k) }`, "int8"},
	{"Slice", "", `l := []any{1}; l = append(l, "x"); l[0] = 2.5; s.NAME(ctx, l[0])`, "float64; int; string"},
	{"Copied", "", `l := make([]any, 1); copy(l, []any{true}); s.NAME(ctx, l[0])`, "bool"},
	{"Appended", "", `var l []any; l = append(l, append([]any(nil), "x")...); s.NAME(ctx, l[:1][0])`, "string"},
	{"Array", "", `var l [2]any; l[0] = 1; k := l; s.NAME(ctx, k[1])`, "int"},
	{"ArrayField", "type T_NAME struct{ L [2]any }", `var t T_NAME; t.L[1] = "x"; u := t; s.NAME(ctx, u.L[0])`, "string"},
	{"Pointer", "", `var v any; p := &v; *p = 1; s.NAME(ctx, v)`, "int"},
	{"Global", "var V_NAME any = 1", `V_NAME = "x"; s.NAME(ctx, V_NAME)`, "int; string"},
	{"Switch", "", `var v any = 1; switch x := v.(type) { case string: s.NAME(ctx, x); case int: s.NAME(ctx, x) }`, "int; string"},
	{"Asserted", "", `var v any = []any{1}; s.NAME(ctx, v.([]any)[0])`, "int"},
	{"Stringer", "type T_NAME int; func (T_NAME) String() string { return \"\" }", `var v fmt.Stringer = T_NAME(1); s.NAME(ctx, v)`, "m.T_NAME"},
	{"Error", "", `err := errors.New("x"); s.NAME(ctx, err)`, "error"},
	{"Context", "", `s.NAME(ctx, ctx)`, "context.Context"},
	{"Generic", "func gen_NAME[T any](s Service, ctx context.Context, v T) { s.NAME(ctx, v) }", `gen_NAME(s, ctx, 1); gen_NAME(s, ctx, "x")`, "int; string"},
	{"GenericType", "type Box_NAME[T any] struct{ v T }; func (b Box_NAME[T]) put(s Service, ctx context.Context) { s.NAME(ctx, b.v) }", `Box_NAME[int]{1}.put(s, ctx); (&Box_NAME[*string]{}).put(s, ctx)`, "*string; int"},
	{"Instance", "type Box_NAME[T any] struct{ V T }", `s.NAME(ctx, Box_NAME[int]{1})`, "m.Box_NAME[int]"},
	{"Local", "", `type local struct{ A int }; s.NAME(ctx, local{1})`, "m.local local"},
	{"Alias", "type T_NAME = map[string]int", `s.NAME(ctx, T_NAME{})`, "map[string]int"},
	{"Embedded", "type W_NAME struct{ Service }", `w := W_NAME{s}; w.NAME(ctx, 1)`, "int"},
	{"Smaller", "type P_NAME interface{ NAME(context.Context, any) error }", `var p P_NAME = s; p.NAME(ctx, "x")`, "string"},
	{"Goroutine", "", `go s.NAME(ctx, 1); defer s.NAME(ctx, "x")`, "int; string"},
	{"Variadic", "func var_NAME(s Service, ctx context.Context, vs ...any) { for _, v := range vs { s.NAME(ctx, v) } }", `var_NAME(s, ctx, 1, "x"); var_NAME(s, ctx, []any{true}...)`, "bool; int; string"},
	{"Func", "", `s.NAME(ctx, func() {})`, "func()"},
	{"Callback", "func each_NAME(f func(any)) { f(1) }", `each_NAME(func(v any) { s.NAME(ctx, v) })`, "int"},
	{"Iterator", "func all_NAME(yield func(any) bool) { _ = yield(1) && yield(\"x\") }", `for v := range all_NAME { s.NAME(ctx, v) }`, "int; string"},
	{"Cloned", "", `l := slices.Clone([]any{1}); s.NAME(ctx, l[0]); m := maps.Clone(map[string]any{"": "x"}); s.NAME(ctx, m[""])`, "int; string"},
	{"Implements", "type I_NAME interface{ get_NAME() any }; type T_NAME struct{}; func (*T_NAME) get_NAME() any { return 1 }; type U_NAME struct{ *T_NAME; X int }", `for _, i := range []I_NAME{&T_NAME{}, U_NAME{}} { s.NAME(ctx, i.get_NAME()) }`, "int"},
	{"JSON", "", `var v any; _ = json.Unmarshal(nil, &v); s.NAME(ctx, v)`, "[]any; bool; float64; map[string]any; string"},
	{"JSONField", "type T_NAME struct{ V any; L []any; M map[string]any }", `var v T_NAME; _ = json.NewDecoder(nil).Decode(&v); s.NAME(ctx, v.V); s.NAME(ctx, v.L[0].(map[string]any)["a"])`, "[]any; bool; float64; map[string]any; string"},
	{"Gob", "type T_NAME struct{ V any }", `var v T_NAME; _ = gob.NewDecoder(nil).Decode(&v); s.NAME(ctx, v.V)`, "? gob.Decoder.Decode may fill it"},
	{"Value", "", `s.NAME(ctx, ctx.Value("a"))`, "? it comes from context.Context.Value of another module"},
	{"Dependency", "", `var m sync.Map; v, _ := m.Load(1); s.NAME(ctx, v)`, "? it comes from sync.Map.Load"},
	{"Reflect", "", `s.NAME(ctx, reflect.ValueOf(1).Interface())`, "? it comes from reflect.Value.Interface"},
	{"Set", "type T_NAME struct{ V any }", `var v T_NAME; reflect.ValueOf(&v).Elem().Field(0).SetInt(1); s.NAME(ctx, v.V)`, "? reflect.ValueOf may fill it"},
	{"Recovered", "", `defer func() { s.NAME(ctx, recover()) }()`, "? it comes from recover"},
	{"Unsafe", "", `x := 1; s.NAME(ctx, *(*any)(unsafe.Pointer(&x)))`, "? it comes from an unsafe.Pointer"},
	{"Printed", "", `var v any = 1; fmt.Println(v, "x"); log.Printf("%v", &v); s.NAME(ctx, v)`, "int"},
	{"ForeignField", "", `l := list.New(); l.PushBack(1); s.NAME(ctx, l.Front().Value)`, "? it is a field of a type of container/list, which sets it too"},
	{"Heap", "type T_NAME []any; func (t T_NAME) Len() int { return 0 }; func (t T_NAME) Less(i, j int) bool { return false }; func (t T_NAME) Swap(i, j int) {}; func (t *T_NAME) Push(v any) { *t = append(*t, v) }; func (t *T_NAME) Pop() any { return (*t)[0] }",
		`var h T_NAME; heap.Push(&h, 1); s.NAME(ctx, h[0])`, "? T_NAME.Push is a method of heap.Interface, which other modules call"},
	{"NotForeign", "type T_NAME struct{ v any }; func (t *T_NAME) Push(v any) { t.v = v }", `t := &T_NAME{}; t.Push(1); s.NAME(ctx, t.v)`, "int"},
	{"Narrowed", "type I_NAME interface{ get_NAME() any }; type T_NAME struct{}; func (T_NAME) get_NAME() any { return 1 }", `var v any = "x"; if len(os.Args) > 8 { v = time.Time{} }; if len(os.Args) > 9 { v = T_NAME{} }; if i, ok := v.(I_NAME); ok { s.NAME(ctx, i.get_NAME()) }`, "int"},
	{"Values", "", `for _, v := range maps.All(map[string]any{"": 1}) { s.NAME(ctx, v) }`, "? a function in runValues is called by a function of another module"},
}

const head = `package main

import (
	"container/heap"
	"container/list"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"
	"unsafe"
)

var (
	_ heap.Interface
	_ list.List
	_ gob.Decoder
	_ json.Number
	_ = errors.New
	_ fmt.Stringer
	_ log.Logger
	_ = maps.Clone[map[int]int]
	_ os.File
	_ reflect.Value
	_ = slices.Clone[[]int]
	_ sync.Map
	_ time.Time
	_ unsafe.Pointer
)
`

// TestWays sends values to a contract in every way there is.
func TestWays(t *testing.T) {
	code, iface, impl, calls := head, "", "", ""
	for _, w := range ways {
		named := func(s string) string { return strings.ReplaceAll(s, "NAME", w.name) }
		code += named(w.decls) + "\n"
		iface += "\t" + w.name + "(ctx context.Context, v any) error\n"
		impl += "func (impl) " + w.name + "(ctx context.Context, v any) error { return nil }\n"
		code += fmt.Sprintf("func run%s(ctx context.Context, s Service) {\n\t%s\n}\n", w.name, named(w.code))
		calls += fmt.Sprintf("\trun%s(context.Background(), impl{})\n", w.name)
	}
	flow, pkgs := program(t, map[string]string{"main.go": code + "type Service interface {\n" + iface + "}\ntype impl struct{}\n" + impl + "func main() {\n" + calls + "}\n"})
	service := pkgs["m"].Scope().Lookup("Service").Type().Underlying().(*types.Interface)
	for _, w := range ways {
		obj, _, _ := types.LookupFieldOrMethod(service, false, pkgs["m"], w.name)
		want := strings.ReplaceAll(w.want, "NAME", w.name)
		if got := said(flow.Param(obj.(*types.Func), 1)); got != want {
			t.Errorf("%s: %s\n got %s\nwant %s", w.name, w.code, got, want)
		}
	}
}
