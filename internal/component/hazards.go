package component

import (
	"slices"
)

// hazards reports what would behave differently if the components were apart:
// the problems of signatures that other components use.
func (f *finder) hazards(r *Result) {
	used := map[Subject]string{}
	users := map[Subject][]Related{} // one of each component
	for _, c := range r.Couplings {
		seen := map[Subject]bool{}
		for _, ev := range c.Evidence {
			k := Subject{ev.Decl, ev.Member}
			if !seen[k] && (ev.Kind == "call" || ev.Kind == "value") {
				seen[k], used[k] = true, c.To
				users[k] = append(users[k], Related{Span: ev.Span, Message: "used by " + c.From + " here"})
			}
		}
	}
	var ps []Problem
	for _, s := range f.summaries {
		for _, sig := range s.Contracts {
			k := Subject{sig.Decl, sig.Member}
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

// AddHazards puts problems among the hazards of r, in their order.
func (r *Result) AddHazards(ps []Problem) {
	for _, h := range r.Hazards {
		ps = append(ps, h.Problem)
	}
	r.Hazards = []Hazard{}
	for _, p := range SortProblems(ps) {
		r.Hazards = append(r.Hazards, Hazard{Name: p.Code, Severity: p.Severity, Component: p.Component, Path: p.Path,
			Pos: p.Span.String(), Message: p.Message, Hint: p.Hint, Problem: p})
	}
}

// ComponentOf returns a function from declarations to the names of their
// components; "" is shared, or not of the program.
func (r *Result) ComponentOf() func(DeclID) string {
	of := map[string]string{}
	for _, c := range r.Components {
		for _, p := range c.Packages {
			of[p] = c.Name
		}
		for _, d := range c.Decls {
			of[d] = c.Name
		}
	}
	return func(d DeclID) string {
		if r.Unit == "decl" {
			return of[d.String()]
		}
		return of[d.Pkg]
	}
}
