package contract_test

import (
	"encoding/json"
	"go/types"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
)

// TestRefs checks the references of every type that many packages of the standard
// library mention: they go through JSON unchanged, identical types have the same
// one, and those that can stand in unweld.lock are spelled as they are there.
func TestRefs(t *testing.T) {
	mentioned := map[string][]types.Type{} // by key
	seen := map[types.Type]bool{}
	for _, path := range []string{"net/http", "go/types", "database/sql", "text/template", "slices", "maps", "iter", "sync/atomic"} {
		pkg, err := std.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range append(pkg.Imports(), pkg) {
			for _, name := range p.Scope().Names() {
				mentions(p.Scope().Lookup(name).Type(), seen)
			}
		}
	}
	for typ := range seen {
		ref := contract.Ref(typ)
		data, err := json.Marshal(ref)
		var back component.TypeRef
		if err != nil || json.Unmarshal(data, &back) != nil || !reflect.DeepEqual(ref, back) {
			t.Fatalf("%s is %s in JSON, and %v when read (%v)", ref, data, back, err)
		}
		if plain(typ) {
			if want := lockSpelling(typ); ref.String() != want {
				t.Errorf("spelled %s, and %s in existing locks", ref, want)
			}
		}
		for _, other := range mentioned[ref.String()] {
			if !reflect.DeepEqual(contract.Ref(other), ref) {
				t.Errorf("%s and %s have one spelling, and differ", other, typ)
			}
		}
		mentioned[ref.String()] = append(mentioned[ref.String()], typ)
	}
	identical(t, seen)
	if len(mentioned) < 2000 {
		t.Errorf("only %d types", len(mentioned))
	}
}

// identical checks that types which are identical have one key.
func identical(t *testing.T, seen map[types.Type]bool) {
	byName := map[string][]types.Type{} // those that may be identical
	for typ := range seen {
		shape := reflect.TypeOf(types.Unalias(typ)).String() + strconv.Itoa(len(types.TypeString(typ, nil))/64)
		byName[shape] = append(byName[shape], typ)
	}
	for _, list := range byName {
		for i, x := range list {
			for _, y := range list[:min(i, 200)] {
				if types.Identical(x, y) && contract.ID(x) != contract.ID(y) {
					t.Errorf("%s and %s are identical, but not their keys: %s, %s", x, y, contract.ID(x), contract.ID(y))
				}
			}
		}
	}
}

// mentions adds t and all that it is made of, as it is written.
func mentions(t types.Type, seen map[types.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	if _, ok := t.(*types.Tuple); !ok {
		seen[t] = true
	}
	switch u := t.(type) {
	case interface{ Elem() types.Type }: // pointer, slice, array, channel, map
		mentions(u.Elem(), seen)
		if m, ok := t.(*types.Map); ok {
			mentions(m.Key(), seen)
		}
	case *types.Alias:
		mentions(u.Rhs(), seen)
	case *types.Named:
		for a := range u.TypeArgs().Types() {
			mentions(a, seen)
		}
		mentions(u.Underlying(), seen)
		for m := range u.Methods() {
			mentions(m.Type(), seen)
		}
	case *types.Struct:
		for f := range u.Fields() {
			mentions(f.Type(), seen)
		}
	case *types.Signature:
		for v := range u.Params().Variables() {
			mentions(v.Type(), seen)
		}
		for v := range u.Results().Variables() {
			mentions(v.Type(), seen)
		}
	case *types.Interface:
		if u.IsImplicit() || !u.IsMethodSet() { // a constraint, which isn't the type of anything
			delete(seen, t)
		}
		for m := range u.Methods() {
			mentions(m.Type(), seen)
		}
	}
}

// plain reports whether t mentions only what can stand in a lock.
func plain(t types.Type) bool {
	for r := range contract.Ref(t).Mentioned() {
		switch r.Kind {
		case component.RefChan, component.RefFunc, component.RefInterface, component.RefTypeParam:
			return false
		}
		if r.Path == "unsafe" || r.IsZero() {
			return false
		}
	}
	return true
}

// lockSpelling is how the first locks were written.
func lockSpelling(t types.Type) string {
	switch u := types.Unalias(t).(type) {
	case *types.Basic:
		if int(u.Kind()) < len(types.Typ) {
			return types.Typ[u.Kind()].Name()
		}
		return u.Name()
	case *types.Pointer:
		return "*" + lockSpelling(u.Elem())
	case *types.Slice:
		return "[]" + lockSpelling(u.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(u.Len(), 10) + "]" + lockSpelling(u.Elem())
	case *types.Map:
		return "map[" + lockSpelling(u.Key()) + "]" + lockSpelling(u.Elem())
	case *types.Named:
		name := u.Obj().Name()
		if p := u.Obj().Pkg(); p != nil {
			name = p.Path() + "." + name
		}
		var args []string
		for a := range u.TypeArgs().Types() {
			args = append(args, lockSpelling(a))
		}
		if len(args) > 0 {
			name += "[" + strings.Join(args, ",") + "]"
		}
		return name
	case *types.Struct:
		var fields []string
		for i := range u.NumFields() {
			s := lockSpelling(u.Field(i).Type())
			if !u.Field(i).Embedded() {
				s = u.Field(i).Name() + " " + s
			}
			if tag := u.Tag(i); tag != "" {
				s += " " + strconv.Quote(tag)
			}
			fields = append(fields, s)
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	}
	return types.TypeString(t, (*types.Package).Path)
}

// TestSpelling checks what the lock never has, but generated code must write.
func TestSpelling(t *testing.T) {
	c := check(t, `package p
import "unsafe"
type Page[T any] struct{ Items []T }
type Service interface {
	M(f func(a, b int, more ...byte) (n int, err error), g func(...int), c chan (<-chan int), s chan<- []bool, i interface{ B(); A(x any) error }, u unsafe.Pointer, p map[string]*Page[*Page[rune]])
}`).build(t, contract.Options{})
	var got []string
	for _, p := range c.Methods[0].Params {
		got = append(got, p.Type.String())
	}
	want := []string{"func(int, int, ...uint8) (int, error)", "func(...int)", "chan (<-chan int)", "chan<- []bool",
		"interface{A(any) error; B()}", "unsafe.Pointer", "map[string]*example.com/p.Page[*example.com/p.Page[int32]]"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
