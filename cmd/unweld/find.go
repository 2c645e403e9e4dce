package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

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
			delayGC()
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
		Hint: "see the compiler's errors: go build ./...", Problems: causes(errs)}
}

// fewFollowing is how many errors are printed that may follow from imports that
// could not be had.
const fewFollowing = 10

// causes puts imports that could not be had before other errors, which mostly
// follow from them: one for each reason. What it leaves out it counts.
func causes(errs []component.Problem) []component.Problem {
	var first, others []component.Problem
	var reasons []string
	again := map[string]int{}
	for _, p := range errs {
		what, reason, ok := strings.Cut(strings.TrimSuffix(p.Message, ")"), " (")
		path := strings.TrimPrefix(what, "could not import ")
		reason = strings.Join(slices.DeleteFunc(strings.Fields(reason), func(word string) bool { return strings.TrimSuffix(word, ";") == path }), " ")
		switch {
		case !ok || !strings.HasPrefix(what, "could not import "):
			others = append(others, p)
		case !slices.Contains(reasons, reason):
			reasons, first = append(reasons, reason), append(first, p)
		default:
			again[reason]++
		}
	}
	if len(first) == 0 {
		return errs
	}
	for i, reason := range reasons {
		if n := again[reason]; n > 0 {
			first[i].Message += fmt.Sprintf(", and %s for the same reason", plural(n, "more import", "more imports"))
		}
	}
	if left := len(others) - fewFollowing; left > 1 {
		others = append(others[:fewFollowing:fewFollowing], component.Problem{Severity: component.Error,
			Message: fmt.Sprintf("and %d more errors, which may follow from these", left)})
	}
	return append(first, others...)
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
