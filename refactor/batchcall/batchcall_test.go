package batchcall_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/batchcall"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestBatch runs the archives of testdata.
func TestBatch(t *testing.T) {
	archive.Suite{Refactoring: batchcall.Refactoring, Update: *update}.Run(t)
}

// TestOffer: what a loop of the file calls is offered where it is declared and where
// it is called, and nothing else is.
func TestOffer(t *testing.T) {
	const content = `package p

func F(n int) int { return n }

func G(ns ...int) {}

func H() {}

type T[E any] struct{}

func (t *T[E]) M(n int) {}

type U struct{}

func (u U) N(n int) {}

func Never(n int) int { return n }

func Later(n int) int { return n }

func asm(n int)

func loops(t *T[int], u U) {
	for i := range 3 {
		F(i)
		G(i)
		H()
		t.M(i)
		_ = func() { Later(i) }
	}
	for range Never(1) {
		u.N(2)
		asm(3)
		u.O(4)
	}
	_ = Never(5)
}
`
	for needle, want := range map[string]string{
		"F(n":      "./a.F",
		"F(i":      "./a.F",
		"N(n":      "./a.U.N",
		"N(2":      "./a.U.N",
		"M(n":      "./a.T.M: M is generic",
		"G(ns":     "./a.G: G takes any number of arguments",
		"G(i":      "./a.G: G takes any number of arguments",
		"H()":      "",
		"Never(n":  "",
		"Never(1":  "",
		"Never(5":  "",
		"Later(n":  "",
		"Later(i":  "",
		"O(4":      "",
		"asm(n":    "",
		"asm(3":    "",
		"return n": "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range batchcall.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := batchcall.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}

// TestOfferImported: a call of another package of the module is offered, one of
// another module or of a variable isn't.
func TestOfferImported(t *testing.T) {
	const content = "package p\n\nimport (\n\t\"strings\"\n\n\tprices \"example.com/m/pricing\"\n)\n\nfunc f(x T) {\n\tfor i := range 3 {\n\t\tprices.Of(i)\n\t\tstrings.ToLower(\"a\")\n\t\tx.Get(i)\n\t}\n\tprices.All(1)\n}\n"
	in := refactor.Input{Snapshot: &source.Snapshot{Module: "example.com/m"}}
	for needle, want := range map[string]string{"Of(": "example.com/m/pricing.Of", "ToLower": "", "Get(": "", "All(": ""} {
		at := strings.Index(content, needle)
		got := ""
		for _, o := range batchcall.Refactoring.Offer(in, refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)) {
			got = o.Request.Target
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
