// Package bindings defines what a binding is: a way to reach a component. Each
// one lives in a folder of its own below this one, with its generator and the
// run-time code (rt) that is copied into the user's module; bindings/all is the
// table of them.
package bindings

import (
	"context"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// A Binding is one way to reach a component. It is a struct value in a table.
type Binding struct {
	Name   string // as in `unweld bind --to NAME`: "unix"
	Doc    string // first line is a summary
	Traits Traits

	// Check reports what keeps the contract from this binding.
	Check func(*component.Contract) []component.Problem
	// Generate returns the files of this binding alone, beside those that all
	// bindings share (codec, client, dispatcher, run-time).
	Generate func(context.Context, *generate.Request) (*generate.Output, error)
}

// Traits tell planners and documentation what a binding can do.
type Traits struct {
	Scheme        string // of its link addresses: "unix"
	CrossesUnits  bool   // reaches another process
	CrossesHosts  bool   // reaches another machine
	Deadlines     bool
	Cancellation  bool
	Metadata      bool
	ForeignCaller bool // callers in other languages
}
