package wrapdependency_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/wrapdependency"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestWrap runs each archive of testdata.
func TestWrap(t *testing.T) {
	archive.Suite{Refactoring: wrapdependency.Refactoring, Update: *update}.Run(t)
}
