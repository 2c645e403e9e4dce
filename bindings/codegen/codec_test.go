package codegen

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

const codecArchive = "../../testdata/contracts/codec.txtar"

// TestCodec compiles the codec of a contract with every kind of value and runs
// the tests in the archive, once in a package of its own and once in the
// component's.
func TestCodec(t *testing.T) {
	t.Parallel()
	for _, form := range []component.Form{component.FormType, component.FormFuncs} {
		t.Run(string(form), func(t *testing.T) {
			t.Parallel()
			src := readSources(t, codecArchive)
			dir := src.scratch(codecFiles(t, src.contract(form)))
			if form == component.FormFuncs { // the tests name what the other form declares
				if err := os.RemoveAll(filepath.Join(dir, "pricing", "pricingunweld")); err != nil {
					t.Fatal(err)
				}
				run(t, dir, "vet", "./...")
				return
			}
			run(t, dir, "test", "./...")
		})
	}
}

var update = flag.Bool("update", false, "rewrite the generated code in bench")

// TestBench keeps the codec that is measured in bench the one that is generated.
func TestBench(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("bench/quotes/quotes.go")
	if err != nil {
		t.Fatal(err)
	}
	s := newSources(t, &txtar.Archive{Files: []txtar.File{{Name: "pricing/quotes.go", Data: src}}})
	c := s.contract(component.FormType)
	const home = "github.com/unweld/unweld/bindings"
	own := component.Package{Path: home + "/codegen/bench/quotes", Name: "quotes", Dir: "bench/quotes"}
	c.Package, c.Types = own, slices.Clone(c.Types)
	for i := range c.Types {
		c.Types[i] = moved(c.Types[i], own)
	}
	for i, m := range c.Methods {
		for j := range m.Params {
			c.Methods[i].Params[j].Type = movedRef(m.Params[j].Type, own)
		}
	}
	sch, problems := schema.Build(c, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	files, err := newGenerator(&generate.Request{Contract: c, Runtime: home + "/rt",
		Package: component.Package{Path: home + "/codegen/bench", Name: "bench", Dir: "bench"}}, sch).codec()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(files[0].Path, files[0].Content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(files[0].Path)
	if err != nil || !bytes.Equal(got, files[0].Content) {
		t.Errorf("%s isn't what is generated now (%v); run the test with -update", files[0].Path, err)
	}
}

// moved is a type of the archive's package as one of another package.
func moved(t component.Type, to component.Package) component.Type {
	if t.Package.Path != "" {
		t.Package = to
	}
	t.Ref = movedRef(t.Ref, to)
	t.ID, t.Elem, t.Key = movedID(t.ID, to), movedID(t.Elem, to), movedID(t.Key, to)
	return t
}

func movedRef(t component.TypeRef, to component.Package) component.TypeRef {
	if t.Path == testModule+"/pricing" {
		t.Path, t.Package = to.Path, to.Name
	}
	for _, part := range []**component.TypeRef{&t.Elem, &t.Key} {
		if *part != nil {
			other := movedRef(**part, to)
			*part = &other
		}
	}
	return t
}

func movedID(id component.TypeID, to component.Package) component.TypeID {
	return component.TypeID(strings.ReplaceAll(string(id), testModule+"/pricing.", to.Path+"."))
}

// TestSameBytes generates twice, from contracts built twice.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	first := codecFiles(t, readSources(t, codecArchive).contract(component.FormType))
	second := codecFiles(t, readSources(t, codecArchive).contract(component.FormType))
	if len(first) != 1 || first[0].Path != "pricing/pricingunweld/codec.go" || !bytes.Equal(first[0].Content, second[0].Content) {
		t.Errorf("generating twice gives different files: %d of them, the first is %s", len(first), first[0].Path)
	}
}

// TestUnnameable reports what a package of its own can't name, where it is, and
// accepts the same in the component's package.
func TestUnnameable(t *testing.T) {
	t.Parallel()
	src := newSources(t, txtar.Parse([]byte(`
-- pricing/pricing.go --
package pricing
import ("context"; "example.com/shop/pricing/internal/money"; "example.com/shop/other")
type kind int
type tag string
type key struct{ A tag }
type Quote struct {
	Kind kind
	Fine money.Amount
	Anon struct{ hidden int }
	By map[key]tag
}
type Service interface {
	Price(ctx context.Context, q []*Quote, o other.Value) error
}
-- pricing/internal/money/money.go --
package money
type Amount int
-- other/other.go --
package other
type Value struct{ K other }
type other string
`)))
	var got []string
	c := src.contract(component.FormType)
	for _, p := range unnameableTypes(c, Target(c)) {
		if p.Code != "unexported-type" || p.Severity != component.Error || p.Hint == "" {
			t.Errorf("problem %+v", p)
		}
		got = append(got, p.Path)
	}
	want := []string{"Price(q)[].Kind", "Price(q)[].Anon", "Price(q)[].By[key]", "Price(q)[].By[]", "Price(o).K"}
	if !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
}

// TestShadowedTypes compiles a codec in a package whose types are called like
// the variables, imports and functions of generated code.
func TestShadowedTypes(t *testing.T) {
	t.Parallel()
	src := newSources(t, txtar.Parse([]byte(`
-- pricing/pricing.go --
package pricing

import "context"

type tag string
type key struct{ a tag; s *m }
type value struct{ by map[key]value; list []e; pointers []*value; more map[tag][]value; n [2]n }
type m int
type n uint8
type e float64
type wire struct{ link link }
type link struct{ max int }
func max(a, b int) int { return a }
func min() {}
type Service interface {
	Price(ctx context.Context, k key, v value, w wire) (tag, e, error)
}
-- pricing/codec_test.go --
package pricing

import (
	"reflect"
	"testing"
)

func TestUnexported(t *testing.T) {
	eight := m(8)
	want := unweldPriceRequest{P0: key{"a", &eight}, P1: value{by: map[key]value{{a: "k"}: {list: []e{.5}}}, pointers: []*value{nil, {n: [2]n{1}}}, more: map[tag][]value{"": {}}}, P2: wire{link{3}}}
	b, err := unweldEncodePriceRequest(nil, &want)
	if err != nil {
		t.Fatal(err)
	}
	var got unweldPriceRequest
	if err := unweldDecodePriceRequest(string(b), &got); err != nil {
		t.Fatal(err)
	}
	if got.P0.a != want.P0.a || *got.P0.s != 8 || !reflect.DeepEqual(got.P1, want.P1) || got.P2 != want.P2 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
`)))
	dir := src.scratch(codecFiles(t, src.contract(component.FormFuncs)))
	run(t, dir, "test", "./pricing")
}

// TestUnhashableKey reads a map's key that can't be one, as only a hostile peer
// sends it: its entries are written like those of a list of pairs.
func TestUnhashableKey(t *testing.T) {
	t.Parallel()
	src := newSources(t, txtar.Parse([]byte(`
-- pricing/pricing.go --
package pricing

import "context"

type Shape interface{ shape() }
type Circle struct{ R int }
type Names []string

func (Circle) shape() {}
func (Names) shape()  {}

type At struct{ X [1]Shape }
type Pair struct{ Key Shape; Value int }
type Placed struct{ Key At; Value int }
type Service interface {
	Pairs(ctx context.Context, list []Pair) error
	Shapes(ctx context.Context, by map[Shape]int) error
	Places(ctx context.Context, list []Placed) error
	At(ctx context.Context, by map[At]int) error
}
-- pricing/codec_test.go --
package pricing

import "testing"

func TestKeys(t *testing.T) {
	for _, c := range []struct { key Shape; ok bool }{{Circle{1}, true}, {nil, true}, {Names{"a"}, false}, {Names(nil), false}} {
		b, err := unweldEncodePairsRequest(nil, &unweldPairsRequest{P0: []Pair{{c.key, 1}}})
		if err != nil {
			t.Fatal(err)
		}
		var shapes unweldShapesRequest
		if err := unweldDecodeShapesRequest(string(b), &shapes); (err == nil) != c.ok || c.ok && shapes.P0[c.key] != 1 {
			t.Errorf("%#v: %v %v", c.key, shapes, err)
		}
		b, err = unweldEncodePlacesRequest(nil, &unweldPlacesRequest{P0: []Placed{{At{[1]Shape{c.key}}, 1}}})
		if err != nil {
			t.Fatal(err)
		}
		var at unweldAtRequest
		if err := unweldDecodeAtRequest(string(b), &at); (err == nil) != c.ok || c.ok && at.P0[At{[1]Shape{c.key}}] != 1 {
			t.Errorf("%#v: %v %v", c.key, at, err)
		}
	}
}
`)))
	dir := src.scratch(codecFiles(t, src.contract(component.FormFuncs)))
	run(t, dir, "test", "./pricing")
}

// TestErrorName keeps the codecs of two error types of one name apart.
func TestErrorName(t *testing.T) {
	a := component.ErrorIdentity{Package: component.Package{Path: "example.com/a-b/x"}, Name: "RangeError", Type: "1"}
	b := component.ErrorIdentity{Package: component.Package{Path: "example.com/c/x"}, Name: "RangeError", Type: "2"}
	other := component.ErrorIdentity{Package: b.Package, Name: "Other", Type: "3"}
	g := &generator{contract: &component.Contract{Errors: []component.ErrorIdentity{a, b, other}}}
	got := []string{g.errorName(a), g.errorName(b), g.errorName(other)}
	if want := []string{"Example_com_a_b_x_RangeError", "Example_com_c_x_RangeError", "Other"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}
