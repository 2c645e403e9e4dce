package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// How much of a list is printed where the user didn't ask for all of it.
const (
	fewPackages  = 3
	fewCouplings = 40
	fewEvidence  = 8
	fewHazards   = 8
	fewPreviewed = 5
)

// A report writes what the engine found as text. Lists that would fill screens
// are cut, and say so.
type report struct {
	*cli
	module string
	all    bool
}

func (c *cli) report(module string, all bool) *report { return &report{c, module, all} }

// short takes the module's path away from an import path or a declaration.
func (r *report) short(id string) string {
	if r.module == "" {
		return id
	}
	if rest, ok := strings.CutPrefix(id, r.module+"/"); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(id, r.module+"."); ok {
		return rest
	}
	return id
}

// upTo cuts n things to few, and says how many are left out.
func (r *report) upTo(n, few int) (shown, left int) {
	if r.all || n <= few+1 { // a line saying "1 more" would be as long
		return n, 0
	}
	return few, n - few
}

func (r *report) head(title string) { fmt.Fprintf(r.out, "\n%s\n", r.paint(r.out, bold, title)) }

func (r *report) table(write func(io.Writer)) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	write(w)
	_ = w.Flush() // into memory
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(r.out, strings.TrimRight(line, " \n"))
	}
}

func (r *report) found(f *component.Result) error {
	r.components(f)
	r.couplings(f.Couplings)
	r.shared(f.Shared)
	r.hazardTable(f.Hazards)
	m := f.Metrics
	_, err := fmt.Fprintf(r.out, "\nmodularity %.2f, weight between components %.0f%%, propagation cost %.0f%%\n", m.Modularity, 100*m.ICP, 100*m.PropagationCost)
	return err
}

func (r *report) components(f *component.Result) {
	r.table(func(w io.Writer) {
		fmt.Fprintf(w, "component\t%s\tused by\tuses\tcohesion\tendpoints\tmade of\n", map[bool]string{true: "declarations", false: "packages"}[f.Unit == "decl"])
		for _, c := range f.Components {
			parts := c.Packages
			if f.Unit == "decl" {
				parts = c.Decls
			}
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.2f\t%d\t%s\n", c.Name, len(parts), c.Metrics.Ca, c.Metrics.Ce, c.Metrics.Cohesion, len(c.Endpoints), r.madeOf(parts))
		}
	})
}

func (r *report) madeOf(parts []string) string {
	shown, left := r.upTo(len(parts), fewPackages)
	var names []string
	for _, p := range parts[:shown] {
		names = append(names, cmp.Or(r.short(p), p))
	}
	list := strings.Join(names, " ")
	if left > 0 {
		list += fmt.Sprintf(" and %d more", left)
	}
	return list
}

func (r *report) couplings(all []component.Coupling) {
	if len(all) == 0 {
		return
	}
	shown, left := r.upTo(len(all), fewCouplings)
	strongest := slices.Clone(all)
	slices.SortStableFunc(strongest, func(a, b component.Coupling) int { return cmp.Compare(b.Weight, a.Weight) })
	least := strongest[shown-1].Weight
	r.head("couplings")
	r.table(func(w io.Writer) {
		fmt.Fprintf(w, "from\tto\tweight\tstrongest evidence\n")
		for _, c := range all {
			if c.Weight < least || shown == 0 {
				continue
			}
			shown--
			fmt.Fprintf(w, "%s\t-> %s\t%.1f\t%s\n", c.From, c.To, c.Weight, r.first(c))
		}
	})
	r.more(left, "weaker coupling", "weaker couplings")
}

func (r *report) more(left int, one, many string) {
	if left > 0 {
		fmt.Fprintf(r.out, "  and %s; --all prints them\n", plural(left, one, many))
	}
}

func (r *report) first(c component.Coupling) string {
	if len(c.Evidence) == 0 {
		return ""
	}
	ev := c.Evidence[0]
	return fmt.Sprintf("%s of %s, %s", ev.Kind, r.short(ev.To), ev.Pos)
}

func (r *report) shared(packages []string) {
	if len(packages) == 0 {
		return
	}
	r.head("shared: used by many, owned by none")
	for _, p := range packages {
		fmt.Fprintf(r.out, "  %s\n", r.short(p))
	}
}

// hazardTable counts hazards by component and kind, with one example each, and
// says once per kind what to do.
func (r *report) hazardTable(hazards []component.Hazard) {
	if r.all {
		r.hazards(hazards)
		return
	}
	if len(hazards) == 0 {
		return
	}
	type key struct{ component, name string }
	count, first := map[key]int{}, map[key]component.Hazard{}
	hints := map[string]string{}
	for _, h := range hazards {
		k := key{h.Component, h.Name}
		if count[k]++; count[k] == 1 {
			first[k] = h
		}
		if hints[h.Name] == "" {
			hints[h.Name] = h.Hint
		}
	}
	r.head("hazards: what would behave differently in another process")
	r.table(func(w io.Writer) {
		fmt.Fprintf(w, "component\tkind\tplaces\tfor example\n")
		for _, k := range slices.SortedFunc(maps.Keys(count), func(a, b key) int {
			return cmp.Or(cmp.Compare(a.component, b.component), cmp.Compare(a.name, b.name))
		}) {
			h := first[k]
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", k.component, k.name, count[k], strings.TrimSpace(h.Pos+" "+h.Path))
		}
	})
	fmt.Fprintln(r.out)
	r.table(func(w io.Writer) {
		for _, name := range slices.Sorted(maps.Keys(hints)) {
			fmt.Fprintf(w, "  %s\t%s\n", name, hints[name])
		}
	})
	fmt.Fprintln(r.out, "  each with its reason: unweld explain COMPONENT, or unweld find --all")
}

// hazards prints each hazard, up to a few of a kind where not all are wanted.
func (r *report) hazards(hazards []component.Hazard) {
	if len(hazards) == 0 {
		return
	}
	r.head("hazards")
	total, seen := map[string]int{}, map[string]int{}
	for _, h := range hazards {
		total[h.Name]++
	}
	for _, h := range hazards {
		shown, left := r.upTo(total[h.Name], fewHazards)
		if seen[h.Name]++; seen[h.Name] <= shown {
			fmt.Fprintf(r.out, "%s: %s: %s: %s\n", h.Pos, h.Severity, h.Name, h.Message)
			if h.Hint != "" {
				fmt.Fprintf(r.out, "  %s\n", h.Hint)
			}
		} else if seen[h.Name] == total[h.Name] {
			r.more(left, h.Name+" hazard", h.Name+" hazards")
		}
	}
}

func (r *report) explanation(e *engine.Explanation) {
	if len(e.Couplings) == 0 {
		fmt.Fprintln(r.out, "nothing ties them together")
		return
	}
	for i, k := range e.Couplings {
		if i > 0 {
			fmt.Fprintln(r.out)
		}
		fmt.Fprintf(r.out, "%s (weight %.1f)\n", r.paint(r.out, bold, k.From+" -> "+k.To), k.Weight)
		shown, left := r.upTo(len(k.Evidence), fewEvidence)
		r.table(func(w io.Writer) {
			for _, ev := range k.Evidence[:shown] {
				fmt.Fprintf(w, "  %s\t%s of %s by %s%s\n", ev.Pos, ev.Kind, r.short(ev.To), r.short(ev.From), map[bool]string{true: ", in a loop"}[ev.Loop])
			}
		})
		r.more(left, "weaker reason", "weaker reasons")
	}
	r.hazards(e.Hazards)
	r.head("to cut it")
	for _, step := range e.Cut {
		fmt.Fprintf(r.out, "  %s\n", step)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
