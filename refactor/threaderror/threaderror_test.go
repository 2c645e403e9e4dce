package threaderror_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/threaderror"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestThread runs the archives of testdata.
func TestThread(t *testing.T) {
	archive.Suite{Refactoring: threaderror.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nfunc F(n int) int { return n }\n\nfunc G() (int, error) { return 0, nil }\n\nfunc init() {}\n\ntype T[E any] struct{}\n\nfunc (t *T[E]) M() {}\n\nfunc asm()\n"
	for needle, want := range map[string]string{
		"F(n":    "./a.F",
		"M()":    "./a.T.M",
		"G()":    "./a.G: G returns an error already",
		"init":   "./a.init: the runtime calls init",
		"asm":    "./a.asm: asm has no Go body",
		"type T": "",
		"return": "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range threaderror.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := threaderror.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
