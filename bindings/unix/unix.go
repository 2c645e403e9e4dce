// Package unix is the binding that reaches another process on the same machine,
// over a Unix domain socket.
package unix

import (
	"context"
	"embed"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

//go:embed rt/*.go
var sources embed.FS

// Binding is the binding named unix.
var Binding = &bindings.Binding{
	Name: "unix",
	Doc: `A Unix domain socket: another process of the same machine.

The fastest way to leave a process. It needs nothing but the standard library.
Only processes of the same user, and root's, may call: the socket's mode says so, and
on Linux the other end of each connection is asked whose it is.`,
	Traits:   bindings.Traits{Unary: true, Streams: true, Handles: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true},
	Schemes:  []split.Scheme{scheme},
	Runtime:  []generate.Package{{Name: "unix", Source: sources, Dir: "rt"}},
	Check:    bindings.CheckCrossing("unix"),
	Generate: func(context.Context, *generate.Request) (*generate.Output, error) { return &generate.Output{}, nil },
}
