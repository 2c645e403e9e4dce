// Package bindings defines what a binding is: a way to reach a component. Each
// one lives in a folder of its own below this one, with its generator and the
// run-time code (rt) that is copied into the user's module; bindings/all is the
// table of them.
package bindings

import (
	"context"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

// A Binding is one way to reach a component. It is a struct value in a table.
type Binding struct {
	Name   string // as in `unweld bind --to NAME`: "unix"
	Doc    string // first line is a summary
	Traits Traits
	// Schemes are those of the link addresses by which it is reached, the one
	// first that a link has which names the binding alone. Their Binding may be
	// left empty.
	Schemes []split.Scheme

	// Check reports what keeps the contract from this binding.
	Check func(*component.Contract) []component.Problem
	// Generate returns the files of this binding alone, beside those that all
	// bindings share (codec, client, dispatcher, run-time).
	Generate func(context.Context, *generate.Request) (*generate.Output, error)
}

// Traits tell planners and documentation what a binding can do.
type Traits struct {
	Deadlines     bool
	Cancellation  bool
	Metadata      bool
	ForeignCaller bool // callers in other languages
}
