package engine

import (
	"context"
	"slices"

	"github.com/unweld/unweld/internal/callgraph"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
)

// What is worked out of all function bodies of a module, its intermediate form,
// effects and call graph, is made for one set of packages, whoever asks: written.
// The workspace of the snapshot keeps it until one of them changes.

// written loads the packages that people wrote: without those that bind and state
// made, and with as little in place of what they import of these as type-checks.
func (s *Session) written(ctx context.Context) (*source.Snapshot, []*source.Package, error) {
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, nil, err
	}
	pattern := "./..."
	if s.Module != "" {
		pattern = s.Module + "/..."
	}
	snap := s.bindable().WithoutGenerated(l)
	const checking = "type-checking the module"
	s.progress(checking)
	pkgs, err := snap.Load(s.telling(ctx, checking), source.LoadOptions{}, pattern)
	if err != nil {
		return nil, nil, err
	}
	files := l.Generated()
	return snap, slices.DeleteFunc(pkgs, func(p *source.Package) bool {
		return lock.OfRuntime(s.Module, p.Pkg.Path) || !slices.ContainsFunc(p.GoFiles, func(f string) bool { return !files[f] })
	}), nil
}

// effects prepares the analysis of what functions do to state.
func (s *Session) effects(ctx context.Context) (*effects.Program, error) {
	snap, pkgs, err := s.written(ctx)
	if err != nil {
		return nil, err
	}
	return effects.Of(ctx, snap, pkgs)
}

// calls returns the call graph of what people wrote.
func (s *Session) calls(ctx context.Context) (*callgraph.Graph, error) {
	snap, pkgs, err := s.written(ctx)
	if err != nil {
		return nil, err
	}
	s.progress("following the calls of the module")
	return callgraph.Of(ctx, snap, s.Module, pkgs)
}
