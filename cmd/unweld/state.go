package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func stateVerb(c *cli) *cobra.Command {
	var o offering
	var state engine.StateOptions
	cmd := &cobra.Command{
		Use:   "state COMPONENT --to STORE",
		Short: "Put the state of a component into a store that outlives its process",
		Long: `state puts a store around a bound component, so that its state is there again when
it starts, and can move to another process. With commandlog and postgres, calls
that change the state are logged before they run, and are replayed at start; the
component itself stays as it is. Where the state is kept is said by the unit's
state in unweld.yaml, or by UNWELD_STATE_<COMPONENT>; docs/stores.md has more.

A component whose state can't be kept is refused, with the places.`,
		Example: "  unweld state pricing --to commandlog\n  unweld state pricing --to commandlog --write\n  unweld state pricing --to postgres --lose-state --write\n  unweld eject pricing",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			state.Component = args[0]
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			set, err := s.State(cmd.Context(), state)
			if err != nil {
				return err
			}
			return c.offer(cmd.Context(), s, set, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringSliceVar(&state.To, "to", nil, "the store, by name: "+strings.Join(engine.StoreNames(), ", "))
	cmd.Flags().BoolVar(&state.LoseState, "lose-state", false, "don't keep the state in the present store: begin empty in the new one")
	return cmd
}
