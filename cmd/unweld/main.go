// Command unweld finds the components of a Go codebase, separates them, and
// runs the same code as one process or as several.
//
// Each verb has a file of its own: it reads flags, calls the engine and prints
// what comes back. What a verb means is decided in the engine.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/unweld/unweld/engine/vettool"
)

func main() {
	if os.Getenv(vettool.Env) != "" || vettool.Asked(os.Args[1:]) {
		vettool.Main() // go vet runs this program
		return
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program, apart from the process it runs in.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// Ctrl-C cancels what is under way. The applier isn't cancelled half-way: it
	// finishes, or takes back, what it has begun.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	term := newTerminal(stdout, stderr)
	root := newRoot(term)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	term.progress("")
	if a, ok := errors.AsType[answered](err); ok {
		if a.err != nil {
			term.failure(a.err)
		}
		return a.code
	}
	if ctx.Err() != nil {
		term.failure(context.Canceled)
		return exitInterrupted
	}
	if err != nil {
		term.failure(err)
	}
	return exitCode(err)
}
