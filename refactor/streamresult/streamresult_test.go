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
	const content = `package p

func F() []int { var l []int; l = append(l, 1); return l }

func G() (names []string, err error) { names = append(names, ""); return }

func I(n int) []int { l := make([]int, n); for i := range l { l[i] = i }; return l }

func R() []int { l := []int{1}; return append(l, 2) }

func B() (l []byte) { l = append(l, 1); return l }

func H() int { return 0 }

func A() [2]int { return [2]int{} }

func N() []int { return nil }

func P(l []int) []int { l = append(l, 1); return l }

func C() []int { l := F(); return l }

func O() ([]int, bool) { var l []int; l = append(l, 1); return l, true }

type T[E any] struct{}

func (t *T[E]) M(e E) []E { var l []E; l = append(l, e); return l }
`
	for needle, want := range map[string]string{
		"F()": "./a.F",
		"G()": "./a.G",
		"I(":  "./a.I",
		"R()": "./a.R",
		"M(":  "./a.T.M: M is a method of a generic type",
		"B()": "",
		"H()": "",
		"A()": "",
		"N()": "",
		"P(":  "",
		"C()": "",
		"O()": "",
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
