package returnchanges_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/returnchanges"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestReturn runs the archives of testdata.
func TestReturn(t *testing.T) {
	archive.Suite{Refactoring: returnchanges.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = `package p

type T struct{ N int }

func Set(t *T)             { t.N = 1 }
func Read(t *T) int        { return t.N }
func (s *S[E]) Fill(m map[string]int) { m["a"]++ }
func Local(xs []int)       { xs = nil }
func First(xs []int)       { xs[0] = 1 }
func Array(xs [2]int)      { xs[0] = 1 }
func init()                {}
`
	for needle, want := range map[string]string{
		"Set":   "./a.Set",
		"Read":  "",
		"Fill":  "./a.S.Fill",
		"Local": "",
		"First": "./a.First",
		"Array": "",
		"init":  "",
		"type":  "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range returnchanges.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target + o.Disabled
			if _, err := returnchanges.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
