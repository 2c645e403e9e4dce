package split

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// build makes the plan of what assign and pickEntry found.
func (p *planner) build() *Plan {
	plan := &Plan{Split: p.name, Entry: p.entry, Units: []PlanUnit{}, Components: []PlanComponent{}, Links: []Link{}}
	names := p.units()
	if !slices.Contains(names, p.entry) {
		names = append(names, p.entry)
		slices.Sort(names)
	}
	for _, n := range names {
		u := p.split.Units[n]
		pu := PlanUnit{
			Name: n, Components: []string{}, Env: u.Env,
			Packaging: u.Packaging, Runtime: u.Runtime, Isolation: u.Isolation, Scale: u.Scale,
			Image: u.Image, Ports: u.Ports, Resources: u.Resources, Secrets: u.Secrets,
			Span: p.cfg.At("splits", p.name, "units", n),
		}
		for c, host := range p.host {
			if host == n {
				pu.Components = append(pu.Components, c)
			}
		}
		for _, e := range u.Endpoints {
			if c, _, _ := strings.Cut(e, "."); p.host[c] != n {
				pu.Endpoints = append(pu.Endpoints, e)
			}
		}
		slices.Sort(pu.Components)
		slices.Sort(pu.Endpoints)
		plan.Units = append(plan.Units, pu)
	}
	for i := range p.facts.Bound {
		plan.Components = append(plan.Components, p.component(&p.facts.Bound[i]))
	}
	slices.SortFunc(plan.Components, func(a, b PlanComponent) int { return cmp.Compare(a.Name, b.Name) })
	p.unusedState(plan)
	p.links(plan)
	return plan
}

func (p *planner) component(b *Bound) PlanComponent {
	unit := p.host[b.Name]
	state := p.split.Units[unit].State
	pc := PlanComponent{Name: b.Name, Unit: unit, Stateful: b.Stateful, Store: b.Store, Endpoints: []component.Endpoint{}}
	p.keep(b, &pc)
	for _, e := range b.Endpoints {
		if e.Local == "" {
			pc.Endpoints = append(pc.Endpoints, e)
		} else {
			pc.Staying = append(pc.Staying, LocalEndpoint{b.Name + "." + e.Name, e.Local})
		}
	}
	switch {
	case state.Store == "" || state.Store == InMemory && b.Store == "" || state.Store == b.Store:
	case !b.Stateful:
	default:
		p.usage("split-store", fmt.Sprintf("unit %s keeps its state in %s, but %s has no such store generated", unit, state.Store, b.Name),
			fmt.Sprintf("unweld state %s --to %s --write", b.Name, state.Store), "units", unit, "state")
	}
	return pc
}

// links gives each component its address, also where all callers are in its own
// unit: a running split may be changed, and new callers must find it then.
func (p *planner) links(plan *Plan) {
	for _, c := range slices.Sorted(maps.Keys(p.split.Links)) {
		if p.bound(c) == nil && !p.known(c) {
			hint := "unweld find lists the components"
			if near := Nearest(c, p.names()); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			p.usage("split-unknown-component", fmt.Sprintf("link of %q: no such component", c), hint, "links", c)
		}
	}
	// What isn't changed while it runs, as across hosts, needs no way to its only unit.
	alone := p.facts.AcrossHosts && len(plan.Units) == 1
	for _, c := range plan.Components {
		if alone && p.split.Links[c.Name] == "" {
			continue
		}
		b := p.bound(c.Name)
		address, ok := p.address(b)
		if !ok || alone {
			continue
		}
		plan.Links = append(plan.Links, Link{Component: c.Name, Unit: c.Unit, Address: address})
		for _, u := range plan.Units {
			for _, e := range u.Endpoints {
				if comp, method, _ := strings.Cut(e, "."); comp == c.Name {
					scheme, _, _ := strings.Cut(address, ":")
					plan.Links = append(plan.Links, Link{Component: c.Name, Endpoint: method, Unit: u.Name, Address: scheme + ":"})
				}
			}
		}
	}
	slices.SortFunc(plan.Links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Endpoint, b.Endpoint))
	})
	p.checkAddresses(plan)
}

