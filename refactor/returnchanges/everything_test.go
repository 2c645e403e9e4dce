package returnchanges_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/returnchanges"
)

var (
	everything = flag.Int("everything", 0, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything returns what functions change, wherever that is offered in code
// that nobody here wrote. Each outcome is code that type-checks with its tests, which
// Do has made sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: everywhere.Offered(returnchanges.Refactoring),
		Packages: []string{"regexp/syntax", "index/suffixarray"}}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return returnchanges.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}
