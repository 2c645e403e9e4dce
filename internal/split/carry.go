package split

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Lacks says why calls that need the given shapes can't take the link, or "".
// Within a process every call can be made.
func (x *Scheme) Lacks(needs []component.Shape) string {
	if x == nil || !x.CrossesUnits {
		return ""
	}
	by := component.Carriers{Chosen: []component.Carrier{{Name: x.Binding, Shapes: x.Shapes}}}
	for _, n := range needs {
		if lacks := by.Lacks(n); lacks != "" {
			return "it needs a " + string(n) + ", and " + lacks
		}
	}
	return ""
}

// Carrying lists the bindings whose links can take calls that need the given
// shapes.
func (s Schemes) Carrying(needs []component.Shape) []string {
	var names []string
	for i := range s {
		if x := &s[i]; x.CrossesUnits && x.Lacks(needs) == "" && !slices.Contains(names, x.Binding) {
			names = append(names, x.Binding)
		}
	}
	return names
}

// carry keeps the endpoints local that a component's link can't take. The facts
// are changed in a copy.
func (p *planner) carry() {
	p.facts.Bound = slices.Clone(p.facts.Bound)
	for i := range p.facts.Bound {
		b := &p.facts.Bound[i]
		scheme := p.scheme(b, p.split.Links[b.Name])
		endpoints := slices.Clone(b.Endpoints)
		for j := range endpoints {
			e := &endpoints[j]
			lacks := scheme.Lacks(e.Needs)
			if e.Local != "" || lacks == "" {
				continue
			}
			e.Local = lacks
			if e.TouchesState && !b.Assumed && b.Pinned == "" {
				b.Pinned = e.Name + " can't cross a process and touches the component's state: " + lacks
			}
			hint := "no binding carries that: offer it as data"
			if able := p.facts.Schemes.Carrying(e.Needs); len(able) > 0 {
				hint = fmt.Sprintf("link it by one that does: %s", strings.Join(able, ", "))
			}
			at := p.cfg.At("splits", p.name, "links", b.Name)
			at.File = cmp.Or(at.File, FileName)
			p.problems = append(p.problems, Problem{
				Code: "split-link-shape", Severity: component.Warn, Component: b.Name, Path: b.Name + "." + e.Name, Span: at,
				Message: fmt.Sprintf("%s.%s stays in the process that calls it: %s", b.Name, e.Name, lacks), Hint: hint,
			})
		}
		b.Endpoints = endpoints
	}
}
