package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func refactorVerb(c *cli) *cobra.Command {
	var o offering
	var flags []string
	req := engine.RefactorRequest{Flags: map[string]string{}}
	cmd := &cobra.Command{
		Use:   "refactor KIND TARGET",
		Short: "Run a refactoring by its name",
		Long: `refactor runs one of the refactorings that docs/refactorings.md describes.
It prints the diff; --write applies it, and unweld extract --undo takes it back.`,
		Example:           "  unweld refactor extract ./pricing.Engine --name pricing\n  unweld refactor extract ./html --name html --set keep-signatures=true",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: cobra.FixedCompletions(engine.Refactorings(), cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f := range flags {
				name, value, ok := strings.Cut(f, "=")
				if !ok {
					return usage("--set", f+" is not NAME=VALUE", "for example: --set keep-signatures=true")
				}
				req.Flags[name] = value
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			req.Target = args[1]
			set, err := s.Refactor(cmd.Context(), args[0], req)
			if err != nil {
				return err
			}
			return c.offer(cmd.Context(), s, set, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&req.Name, "name", "", "the name of what comes out")
	cmd.Flags().StringArrayVar(&flags, "set", nil, "an option of the refactoring, as NAME=VALUE")
	return cmd
}
