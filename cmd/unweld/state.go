package main

import (
	"github.com/spf13/cobra"
)

func stateVerb(c *cli) *cobra.Command {
	var o offering
	var to []string
	cmd := &cobra.Command{
		Use:   "state COMPONENT --to STORE",
		Short: "Keep the state of a component that holds it in memory",
		Long: `state puts a store around a bound component, so that its state is there again when
it starts, and can move to another process. With commandlog, calls that change
the state are logged before they run, and are replayed at start; the component
itself stays as it is.

A component whose state can't be kept is refused, with the places.`,
		Example: "  unweld state pricing --to commandlog\n  unweld state pricing --to commandlog --write\n  unweld eject pricing",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			set, err := s.State(cmd.Context(), args[0], to...)
			if err != nil {
				return err
			}
			return c.offer(cmd.Context(), s, set, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringSliceVar(&to, "to", nil, "the store, by name: commandlog")
	return cmd
}
