package pack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/pack"
	"github.com/unweld/unweld/internal/text"
)

type all struct {
	B      bool
	I      int
	I8     int8
	U      uint64
	F      float64
	S      string
	Named  component.Severity
	L      []string
	P      *text.Span
	M      map[string][]int
	In     struct{ A, B int }
	hidden int
}

func TestRoundTrip(t *testing.T) {
	for name, v := range map[string]all{
		"zero": {},
		"full": {B: true, I: -5, I8: math.MinInt8, U: math.MaxUint64, F: -0.25, S: "s\x00ü", Named: component.Warn, L: []string{"", "s", "s"},
			P: &text.Span{File: "f", Line: 3}, M: map[string][]int{"b": {1, 2}, "a": nil, "": {}}, In: struct{ A, B int }{0, math.MinInt64}},
		"empty, but there": {L: []string{}, P: &text.Span{}, M: map[string][]int{}},
	} {
		data, err := pack.Marshal(&v)
		if err != nil {
			t.Fatal(name, err)
		}
		got := all{I: 77, L: []string{"old"}, M: map[string][]int{"old": nil}, P: &text.Span{File: "old"}} // all of it is replaced
		if err := pack.Unmarshal(data, &got); err != nil {
			t.Fatal(name, err)
		}
		if !reflect.DeepEqual(got, v) {
			t.Errorf("%s: got %+v\nwant %+v", name, got, v)
		}
		again, _ := pack.Marshal(got)
		if !bytes.Equal(data, again) {
			t.Errorf("%s: the same value gives other bytes", name)
		}
	}
}

func TestHiddenFieldsDoNotCount(t *testing.T) {
	data, err := pack.Marshal(all{hidden: 3, I: 1})
	var got all
	if err != nil || pack.Unmarshal(data, &got) != nil || got.hidden != 0 || got.I != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestRefuses what isn't plain data, when it is written and when it is read.
func TestRefuses(t *testing.T) {
	type loop struct{ Next *loop }
	for _, v := range []any{loop{}, make(chan int), struct{ F func() }{}, map[int]string{}, []any{1}, nil} {
		if _, err := pack.Marshal(v); err == nil {
			t.Errorf("%T was written", v)
		}
	}
	data, _ := pack.Marshal(1)
	var n int
	if pack.Unmarshal(data, n) == nil || pack.Unmarshal(data, (*int)(nil)) == nil || pack.Unmarshal(data, &loop{}) == nil {
		t.Error("was read into what can't hold it")
	}
}

// TestDamaged: no byte can change without being noticed.
func TestDamaged(t *testing.T) {
	data, err := pack.Marshal(summary())
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for _, broken := range [][]byte{data[:i], bytes.Join([][]byte{data[:i], {data[i] ^ 4}, data[i+1:]}, nil)} {
			if err := pack.Unmarshal(broken, new(component.Summary)); !errors.Is(err, pack.ErrDamaged) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
	if err := pack.Unmarshal(data, new(text.Span)); !errors.Is(err, pack.ErrDamaged) {
		t.Errorf("as another type: %v", err)
	}
}

// TestCompact: strings are kept once, and zero fields not at all.
func TestCompact(t *testing.T) {
	s := summary()
	for range 1000 {
		s.Facts = append(s.Facts, s.Facts[0])
	}
	packed, err := pack.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := json.Marshal(s)
	if len(packed)*10 > len(plain) {
		t.Errorf("%d bytes, as JSON %d", len(packed), len(plain))
	}
	var got component.Summary
	if err := pack.Unmarshal(packed, &got); err != nil || !reflect.DeepEqual(&got, s) {
		t.Errorf("came back otherwise (%v)", err)
	}
}

func summary() *component.Summary {
	decl := component.DeclID{Pkg: "example.com/m/orders", Name: "Service"}
	of := component.Subject{Decl: decl, Member: "Place"}
	return &component.Summary{
		Package: component.Package{Path: decl.Pkg, Name: "orders", Dir: "orders"}, Module: "example.com/m", Imports: []component.Import{},
		Refs: []component.Ref{{From: decl, To: decl, Kind: "call", Count: 3, Span: text.Span{File: "orders/o.go", Start: 12, End: 20, Line: 3, Col: 4}}},
		Facts: []component.FunctionFacts{{Of: of, At: text.Span{File: "orders/o.go", Start: 2, End: 50, Line: 2, Col: 1},
			By: []component.AnalyzerFacts{{Analyzer: "calls", Facts: []component.Fact{{Kind: "calls", To: component.Subject{Decl: decl, Member: "Price"},
				Text: "remote", Span: text.Span{Start: 12, End: 20, Line: 3, Col: 4},
				More: &component.More{Fix: &component.Fix{Title: "do it", Edits: []component.Edit{{New: "x"}}}}}}}}}},
	}
}

// FuzzUnmarshal: bytes that a checksum vouches for may still be anything.
func FuzzUnmarshal(f *testing.F) {
	data, err := pack.Marshal(summary())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[8:])
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\xff", 20)))
	f.Fuzz(func(t *testing.T, body []byte) {
		var s component.Summary
		if pack.Unmarshal(pack.Seal(body), &s) != nil {
			return
		}
		again, err := pack.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		var u component.Summary
		if err := pack.Unmarshal(again, &u); err != nil || !reflect.DeepEqual(s, u) {
			t.Errorf("%+v came back as %+v (%v)", s, u, err)
		}
	})
}
