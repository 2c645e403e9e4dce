package lookup

import (
	"context"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/source"
)

// flow returns what follows the values of the program, tests included, when a
// contract has an interface that anything may be behind: few have, and it takes
// another load.
func (f *Finder) flow(ctx context.Context, home *source.Package) func() *behind.Flow {
	return func() *behind.Flow {
		if f.followed != nil || f.failed != nil {
			return f.followed
		}
		pkgs, err := f.o.Snapshot.Load(ctx, source.LoadOptions{Tests: true}, f.o.Module+"/...")
		pkgs = slices.DeleteFunc(pkgs, f.ofRuntime)
		if err == nil {
			f.followed, err = behind.Of(ctx, pkgs, behind.Options{Module: f.o.Module, Span: f.o.Snapshot.Span, Fset: home.Fset})
		}
		if err != nil {
			f.followed, f.failed = &behind.Flow{}, err
		}
		return f.followed
	}
}

// resolver finds types by their references.
func (f *Finder) resolver() *typeref.Resolver {
	var pkgs []*types.Package
	for _, p := range f.pkgs {
		pkgs = append(pkgs, p.Types)
	}
	return typeref.NewResolver(pkgs)
}

// names reports whether generated code can import a package: that of the contract
// and what it imports, and the standard library. Others may import that code.
func (f *Finder) names(home *source.Package) func(path string) bool {
	below := importsOf(home.Types)
	return func(path string) bool { return path == home.Pkg.Path || below[path] || f.standard(path) }
}
