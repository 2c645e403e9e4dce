package movedeclaration_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/movedeclaration"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestMove runs each archive of testdata.
func TestMove(t *testing.T) {
	archive.Suite{Refactoring: movedeclaration.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nfunc F(n int) int { return n }\n\nfunc init() {}\n\ntype T[E any] struct{}\n\nfunc (t *T[E]) M() {}\n\nvar a, B = 1, 2\n\nconst (\n\tX = iota\n\tY\n)\n"
	for needle, want := range map[string]string{
		"F(n":                 "./a.F to ./a/f",
		"init":                "",
		"type T":              "./a.T to ./a/t",
		"M()":                 "",
		"return":              "",
		"func F|B = 1":        "./a.{F,T,a,B} to ./a/f",
		"var a|X = iota":      "./a.{a,B,X,Y} to ./a/a",
		"package p":           "",
		"(t *T[E]) M()|M() {": "",
	} {
		from, to, _ := strings.Cut(needle, "|")
		start := strings.Index(content, from)
		end := max(start, strings.Index(content, to))
		if to == "" {
			end = start
		}
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: start, End: end}, nil)
		got := ""
		for _, o := range movedeclaration.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target + " to " + o.Request.Params["to"]
			if _, err := movedeclaration.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
