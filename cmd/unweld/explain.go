package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func explainVerb(c *cli) *cobra.Command {
	var asJSON bool
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
				c.printExplanation(e)
			}
			if err != nil {
				return err
			}
			return broken(s.Root, e.Problems)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (c *cli) printExplanation(e *engine.Explanation) {
	if len(e.Couplings) == 0 {
		fmt.Fprintln(c.out, "nothing ties them together")
		return
	}
	for _, k := range e.Couplings {
		fmt.Fprintf(c.out, "%s -> %s (weight %.1f)\n", k.From, k.To, k.Weight)
		for _, ev := range k.Evidence {
			loop := ""
			if ev.Loop {
				loop = ", in a loop"
			}
			fmt.Fprintf(c.out, "  %s: %s of %s by %s%s\n", ev.Pos, ev.Kind, ev.To, ev.From, loop)
		}
	}
	c.printHazards(e.Hazards)
	fmt.Fprintln(c.out, "\nto cut it")
	for _, step := range e.Cut {
		fmt.Fprintf(c.out, "  %s\n", step)
	}
}
