package copyonboundary_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/copyonboundary"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	everything = flag.Int("everything", 0, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything copies at the boundary, wherever that is offered in code
// that nobody here wrote. Each outcome is code that type-checks with its tests, which
// Do has made sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: everywhere.Offered(copyonboundary.Refactoring),
		Packages: []string{"net/textproto"}, Modules: []string{"github.com/nats-io/jwt/v2@v2.8.2"}}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return copyonboundary.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}
