package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

const pricing = "example.com/shop/pricing"

var home = component.Package{Path: pricing, Name: "pricing", Dir: "pricing"}

func basic(k component.Kind) component.Type {
	return component.Type{ID: component.TypeID(k), Kind: k}
}

func list(elem component.TypeID) component.Type {
	return component.Type{ID: "[]" + elem, Kind: component.KindSlice, Elem: elem}
}

func structure(name string, fields ...string) component.Type {
	t := component.Type{ID: component.TypeID(pricing + "." + name), Kind: component.KindStruct, Package: home, Name: name}
	for _, f := range fields {
		name, typ, _ := strings.Cut(f, " ")
		t.Fields = append(t.Fields, component.Field{Name: name, Type: component.TypeID(strings.ReplaceAll(typ, "~", pricing+"."))})
	}
	return t
}

func method(name string, params ...string) component.Method {
	m := component.Method{Endpoint: component.Endpoint{Name: name}, Context: true, Error: true}
	for _, p := range params {
		name, typ, _ := strings.Cut(p, " ")
		m.Params = append(m.Params, component.Param{Name: name, Type: ref(typ)})
	}
	return m
}

// ref is the reference of a predeclared type, or, after ~, of one of pricing.
func ref(name string) component.TypeRef {
	if own, ok := strings.CutPrefix(name, "~"); ok {
		return component.NamedRef(home, own)
	}
	return component.Basic(name)
}

func contractOf(ms []component.Method, types ...component.Type) *component.Contract {
	types = append(types, basic(component.KindInt), basic(component.KindInt64), basic(component.KindString), basic(component.KindBool), list("string"))
	return &component.Contract{Component: "pricing", Package: home, Name: "Service", Methods: ms, Types: types}
}

// build goes through JSON, as unweld.lock does.
func build(t *testing.T, c *component.Contract, previous *Lock) *Schema {
	t.Helper()
	if previous != nil {
		data, err := json.Marshal(previous)
		if err != nil {
			t.Fatal(err)
		}
		previous = new(Lock)
		if err := json.Unmarshal(data, previous); err != nil {
			t.Fatal(err)
		}
	}
	s, problems := Build(c, previous)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	return s
}

func numbers(s *Schema, key string) map[string]int {
	ns := map[string]int{}
	for _, m := range s.Messages {
		if m.Key == key {
			for _, f := range m.Fields {
				ns[f.Name] = f.Number
			}
		}
	}
	return ns
}

func reserved(s *Schema, key string) []int {
	for _, m := range s.Messages {
		if m.Key == key {
			return m.Reserved
		}
	}
	return nil
}

const quoteKey = "struct " + pricing + ".Quote"

func quotes(fields ...string) *component.Contract {
	return contractOf([]component.Method{method("Price", "q ~Quote")}, structure("Quote", fields...))
}

// TestNumbersStay follows one struct through its versions: a field keeps its
// number through moves, and no number is given twice.
func TestNumbersStay(t *testing.T) {
	var lock *Lock
	for _, version := range []struct {
		name   string
		fields []string
		want   map[string]int
		gone   []int
	}{
		{"first", []string{"A int", "B string", "C bool"}, map[string]int{"A": 1, "B": 2, "C": 3}, nil},
		{"moved", []string{"C bool", "A int", "B string"}, map[string]int{"A": 1, "B": 2, "C": 3}, nil},
		{"inserted", []string{"C bool", "New string", "A int", "B string"}, map[string]int{"A": 1, "B": 2, "C": 3, "New": 4}, nil},
		{"removed", []string{"C bool", "New string", "A int"}, map[string]int{"A": 1, "C": 3, "New": 4}, []int{2}},
		{"another", []string{"C bool", "New string", "A int", "D int"}, map[string]int{"A": 1, "C": 3, "New": 4, "D": 5}, []int{2}},
		{"back", []string{"A int", "B string", "D int"}, map[string]int{"A": 1, "B": 2, "D": 5}, []int{3, 4}},
		{"back in another shape", []string{"A int", "B string", "C string"}, map[string]int{"A": 1, "B": 2, "C": 6}, []int{3, 4, 5}},
		{"same shape", []string{"A int64", "B string", "C string"}, map[string]int{"A": 1, "B": 2, "C": 6}, []int{3, 4, 5}},
	} {
		s := build(t, quotes(version.fields...), lock)
		if got := numbers(s, quoteKey); !reflect.DeepEqual(got, version.want) {
			t.Errorf("%s: numbers %v, want %v", version.name, got, version.want)
		}
		if got := reserved(s, quoteKey); !slices.Equal(got, version.gone) {
			t.Errorf("%s: reserved %v, want %v", version.name, got, version.gone)
		}
		lock = s.Lock
	}
}

