package engine

import (
	"context"

	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/bind"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	allstores "github.com/unweld/unweld/stores/all"
)

// BindOptions say what Bind is to generate.
type BindOptions = bind.Options

// StateOptions say how to keep a component's state.
type StateOptions = bind.StateOptions

// Bind returns the change set that makes a component reachable by the given
// bindings. Where everything is as it should be, the set is empty. A package that
// isn't of the module gets one of the module in between first.
func (s *Session) Bind(ctx context.Context, options BindOptions) (change.Set, error) {
	switch imported, err := s.dependency(options); {
	case err != nil:
		return change.Set{}, err
	case imported != "":
		return s.bindDependency(ctx, imported, options)
	}
	return bind.Bind(ctx, s.bindable(), options)
}

// State returns the change set that keeps the state of a bound component in the
// given stores; without any, in those that it has. Where everything is as it
// should be, the set is empty.
func (s *Session) State(ctx context.Context, options StateOptions) (change.Set, error) {
	return bind.State(ctx, s.bindable(), options)
}

// Eject returns the change set that takes away what bind and state made for a
// component, or for all of them if name is empty, and puts the lines that they
// changed back. What was generated and then edited by hand is refused, with the
// place.
func (s *Session) Eject(ctx context.Context, name string) (change.Set, error) {
	return bind.Eject(ctx, s.bindable(), name)
}

// Contract returns all that is known of a component's contract, given by the
// component's name or as ./pkg.Interface: what generators are given, the endpoints
// that can't cross with their reasons included.
func (s *Session) Contract(ctx context.Context, name string) (*component.Contract, error) {
	return bind.Contract(ctx, s.bindable(), name)
}

// bindable is the module as bind, state and eject work on it.
func (s *Session) bindable() *bind.Module {
	return &bind.Module{
		Root: s.Root, Path: s.Module, Snapshot: s.snap, Bindings: allbindings.Bindings, Stores: allstores.Stores,
		Config: func() (*split.Config, error) {
			cfg, _, err := s.Config()
			return cfg, err
		},
		Effects: s.effects, Progress: s.progress,
	}
}
