package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

// Completions come from unweld.yaml and from tables alone, so that the shell
// never waits for a type check.

type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completeValues completes a flag that takes one of a few values.
func completeValues(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails only without the flag
}

// components completes up to n names of declared components.
func (c *cli) components(n int) completion {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		s := c.quietly(cmd)
		if s == nil || len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		cfg, _, err := s.Config()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return slices.Sorted(maps.Keys(cfg.Components)), cobra.ShellCompDirectiveNoFileComp
	}
}

// splits completes the name of a split.
func (c *cli) splits(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	s := c.quietly(cmd)
	if s == nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, err := s.Splits()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// quietly opens the module, or returns nil.
func (c *cli) quietly(cmd *cobra.Command) *engine.Session {
	s, err := engine.Open(cmd.Context(), engine.Options{Dir: c.dir})
	if err != nil {
		return nil
	}
	return s
}
