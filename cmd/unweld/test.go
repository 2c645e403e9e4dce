package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/internal/splittest"
)

func testVerb(c *cli) *cobra.Command {
	var splits []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test [--splits A,B] [flags] [-- GO TEST ARGUMENTS]",
		Short: "Run the module's own tests under each split",
		Long: `test runs the module's own tests once per split, in as many processes as the
split has units, and shows the results side by side with the number of calls
that really crossed a process. A split with several units in which no call
crossed wasn't tested, and fails.`,
		Example: "  unweld test --splits monolith,micro -- ./...\n  unweld test --splits micro -- -run TestCheckout ./web",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			runs, err := s.TestSplits(cmd.Context(), splits, args)
			if err != nil {
				return err
			}
			c.progress("")
			if asJSON {
				err = c.json(runs)
			} else {
				err = c.testTable(runs)
			}
			if err != nil {
				return err
			}
			return failedSplits(runs)
		},
	}
	cmd.Flags().StringSliceVar(&splits, "splits", []string{"monolith", "micro"}, "the splits to test under")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the results as JSON")
	return cmd
}

// failedSplits is nil when all runs passed.
func failedSplits(runs []splittest.Run) error {
	var failed []string
	for _, r := range runs {
		if !r.OK {
			failed = append(failed, r.Split)
		}
	}
	if failed == nil {
		return nil
	}
	return findings{"test: failed under " + strings.Join(failed, ", ")}
}

// testTable prints a row per package and a column per split, then what crossed.
func (c *cli) testTable(runs []splittest.Run) error {
	results := map[string]map[string]string{}
	for _, r := range runs {
		if r.Output != "" && !r.OK {
			c.note("under %s:\n%s", r.Split, strings.TrimSuffix(r.Output, "\n"))
		}
		for _, p := range r.Packages {
			if results[p.Path] == nil {
				results[p.Path] = map[string]string{}
			}
			results[p.Path][r.Split] = p.Result
		}
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	row := func(head string, cell func(splittest.Run) string) {
		fmt.Fprint(w, head)
		for _, r := range runs {
			fmt.Fprint(w, "\t"+cell(r))
		}
		fmt.Fprintln(w)
	}
	row("package", func(r splittest.Run) string { return r.Split })
	for _, p := range slices.Sorted(maps.Keys(results)) {
		row(p, func(r splittest.Run) string {
			if results[p][r.Split] == "skip" {
				return "no tests"
			}
			return results[p][r.Split]
		})
	}
	row("tests passed", func(r splittest.Run) string { return fmt.Sprint(r.Passed) })
	row("tests failed", func(r splittest.Run) string { return fmt.Sprint(r.Failed) })
	row("calls that crossed", func(r splittest.Run) string { return fmt.Sprint(r.Crossed) })
	row("seconds", func(r splittest.Run) string { return fmt.Sprintf("%.1f", r.Seconds) })
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range runs {
		for _, x := range r.Crossings {
			fmt.Fprintf(c.out, "%s: %s.%s crossed %d times\n", r.Split, x.Component, x.Endpoint, x.Calls)
		}
		if r.Reason != "" {
			fmt.Fprintf(c.out, "%s: %s\n", r.Split, r.Reason)
		}
	}
	return nil
}
