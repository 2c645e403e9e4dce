//go:build unweldtools

// Command run runs the own tests of packages that nobody prepared while these run in
// another process, and writes what came of it:
//
//	go run ./internal/campaign/hosted/run [-only REGEXP] [-write FILE]
//
// It exits with status 1 where a test fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"time"

	"github.com/unweld/unweld/internal/campaign/hosted"
)

func main() {
	only := flag.String("only", "", "the packages whose import paths match this `regexp`; all if empty")
	file := flag.String("write", "", "the page to write; standard output if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, *file); err != nil {
		fmt.Fprintln(os.Stderr, "hosted:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, only, file string) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	start := time.Now()
	options := hosted.Options{Progress: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%5.0f s "+format+"\n", append([]any{time.Since(start).Seconds()}, args...)...)
	}}
	var outcomes []*hosted.Outcome
	var failed []error
	for _, code := range hosted.Codes {
		if !chosen.MatchString(code.Path) {
			continue
		}
		out, err := hosted.Run(ctx, code, options)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", code.Path, err))
			continue
		}
		outcomes = append(outcomes, out)
	}
	if file == "" {
		_, err = os.Stdout.Write(hosted.Report(outcomes))
	} else if len(failed) == 0 { // a page without a package would say that it isn't tried
		err = os.WriteFile(file, hosted.Report(outcomes), 0o644)
	}
	return errors.Join(append(failed, err, hosted.Failed(outcomes))...)
}
