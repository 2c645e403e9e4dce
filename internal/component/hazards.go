package component

import (
	"cmp"
	"fmt"
	"slices"
)

// hazards reports what would behave differently if the components were apart:
// the problems of signatures that other components use, and of package
// variables that one component changes and another uses.
func (f *finder) hazards(r *Result) {
	type key struct {
		decl   DeclID
		member string
	}
	used := map[key]string{}
	users := map[key][]Related{} // one of each component
	for _, c := range r.Couplings {
		seen := map[key]bool{}
		for _, ev := range c.Evidence {
			k := key{ev.Decl, ev.Member}
			if !seen[k] && (ev.Kind == "call" || ev.Kind == "value") {
				seen[k], used[k] = true, c.To
				users[k] = append(users[k], Related{Span: ev.Span, Message: "used by " + c.From + " here"})
			}
		}
	}
	var ps []Problem
	for _, s := range f.summaries {
		for _, sig := range s.Contracts {
			k := key{sig.Decl, sig.Member}
			name, ok := used[k]
			if !ok || sig.Constructor {
				continue
			}
			for _, p := range sig.Problems {
				p.Component = name
				p.Related = append(slices.Clone(p.Related), users[k]...)
				ps = append(ps, p)
			}
		}
	}
	ps = append(ps, f.sharedGlobals(r)...)
	for _, p := range SortProblems(ps) {
		r.Hazards = append(r.Hazards, Hazard{Name: p.Code, Severity: p.Severity, Component: p.Component, Path: p.Path,
			Pos: p.Span.String(), Message: p.Message, Hint: p.Hint, Problem: p})
	}
}

func (f *finder) sharedGlobals(r *Result) []Problem {
	vars := map[DeclID]Decl{}
	for _, s := range f.summaries {
		for _, d := range s.Decls {
			if d.Kind == "var" {
				vars[DeclID{s.Package.Path, d.Name}] = d
			}
		}
	}
	type use struct {
		ev       Evidence
		from, to string
	}
	uses, written := map[DeclID]use{}, map[DeclID]bool{}
	for _, c := range r.Couplings {
		for _, ev := range c.Evidence {
			id := ev.Decl
			d, ok := vars[id]
			if !ok || ev.Kind != "global" && ev.Kind != "write" && ev.Kind != "init-write" {
				continue
			}
			written[id] = written[id] || d.Mutable || ev.Kind != "global"
			if old, ok := uses[id]; !ok || cmp.Compare(ev.Kind, old.ev.Kind) > 0 {
				uses[id] = use{ev, c.From, c.To}
			}
		}
	}
	var ps []Problem
	for id, u := range uses {
		if !written[id] {
			continue
		}
		ps = append(ps, Problem{
			Code: "shared-global", Severity: Error, Component: u.to, Path: vars[id].Name, Span: vars[id].Span,
			Message: fmt.Sprintf("in one process %s and %s share the variable %s, across a process each has its own copy and never sees the other's changes", u.from, u.to, id),
			Hint:    "let " + u.to + " own the variable and offer a method, or pass the value in",
			Related: []Related{{Span: u.ev.Span, Message: "used by " + u.from + " here (" + u.ev.Kind + ")"}},
		})
	}
	return ps
}
