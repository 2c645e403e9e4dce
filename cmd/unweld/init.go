package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/internal/split"
)

func initVerb(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:     "init",
		Short:   "Write unweld.yaml with the components that find proposes",
		Example: "  unweld init && $EDITOR unweld.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			set, err := s.Init(cmd.Context())
			if err != nil {
				return err
			}
			if err := s.Apply(cmd.Context(), set); err != nil {
				return err
			}
			c.progress("")
			_, err = fmt.Fprintln(c.out, "wrote "+split.FileName)
			return err
		},
	}
}
