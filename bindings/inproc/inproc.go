// Package inproc is the binding that stays in the process: a call is one atomic
// load and a function call.
package inproc

import (
	"context"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

// Binding is the binding named inproc.
var Binding = &bindings.Binding{
	Name: "inproc",
	Doc: `A call in the same process.

With ?copy=1 arguments and results go through the codec although nothing
leaves the process, so that what callers and component share by accident shows
before they are split. Streams and handles are never copied.`,
	Traits:   bindings.Traits{Unary: true, Streams: true, Handles: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true},
	Schemes:  []split.Scheme{{Name: "inproc"}},
	Check:    check,
	Generate: func(context.Context, *generate.Request) (*generate.Output, error) { return &generate.Output{}, nil },
}

// check finds nothing: whatever has a contract can stay where it is.
func check(*component.Contract) []component.Problem { return nil }