// TestMethodsStay does so for endpoints and their parameters.
func TestMethodsStay(t *testing.T) {
	ids := func(s *Schema) map[string]int {
		out := map[string]int{}
		for _, m := range s.Methods {
			out[m.Name] = m.ID
		}
		return out
	}
	s := build(t, contractOf([]component.Method{method("A", "x int", "y string"), method("B")}), nil)
	if got := ids(s); !reflect.DeepEqual(got, map[string]int{"A": 1, "B": 2}) {
		t.Fatalf("ids %v", got)
	}
	s = build(t, contractOf([]component.Method{method("C"), method("A", "y string", "renamed int")}), s.Lock)
	if got := ids(s); !reflect.DeepEqual(got, map[string]int{"A": 1, "C": 3}) {
		t.Errorf("B is gone and C new: ids %v", got)
	}
	if got := numbers(s, "request A"); !reflect.DeepEqual(got, map[string]int{"y": 2, "renamed": 3}) {
		t.Errorf("a moved and a new parameter: %v", got)
	}
	s = build(t, contractOf([]component.Method{method("B"), method("A", "other string", "renamed int")}), s.Lock)
	if got := ids(s); got["B"] != 2 {
		t.Errorf("B is back with id %d", got["B"])
	}
}

// TestRenamedParameter keeps the number of a parameter that only has another
// name, which Go callers can't see.
func TestRenamedParameter(t *testing.T) {
	s := build(t, contractOf([]component.Method{method("A", "x int", "y int")}), nil)
	s = build(t, contractOf([]component.Method{method("A", "x int", "quantity int")}), s.Lock)
	if got := numbers(s, "request A"); !reflect.DeepEqual(got, map[string]int{"x": 1, "quantity": 2}) {
		t.Errorf("numbers %v", got)
	}
}

// TestRenamedAtItsPlace follows a signature through its versions: a parameter that
// is renamed is the one that stood at its place, whatever its number, and where
// more than one could be meant bind refuses.
func TestRenamedAtItsPlace(t *testing.T) {
	for _, test := range []struct {
		name     string
		versions []string // parameters, all int unless they say otherwise
		want     string   // the numbers of the last version, in its order; or the message's names
	}{
		{"swapped names", []string{"from to", "to from"}, "2 1"},
		{"swapped, and then one renamed", []string{"from to", "to from", "target from"}, "2 1"},
		{"swapped, and then the other renamed", []string{"from to", "to from", "to source"}, "2 1"},
		{"swapped, renamed and swapped back", []string{"from to", "to from", "target from", "from target"}, "1 2"},
		{"both renamed at once", []string{"from to", "source target"}, "from and to of the last version became source and target"},
		{"both renamed and swapped at once", []string{"from to", "target source"}, "from and to of the last version became target and source"},
		{"one renamed and one inserted", []string{"a b", "a x y"}, "b of the last version became x and y"},
		{"one renamed and one removed", []string{"a b", "x"}, "a and b of the last version became x"},
		{"one renamed, another of its own shape inserted", []string{"a b", "a s:string c"}, "1 3 4"}, // b stood elsewhere: it is gone
		{"one renamed of each shape", []string{"a s:string", "b t:string"}, "1 2"},
		{"unnamed ones get names", []string{"_ _", "a b"}, "1 2"},
		{"names are taken away", []string{"a b", "_ _"}, "1 2"},
		{"removed and back", []string{"a b", "a", "a b"}, "1 2"},
		{"removed, and another instead", []string{"a b", "a", "a c"}, "1 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s *Schema
			var lock *Lock
			for i, version := range test.versions {
				var params []string
				for _, p := range strings.Fields(version) {
					name, typ, ok := strings.Cut(p, ":")
					if !ok {
						typ = "int"
					}
					params = append(params, name+" "+typ)
				}
				c := contractOf([]component.Method{method("M", params...)})
				if strings.Contains(test.want, " became ") && i == len(test.versions)-1 {
					_, problems := Build(c, lock)
					if len(problems) != 1 || problems[0].Code != "incompatible-schema" || !strings.Contains(problems[0].Message, "of M, "+test.want+":") {
						t.Errorf("got %+v", problems)
					}
					return
				}
				s = build(t, c, lock)
				lock = s.Lock
			}
			var got []string
			for _, f := range s.Methods[0].Request.Fields {
				got = append(got, fmt.Sprint(f.Number))
			}
			if numbers := strings.Join(got, " "); numbers != test.want {
				t.Errorf("numbers %s, want %s", numbers, test.want)
			}
		})
	}
}

