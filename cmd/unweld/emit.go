package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

func splitEmitVerb(c *cli) *cobra.Command {
	var target, dir string
	var asJSON bool
	names := engine.EmitTargets()
	cmd := &cobra.Command{
		Use:   "emit NAME --target TARGET",
		Short: "Write a split as files for something else to run",
		Long: `emit turns a split into the files by which a target runs it. Nothing is built,
run or asked. Without -o the files are printed one after the other; with it they
are written into that folder, where a file that emit didn't write is never
replaced.`,
		Example: "  unweld split emit micro --target " + names[0] + " -o deploy",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if target == "" {
				return &component.UsageError{Object: "split emit", Reason: "names no target", Hint: "for example: unweld split emit " + args[0] + " --target " + strings.Join(names, "|")}
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			e, err := s.SplitEmit(cmd.Context(), args[0], target)
			if err != nil {
				return err
			}
			for _, p := range e.Warnings {
				c.warn(p)
			}
			return c.emitted(e, dir, asJSON)
		},
	}
	cmd.ValidArgsFunction = c.splits
	cmd.Flags().StringVar(&target, "target", "", "the target that uses the files: "+strings.Join(names, ", "))
	cmd.Flags().StringVarP(&dir, "output", "o", "", "folder to write the files into")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.RegisterFlagCompletionFunc("target", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// emitted writes the files where they are wanted.
func (c *cli) emitted(e *engine.Emitted, dir string, asJSON bool) error {
	if dir != "" {
		left, err := e.Save(dir)
		if err != nil {
			return err
		}
		for _, name := range left {
			c.note("unweld: %s/%s: is of an earlier emit, and not of split %s", dir, name, e.Split)
		}
	}
	switch {
	case asJSON:
		return c.json(e)
	case dir != "":
		for _, f := range e.Files {
			fmt.Fprintf(c.out, "%s/%s\n", strings.TrimSuffix(dir, "/"), f.Path)
		}
		return nil
	}
	for i, f := range e.Files {
		if i > 0 {
			fmt.Fprintln(c.out, "---")
		}
		fmt.Fprint(c.out, f.Content)
	}
	return nil
}
