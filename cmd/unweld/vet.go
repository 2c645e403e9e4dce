package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

func vetVerb(c *cli) *cobra.Command {
	var o offering
	var fix bool
	cmd := &cobra.Command{
		Use:   "vet [PATTERN...]",
		Short: "Run the rules that need one package at a time, under go vet",
		Long: `vet runs under go vet, which caches the results of unchanged packages. It checks
the contracts in unweld.yaml: which types can't cross a process, and which methods
lack a context or an error.

With --fix it prints fixes for those of find's hazards that have a mechanical and
safe one.`,
		Example: "  unweld vet\n  unweld vet ./orders/...\n  unweld vet --fix --write",
		RunE: func(cmd *cobra.Command, patterns []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			if o.write && !fix {
				return &component.UsageError{Object: "--write", Reason: "there is nothing to write", Hint: "it goes with --fix"}
			}
			if fix {
				set, err := s.Fixes(cmd.Context(), patterns)
				if err != nil {
					return err
				}
				return c.offer(cmd.Context(), s, set, o)
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
			return c.printVetted(found, o.asJSON)
		},
	}
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&fix, "fix", false, "print fixes for hazards as a diff")
	cmd.Flags().BoolVarP(&o.write, "write", "w", false, "apply the fixes instead of printing them")
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
