package engine

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// TestDraft moves components of the shop, and holds each preview to the one that is
// made from the start.
func TestDraft(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: "../testdata/modules/shop", NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Draft(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	same := func(units ...[]string) {
		t.Helper()
		got, err := d.Preview()()
		if err != nil {
			t.Fatal(err)
		}
		want, err := s.SplitPreview(t.Context(), PreviewOptions{Units: units})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Entries, want.Entries) || !reflect.DeepEqual(got.Down, want.Down) || !reflect.DeepEqual(got.Hazards, want.Hazards) || !reflect.DeepEqual(got.Unbound, want.Unbound) {
			t.Errorf("with units %v, the draft says:\n%+v\nfrom the start:\n%+v", units, got.Preview, want.Preview)
		}
	}
	move := func(name, unit string) {
		t.Helper()
		if err := d.Move(name, unit); err != nil {
			t.Fatal(err)
		}
	}
	move("pricing", "pricing")
	same([]string{"pricing"})
	move("tax", "pricing")
	same([]string{"pricing", "tax"})
	move("orders", "orders")
	same([]string{"pricing", "tax"}, []string{"orders"})
	move("tax", split.MainUnit)
	same([]string{"pricing"}, []string{"orders"})
	move("tax", split.MainUnit) // changes nothing, and is nothing to take back
	move("pricing", split.MainUnit)
	same([]string{"orders"})
	if units := d.Units(); len(units) != 2 || !units[0].Rest || units[1].Name != "orders" {
		t.Errorf("a unit without anything stays: %+v", units)
	}
	for range 2 {
		if !d.Undo() {
			t.Error("nothing is taken back")
		}
	}
	if d.Name != "" {
		t.Errorf("the draft is called %s", d.Name)
	}
	same([]string{"pricing", "tax"}, []string{"orders"})
	for i := range 3 {
		if made := d.Redo(); made != (i < 2) {
			t.Errorf("made again for the %d. time: %v", i+1, made)
		}
	}
	same([]string{"orders"})
	refusesMoves(t, d)
	// What find made up is declared with the split.
	set, err := d.Write("two")
	if err != nil {
		t.Fatal(err)
	}
	const want = "version: 1\ncomponents:\n  orders: {packages: [./orders/...]}\n"
	if len(set.Files) != 1 || set.Files[0].Op != change.Create || !strings.HasPrefix(string(set.Files[0].Content), want) || !strings.Contains(string(set.Files[0].Content), "two:") {
		t.Errorf("%+v", set.Files)
	}
}

// refusesMoves moves what there isn't, and what can't be served apart, and leaves the draft
// as it was.
func refusesMoves(t *testing.T, d *Draft) {
	t.Helper()
	for _, name := range []string{"nobody", "pricing.Nothing"} {
		if err := d.Move(name, "x"); err == nil {
			t.Errorf("%s is nothing, and moves", name)
		}
	}
	quote := "pricing.Engine.Quote"
	if !slices.Contains(d.Endpoints("pricing"), quote) {
		t.Fatalf("pricing has no %s: %v", quote, d.Endpoints("pricing"))
	}
	if err := d.Move(quote, "edge"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Preview()(); err == nil || !strings.Contains(err.Error(), "can't be served apart") {
		t.Errorf("an endpoint of a component without bindings is served apart: %v", err)
	}
	d.Undo()
}

// TestDraftWrites adds a split to unweld.yaml, which then has it.
func TestDraftWrites(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.25\n", "main.go": "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { a.A() }\n",
		"a/a.go": "package a\n\nimport \"example.com/m/b\"\n\nfunc A() { b.B() }\n", "b/b.go": "package b\n\nfunc B() {}\n",
		split.FileName: "version: 1\ncomponents:\n  main: {packages: [.]}\n  a: {packages: [./a]} # kept\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), Options{Dir: dir, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Draft(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Move("main", "far"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write("two"); err == nil || !strings.Contains(err.Error(), "composition root") {
		t.Errorf("a split that can't be is written: %v", err)
	}
	d.Undo()
	if err := d.Move("b", "far"); err != nil {
		t.Fatal(err)
	}
	set, err := d.Write("two")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if d, err = s.Draft(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, split.FileName)); err != nil || !strings.Contains(string(got), "# kept\n  b: {packages: [") || len(d.Units()) != 2 || d.Units()[1].Name != "far" {
		t.Errorf("%v: %+v\n%s", err, d.Units(), got)
	}
	if _, err := d.Write("two"); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a split takes the place of another: %v", err)
	}
	if _, err := s.Undo(); err != nil {
		t.Error(err)
	}
	if _, err := s.Draft(t.Context(), "tow"); err == nil {
		t.Error("there is no split tow")
	} else if _, ok := errors.AsType[*component.UsageError](err); !ok {
		t.Error(err)
	}
}
