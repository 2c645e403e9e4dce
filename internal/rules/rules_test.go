package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

const shop = `
-- go.mod --
module example.com/shop

go 1.24
-- web/web.go --
package web
-- web/web_plan9.go --
package web

import (
	"example.com/shop/orders"
	"example.com/shop/orders/db"
)

var place = orders.Place

func (s *server) close() { db.Close() }
-- web/tool.go --
//go:build ignore

package main

import "example.com/shop/orders/db"

func main() { db.Close() }
-- orders/orders.go --
package orders
-- orders/db/db.go --
package db
-- internal/unweld/link/link.go --
package link
`

// code is a module of which web uses a function of orders in this build, and in
// files of other builds what the archive says.
func code(t *testing.T, config string) *Code {
	t.Helper()
	dir := t.TempDir()
	if err := txtar.Write(txtar.Parse([]byte(shop)), dir); err != nil {
		t.Fatal(err)
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	folders, err := snap.Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg, problems := split.Parse(split.FileName, []byte(config))
	if err := split.Usage(problems); err != nil {
		t.Fatal(err)
	}
	pkg := func(dir string, refs ...component.Ref) *component.Summary {
		return &component.Summary{Module: "example.com/shop", Package: component.Package{Path: "example.com/shop/" + dir, Name: filepath.Base(dir), Dir: dir},
			Decls: []component.Decl{{Name: "Page", Kind: "func"}, {Name: "Place", Kind: "func"}, {Name: "Close", Kind: "func"}}, Refs: refs}
	}
	use := func(to, name, kind string, line int) component.Ref {
		return component.Ref{From: component.DeclID{Pkg: "example.com/shop/web", Name: "Page"}, To: component.DeclID{Pkg: "example.com/shop/" + to, Name: name},
			Kind: kind, Count: 1, Span: text.Span{File: "web/web.go", Line: line, Col: 1, Start: line, End: line + 1}}
	}
	return NewCode(Input{
		Root: snap.Root, Module: snap.Module, Config: cfg, Snapshot: snap, Folders: folders,
		Summaries: []*component.Summary{pkg("internal/unweld/link"), pkg("orders"), pkg("orders/db"),
			pkg("web", use("orders", "Place", "call", 3), use("orders", "Place", "value", 4), use("internal/unweld/link", "Close", "call", 5))},
		Found: &component.Result{Components: []component.Found{
			{Name: "orders", Packages: []string{"example.com/shop/orders", "example.com/shop/orders/db"}},
			{Name: "run-time", Packages: []string{"example.com/shop/internal/unweld/link"}},
			{Name: "web", Packages: []string{"example.com/shop/web"}},
		}},
	})
}

const declared = `version: 1
components:
  orders: {packages: [./orders/...]}
  web: {packages: [./web]}
`

// said are the violations as code, declarations and file.
func said(r *Result) []string {
	list := []string{}
	for _, v := range r.Violations {
		list = append(list, strings.Join([]string{v.Code, v.From, v.To, v.Span.File}, " "))
	}
	return list
}

func TestCheck(t *testing.T) {
	const web, orders = "example.com/shop/web.", "example.com/shop/orders"
	tests := []struct {
		name, rules string
		patterns    []string
		want        []string
	}{
		{"no rule", "", nil, []string{}},
		{"all is allowed", "rules: {allow: {web: ['*']}}", nil, []string{}},
		{"what is used may not be", "rules: {allow: {web: []}}", nil, []string{
			"rule-allow " + web + "Page " + orders + ".Place web/web.go", // once, in whatever ways
			"rule-allow " + web + "place " + orders + ".Place web/web_plan9.go",
			"rule-allow " + web + "server " + orders + "/db.Close web/web_plan9.go", // the method goes with its type
		}},
		{"the wrong way through the layers", "rules: {layers: [orders, web]}", []string{"./web"}, []string{
			"rule-layers " + web + "Page " + orders + ".Place web/web.go",
			"rule-layers " + web + "place " + orders + ".Place web/web_plan9.go",
			"rule-layers " + web + "server " + orders + "/db.Close web/web_plan9.go",
		}},
		{"down the layers", "rules: {layers: [web, orders]}", nil, []string{}},
		{"a private folder", "rules: {private: [orders/db]}", nil, []string{"rule-private " + web + "server " + orders + "/db.Close web/web_plan9.go"}},
		{"where nobody breaks it", "rules: {allow: {web: []}}", []string{"./orders/..."}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := code(t, declared+tt.rules+"\n").Check(tt.patterns)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(r); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("violations:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestNeverBuilt: a file for go run is held to no rule, and a note says so.
func TestNeverBuilt(t *testing.T) {
	r, err := code(t, declared+"rules: {private: [orders/db]}\n").Check(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Notes) != 1 || r.Notes[0].Code != "not-checked" || r.Notes[0].Span.File != "web/tool.go" {
		t.Errorf("notes %+v, want one about web/tool.go", r.Notes)
	}
}

// TestRuntimeIsNobodys: generated code uses the copied run-time, which no rule is about.
func TestRuntimeIsNobodys(t *testing.T) {
	if !lock.OfRuntime("example.com/shop", "example.com/shop/"+lock.RuntimeFolder+"/link") || lock.OfRuntime("example.com/shop", "example.com/shop/internal/unwelded") || lock.OfRuntime("", "x") {
		t.Error("what is of the run-time isn't told from what isn't")
	}
	r, err := code(t, declared+"rules: {allow: {web: [orders]}, layers: [run-time, web]}\n").Check(nil)
	if err != nil || len(r.Violations) > 0 {
		t.Errorf("violations %+v, error %v", r.Violations, err)
	}
}

func TestNothingMatches(t *testing.T) {
	if _, err := code(t, declared).Check([]string{"./none"}); err == nil || !strings.Contains(err.Error(), "no packages matched") {
		t.Errorf("error %v, want that nothing matches", err)
	}
	c := code(t, declared+"  ghosts: {packages: [./ghosts]}\n")
	if err := c.CheckNames(); err == nil || !strings.Contains(err.Error(), "ghosts") {
		t.Errorf("error %v, want one about ghosts", err)
	}
	if err := code(t, declared).CheckNames(); err != nil {
		t.Error(err)
	}
}

func violation(code, from, to string) Violation {
	return Violation{component.Problem{Code: code}, from, to}
}

func TestAccept(t *testing.T) {
	a, b, c := Accepted{"rule-allow", "a", "x"}, Accepted{"rule-allow", "b", "x"}, Accepted{"rule-allow", "c", "x"}
	result := func() *Result {
		return &Result{Violations: []Violation{violation("rule-allow", "b", "x"), violation("rule-allow", "a", "x"), violation("rule-allow", "a", "x")}}
	}
	if got := result().Entries(); !reflect.DeepEqual(got, []Accepted{a, b}) {
		t.Errorf("entries %v", got)
	}
	r := result()
	r.Accept([]Accepted{a, c}, true)
	if r.Accepted != 2 || len(r.Violations) != 1 || r.Violations[0].From != "b" || !reflect.DeepEqual(r.Stale, []Accepted{c}) {
		t.Errorf("accepted of the whole: %+v", r)
	}
	r = result()
	r.Accept([]Accepted{a, c}, false)
	if r.Accepted != 2 || len(r.Stale) > 0 {
		t.Errorf("accepted of a part, where nothing can be stale: %+v", r)
	}
}

func TestBaseline(t *testing.T) {
	entries := []Accepted{{"rule-allow", "a", "x"}}
	content, err := EncodeBaseline(entries)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseBaseline("b.json", content); err != nil || !reflect.DeepEqual(got, entries) {
		t.Errorf("read %v, %v", got, err)
	}
	for content, want := range map[string]string{"{": "is no baseline", `{"version":9}`: "version that isn't known"} {
		if _, err := ParseBaseline("b.json", []byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", content, err, want)
		}
	}
	if _, err := ParseBaseline("b.json", nil); err == nil || !strings.Contains(err.Error(), "doesn't exist") {
		t.Errorf("error %v of a file that isn't there", err)
	}
	root := t.TempDir()
	for name, want := range map[string]string{"b.json": "b.json", "./ci/b.json": "ci/b.json", filepath.Join(root, "ci", "b.json"): "ci/b.json", "../b.json": "", os.TempDir(): ""} {
		got, err := BaselineFile(root, name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}
