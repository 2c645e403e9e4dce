package split

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Lacks returns why calls that need the given modes can't use the link, or "".
// Within a process every call can be made.
func (x *Scheme) Lacks(needs []component.Mode) string {
	if x == nil || !x.CrossesUnits {
		return ""
	}
	by := component.Carriers{Chosen: []component.Carrier{{Name: x.Binding, Modes: x.Modes}}}
	for _, n := range needs {
		if lacks := by.Lacks(n); lacks != "" {
			return "it needs " + n.Plural() + ", and " + lacks
		}
	}
	return ""
}

// Carrying lists the bindings whose links can take calls that need the given
// modes.
func (s Schemes) Carrying(needs []component.Mode) []string {
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
		}
		b.Endpoints = endpoints
	}
}

// unreachable warns of endpoints that can't be called from the units that don't
// host their component. A pinned component is refused there.
func (p *planner) unreachable() {
	for i := range p.facts.Bound {
		b := &p.facts.Bound[i]
		unit := p.host[b.Name]
		for _, e := range b.Endpoints {
			if e.Local == "" || b.Assumed || b.Pinned != "" || unit == p.entry {
				continue
			}
			hint := fmt.Sprintf("move %s to unit %s, or change the endpoint", b.Name, p.entry)
			if able := p.facts.Schemes.Carrying(e.Needs); len(e.Needs) > 0 && len(able) > 0 {
				hint = fmt.Sprintf("link it by one that carries that: %s", strings.Join(able, ", "))
			}
			at := p.cfg.At("splits", p.name, "units", unit)
			at.File = cmp.Or(at.File, FileName)
			p.problems = append(p.problems, Problem{
				Code: "split-not-carried", Severity: component.Warn, Component: b.Name, Path: b.Name + "." + e.Name, Span: at,
				Message: fmt.Sprintf("%s.%s can be called in unit %s only, where %s is hosted: %s", b.Name, e.Name, unit, b.Name, e.Local), Hint: hint,
			})
		}
	}
}
