package source

import (
	"context"
	"errors"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// extract writes a txtar archive into a new directory.
func extract(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, opts Options) *Snapshot {
	t.Helper()
	s, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func load(t *testing.T, s *Snapshot, opts LoadOptions, patterns ...string) map[string]*Package {
	t.Helper()
	pkgs, err := s.Load(t.Context(), opts, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]*Package{}
	for _, p := range pkgs {
		m[p.ID] = p
	}
	return m
}

const twoPackages = `
-- go.mod --
module example.com/m

go 1.24
-- main.go --
package main

import "example.com/m/price"

func main() { println(price.Of("x")) }
-- price/price.go --
// Package price prices.
package price

// Of returns the price of sku.
func Of(sku string) int { return len(sku) }
-- price/price_test.go --
package price

import "testing"

func TestOf(t *testing.T) {
	if Of("x") != 1 {
		t.Fail()
	}
}
-- price/ext_test.go --
package price_test
-- price/other_plan9.go --
package price
`

func TestLoad(t *testing.T) {
	dir := extract(t, twoPackages)
	s := open(t, Options{Dir: filepath.Join(dir, "price")})
	if s.Root != dir || s.Module != "example.com/m" {
		t.Errorf("root %q module %q, want %q example.com/m", s.Root, s.Module, dir)
	}
	s = open(t, Options{Dir: dir})
	pkgs := load(t, s, LoadOptions{})
	if len(pkgs) != 2 {
		t.Fatalf("got %d packages, want 2", len(pkgs))
	}
	p := pkgs["example.com/m/price"]
	if p.Pkg != (component.Package{Path: "example.com/m/price", Name: "price", Dir: "price"}) || p.Module != "example.com/m" {
		t.Errorf("got %+v of module %s", p.Pkg, p.Module)
	}
	if !slices.Equal(p.GoFiles, []string{"price/price.go"}) || !slices.Equal(p.IgnoredFiles, []string{"price/other_plan9.go"}) {
		t.Errorf("files %v, ignored %v", p.GoFiles, p.IgnoredFiles)
	}
	of := p.Types.Scope().Lookup("Of")
	if used := pkgs["example.com/m"].Types.Imports()[0].Scope().Lookup("Of"); used != of {
		t.Error("the packages of one load don't share their types")
	}
	if sp := s.Span(p.Fset, of.Pos(), of.Pos()+2); sp.String() != "price/price.go:5:6" || sp.End-sp.Start != 2 {
		t.Errorf("span of Of is %v [%d,%d)", sp, sp.Start, sp.End)
	}
}

// TestPlacesOfObjects: an object has its position as long as somebody has the
// object, also where it is of a package that was only imported.
func TestPlacesOfObjects(t *testing.T) {
	s := open(t, Options{Dir: extract(t, twoPackages)})
	p := load(t, s, LoadOptions{Once: true}, ".")["example.com/m"]
	own, imported, fset := p.Types.Scope().Lookup("main"), p.Types.Imports()[0].Scope().Lookup("Of"), p.Fset
	p = nil
	for range 3 { // a cleanup runs some time after the collection
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	for _, of := range []struct {
		obj  types.Object
		want string
	}{{own, "main.go:5:6"}, {imported, "price/price.go:5:6"}} {
		if sp := s.Span(fset, of.obj.Pos(), of.obj.Pos()); sp.String() != of.want {
			t.Errorf("%s stands at %q, want %s", of.obj.Name(), sp, of.want)
		}
	}
}

func TestLoadTests(t *testing.T) {
	s := open(t, Options{Dir: extract(t, twoPackages)})
	pkgs := load(t, s, LoadOptions{Tests: true}, "./price")
	var ids []string
	for id := range pkgs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	want := []string{"example.com/m/price", "example.com/m/price [example.com/m/price.test]", "example.com/m/price_test [example.com/m/price.test]"}
	if !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
	if p := pkgs[want[1]]; p == nil || p.ForTest != "example.com/m/price" || len(p.Syntax) != 2 {
		t.Errorf("test variant: %+v", p)
	}
}

func TestOverlay(t *testing.T) {
	dir := extract(t, twoPackages)
	file := filepath.Join(dir, "price", "price.go")
	changed := []byte("package price\n\nfunc Of(sku string) int { return 7 }\n\nfunc New() {}\n")
	s := open(t, Options{Dir: dir, Overlay: map[string][]byte{file: changed}})
	if load(t, s, LoadOptions{})["example.com/m/price"].Types.Scope().Lookup("New") == nil {
		t.Error("the overlay was not loaded")
	}
	data, hash, err := s.Content("price/price.go")
	if err != nil || string(data) != string(changed) || hash != change.HashOf(changed) {
		t.Errorf("content %q, hash %s, err %v", data, hash, err)
	}
	plain := s.WithOverlay(map[string][]byte{file: nil})
	if data, _, _ := plain.Content("price/price.go"); !strings.Contains(string(data), "len(sku)") {
		t.Errorf("without overlay: %q", data)
	}
}

func TestContentIsStable(t *testing.T) {
	dir := extract(t, twoPackages)
	s := open(t, Options{Dir: dir})
	load(t, s, LoadOptions{})
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package other\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	data, _, err := s.Content("main.go")
	if err != nil || !strings.HasPrefix(string(data), "package main") {
		t.Errorf("got %q, %v; want what was loaded", data, err)
	}
	if _, _, err := s.Content("missing.go"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestBrokenCode(t *testing.T) {
	dir := extract(t, `
-- go.mod --
module example.com/m

go 1.24
-- good/good.go --
package good

func F() int { return 1 }
-- types/types.go --
package types

func F() int { return "x" }

func G() {}
-- syntax/syntax.go --
package syntax

func F( {
-- user/user.go --
package user

import "example.com/m/types"

func F() { types.G() }
-- missing/missing.go --
package missing

import _ "example.com/nowhere"
`)
	pkgs := load(t, open(t, Options{Dir: dir}), LoadOptions{})
	codes := map[string]string{}
	for id, p := range pkgs {
		for _, problem := range p.Problems {
			codes[filepath.Base(id)] += problem.Code + " " + problem.Span.String() + ";"
		}
	}
	if codes["good"] != "" || codes["user"] != "" {
		t.Errorf("sound packages have problems: %v", codes)
	}
	if !strings.Contains(codes["types"], "type-error types/types.go:3:23") {
		t.Errorf("types: %v", codes)
	}
	if !strings.Contains(codes["syntax"], "parse-error syntax/syntax.go:3") {
		t.Errorf("syntax: %v", codes)
	}
	if !strings.Contains(codes["missing"], "missing/missing.go:3") {
		t.Errorf("missing: %v", codes)
	}
	if fn, ok := pkgs["example.com/m/user"].Types.Imports()[0].Scope().Lookup("G").(*types.Func); !ok || fn.Name() != "G" {
		t.Error("the user of an ill-typed package doesn't see its sound parts")
	}
}

// TestExpand checks what DIR/... means where DIR is in no module of the workspace.
func TestExpand(t *testing.T) {
	dir := extract(t, `
-- go.work --
go 1.24

use (
	./shop
	./tools/lint
	./tools/gen
)
-- shop/go.mod --
module example.com/shop
-- shop/feed/feed.go --
package feed
-- tools/lint/go.mod --
module example.com/lint
-- tools/gen/go.mod --
module example.com/gen
-- docs/x.txt --
`)
	for _, tt := range []struct{ in, pattern, want string }{
		{".", "./...", "./shop/... ./tools/lint/... ./tools/gen/..."},
		{".", "./tools/...", "./tools/lint/... ./tools/gen/..."},
		{".", "./shop/...", "./shop/..."},
		{".", "./shop/feed/...", "./shop/feed/..."},
		{".", "./docs/...", "./docs/..."},
		{".", "./shop", "./shop"},
		{".", "example.com/...", "example.com/..."},
		{"tools", "./...", "./lint/... ./gen/..."},
		{"tools", "../...", "./../shop/... ./lint/... ./gen/..."},
		{"docs", "./../...", "./../shop/... ./../tools/lint/... ./../tools/gen/..."},
		{"shop", "./...", "./..."},
	} {
		s := open(t, Options{Dir: filepath.Join(dir, tt.in)})
		if got := strings.Join(s.Expand([]string{tt.pattern}), " "); got != tt.want {
			t.Errorf("in %s, %s: got %s, want %s", tt.in, tt.pattern, got, tt.want)
		}
	}
}

func TestWorkspace(t *testing.T) {
	dir := extract(t, `
-- go.work --
go 1.24

use (
	./a
	./b
)
-- a/go.mod --
module example.com/a

go 1.24
-- a/a.go --
package a

import "example.com/b"

var X = b.Y
-- b/go.mod --
module example.com/b

go 1.24
-- b/b.go --
package b

var Y = 1
`)
	s := open(t, Options{Dir: dir})
	pkgs := load(t, s, LoadOptions{})
	if len(pkgs) != 2 || pkgs["example.com/a"].Module != "example.com/a" || pkgs["example.com/a"].Pkg.Dir != "a" {
		t.Errorf("workspace: %v", pkgs)
	}
	inside := open(t, Options{Dir: filepath.Join(dir, "a")})
	if inside.Root != filepath.Join(dir, "a") {
		t.Errorf("root inside a module of a workspace is %s", inside.Root)
	}
	if n := len(load(t, inside, LoadOptions{})); n != 1 {
		t.Errorf("%d packages in module a, want 1", n)
	}
	elsewhere := filepath.Join(t.TempDir(), "fmt", "print.go")
	for abs, want := range map[string]string{
		filepath.Join(inside.Root, "a.go"): "a.go",
		filepath.Join(dir, "b", "b.go"):    "../b/b.go",
		filepath.Join(dir, "b"):            "../b",
		filepath.Join(dir, "bb", "b.go"):   filepath.ToSlash(filepath.Join(dir, "bb", "b.go")),
		filepath.Join(dir, "go.work"):      filepath.ToSlash(filepath.Join(dir, "go.work")),
		elsewhere:                          filepath.ToSlash(elsewhere),
	} {
		if got := inside.Rel(abs); got != want || inside.Abs(got) != abs {
			t.Errorf("Rel(%s) = %s, want %s, and back: %s", abs, got, want, inside.Abs(got))
		}
	}
}

func TestLoadErrors(t *testing.T) {
	empty := t.TempDir()
	_, err := Open(t.Context(), Options{Dir: empty})
	wantLoadError(t, err, "no go.mod")
	_, err = Open(t.Context(), Options{Dir: filepath.Join(empty, "nowhere")})
	wantLoadError(t, err, "is not a directory")

	s := open(t, Options{Dir: extract(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.24\n")})
	_, err = s.Load(t.Context(), LoadOptions{})
	wantLoadError(t, err, "no packages matched")
	_, err = s.Load(t.Context(), LoadOptions{}, "./nowhere")
	wantLoadError(t, err, "nowhere")

	s = open(t, Options{Dir: extract(t, "-- go.mod --\nmodule example.com/m\n\ngoo 1.24\n-- m.go --\npackage m\n")})
	_, err = s.Load(t.Context(), LoadOptions{})
	wantLoadError(t, err, "unknown directive")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Load(ctx, LoadOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled load: %v", err)
	}
}

func wantLoadError(t *testing.T, err error, reason string) {
	t.Helper()
	le, ok := errors.AsType[*component.LoadError](err)
	if !ok || !strings.Contains(le.Error(), reason) || component.HintOf(err) == "" {
		t.Errorf("got %v (%T), want a load error with a hint that says %q", err, err, reason)
	}
}