// TestOrderIsNoEncoding: to move parameters changes neither the fingerprint nor
// what earlier requests can be read.
func TestOrderIsNoEncoding(t *testing.T) {
	first := build(t, contractOf([]component.Method{method("M", "a int", "b int")}), nil)
	moved := build(t, contractOf([]component.Method{method("M", "b int", "a int")}), first.Lock)
	if first.Fingerprint() != moved.Fingerprint() || len(moved.Requests()["M"]) != 1 {
		t.Errorf("fingerprints %s and %s, requests %q", first.Fingerprint(), moved.Fingerprint(), moved.Requests()["M"])
	}
}

func TestIncompatible(t *testing.T) {
	for _, test := range []struct {
		name     string
		old, new *component.Contract
		path     string
	}{
		{"number to text", quotes("A int"), quotes("A string"), "Quote.A"},
		{"one to many", quotes("A string"), quotes("A []string"), "Quote.A"},
		{"parameter", contractOf([]component.Method{method("M", "x int")}), contractOf([]component.Method{method("M", "x string")}), "M.x"},
		{"another struct",
			contractOf([]component.Method{method("M", "q ~Quote")}, structure("Quote", "L ~Line"), structure("Line"), structure("Other")),
			contractOf([]component.Method{method("M", "q ~Quote")}, structure("Quote", "L ~Other"), structure("Line"), structure("Other")), "Quote.L"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lock := build(t, test.old, nil).Lock
			before, err := json.Marshal(lock)
			if err != nil {
				t.Fatal(err)
			}
			s, problems := Build(test.new, lock)
			if s != nil || len(problems) != 1 || problems[0].Code != "incompatible-schema" || problems[0].Path != test.path || problems[0].Hint == "" {
				t.Errorf("got %+v", problems)
			}
			if after, err := json.Marshal(lock); err != nil || string(after) != string(before) {
				t.Errorf("the lock that was passed in has changed (%v)", err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	bare := method("M")
	bare.Context, bare.Error = false, false
	odd := structure("Odd")
	odd.Kind, odd.Codec, odd.Fields = component.KindExternal, "carrier pigeon", nil
	for _, test := range []struct {
		c     *component.Contract
		codes []string
		path  string
	}{
		{contractOf([]component.Method{bare}), []string{"no-context", "no-error-result"}, "M"},
		{contractOf([]component.Method{method("M", "o ~Missing")}), []string{"foreign-type"}, "M(o) (" + pricing + ".Missing)"},
		{contractOf([]component.Method{method("M", "q ~Quote")}, structure("Quote", "O ~Odd"), odd), []string{"foreign-type"}, "M(q).O (" + pricing + ".Odd)"},
	} {
		_, problems := Build(test.c, nil)
		var codes []string
		for _, p := range problems {
			codes = append(codes, p.Code)
		}
		slices.Sort(codes)
		if !slices.Equal(codes, test.codes) || len(problems) == 0 || problems[0].Path != test.path {
			t.Errorf("got %+v, want %v at %s", problems, test.codes, test.path)
		}
	}
}

func TestRecursive(t *testing.T) {
	kids := list(pricing + ".Tree")
	s := build(t, contractOf([]component.Method{method("M", "t ~Tree", "l ~Leaf")}, structure("Tree", "Kids "+string(kids.ID), "L ~Leaf"), structure("Leaf", "N int"), kids), nil)
	for _, m := range s.Messages {
		wantRecursive := m.Key == "struct "+pricing+".Tree"
		if m.Recursive != wantRecursive {
			t.Errorf("%s: recursive is %v", m.Key, m.Recursive)
		}
		if want := wantRecursive || m.Key == "request M"; m.Fallible != want {
			t.Errorf("%s: fallible is %v", m.Key, m.Fallible)
		}
	}
}

// TestLockIsStable marshals the same lock whatever order the maps have.
func TestLockIsStable(t *testing.T) {
	c := contractOf([]component.Method{method("A", "q ~Quote"), method("B", "n int")}, structure("Quote", "A int", "L ~Line"), structure("Line", "B bool"))
	first, err := json.Marshal(build(t, c, nil).Lock)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := json.Marshal(build(t, c, build(t, c, nil).Lock).Lock)
		if err != nil || string(again) != string(first) {
			t.Fatalf("lock changes without a change of the contract (%v):\n%s\n%s", err, first, again)
		}
	}
}

// A request's history holds the forms that the present one can read all of.
func TestRequestHistory(t *testing.T) {
	form := func(fields ...string) *component.Contract {
		item := component.Type{ID: "m.Item", Name: "Item", Kind: component.KindStruct}
		for _, f := range fields {
			item.Fields = append(item.Fields, component.Field{Name: f, Type: "string"})
		}
		return &component.Contract{Component: "stock", Types: []component.Type{item, {ID: "string", Kind: component.KindString}},
			Methods: []component.Method{{Endpoint: component.Endpoint{Name: "Put"}, Context: true, Error: true, Params: []component.Param{{Name: "item", Type: component.NamedRef(component.Package{Path: "m"}, "Item")}}}}}
	}
	var lock *Lock
	seen := map[string]string{}
	for _, step := range []struct {
		fields []string
		want   []string // fields of the forms that can be read
	}{
		{[]string{"A"}, []string{"A"}},
		{[]string{"A", "B"}, []string{"A", "AB"}},
		{[]string{"A", "B"}, []string{"A", "AB"}},
		{[]string{"A", "B", "C"}, []string{"A", "AB", "ABC"}},
		{[]string{"A", "C"}, []string{"AC"}}, // what B held would be lost
		{[]string{"A", "C", "D"}, []string{"AC", "ACD"}},
		{[]string{"A", "B", "C", "D"}, []string{"AC", "ACD", "ABCD"}},
	} {
		s, problems := Build(form(step.fields...), lock)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		history := s.Requests()["Put"]
		seen[history[len(history)-1]] = strings.Join(step.fields, "")
		var got []string
		for _, f := range history {
			got = append(got, seen[f])
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("%v: reads %q, want %q", step.fields, got, step.want)
		}
		lock = s.Lock
	}
}

// TestHandleNames gives each handle, and each of its methods, a name of its own.
func TestHandleNames(t *testing.T) {
	text := component.TypeRef{Kind: component.RefNamed, Name: "string"}
	c := &component.Contract{Component: "shop", Package: component.Package{Path: "example.com/shop", Name: "shop"}, Name: "Service",
		Types: []component.Type{{ID: text.ID(), Ref: text, Kind: component.KindString}}}
	add := func(path, pkg, name string, args ...component.TypeRef) {
		ref := component.TypeRef{Kind: component.RefNamed, Path: path, Package: pkg, Name: name, Args: args}
		c.Types = append(c.Types, component.Type{ID: ref.ID(), Ref: ref, Kind: component.KindHandle, Package: component.Package{Path: path, Name: pkg}, Name: name,
			Lease: &component.Lease{}, Methods: []component.Method{{Endpoint: component.Endpoint{Name: "Next"}, Error: true, Params: []component.Param{{Name: "handle", Type: text}}}}})
		c.Methods = append(c.Methods, component.Method{Endpoint: component.Endpoint{Name: fmt.Sprintf("M%d", len(c.Methods)), Needs: []component.Mode{component.ModeHandle}},
			Context: true, Error: true, Results: []component.Param{{Type: ref}}})
	}
	add("example.com/a/sql", "sql", "Tx")
	add("example.com/b/sql", "sql", "Tx")
	add("example.com/shop", "shop", "Tx")
	add("example.com/shop", "shop", "tx")
	add("example.com/shop", "shop", "sql_Tx")
	add("example.com/shop", "shop", "Iter", component.TypeRef{Kind: component.RefNamed, Path: "x/a-b", Package: "ab", Name: "T"})
	add("example.com/shop", "shop", "Iter", component.TypeRef{Kind: component.RefNamed, Path: "x/a.b", Package: "ab", Name: "T"})
	c.Methods = append(c.Methods, component.Method{Endpoint: component.Endpoint{Name: "Tx_Next"}, Context: true, Error: true},
		component.Method{Endpoint: component.Endpoint{Name: "Handles_keep"}, Context: true, Error: true})
	s, problems := Build(c, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	handles, methods, numbers := map[string]bool{}, map[string]bool{strings.ToLower(s.KeepName): true}, map[int]bool{s.Keep: true}
	for _, m := range s.Methods {
		methods[strings.ToLower(m.Name)], numbers[m.ID] = true, true
		if m.Handle == "" {
			continue
		}
		handles[strings.ToLower(s.HandleName(m.Handle))] = true
		if f := m.Request.Fields; f[0].Form != Reference || f[0].Name == f[1].Name || !m.Request.Caller {
			t.Errorf("the request of %s is %+v", m.Name, m.Request)
		}
	}
	if len(handles) != 7 || len(methods) != len(s.Methods)+1 || len(numbers) != len(methods) {
		t.Errorf("handles %v, methods %v, numbers %v", handles, methods, numbers)
	}
	again, problems := Build(c, s.Lock)
	if len(problems) > 0 || again.Fingerprint() != s.Fingerprint() || again.Keep != s.Keep {
		t.Errorf("built again: %v, %d and %d", problems, again.Keep, s.Keep)
	}
	// Without the first, the second has its name, and is another one.
	c.Methods = c.Methods[1:]
	if _, problems := Build(c, s.Lock); len(problems) == 0 || problems[0].Code != "incompatible-schema" {
		t.Errorf("a handle in the place of another one: %v", problems)
	}
}
