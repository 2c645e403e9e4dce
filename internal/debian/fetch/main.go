//go:build unweldtools

// Command fetch gets the programs of other Debian releases that tests use. What can't be
// fetched is said: its test is skipped then.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/unweld/unweld/internal/debian"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, p := range debian.Programs {
		if err := p.Fetch(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "make: %s of Debian %s can't be fetched, and its test is skipped: %v\n", p.Name, p.Suite, err)
		}
	}
}
