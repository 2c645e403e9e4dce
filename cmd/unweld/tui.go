package main

import (
	"github.com/spf13/cobra"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui"
)

func tuiVerb(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "tui",
		Short: "Explore components, couplings and hazards in the terminal",
		Long: `tui shows what find prints, one component at a time. It changes nothing.

Enter shows a component, Esc goes back, / filters by name, q quits.`,
		Example: "  unweld tui",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !isTerminal(c.out) {
				return &component.UsageError{Object: "tui", Reason: "standard output is not a terminal", Hint: "for text or JSON, run: unweld find"}
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			var options []tui.Option
			if !c.coloured(c.out) {
				options = append(options, tui.WithoutColour())
			}
			return tui.Run(cmd.Context(), s, cmd.InOrStdin(), c.out, options...)
		},
	}
}
