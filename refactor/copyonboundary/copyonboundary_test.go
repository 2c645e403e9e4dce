package copyonboundary_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/copyonboundary"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestCopy runs the archives of testdata.
func TestCopy(t *testing.T) {
	archive.Suite{Refactoring: copyonboundary.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = `package p

type C struct{ items []int; n int; in struct{ m map[string]int } }

func (c *C) Items() []int { return c.items }
func (c *C) Count() int { return c.n }
func (c *C) Fresh() []int { return []int{c.n} }
func (c *C) Map() map[string]int { return c.in.m }
func (c *C) Set(xs []int, n int) { c.n = n }
func (c *C) Put(xs []int) { c.items = xs }
func (c *C) Add(x *int) { c.all = append(c.all, x) }
func (*C) None() []int { return nil }
func Free(c *C) []int { return c.items }
`
	for needle, want := range map[string]string{
		"Items()": "./a.C.Items",
		"Count()": "",
		"Fresh()": "",
		"Map()":   "./a.C.Map",
		"Set(":    "",
		"Put(":    "./a.C.Put",
		"Add(":    "./a.C.Add",
		"None()":  "",
		"Free(":   "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range copyonboundary.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target + o.Disabled
			if _, err := copyonboundary.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
