package breakcycle_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/breakcycle"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestBreak runs the archives of testdata.
func TestBreak(t *testing.T) {
	archive.Suite{Refactoring: breakcycle.Refactoring, Update: *update, Input: archive.WithConfig}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package orders\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/m/billing\"\n\t. \"example.com/m/dots\"\n\tother \"example.com/more\"\n)\n\nfunc F() {}\n"
	in := refactor.Input{Snapshot: &source.Snapshot{Module: "example.com/m"}}
	for needle, want := range map[string]string{
		"\"fmt\"":              "",
		"\"example.com/m/bill": "./orders on example.com/m/billing",
		". \"example":          "./orders on example.com/m/dots: nothing says what is used of it here",
		"other":                "",
		"func":                 "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "orders/o.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range breakcycle.Refactoring.Offer(in, site) {
			got = o.Request.Target + " on " + o.Request.Params["on"]
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := breakcycle.Refactoring.Check(in, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
