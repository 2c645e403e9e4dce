package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// cli is what every verb has at hand.
type cli struct {
	*terminal
	dir string // --dir
}

// open starts the engine on the module the user works in.
func (c *cli) open(ctx context.Context) (*engine.Session, error) {
	return engine.Open(ctx, engine.Options{Dir: c.dir, Progress: c.progress})
}

func newRoot(t *terminal) *cobra.Command {
	c := &cli{terminal: t}
	root := &cobra.Command{
		Use:   "unweld",
		Short: "Find the components of a Go codebase, and run it as one process or many",
		Long: `unweld finds the components of an existing Go codebase, takes them apart by
refactoring, generates every way to reach them, and runs the same code as one
process or as several. Where a component runs is decided when the program
starts, not when it is written.`,
		Example:       "  unweld tour\n  unweld find ./...\n  unweld extract ./pricing.Engine --name pricing",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return oneOf("--color", t.colour, "auto", "always", "never")
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&t.colour, "color", "auto", "colour the output: auto, always or never")
	root.PersistentFlags().StringVarP(&c.dir, "dir", "C", ".", "work in this folder")
	root.AddCommand(verbs(c)...)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &component.UsageError{Object: cmd.Name(), Reason: err.Error(), Hint: "see " + cmd.CommandPath() + " --help"}
	})
	for _, cmd := range everyCommand(root) {
		cmd.Args = usageArgs(cmd.Args)
	}
	return root
}

// verbs lists the verbs, in the order of the help text.
func verbs(c *cli) []*cobra.Command {
	return []*cobra.Command{
		tourVerb(c),
		findVerb(c),
		explainVerb(c),
		initVerb(c),
		checkVerb(c),
		extractVerb(c),
		bindVerb(c),
		stateVerb(c),
		ejectVerb(c),
		splitVerb(c),
		testVerb(c),
		tuiVerb(c),
		lspVerb(c),
		doctorVerb(c),
		versionVerb(c),
	}
}

func everyCommand(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		all = append(all, everyCommand(sub)...)
	}
	return all
}

// usageArgs makes wrong arguments a UsageError with a hint.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		if !cmd.HasParent() && len(args) > 0 {
			return unknownVerb(cmd, args[0])
		}
		return &component.UsageError{Object: cmd.Name(), Reason: err.Error(), Hint: "usage: " + cmd.UseLine()}
	}
}

func unknownVerb(root *cobra.Command, name string) error {
	e := &component.UsageError{Object: name, Reason: "no such verb", Hint: "see unweld --help"}
	if near := root.SuggestionsFor(name); len(near) > 0 {
		e.Hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return e
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return &component.UsageError{Object: flag, Reason: fmt.Sprintf("%q is none of %s", value, strings.Join(allowed, ", "))}
}
