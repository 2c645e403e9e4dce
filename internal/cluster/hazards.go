package cluster

import (
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// hazards reports what would behave differently if the components were apart:
// the problems of signatures that other components use.
func (f *finder) hazards(r *component.Result) {
	used := map[component.Subject]string{}
	users := map[component.Subject][]component.Related{} // one of each component
	for _, c := range r.Couplings {
		seen := map[component.Subject]bool{}
		for _, ev := range c.Evidence {
			k := component.Subject{Decl: ev.Decl, Member: ev.Member}
			if !seen[k] && (ev.Kind == "call" || ev.Kind == "value") {
				seen[k], used[k] = true, c.To
				users[k] = append(users[k], component.Related{Span: ev.Span, Message: "used by " + c.From + " here"})
			}
		}
	}
	var ps []component.Problem
	for _, s := range f.summaries {
		for _, sig := range s.Contracts {
			k := component.Subject{Decl: sig.Decl, Member: sig.Member}
			name, ok := used[k]
			if !ok || sig.Constructor {
				continue
			}
			for _, p := range sig.Problems {
				p.Component, p.Subject = name, k
				p.Related = append(slices.Clone(p.Related), users[k]...)
				ps = append(ps, p)
			}
		}
	}
	r.AddHazards(ps)
}
