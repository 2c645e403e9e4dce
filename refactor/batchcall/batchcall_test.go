package batchcall_test

import (
	"flag"
	"strings"
	"testing"

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

func TestOffer(t *testing.T) {
	const content = "package p\n\nfunc F(n int) int { return n }\n\nfunc G(ns ...int) {}\n\nfunc H() {}\n\ntype T[E any] struct{}\n\nfunc (t *T[E]) M(n int) {}\n\ntype U struct{}\n\nfunc (u U) N(n int) {}\n\nfunc asm(n int)\n"
	for needle, want := range map[string]string{
		"F(n":    "./a.F",
		"N(n":    "./a.U.N",
		"M(n":    "./a.T.M: M is generic",
		"G(ns":   "./a.G: G takes any number of arguments",
		"H()":    "",
		"asm":    "",
		"return": "",
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
