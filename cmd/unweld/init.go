package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/internal/split"
)

func initVerb(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write unweld.yaml with the components that find proposes",
		Long: `init writes unweld.yaml: the components that find proposes, and rules that
allow what each of them uses today. It is meant as a starting point to edit.`,
		Example: "  unweld init && $EDITOR unweld.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			delayGC()
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			initial, err := s.Init(cmd.Context())
			if err != nil {
				return err
			}
			if err := s.Apply(cmd.Context(), initial.Set); err != nil {
				return err
			}
			c.progress("")
			fmt.Fprintf(c.out, "wrote %s with %s\n", split.FileName, plural(initial.Components, "component", "components"))
			c.note("hint: edit it to say what the components should be; unweld check enforces it")
			return broken(s.Root, initial.Problems)
		},
	}
}
