package mergepackages_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/mergepackages"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestMerge runs each archive of testdata.
func TestMerge(t *testing.T) {
	archive.Suite{Refactoring: mergepackages.Refactoring, Update: *update}.Run(t)
}
