package threaderror_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/threaderror"
)

var (
	everything = flag.Int("everything", 1, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything makes exported functions and methods of code that nobody here
// wrote return an error. Each outcome is code that type-checks with its tests,
// which Do has made sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return threaderror.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}
