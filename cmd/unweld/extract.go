package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

func extractVerb(c *cli) *cobra.Command {
	var o offering
	var options engine.ExtractOptions
	var undo bool
	cmd := &cobra.Command{
		Use:   "extract TARGET --name NAME",
		Short: "Put a contract between a component and the rest of the program",
		Long: `extract writes the interface that the program needs of a type or a package of
functions, and changes the program to go through it: methods gain a context and
an error, and callers get both. What comes out is plain Go that builds, and
whose tests pass; it has no trace of unweld.

TARGET is ./pricing.Engine, ./html or './html.{EscapeString,UnescapeString}'; an
import path is as good as a relative one.`,
		Example: "  unweld extract ./pricing.Engine --name pricing\n  unweld extract ./html --name html --keep-signatures --write\n  unweld extract --undo",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if undo {
				return c.undo(cmd.Context(), args)
			}
			if len(args) == 0 {
				return &component.UsageError{Object: "extract", Reason: "no target", Hint: "usage: unweld extract TARGET --name NAME"}
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			options.Target = args[0]
			set, err := s.Extract(cmd.Context(), options)
			if err != nil {
				return err
			}
			return c.offer(cmd.Context(), s, set, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&options.Name, "name", "", "the component's name")
	cmd.Flags().BoolVar(&options.KeepSignatures, "keep-signatures", false, "leave callers byte for byte as they are; a failed link then panics")
	cmd.Flags().BoolVar(&undo, "undo", false, "take the last applied change set back")
	return cmd
}

// undo takes back what was applied last.
func (c *cli) undo(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return &component.UsageError{Object: "--undo", Reason: "takes no target", Hint: "it takes back what was applied last"}
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	title, err := s.Undo()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "taken back: %s\n", title)
	return err
}
