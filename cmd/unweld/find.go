package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

func findVerb(c *cli) *cobra.Command {
	var format string
	var asJSON, all bool
	var options engine.FindOptions
	cmd := &cobra.Command{
		Use:   "find [PATTERN...]",
		Short: "List components, couplings, hazards and metrics",
		Long: `find groups the packages (or, with --unit decl, the declarations) of the module
into components, and reports the references between them and what would behave
differently if they ran in different processes.

PATTERN is a package pattern of the go command: ./..., ./orders, an import path.
The default is the whole module.`,
		Example: "  unweld find\n  unweld find --all ./orders/...\n  unweld find --format dot ./... | dot -Tsvg > graph.svg",
		RunE: func(cmd *cobra.Command, patterns []string) error {
			if asJSON {
				format = "json"
			}
			if err := oneOf("--format", format, "text", "json", "dot"); err != nil {
				return err
			}
			collectLate()
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			options.Patterns, options.Strict = patterns, true
			found, err := s.Find(cmd.Context(), options)
			if err != nil {
				return err
			}
			c.progress("")
			if err := c.printFound(found, format, all); err != nil {
				return err
			}
			return broken(s.Root, found.Problems)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text, json or dot")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	cmd.Flags().BoolVar(&options.Effects, "effects", false, "determine which endpoints only read, for the JSON output: true, false, or null if unknown; slower")
	cmd.Flags().BoolVar(&all, "all", false, "print every package, coupling and hazard")
	cmd.Flags().StringVar(&options.Unit, "unit", "package", "what components are made of: package or decl")
	completeValues(cmd, "format", "text", "json", "dot")
	completeValues(cmd, "unit", "package", "decl")
	return cmd
}

// broken makes code that didn't load an error: the rest was analysed, but a
// script must not take that for the whole.
func broken(root string, problems []component.Problem) error {
	var errs []component.Problem
	for _, p := range problems {
		if p.Severity == component.Error {
			errs = append(errs, p)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &component.LoadError{Object: root, Reason: "some code doesn't load; the rest was analysed",
		Hint: "see the compiler's errors: go build ./...", Problems: errs}
}

func (c *cli) printFound(found *component.Result, format string, all bool) error {
	switch format {
	case "json":
		return c.json(found)
	case "dot":
		return printDOT(c.out, found)
	}
	return c.report(found.Module, all).found(found)
}

func printDOT(w io.Writer, found *component.Result) error {
	fmt.Fprintf(w, "digraph %q {\n\tnode [shape=box];\n", found.Module)
	for _, c := range found.Components {
		fmt.Fprintf(w, "\t%q;\n", c.Name)
	}
	for _, e := range found.Couplings {
		fmt.Fprintf(w, "\t%q -> %q [label=\"%.1f\"];\n", e.From, e.To, e.Weight)
	}
	_, err := fmt.Fprintln(w, "}")
	return err
}
