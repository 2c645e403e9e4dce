package movepackage_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/movepackage"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestMove runs each archive of testdata.
func TestMove(t *testing.T) {
	archive.Suite{Refactoring: movepackage.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	site := refactor.NewSite([]byte("package p\n\nfunc F() {}\n"), text.Span{File: "a/p.go", Start: 2, End: 2}, nil)
	got := movepackage.Refactoring.Offer(refactor.Input{}, site)
	if len(got) != 1 || got[0].Request.Target != "./a" || got[0].Disabled != "" {
		t.Fatalf("at the package clause: %+v", got)
	}
	if _, err := movepackage.Refactoring.Check(refactor.Input{}, got[0].Request); err != nil {
		t.Error(err)
	}
	if got := movepackage.Refactoring.Offer(refactor.Input{}, site.At(text.Span{File: "a/p.go", Start: 14, End: 14}, nil)); len(got) != 0 {
		t.Errorf("at a function: %+v", got)
	}
}
