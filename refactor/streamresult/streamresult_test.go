package streamresult_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/streamresult"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestStream runs the archives of testdata.
func TestStream(t *testing.T) {
	archive.Suite{Refactoring: streamresult.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nfunc F() []int { return nil }\n\nfunc G() ([]string, error) { return nil, nil }\n\nfunc B() []byte { return nil }\n\nfunc H() int { return 0 }\n\nfunc A() [2]int { return [2]int{} }\n\ntype T[E any] struct{}\n\nfunc (t *T[E]) M() []E { return nil }\n"
	for needle, want := range map[string]string{
		"F()": "./a.F",
		"G()": "./a.G",
		"M()": "./a.T.M: M is a method of a generic type",
		"B()": "",
		"H()": "",
		"A()": "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range streamresult.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := streamresult.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
