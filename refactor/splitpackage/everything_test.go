package splitpackage_test

import (
	"cmp"
	"context"
	"flag"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/splitpackage"
)

var another = flag.String("corpus", "", "directory of one more module for TestEverything")

// TestEverything splits packages that nobody here wrote by their files: what comes
// out type-checks with its tests, which Do has made sure of, or is refused with a
// reason of our own; undo gives back every byte.
func TestEverything(t *testing.T) {
	applied := 0
	try := func(name string, fill func(dir string) error) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := fill(dir); err != nil {
				t.Fatal(err)
			}
			applied += splitAll(t, dir, true)
		})
	}
	for _, pkg := range []string{"net/textproto", "text/template/parse"} {
		try(pkg, func(dir string) error { return corpus.Std(dir, pkg) })
	}
	for _, mod := range []string{"github.com/dustin/go-humanize@v1.0.1", "github.com/spf13/pflag@v1.0.10"} {
		try(mod, func(dir string) error { return corpus.Module(dir, mod) })
	}
	if *another != "" {
		t.Run("corpus", func(t *testing.T) { splitAll(t, *another, false) })
	}
	if applied == 0 {
		t.Error("nothing was split")
	}
}

func splitAll(t *testing.T, dir string, write bool) (applied int) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		if p.IllTyped() || len(p.GoFiles) < 2 {
			continue
		}
		in := refactor.Input{Snapshot: snap, Propose: func(context.Context, string) ([]refactor.Proposal, error) { return byFile(p), nil }}
		set, err := splitpackage.Refactoring.Do(t.Context(), in, refactor.Request{Target: p.Pkg.Path})
		switch why, ours := everywhere.Refusal(err); {
		case err == nil:
			applied++
			t.Logf("%s: %d files", p.Pkg.Path, len(set.Files))
			if write {
				everywhere.Undone(t, dir, set)
			}
		case ours && !strings.HasPrefix(why, "usage: "): // each request is a right one
			t.Logf("%s: %v", p.Pkg.Path, err)
		default:
			t.Errorf("%s: %v", p.Pkg.Path, err)
		}
	}
	return applied
}

// byFile makes a component of each file.
func byFile(p *source.Package) []refactor.Proposal {
	decls := map[string][]string{}
	for _, name := range p.Types.Scope().Names() {
		file := path.Base(p.Fset.PositionFor(p.Types.Scope().Lookup(name).Pos(), false).Filename)
		decls[file] = append(decls[file], name)
	}
	var out []refactor.Proposal
	for file, names := range decls {
		out = append(out, refactor.Proposal{Name: strings.TrimSuffix(file, ".go"), Decls: names})
	}
	slices.SortFunc(out, func(a, b refactor.Proposal) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
