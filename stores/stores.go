// Package stores defines what a store is: a way to keep a component's state.
// Each one lives in a folder of its own below this one, with its generator and
// the run-time code (rt) that is copied into the user's module; stores/all is
// the table of them.
package stores

import (
	"context"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

// A Store is one way to keep a component's state. It is a struct value in a
// table.
type Store struct {
	Name string // as in `unweld state --to NAME`: "commandlog"
	Doc  string // first line is a summary

	// Traits say what the store can do, where it keeps state, and how a component
	// moves with it. Planners and targets read them, and the reference page prints
	// them.
	Traits split.StoreTraits
	// Tools are the external programs that its run-time needs.
	Tools []generate.Tool

	// Runtime are the run-time packages that what it generates needs.
	Runtime []generate.Package

	// Check reports why the store can't keep the component's state.
	Check func(*component.Contract) []component.Problem
	// Generate returns the files that keep the state of the contract's
	// component in this store.
	Generate func(context.Context, *generate.Request) (*generate.Output, error)
}
