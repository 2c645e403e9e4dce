package lookup

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

const shop = `
-- orders/orders.go --
package orders

import (
	"archive/tar"
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/mod/module"

	"example.com/shop/money"
)

// Service takes orders.
//
// Deprecated: use carts.
//
//unweld:contract orders
type Service interface {
	money.Banker
	// Place places an order.
	Place(ctx context.Context,
		o Order, // the order as the customer sees it
	) (total money.Cents /* in the shop's currency */, err error)
	// Old is old.
	//
	// Deprecated: use Place.
	Old(context.Context) (*tar.Header, http.SameSite, time.Month, time.Duration, module.Version, error)
}

// An Order is what a customer wants.
type Order struct {
	State State // where it stands
	// At is when it was made.
	At time.Time
}

// State is where an order stands.
type State int

// The states.
const (
	Open State = iota // waiting
	// Paid is paid for.
	Paid
)

// ErrGone means that an order isn't there any more.
var ErrGone = errors.New("gone")

// Full is an error with a number.
type Full struct{ Max int } // how many

func (Full) Error() string { return "full" }
-- money/money.go --
// Package money counts.
package money

import "context"

// Cents are hundredths.
type Cents int64

// A Banker banks.
type Banker interface {
	// Bank banks.
	//
	//unweld:idempotent
	//unweld:slow
	Bank(ctx context.Context, amount Cents /* what to bank */) error
}
`

// module writes an archive as a module that requires what this one does.
func module(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	files := txtar.Parse([]byte(archive))
	for _, name := range []string{"go.mod", "go.sum"} {
		own, err := os.ReadFile("../../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		own = bytes.Replace(own, []byte("module github.com/unweld/unweld\n"), []byte("module example.com/shop\n"), 1)
		files.Files = append(files.Files, txtar.File{Name: name, Data: own})
	}
	tree, err := txtar.FS(files)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, tree); err != nil {
		t.Fatal(err)
	}
	return dir
}

func find(t *testing.T, dir, name string) (*component.Contract, *Finder) {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(t.Context(), Options{Root: dir, Module: "example.com/shop", Snapshot: snap, Config: &split.Config{}, Lock: &lock.File{}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Find(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return found.Contract, f
}

// TestDocs builds a contract over packages of the module, of the standard library
// and of the module cache, and finds in it what their sources say.
func TestDocs(t *testing.T) {
	c, f := find(t, module(t, shop), "orders")
	if len(c.Problems) > 0 {
		t.Fatal(c.Problems)
	}
	method := func(name string) *component.Method {
		return &c.Methods[slices.IndexFunc(c.Methods, func(m component.Method) bool { return m.Name == name })]
	}
	field := func(id component.TypeID, name string) string {
		fields := c.Type(id).Fields
		return fields[slices.IndexFunc(fields, func(f component.Field) bool { return f.Name == name })].Doc
	}
	state := c.Type("example.com/shop/orders.State")
	version, header := c.Type("golang.org/x/mod/module.Version"), c.Type("archive/tar.Header")
	for what, pair := range map[string][2]string{
		"contract":          {c.Doc, "Service takes orders.\n\nDeprecated: use carts."},
		"method":            {method("Place").Doc, "Place places an order."},
		"deprecated":        {method("Old").Doc, "Old is old.\n\nDeprecated: use Place."},
		"embedded method":   {method("Bank").Doc, "Bank banks."},
		"parameter":         {method("Place").Params[0].Doc, "the order as the customer sees it"},
		"embedded's":        {method("Bank").Params[0].Doc, "what to bank"},
		"result":            {method("Place").Results[0].Doc, "in the shop's currency"},
		"type":              {c.Type("example.com/shop/orders.Order").Doc, "An Order is what a customer wants."},
		"other package":     {c.Type("example.com/shop/money.Cents").Doc, "Cents are hundredths."},
		"field, behind":     {field("example.com/shop/orders.Order", "State"), "where it stands"},
		"field, above":      {field("example.com/shop/orders.Order", "At"), "At is when it was made."},
		"error's field":     {field("example.com/shop/orders.Full", "Max"), ""},
		"constant, behind":  {state.Constants[0].Doc, "waiting"},
		"constant, above":   {state.Constants[1].Doc, "Paid is paid for."},
		"constants":         {state.ConstantsDoc, "The states."},
		"sentinel":          {c.Errors[0].Doc, "ErrGone means that an order isn't there any more."},
		"typed error":       {c.Errors[1].Doc, "Full is an error with a number."},
		"module cache":      {field(version.ID, "Path"), `Path is a module path, like "golang.org/x/text" or "rsc.io/quote/v2".`},
		"standard library":  {field(header.ID, "Linkname"), "Target name of link (valid for TypeLink or TypeSymlink)"},
		"external codec":    {firstLine(c.Type("time.Time").Doc), "A Time represents an instant in time with nanosecond precision."},
		"standard basic":    {firstLine(c.Type("time.Month").Doc), "A Month specifies a month of the year (January = 1, ...)."},
		"standard constant": {firstLine(c.Type("time.Duration").ConstantsDoc), "Common durations. There is no definition for units of Day or larger"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if m := method("Bank"); !m.Idempotent || !m.Slow {
		t.Errorf("Bank has lost the directives of the interface that it comes from: %+v", m.Endpoint)
	}
	// common.go and format.go of tar, cookie.go of http, time.go, module.go: each once, and no other file of theirs.
	if n := f.comments.Parsed(); n != 5 {
		t.Errorf("%d files were parsed for their comments, want 5", n)
	}
}

// TestDocsBehind takes the docs of a contract that has none from what answers it.
func TestDocsBehind(t *testing.T) {
	dir := module(t, `
-- engine/engine.go --
package engine

import "context"

type Service interface {
	// Own has a comment of its own.
	Own(context.Context) error
	Other(context.Context) error
	None(context.Context) error
}

type base struct{}

// Own is told of again.
func (base) Own(context.Context) error { return nil }

// Other is told of behind the contract.
func (*base) Other(context.Context) error { return nil }

type Engine struct{ *base }

func (Engine) None(context.Context) error { return nil }
-- funcs/funcs.go --
package funcs

import "context"

type Service interface {
	Do(ctx context.Context) error
}

var service Service = local{}

type local struct{}

func (local) Do(context.Context) error { return nil }

// Do does.
func Do(ctx context.Context) error { return service.Do(ctx) }
`)
	c, _ := find(t, dir, "engine")
	for i, want := range []string{"Own has a comment of its own.", "Other is told of behind the contract.", ""} {
		if got := c.Methods[i].Doc; got != want {
			t.Errorf("%s: %q, want %q", c.Methods[i].Name, got, want)
		}
	}
	if c, _ := find(t, dir, "funcs"); c.Form != component.FormFuncs || c.Methods[0].Doc != "Do does." {
		t.Errorf("%s: %q", c.Form, c.Methods[0].Doc)
	}
}

func firstLine(s string) string { first, _, _ := strings.Cut(s, "\n"); return first }
