package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

func splitPreviewVerb(c *cli) *cobra.Command {
	var units []string
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "preview NAME | --unit COMPONENT[,COMPONENT]...",
		Short: "Say what a split would cost, before anything runs",
		Long: `preview follows the calls from each way into the program and counts those that
would cross a process, with a rough size of their messages: nothing is run.
"1 + 2/item" is one crossing, and two more per turn of a loop.

With --unit it looks at a split that isn't written down; components that aren't
bound yet count as if they were.`,
		Example: "  unweld split preview micro\n  unweld split preview --unit pricing --unit orders,payments",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := engine.PreviewOptions{}
			if len(args) > 0 {
				o.Name = args[0]
			}
			for _, u := range units {
				o.Units = append(o.Units, strings.Split(u, ","))
			}
			if len(args)+len(units) == 0 {
				return &component.UsageError{Object: "split preview", Reason: "names no split", Hint: "for example: unweld split preview micro, or --unit COMPONENT for one that isn't written down"}
			}
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			p, err := s.SplitPreview(cmd.Context(), o)
			if err != nil {
				return err
			}
			c.progress("")
			if asJSON {
				err = c.json(p)
			} else {
				err = printPreview(c.out, p, all)
			}
			if err != nil {
				return err
			}
			return broken(s.Root, p.Problems)
		},
	}
	cmd.ValidArgsFunction = c.splits
	cmd.Flags().StringArrayVar(&units, "unit", nil, "components of one unit, separated by commas; repeat it for more units")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&all, "all", false, "also list what doesn't cross, and every place that does")
	return cmd
}

func printPreview(out io.Writer, p *engine.Preview, all bool) error {
	fmt.Fprintf(out, "split %s: %s\n\n", p.Split, strings.Join(unitNames(p), ", "))
	if err := printEntries(out, p, all); err != nil {
		return err
	}
	for _, d := range p.Down {
		fmt.Fprintf(out, "\nif %s is down: %s\n", d.Unit, outage(d, all))
	}
	printLocal(out, p)
	printPreviewHazards(out, p, all)
	if len(p.Unknown) > 0 {
		fmt.Fprintf(out, "\n%s could not be followed, and may cross as well\n", plural(len(p.Unknown), "call", "calls"))
		for _, u := range shown(p.Unknown, all) {
			fmt.Fprintf(out, "  %s: %s\n", line(u.Pos), u.Reason)
		}
	}
	printUnbound(out, p)
	return nil
}

func printLocal(out io.Writer, p *engine.Preview) {
	if len(p.Local) == 0 {
		return
	}
	fmt.Fprintf(out, "\nstays where it is called; a component is pinned there if such an endpoint touches its state\n")
	for _, l := range p.Local {
		fmt.Fprintf(out, "  %s: %s\n", l.Endpoint, l.Reason)
	}
}

func printUnbound(out io.Writer, p *engine.Preview) {
	if len(p.Unbound) == 0 {
		return
	}
	fmt.Fprintf(out, "\nnot bound yet, so all that others call counts as an endpoint\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, u := range p.Unbound {
		fmt.Fprintf(w, "  %s\tunweld extract TARGET --name %s --write; unweld bind %s --to unix --write\n", u.Component, u.Component, u.Component)
	}
	w.Flush()
}

// unitNames names the units, with what each runs where its name doesn't say it.
func unitNames(p *engine.Preview) []string {
	var units []string
	for _, u := range p.Units {
		parts := slices.Concat(u.Components, u.Endpoints)
		if u.Name == p.Entry {
			parts = append(parts, "all else")
		}
		if len(parts) == 1 && parts[0] == u.Name {
			units = append(units, u.Name)
		} else {
			units = append(units, fmt.Sprintf("%s (%s)", u.Name, strings.Join(parts, ", ")))
		}
	}
	return units
}

// heaviest orders entries by what they cost; equal ones stay by name.
func heaviest(entries []split.PreviewEntry) []split.PreviewEntry {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b split.PreviewEntry) int {
		return cmp.Or(cmp.Compare(b.PerItem.Calls, a.PerItem.Calls), cmp.Compare(b.Crossings.Calls, a.Crossings.Calls))
	})
}

