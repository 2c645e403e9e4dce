// Package unix is the binding that reaches another process on the same machine,
// over a Unix domain socket, or over the standard input and output of a program that the
// caller starts.
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
on Linux the other end of each connection is asked whose it is.

A program can also start the unit itself and speak with it over its standard input and
output, as with a plug-in or a worker that runs beside it:

    UNWELD_LINK_PRICING='stdio:./pricing-unit --quiet'   that program
    UNWELD_LINK_PRICING=stdio:                           the same program once more

The command is split at spaces, but not between quotes, and no shell sees it. It is a
program that opens the component, and gets UNWELD_HOST=pricing, UNWELD_LINK_PRICING=stdio:
and UNWELD_STDIO=1 in its environment. Where these don't get through, the command sets them:

    stdio:ssh db1 UNWELD_HOST=pricing UNWELD_LINK_PRICING=stdio: UNWELD_STDIO=1 pricing-unit

It is started by the first call, once for each calling process and component, and again by
the first call after it has ended. What it prints goes to standard error from its very beginning,
os.Stdout too, and os.Stdin is empty, so that nothing comes between the messages. (On Windows that
holds for os.Stdout and os.Stdin as Go has them, not for libraries in C.) It ends well when the caller
closes its input, which the caller's own end does however that comes, and not by an
interrupt from the terminal. Each caller has state of its own there: a split, whose units
are there for all callers, can't have such links.`,
	Traits:   bindings.Traits{Unary: true, Streams: true, Handles: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true},
	Schemes:  []split.Scheme{scheme, stdio},
	Runtime:  []generate.Package{{Name: "unix", Source: sources, Dir: "rt"}},
	Check:    bindings.CheckCrossing("unix"),
	Generate: func(context.Context, *generate.Request) (*generate.Output, error) { return &generate.Output{}, nil },
}
