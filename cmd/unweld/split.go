package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

func splitVerb(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "split list|preview|run|apply|emit|status",
		Short:                      "Run the program in several processes, and change that while it runs",
		Example:                    "  unweld split run micro -- -addr :8080\n  unweld split apply monolith",
		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(splitListVerb(c), splitPreviewVerb(c), splitRunVerb(c), splitApplyVerb(c), splitEmitVerb(c), splitStatusVerb(c))
	return cmd
}

func splitListVerb(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the splits and their units",
		Example: "  unweld split list --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			list, err := s.SplitList()
			if err != nil {
				return err
			}
			if asJSON {
				return c.json(list)
			}
			if len(list) == 0 {
				c.note("no splits: bind a component first, for example: unweld bind NAME --to unix --write")
			}
			w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			for _, sum := range list {
				var units []string
				for _, u := range sum.Units {
					units = append(units, u.Name+"("+strings.Join(u.Components, ",")+")")
				}
				fmt.Fprintf(w, "%s\t%s%s\n", sum.Name, strings.Join(units, " "), sum.Problem)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			for _, sum := range list {
				c.warnTargets(sum.Name, sum.Targets)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func splitRunVerb(c *cli) *cobra.Command {
	var o engine.SplitRunOptions
	cmd := &cobra.Command{
		Use:   "run NAME [flags] [-- PROGRAM ARGUMENTS]",
		Short: "Build the program and run it in the units of a split",
		Long: `run builds the program and starts it once per unit. A unit that ends is restarted
with increasing delays; if a unit never becomes ready, run fails after three
attempts. Signals are forwarded to the entry unit. When the entry unit ends, by
itself or by such a signal, the others are stopped, and its exit status is that of
this command.`,
		Example: "  unweld split run micro -- -addr 127.0.0.1:8080\n  unweld split run micro --program ./cmd/shop",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			o.Args, o.Stdin, o.Stdout, o.Stderr = args[1:], os.Stdin, c.out, c.err
			var begun atomic.Bool
			o.Warn = c.warn
			o.Notify = func(e engine.SplitEvent) {
				begun.Store(true)
				c.event(e)
			}
			err = s.SplitRun(cmd.Context(), args[0], o)
			if cmd.Context().Err() != nil && begun.Load() {
				return answered{err, exitCode(err)} // the program had the signal
			}
			return err
		},
	}
	cmd.ValidArgsFunction = c.splits
	cmd.Flags().StringVar(&o.Program, "program", "", "package of the program (default: the only one with bound components, or that of the folder)")
	c.targetFlag(cmd, &o.Target)
	return cmd
}

// warn tells what a target leaves out of a split.
func (c *cli) warn(p component.Problem) {
	if at := p.Span; at.File != "" {
		c.note("unweld: %s: %s: %s", at, p.Severity, p.Message)
		return
	}
	c.note("unweld: %s: %s", p.Severity, p.Message)
}

// warnTargets tells what the targets that take a split leave out of it, and
// what keeps it from those that can run it.
func (c *cli) warnTargets(name string, targets []engine.SplitTarget) {
	for _, t := range targets {
		for _, p := range t.Warnings {
			c.warn(p)
		}
		if t.Runs && t.Problem != "" {
			c.note("unweld: split %s: not on target %s: %s", name, t.Name, t.Problem)
		}
	}
}

// event tells what a running split does.
func (c *cli) event(e engine.SplitEvent) {
	text := e.State
	if e.PID != 0 {
		text += fmt.Sprintf(" (pid %d)", e.PID)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Unit != "" {
		text = e.Unit + ": " + text
	}
	c.note("unweld: %s", text)
}

func splitApplyVerb(c *cli) *cobra.Command {
	var o engine.SplitApplyOptions
	cmd := &cobra.Command{
		Use:   "apply NAME",
		Short: "Change a running split while calls are in flight",
		Long: `apply moves components between the processes of this module's running split,
without losing a call. A component whose state is only in memory isn't moved,
unless --lose-state allows it to start empty.`,
		Example: "  unweld split apply monolith",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			defer context.AfterFunc(ctx, func() {
				c.note("unweld: reverting the change; press Ctrl-C again to stop waiting")
				signal.Reset(os.Interrupt, syscall.SIGTERM)
			})()
			o.Warn, o.Notify = c.warn, c.event
			err = s.SplitApply(ctx, args[0], o)
			switch {
			case ctx.Err() == nil, errors.Is(err, context.Canceled):
				return err
			case err == nil:
				return answered{}
			}
			return answered{err, exitInterrupted}
		},
	}
	cmd.ValidArgsFunction = c.splits
	cmd.Flags().BoolVar(&o.LoseState, "lose-state", false, "let components move although their state in memory is lost")
	c.targetFlag(cmd, &o.Target)
	return cmd
}

func splitStatusVerb(c *cli) *cobra.Command {
	var asJSON bool
	var target string
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show which units run, and which calls crossed",
		Example: "  unweld split status --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			st, err := s.SplitStatus(cmd.Context(), target)
			if err != nil {
				return err
			}
			if asJSON {
				return c.json(st)
			}
			fmt.Fprintf(c.out, "split %s, supervisor pid %d\n", st.Split, st.PID)
			w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "unit\tpid\tready\trestarts\tcomponents\tserved\t")
			for _, u := range st.Units {
				var served int64
				for _, e := range u.Stats {
					served += e.Served
				}
				fmt.Fprintf(w, "%s\t%d\t%t\t%d\t%s\t%d\t%s\n", u.Name, u.PID, u.Ready, u.Restarts, strings.Join(u.Components, ","), served, u.Problem)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.targetFlag(cmd, &target)
	return cmd
}

// targetFlag adds the flag that chooses a target among those that can run a split.
func (c *cli) targetFlag(cmd *cobra.Command, target *string) {
	names := engine.RunTargets()
	cmd.Flags().StringVar(target, "target", names[0], "the target that runs the split: "+strings.Join(names, ", "))
	_ = cmd.RegisterFlagCompletionFunc("target", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}
