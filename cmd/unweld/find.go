package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

func findVerb(c *cli) *cobra.Command {
	var format string
	var asJSON bool
	var options engine.FindOptions
	cmd := &cobra.Command{
		Use:   "find [PATTERN...]",
		Short: "List components, couplings, hazards and metrics",
		Long: `find groups the packages (or, with --unit decl, the declarations) of the module
into components, and says what ties them together and what would behave
differently if they ran in different processes.`,
		Example: "  unweld find\n  unweld find --format dot ./... | dot -Tsvg > graph.svg",
		RunE: func(cmd *cobra.Command, patterns []string) error {
			if asJSON {
				format = "json"
			}
			if err := oneOf("--format", format, "text", "json", "dot"); err != nil {
				return err
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			options.Patterns = patterns
			found, err := s.Find(cmd.Context(), options)
			if err != nil {
				return err
			}
			c.progress("")
			if err := c.printFound(found, format); err != nil {
				return err
			}
			return broken(s.Root, found.Problems)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text, json or dot")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	cmd.Flags().BoolVar(&options.Effects, "effects", false, "find out which endpoints only read, in the JSON: true, false, or null where it isn't known; slower")
	cmd.Flags().StringVar(&options.Unit, "unit", "package", "what components are made of: package or decl")
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
		Hint: "see what the compiler says: go build ./...", Problems: errs}
}

func (c *cli) printFound(found *component.Result, format string) error {
	switch format {
	case "json":
		return c.json(found)
	case "dot":
		return printDOT(c.out, found)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "component\tpackages\tused by\tuses\tcohesion\tendpoints\n")
	for _, f := range found.Components {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.2f\t%d\n", f.Name, max(len(f.Packages), len(f.Decls)), f.Metrics.Ca, f.Metrics.Ce, f.Metrics.Cohesion, len(f.Endpoints))
	}
	if len(found.Couplings) > 0 {
		fmt.Fprintf(w, "\ncoupling\t\tweight\tfirst evidence\n")
	}
	for _, e := range found.Couplings {
		fmt.Fprintf(w, "%s\t-> %s\t%.1f\t%s\n", e.From, e.To, e.Weight, firstEvidence(e))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(found.Shared) > 0 {
		fmt.Fprintf(c.out, "\nshared: %d, used by many and owned by none\n", len(found.Shared))
	}
	for _, s := range found.Shared {
		fmt.Fprintf(c.out, "  %s\n", s)
	}
	c.printHazards(found.Hazards)
	m := found.Metrics
	_, err := fmt.Fprintf(c.out, "\nmodularity %.2f, calls between components %.0f%%, propagation cost %.0f%%\n", m.Modularity, 100*m.ICP, 100*m.PropagationCost)
	return err
}

func firstEvidence(e component.Coupling) string {
	if len(e.Evidence) == 0 {
		return ""
	}
	ev := e.Evidence[0]
	return fmt.Sprintf("%s %s (%s)", ev.Kind, ev.To, ev.Pos)
}

func (c *cli) printHazards(hazards []component.Hazard) {
	if len(hazards) > 0 {
		fmt.Fprintf(c.out, "\nhazards\n")
	}
	for _, h := range hazards {
		fmt.Fprintf(c.out, "%s: %s: %s: %s\n", h.Pos, h.Severity, h.Name, h.Message)
		if h.Path != "" {
			fmt.Fprintf(c.out, "  at %s\n", h.Path)
		}
		if h.Hint != "" {
			fmt.Fprintf(c.out, "  %s\n", h.Hint)
		}
	}
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
