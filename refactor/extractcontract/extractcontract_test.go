package extractcontract_test

import (
	"bytes"
	"errors"
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/extractcontract"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestExtractContract runs the archives of testdata.
func TestExtractContract(t *testing.T) {
	archive.Suite{Refactoring: extractcontract.Refactoring, Update: *update}.Run(t)
}

// isRefusal reports an error that names a place or is about the request, and
// doesn't say that the outcome would be wrong.
func isRefusal(err error) bool {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		return !bytes.Contains([]byte(r.Error()), []byte("doesn't type-check here"))
	}
	_, usage := errors.AsType[*component.UsageError](err)
	return usage
}
