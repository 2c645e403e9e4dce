package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func versionVerb(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of unweld",
		Example: "  unweld version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := engine.ReadVersion()
			if asJSON {
				return c.json(v)
			}
			_, err := fmt.Fprintln(c.out, "unweld "+v.String())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
