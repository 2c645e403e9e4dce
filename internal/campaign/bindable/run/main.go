//go:build unweldtools

// Command run counts how much of code that nobody here wrote can be bound whole, and
// writes what came of it:
//
//	go run ./internal/campaign/bindable/run [-limit N] [-code NAME,NAME] [-write FILE]
//
// All is counted first, and the sample is bound then. The page is written after each code,
// so a run that is stopped leaves a page about what it had done. It exits with status 1 where something is broken.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/campaign"
	"github.com/unweld/unweld/internal/campaign/bindable"
)

// programs are those that are looked at.
var programs = []string{
	"github.com/nsqio/nsq@v1.3.0", "github.com/junegunn/fzf@v0.65.2", "miniflux.app/v2@v2.3.5", "github.com/go-task/task/v3@v3.54.0",
	"github.com/restic/restic@v0.18.1", "github.com/caddyserver/caddy/v2@v2.11.9", "go.etcd.io/bbolt@v1.5.0", "github.com/dgraph-io/badger/v4@v4.9.6",
	"github.com/syncthing/syncthing@v1.30.0", "github.com/coredns/coredns@v1.15.0",
}

// What -code may name beside programs and packages of the standard library.
const (
	standard     = "std"
	dependencies = "deps"
)

func main() {
	var options bindable.Options
	names := flag.String("code", "", "what to look at, separated by commas: std is the standard library, deps are the modules that this one imports, PATH@VERSION is a program, and any other path is a package of the standard library; all if empty")
	dir := flag.String("dir", "", "a checkout to look at instead")
	file := flag.String("write", "", "the page to write; standard output if empty")
	flag.IntVar(&options.Limit, "limit", 2, "how many types, and how many packages of functions, of each code are bound in a copy")
	flag.Parse()
	start := time.Now()
	options.Progress = func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%5.0f s "+format+"\n", append([]any{time.Since(start).Seconds()}, args...)...)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *names, *dir, *file, options); err != nil {
		fmt.Fprintln(os.Stderr, "bindable:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, names, dir, file string, options bindable.Options) error {
	codes, err := choose(ctx, names, dir)
	if err != nil {
		return err
	}
	var outcomes []*bindable.Outcome
	var counted []bindable.Code
	var failed []error
	write := func() error {
		if file == "" {
			return nil
		}
		return os.WriteFile(file, bindable.Report(outcomes), 0o644) // after each code: a run can be stopped
	}
	for _, c := range codes {
		out, err := bindable.Run(ctx, c, bindable.Options{Progress: options.Progress})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			options.Progress("%v", err)
			failed = append(failed, err)
			continue
		}
		outcomes, counted = append(outcomes, out), append(counted, c)
		if err := write(); err != nil {
			return err
		}
	}
	for i, c := range counted {
		if err := c.Prove(ctx, outcomes[i], options); err != nil {
			return err
		}
		if err := write(); err != nil {
			return err
		}
	}
	if file == "" {
		_, err = os.Stdout.Write(bindable.Report(outcomes))
	}
	return errors.Join(append(failed, err, bindable.Wrong(outcomes))...)
}

// choose returns the code that flags name.
func choose(ctx context.Context, names, dir string) (codes []bindable.Code, err error) {
	if dir != "" {
		c, err := bindable.Checkout(dir)
		return []bindable.Code{c}, err
	}
	list := slices.Concat([]string{standard}, programs, []string{dependencies})
	if names != "" {
		list = strings.Split(names, ",")
	}
	for _, name := range list {
		var c bindable.Code
		switch {
		case name == standard:
			c, err = bindable.Standard(ctx)
		case name == dependencies:
			root, err := campaign.ModuleRoot(".")
			if err != nil {
				return nil, err
			}
			more, err := bindable.Dependencies(ctx, root)
			if err != nil {
				return nil, err
			}
			codes = append(codes, more...)
			continue
		case strings.Contains(name, "@"):
			c = bindable.Program(name)
		default:
			c, err = bindable.StandardPackage(ctx, name)
		}
		if err != nil {
			return nil, err
		}
		codes = append(codes, c)
	}
	return codes, nil
}
