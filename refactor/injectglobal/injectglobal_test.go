package injectglobal_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"

	"github.com/unweld/unweld/refactor/injectglobal"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestInject runs the archives of testdata.
func TestInject(t *testing.T) {
	archive.Suite{Refactoring: injectglobal.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nvar (\n\tmu sync.Mutex\n\tcache = map[string]int{}\n)\n\nvar ErrX = errors.New(\"x\")\n\nvar a, b = f()\n\nvar db *sql.DB\n\nfunc f() (int, int) { var local int; return 1, local }\n"
	for needle, want := range map[string]string{
		"mu sync":   "./a.mu",
		"cache":     "./a.{mu,cache}",
		"ErrX":      "",
		"b = f":     "./a.b: b is set together with others by one call",
		"db *":      "./a.db",
		"local int": "",
		"f() (int":  "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range injectglobal.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := injectglobal.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
