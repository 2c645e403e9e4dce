// Package bindings defines what a binding is: a way to reach a component. Each
// one lives in a folder of its own below this one, with its generator and the
// run-time code (rt) that is copied into the user's module; bindings/all is the
// table of them.
package bindings

import (
	"context"
	"slices"

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

	// Options are the settings of what it generates: --opt NAME.OPTION=VALUE, or
	// the component's options in unweld.yaml.
	Options []generate.Option

	// Tools are the programs that its steps and its allocator need, each once.
	Tools []generate.Tool

	// Runtime are the run-time packages of its transport.
	Runtime []generate.Package

	// Check reports what keeps the contract from this binding.
	Check func(*component.Contract) []component.Problem
	// Generate returns what this binding alone adds to what all bindings share
	// (codec, client, dispatcher, run-time). It gets the contract and the schema
	// that the shared code was made of.
	Generate func(context.Context, *generate.Request) (*generate.Output, error)
}

// Traits say what a binding can do. Generators refuse a contract that needs more,
// the conformance tests hold a binding to what it claims, and the documentation
// prints them.
type Traits struct {
	Unary         bool // calls with one request and one reply
	Streams       bool // endpoints that take or give streams
	Handles       bool // endpoints that give a contract
	Replicas      bool // several units may serve one component at one address, and share its calls
	Deadlines     bool
	Cancellation  bool
	Metadata      bool
	ForeignCaller bool // callers in other languages
	Registered    bool // values of any, of the types that the program puts there
	Unexported    bool // values with unexported fields of types in the contract's own package
}

// Modes lists what a binding with these traits carries beside values.
func (t Traits) Modes() []component.Mode {
	var modes []component.Mode
	for _, s := range []struct {
		carried bool
		mode    component.Mode
	}{{t.Registered, component.ModeAny}, {t.Handles, component.ModeHandle}, {t.Streams, component.ModeStream}, {t.Unexported, component.ModeUnexported}} {
		if s.carried {
			modes = append(modes, s.mode)
		}
	}
	return modes
}

// Carriers are the bindings of a table that lead to another process, by what they
// carry. chosen are the names of those by which a component will be reached; what
// stays in the process carries everything, and doesn't count.
func Carriers(table []*Binding, chosen []string) component.Carriers {
	var out component.Carriers
	for _, b := range table {
		if !slices.ContainsFunc(b.Schemes, func(s split.Scheme) bool { return s.CrossesUnits }) {
			continue
		}
		c := component.Carrier{Name: b.Name, Modes: b.Traits.Modes()}
		out.All = append(out.All, c)
		if slices.Contains(chosen, b.Name) {
			out.Chosen = append(out.Chosen, c)
		}
	}
	return out
}