// few is how many lines of a list are printed without --all.
const few = 5

func shown[T any](list []T, all bool) []T {
	if all {
		return list
	}
	return list[:min(few, len(list))]
}

func printEntries(out io.Writer, p *engine.Preview, all bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "entry point\tcrossings\tbytes\thazards")
	quiet, lost := 0, []string{}
	for _, e := range heaviest(p.Entries) {
		switch {
		case !e.Followed:
			lost = append(lost, fmt.Sprintf("%s at %s", e.Name, e.Pos))
			continue
		case len(e.Calls) == 0 && !all:
			quiet++
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Name, crossings(e), size(e.Crossings.Bytes+e.PerItem.Bytes), loops(e, all))
		if all {
			for _, c := range e.Calls {
				fmt.Fprintf(w, "  %s\t%s -> %s\t\t%s\n", c.Endpoint, c.From, c.To, line(c.Pos))
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if quiet > 0 {
		fmt.Fprintf(out, "%s stay in one process\n", plural(quiet, "other entry point", "other entry points"))
	}
	for _, l := range lost {
		fmt.Fprintf(out, "%s: the handler is computed and could not be followed\n", l)
	}
	return nil
}

func crossings(e split.PreviewEntry) string {
	var parts []string
	if e.Crossings.Calls > 0 || e.PerItem.Calls == 0 {
		parts = append(parts, number(e.Crossings.Calls))
	}
	if e.PerItem.Calls > 0 {
		parts = append(parts, number(e.PerItem.Calls)+"/item")
	}
	text := strings.Join(parts, " + ")
	if e.Recursive {
		text += " (recursive)"
	}
	return text
}

// number ends where counting the ways through the code says nothing any more.
func number(calls int) string {
	if calls > 100 {
		return ">100"
	}
	return fmt.Sprint(calls)
}

func size(bytes int) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("~%.1f kB", max(float64(bytes)/1000, 0.1))
}

// loops names the calls that cross once per item.
func loops(e split.PreviewEntry, all bool) string {
	if len(e.Loops) == 0 {
		return "-"
	}
	text := "call-in-loop " + line(e.Loops[0])
	for _, l := range e.Loops[1:] {
		if !all {
			return fmt.Sprintf("%s and %d more", text, len(e.Loops)-1)
		}
		text += ", " + line(l)
	}
	return text
}

// line is a position without its column.
func line(pos string) string {
	if strings.Count(pos, ":") > 1 {
		pos = pos[:strings.LastIndexByte(pos, ':')]
	}
	return pos
}

func outage(d split.Outage, all bool) string {
	if len(d.Fails) == 0 {
		return "nothing that was followed fails"
	}
	text := names(d.Fails, all)
	if len(d.Fails) == 1 {
		text += " fails"
	} else {
		text += " fail"
	}
	switch {
	case len(d.Stays) == 0:
		return text
	case len(d.Stays) > few && !all:
		return text + fmt.Sprintf("; %d others stay", len(d.Stays))
	case len(d.Stays) == 1:
		return text + "; " + d.Stays[0] + " stays"
	}
	return text + "; " + names(d.Stays, all) + " stay"
}

// names lists names as a sentence does.
func names(list []string, all bool) string {
	if more := len(list) - few; more > 0 && !all {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), more)
	}
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func printPreviewHazards(out io.Writer, p *engine.Preview, all bool) {
	if len(p.Hazards) > 0 {
		fmt.Fprintf(out, "\nbehaves differently in this split\n")
	}
	for _, h := range shown(p.Hazards, all) {
		fmt.Fprintf(out, "  %s: %s: %s\n", line(h.Pos), h.Name, h.Message)
	}
	if more := len(p.Hazards) - few; more > 0 && !all {
		fmt.Fprintf(out, "  and %d more: --all\n", more)
	}
	if p.Mended > 0 {
		fmt.Fprintf(out, "\n%s of calls without a context or an error result: unweld extract adds both\n", plural(p.Mended, "hazard", "hazards"))
	}
}
