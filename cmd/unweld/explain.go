package main

import (
	"github.com/spf13/cobra"
)

func explainVerb(c *cli) *cobra.Command {
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:     "explain A [B]",
		Short:   "Say why two components are coupled, and what cutting would take",
		Long:    "explain lists the evidence of every coupling between A and B, or between A and\nall others. A and B are components, import paths or folders like ./orders.",
		Example: "  unweld explain web pricing",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			b := ""
			if len(args) > 1 {
				b = args[1]
			}
			e, err := s.Explain(cmd.Context(), args[0], b)
			if err != nil {
				return err
			}
			c.progress("")
			if asJSON {
				err = c.json(e)
			} else {
				c.report(s.Module, all).explanation(e)
			}
			if err != nil {
				return err
			}
			return broken(s.Root, e.Problems)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&all, "all", false, "print every piece of evidence and every hazard")
	cmd.ValidArgsFunction = c.components(2)
	return cmd
}
