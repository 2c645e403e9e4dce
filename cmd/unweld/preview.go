package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

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
		Short: "Show what a split would cost, before anything runs",
		Long: `preview follows the calls from each entry point of the program and counts those
that would cross a process, with a rough size of their messages. Nothing is run.
"1 + 2/item" is one crossing, and two more per iteration of a loop.

With --unit it previews a split that isn't in unweld.yaml; components that aren't
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
				err = c.report(s.Module, all).preview(p)
				c.warnTargets(p.Split, p.Targets)
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

func (r *report) preview(p *engine.Preview) error {
	fmt.Fprintf(r.out, "split %s: %s\n\n", p.Split, strings.Join(unitNames(p), ", "))
	r.entries(p)
	r.quiet(p.Quiet)
	for _, d := range p.Down {
		fmt.Fprintf(r.out, "\nif %s is down: %s\n", d.Unit, r.outage(d))
	}
	r.local(p.Local)
	r.previewHazards(p)
	r.unknown(p.Unknown)
	r.unbound(p.Unbound)
	return nil
}

// quiet says why nothing crosses to a unit, and what to look at instead.
func (r *report) quiet(units []engine.QuietUnit) {
	for _, q := range units {
		fmt.Fprintf(r.out, "nothing crosses to %s: %s", q.Unit, q.Reason)
		if len(q.Instead) > 0 {
			fmt.Fprintf(r.out, "; it calls %s: split preview --unit %s", strings.Join(q.Instead, ", "), strings.Join(q.Instead, " --unit "))
		}
		fmt.Fprintln(r.out)
	}
}

func (r *report) local(endpoints []split.LocalEndpoint) {
	if len(endpoints) == 0 {
		return
	}
	r.head("can't cross a process; a component is pinned to its callers if such an endpoint touches its state")
	for _, l := range endpoints {
		fmt.Fprintf(r.out, "  %s: %s\n", l.Endpoint, l.Reason)
	}
}

func (r *report) unknown(calls []split.UnknownCall) {
	if len(calls) == 0 {
		return
	}
	r.head(plural(len(calls), "call", "calls") + " could not be followed, and may cross as well")
	shown, left := r.upTo(len(calls), fewPreviewed)
	for _, u := range calls[:shown] {
		fmt.Fprintf(r.out, "  %s: %s\n", line(u.Pos), u.Reason)
	}
	r.more(left, "call", "calls")
}

func (r *report) unbound(components []engine.Unbound) {
	if len(components) == 0 {
		return
	}
	r.head("not bound yet, so all that others call counts as an endpoint")
	r.table(func(w io.Writer) {
		for _, u := range components {
			fmt.Fprintf(w, "  %s\tunweld extract TARGET --name %s --write; unweld bind %s --to unix --write\n", u.Component, u.Component, u.Component)
		}
	})
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

func (r *report) entries(p *engine.Preview) {
	var crossing []split.PreviewEntry
	quiet := 0
	for _, e := range heaviest(p.Entries) {
		switch {
		case len(e.Calls) > 0 || r.all && e.Followed:
			crossing = append(crossing, e)
		case e.Followed:
			quiet++
		}
	}
	if len(crossing) > 0 {
		r.table(func(w io.Writer) { r.entryRows(w, crossing) })
	}
	switch {
	case quiet > 0 && len(crossing) > 0:
		fmt.Fprintf(r.out, "%s stay in one process\n", plural(quiet, "other entry point", "other entry points"))
	case quiet > 0:
		fmt.Fprintf(r.out, "nothing crosses: all of %s stay in one process\n", plural(quiet, "entry point", "entry points"))
	}
	if i := slices.IndexFunc(crossing, func(e split.PreviewEntry) bool { return len(e.Loops) > 0 }); i >= 0 {
		fmt.Fprintf(r.out, "calls in a loop can become one: unweld refactor batch-call FUNCTION --loops %s\n", line(crossing[i].Loops[0]))
	}
	for _, e := range p.Entries {
		if !e.Followed {
			fmt.Fprintf(r.out, "%s at %s: the handler is computed and could not be followed\n", e.Name, line(e.Pos))
		}
	}
}

func (r *report) entryRows(w io.Writer, entries []split.PreviewEntry) {
	fmt.Fprintln(w, "entry point\tcrossings\tbytes\thazards")
	for _, e := range entries {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Name, crossings(e), size(e.Crossings.Bytes+e.PerItem.Bytes), r.loops(e))
		if !r.all {
			continue
		}
		for _, c := range e.Calls {
			fmt.Fprintf(w, "  %s\t%s -> %s\t\t%s\n", c.Endpoint, c.From, c.To, line(c.Pos))
		}
	}
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
func (r *report) loops(e split.PreviewEntry) string {
	if len(e.Loops) == 0 {
		return "-"
	}
	text := "call-in-loop " + line(e.Loops[0])
	for _, l := range e.Loops[1:] {
		if !r.all {
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

func (r *report) outage(d split.Outage) string {
	if len(d.Fails) == 0 {
		return "nothing that was followed fails"
	}
	text := r.sentence(d.Fails, "fails", "fail")
	switch _, left := r.upTo(len(d.Stays), fewPreviewed); {
	case len(d.Stays) == 0:
	case left > 0:
		text += fmt.Sprintf("; %d others stay", len(d.Stays))
	default:
		text += "; " + r.sentence(d.Stays, "stays", "stay")
	}
	return text
}

// sentence says what the things of list do.
func (r *report) sentence(list []string, one, many string) string {
	if len(list) == 1 {
		return list[0] + " " + one
	}
	shown, left := r.upTo(len(list), fewPreviewed)
	if left > 0 {
		return fmt.Sprintf("%s and %d more %s", strings.Join(list[:shown], ", "), left, many)
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1] + " " + many
}

func (r *report) previewHazards(p *engine.Preview) {
	if len(p.Hazards) > 0 {
		r.head("behaves differently in this split")
	}
	shown, left := r.upTo(len(p.Hazards), fewPreviewed)
	for _, h := range p.Hazards[:shown] {
		fmt.Fprintf(r.out, "  %s: %s: %s\n", line(h.Pos), h.Name, h.Message)
	}
	r.more(left, "hazard", "hazards")
	if p.ByExtract > 0 {
		fmt.Fprintf(r.out, "\n%s of calls without a context or an error result: unweld extract adds both\n", plural(p.ByExtract, "hazard", "hazards"))
	}
}
