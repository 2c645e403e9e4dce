package streamresult_test

import (
	"flag"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/streamresult"
)

var (
	everything = flag.Int("everything", 0, "how many targets of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything streams the lists that functions return, of code that nobody
// here wrote. Each outcome is code that type-checks with its tests, which Do has made
// sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{
		Packages: []string{"encoding/csv", "net/mail"},
		Modules:  []string{"github.com/nats-io/jwt/v2@v2.8.2", "golang.org/x/mod@v0.42.0"},
		Std:      corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: everywhere.Lists, Rare: true}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return streamresult.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}
