package engine

import (
	"context"

	"github.com/unweld/unweld/deploy"
	alltargets "github.com/unweld/unweld/deploy/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// PreviewOptions say which split to look at.
type PreviewOptions = preview.Options

// A Preview says what a split would cost and what would break, without running
// anything.
type Preview = preview.Preview

// Unbound is a component without bindings, and what would give it some.
type Unbound = preview.Unbound

// QuietUnit is a unit, other than the entry unit, that no call crosses to.
type QuietUnit = preview.QuietUnit

// SplitTarget says of a target whether it can take a split.
type SplitTarget = split.Fit

// SplitPreview looks at a split before it runs.
func (s *Session) SplitPreview(ctx context.Context, o PreviewOptions) (*Preview, error) {
	m, err := s.previewModule()
	if err != nil {
		return nil, err
	}
	return preview.Of(ctx, m, o)
}

// previewModule is what previews are made of.
func (s *Session) previewModule() (*preview.Module, error) {
	if s.Module == "" {
		return nil, &component.UsageError{Object: s.Root, Reason: "is a workspace of several modules", Hint: "work in one of its modules: unweld -C DIR ..."}
	}
	cfg, _, err := s.Config()
	if err != nil {
		return nil, err
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	return &preview.Module{
		Path: s.Module, Config: cfg, Lock: l, Terms: Terms(), Carriers: carriers(), Calls: s.calls,
		Find: func(ctx context.Context, cfg *split.Config, strict bool) (*component.Result, error) {
			return s.find(ctx, cfg, FindOptions{Patterns: s.wholeModule(), Strict: strict})
		},
		Written: func(ctx context.Context) ([]*source.Package, error) {
			_, pkgs, err := s.written(ctx)
			return pkgs, err
		},
		Fit: func(plan func(acrossHosts bool) (*split.Plan, error)) []split.Fit {
			return deploy.FitAll(alltargets.Targets, schemes(), plan)
		},
	}, nil
}
