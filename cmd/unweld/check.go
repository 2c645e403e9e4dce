package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func checkVerb(c *cli) *cobra.Command {
	var format string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check [PATTERN...]",
		Short:   "Hold the code to the rules of unweld.yaml",
		Long:    "check reports every use between components that the rules of unweld.yaml forbid,\nand exits with status 1 when there is one.",
		Example: "  unweld check ./...",
		RunE: func(cmd *cobra.Command, patterns []string) error {
			if asJSON {
				format = "json"
			}
			if err := oneOf("--format", format, "text", "json"); err != nil {
				return err
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			r, err := s.Check(cmd.Context(), patterns)
			if err != nil {
				return err
			}
			c.progress("")
			if format == "json" {
				if err := c.json(r); err != nil {
					return err
				}
			} else {
				for _, v := range r.Violations {
					fmt.Fprintf(c.out, "%s: %s: %s\n  %s\n", v.Span, v.Code, v.Message, v.Hint)
				}
			}
			if err := broken(s.Root, r.Problems); err != nil {
				return err
			}
			if !r.OK {
				return findings{fmt.Sprintf("check: %d violations of unweld.yaml", len(r.Violations))}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text or json")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	return cmd
}
