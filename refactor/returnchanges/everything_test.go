package returnchanges_test

import (
	"flag"
	"go/ast"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
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
	all := everywhere.Corpus{Std: corpus.Std, Module: corpus.Module, Another: *another, Everything: *everything, Requests: offered,
		Packages: []string{"regexp/syntax", "index/suffixarray"}}
	all.Run(t, func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error) {
		return returnchanges.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
	})
}

// offered is what is offered at each function of a module.
func offered(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	for _, p := range pkgs {
		for _, f := range p.Syntax {
			rel := snap.Rel(p.Fset.Position(f.Pos()).Filename)
			content, _, err := snap.Content(rel)
			if err != nil {
				continue
			}
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				at := p.Fset.PositionFor(fn.Name.Pos(), false).Offset
				site := refactor.NewSite(content, text.Span{File: filepath.ToSlash(rel), Start: at, End: at}, nil)
				for _, o := range returnchanges.Refactoring.Offer(refactor.Input{}, site) {
					if o.Disabled == "" {
						out = append(out, o.Request)
					}
				}
			}
		}
	}
	return out
}
