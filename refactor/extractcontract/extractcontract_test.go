package extractcontract_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/refactor/extractcontract"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestExtractContract runs the archives of testdata.
func TestExtractContract(t *testing.T) {
	archive.Suite{Refactoring: extractcontract.Refactoring, Update: *update}.Run(t)
}
