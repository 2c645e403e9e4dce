package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine/tour"
	"github.com/unweld/unweld/testdata/modules"
)

func tourVerb(c *cli) *cobra.Command {
	var o tour.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tour",
		Short: "Demonstrate everything on a small example shop, in a temporary folder",
		Long: `tour copies a small shop, a plain Go program, to a temporary folder and goes
through all steps: it finds the components, extracts one, binds it, keeps its
state in a log, runs the shop's own tests as one process and as two, runs it,
kills a process, and removes everything again. It needs only Go.`,
		Example: "  unweld tour\n  unweld tour --keep /tmp/shop",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Archive, o.Progress = modules.Shop, c.progress
			if !asJSON {
				o.Started = func(name string) { c.progress(name + " ...") }
				o.Finished = func(s tour.Step) {
					c.progress("")
					mark := c.paint(c.out, green, "ok  ")
					if !s.OK {
						mark = c.paint(c.out, red, "FAIL")
					}
					fmt.Fprintf(c.out, "%s %-36s %6.1f s  %s\n", mark, s.Name, s.Seconds, s.Detail)
				}
			}
			result, err := tour.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			if asJSON {
				err = c.json(result)
			} else {
				err = c.tourTable(result)
			}
			if err == nil && !result.OK {
				err = findings{"tour: a step failed"}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.Dir, "keep", "", "work in this empty folder and leave it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func (c *cli) tourTable(r *tour.Result) error {
	if len(r.Links) == 0 {
		return nil
	}
	fmt.Fprintln(c.out)
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "split\tlink to pricing\tGET /quote, p50")
	for _, l := range r.Links {
		fmt.Fprintf(w, "%s\t%s\t%.0f us\n", l.Split, l.Address, l.P50)
	}
	return w.Flush()
}
