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
	Name   string // the name on the command line, unweld bind --to NAME: "unix"
	Doc    string // first line is a summary
	Traits Traits
	// Schemes are those of the addresses of its links. A link that names only
	// the binding gets the first. The field Binding of each may be left empty.
	Schemes []split.Scheme

	// Options are the settings of what it generates: --opt NAME.OPTION=VALUE, or
	// the component's options in unweld.yaml.
	Options []generate.Option

	// Tools are the programs that its steps and its allocator need, each once.
	Tools []generate.Tool

	// Runtime are the run-time packages of its transport.
	Runtime []generate.Package

	// Check reports why a contract can't be reached by this binding.
	Check func(*component.Contract) []component.Problem
	// Generate returns what this binding adds to the code that all bindings
	// share (codec, client, dispatcher, run-time). The contract and the schema
	// in the request are the ones that the shared code is generated from; it
	// must not change them.
	Generate func(context.Context, *generate.Request) (*generate.Output, error)

	// Packaging is set where the binding is for programs in another language that
	// install the component as a package.
	Packaging *Packaging
}

// A Packaging makes of a component what the programmers of another language install.
type Packaging struct {
	Makes string // "a wheel"
	Build Build
	Addon *Addon // nil: there is none
	// Pack returns the files to be installed.
	Pack func(*PackRequest) ([]generate.File, error)
}

// A Build is how the go command makes the library in a package.
type Build struct {
	Package string // relative to the folder of the component's generated code
	Mode    string // of -buildmode
	Tags    []string
}

// An Addon is C between the library and the program that loads it, for programs that call no
// library but those made for them.
type Addon struct {
	Source []byte
	// Flags are those of the C compiler that make a shared library of it, by GOOS. There is
	// none for other systems.
	Flags map[string][]string
}

// A PackRequest is what a package is made of.
type PackRequest struct {
	Component, Version string
	Summary            string // one line
	OS, Arch           string // as GOOS and GOARCH
	// Files are those that the binding generated, sorted by path; these are relative to the folder of
	// the component's generated code.
	Files []generate.File
	// Library is what was built.
	Library []byte
	// Addon is what was compiled of the Addon.
	Addon []byte
}

// Traits say what a binding can do. Contracts that need more are refused, the
// conformance tests check that a binding does what it claims, and the reference
// page prints them.
type Traits struct {
	Unary         bool // calls with one request and one reply
	Streams       bool // endpoints with streams among parameters or results
	Handles       bool // endpoints whose result is another contract
	Replicas      bool // several units may serve one component at one address, and share its calls
	Deadlines     bool
	Cancellation  bool
	Metadata      bool
	ForeignCaller bool // callers in other languages
	Registered    bool // values of an open interface, of the types that the program is seen to use for it
	Unexported    bool // values with unexported fields, of types of the module
}

// Modes lists the modes that a binding with these traits carries in addition to
// those that every binding carries.
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

// Carriers returns the bindings of a table that reach another process, each
// with the modes that it carries. chosen names the bindings of a component.
// Bindings that stay in the process carry every mode and are left out.
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
