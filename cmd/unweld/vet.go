package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func vetVerb(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "vet [PATTERN...]",
		Short: "Hold the contracts of unweld.yaml to the rules that need one package alone",
		Long: `vet runs under go vet, which caches what it said of packages that didn't change.
It looks at the contracts that unweld.yaml names: what can't cross a process, and
which methods lack a context or an error.`,
		Example: "  unweld vet\n  unweld vet ./orders/...",
		RunE: func(cmd *cobra.Command, patterns []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			found, err := s.Vet(cmd.Context(), self, patterns)
			if err != nil {
				return err
			}
			c.progress("")
			return c.printVetted(found, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (c *cli) printVetted(found []engine.VetFinding, asJSON bool) error {
	if asJSON {
		if found == nil {
			found = []engine.VetFinding{}
		}
		if err := c.json(map[string]any{"ok": len(found) == 0, "findings": found}); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			fmt.Fprintf(c.out, "%s: %s: %s\n", f.Pos, f.Rule, f.Message)
		}
	}
	if len(found) > 0 {
		return findings{"vet: " + plural(len(found), "finding", "findings")}
	}
	return nil
}
