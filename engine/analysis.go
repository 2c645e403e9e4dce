package engine

import (
	"context"
	"slices"
	"strings"

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
	snap := s.plain(l)
	s.progress("type-checking the module")
	pkgs, err := snap.Load(ctx, source.LoadOptions{}, pattern)
	if err != nil {
		return nil, nil, err
	}
	files := generatedFiles(l)
	return snap, slices.DeleteFunc(pkgs, func(p *source.Package) bool {
		return s.ofRuntime(p.Pkg.Path) || !slices.ContainsFunc(p.GoFiles, func(f string) bool { return !files[f] })
	}), nil
}

// ofRuntime reports whether a package is of the run-time that bind copied.
func (s *Session) ofRuntime(importPath string) bool {
	return s.Module != "" && strings.HasPrefix(importPath, s.Module+"/"+runtimeFolder+"/")
}

// generatedFiles are the files that bind and state made, relative to the root.
func generatedFiles(l *lock.File) map[string]bool {
	files := map[string]bool{}
	for _, part := range l.Components {
		for f := range part.Generated {
			files[f] = true
		}
	}
	return files
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
