package localizestate_test

import (
	"flag"
	"go/types"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/localizestate"
)

var (
	everything = flag.Int("everything", 3, "how many fields of each corpus TestEverything tries, spread over all; 0 is all")
	another    = flag.String("corpus", "", "directory of one more module for TestEverything")
)

// TestEverything moves fields of structs that nobody here wrote, alone and with the
// next one. Each outcome is code that type-checks with its tests, which Do has made
// sure of, or a refusal with a reason of our own.
func TestEverything(t *testing.T) {
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Rare: true, Requests: fields}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return localizestate.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}

// fields asks for the fields of the structs of a module.
func fields(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil || len(pkgs) == 0 {
		t.Fatal(len(pkgs), err)
	}
	var out []refactor.Request
	for _, p := range pkgs {
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() {
				continue
			}
			s, ok := tn.Type().Underlying().(*types.Struct)
			if !ok {
				continue
			}
			for i := range s.NumFields() {
				f := s.Field(i).Name()
				if i%2 == 1 {
					f += "," + s.Field(i-1).Name()
				}
				out = append(out, refactor.Request{Target: p.Pkg.Path + "." + name, Params: map[string]string{"fields": f, "into": "Apart"}})
			}
		}
	}
	return out
}
