package engine

import (
	"context"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/splittest"
)

// Plan plans the named split with what is bound now.
func (s *Session) Plan(name string) (*split.Plan, error) { return s.plan(name, false) }

func (s *Session) plan(name string, acrossHosts bool) (*split.Plan, error) {
	cfg, _, err := s.Config()
	if err != nil {
		return nil, err
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	facts := l.Facts(l.Names(), Terms())
	facts.AcrossHosts = acrossHosts
	return split.New(cfg, name, facts)
}

// Splits lists the splits that can be planned, sorted.
func (s *Session) Splits() ([]string, error) {
	cfg, _, err := s.Config()
	if err != nil {
		return nil, err
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	return split.Names(cfg, l.Facts(l.Names(), Terms())), nil
}

// TestSplits runs the module's own tests once for each of the named splits.
// args are those of go test; without any, all packages are tested.
func (s *Session) TestSplits(ctx context.Context, names, args []string) ([]splittest.Run, error) {
	if len(names) == 0 {
		return nil, &component.UsageError{Object: "--splits", Reason: "names no split", Hint: "for example: --splits monolith,micro"}
	}
	o := splittest.Options{Dir: s.Root, Args: args, Progress: s.options.Progress, Schemes: schemes(), Bindings: map[string][]string{}}
	if len(args) == 0 {
		o.Args = []string{"./..."}
	}
	var err error
	if o.Overlay, err = s.bindable().Overlay(codegen.TestBuild); err != nil {
		return nil, err
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	for name, part := range l.Components {
		o.Bindings[name] = part.Bindings
	}
	for _, name := range names {
		p, err := s.Plan(name)
		if err != nil {
			return nil, err
		}
		o.Plans = append(o.Plans, p)
	}
	return splittest.Tests(ctx, o)
}