// address returns the address of a component's link as far as the
// configuration gives it: a whole one, or the scheme alone.
func (p *planner) address(b *Bound) (string, bool) {
	want, given := p.split.Links[b.Name]
	if !given && b.Pinned != "" && p.scheme(b, "") == nil {
		return "", false // nothing may call it from another unit
	}
	scheme := p.scheme(b, want)
	switch {
	case scheme == nil:
		p.noScheme(b, want)
		return "", false
	case !scheme.CrossesUnits && p.host[b.Name] != p.entry:
		p.usage("split-binding", fmt.Sprintf("%s is linked %s, but runs in unit %s, apart from the entry unit", b.Name, scheme.Name, p.host[b.Name]),
			"link it by one of: "+strings.Join(b.Bindings, ", "), "links", b.Name)
		return "", false
	case scheme.CallerStarts:
		p.usage("split-binding", fmt.Sprintf("%s is linked by %s:, where each caller starts a process of its own; the units of a split are started by what runs it, and are there for all callers", b.Name, scheme.Name),
			fmt.Sprintf("link it in another way, or run the program without a split, with %s=%q", linkVariable(b.Name), want), "links", b.Name)
		return "", false
	case strings.Contains(want, ":"):
		return want, true
	}
	return scheme.Name + ":", true
}

// linkVariable is the variable of the environment that holds a component's link.
func linkVariable(name string) string {
	return "UNWELD_LINK_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// scheme is that of a link by what the configuration says of it: an address, a
// binding, or nothing. It is nil where the component can't be reached so. What
// stays in the process needs no binding.
func (p *planner) scheme(b *Bound, link string) *Scheme {
	name, _, isAddress := strings.Cut(link, ":")
	var s *Scheme
	switch {
	case link == "":
		return p.facts.Schemes.Default(b.Bindings, p.facts.AcrossHosts)
	case isAddress:
		s = p.facts.Schemes.Named(name)
	default:
		s = p.facts.Schemes.Of(name)
	}
	if s != nil && s.CrossesUnits && !slices.Contains(b.Bindings, s.Binding) {
		return nil
	}
	return s
}

// noScheme says why a component has no link.
func (p *planner) noScheme(b *Bound, link string) {
	name, _, isAddress := strings.Cut(link, ":")
	binding, all := name, p.facts.Schemes.Bindings()
	if isAddress {
		if s := p.facts.Schemes.Named(name); s != nil {
			binding = s.Binding
		}
	}
	if link != "" && !slices.Contains(all, binding) {
		hint := "the bindings are " + strings.Join(all, ", ")
		if near := Nearest(binding, all); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.usage("split-binding", fmt.Sprintf("%s is linked by %q, which is no binding", b.Name, binding), hint, "links", b.Name)
		return
	}
	to := append(slices.Clone(b.Bindings), cmp.Or(binding, p.suggested()))
	p.usage("split-binding", fmt.Sprintf("%s has no %s binding (it has: %s)", b.Name, cmp.Or(binding, "remote"), cmp.Or(strings.Join(b.Bindings, ", "), "none")),
		fmt.Sprintf("unweld bind %s --to %s --write", b.Name, strings.Join(to, ",")), "links", b.Name)
}

func (p *planner) suggested() string { return p.facts.Schemes.Suggested(p.facts.AcrossHosts) }

// checkAddresses reports two components at one address.
func (p *planner) checkAddresses(plan *Plan) {
	seen := map[string]string{}
	for _, l := range plan.Links {
		if strings.HasSuffix(l.Address, ":") {
			continue
		}
		if other, dup := seen[l.Address]; dup && other != l.Component {
			p.problems = append(p.problems, Problem{
				Code: "split-address", Severity: component.Error, Component: l.Component,
				Span:    p.cfg.At("splits", p.name, "links", l.Component),
				Message: fmt.Sprintf("%s and %s are both linked at %s", other, l.Component, l.Address),
				Hint:    "give each a port or path of its own, or name the binding alone and let unweld pick",
			})
		}
		seen[l.Address] = l.Component
	}
}
