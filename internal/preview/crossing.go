package preview

import (
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
)

// A Crossing tells which hazards a plan brings out: those that lie between two of
// its units.
type Crossing struct {
	plan      *split.Plan
	module    string
	homes     map[string]string               // import path -> component
	uses      map[string][]component.Evidence // from other components, by the function or variable used
	generated map[string]bool                 // files
}

// NewCrossing returns what a plan parts of what was found in the module with the
// given path.
func NewCrossing(plan *split.Plan, module string, l *lock.File, found *component.Result) *Crossing {
	return &Crossing{plan: plan, module: module, homes: homesOf(module, l, found), uses: usesOf(found), generated: l.Generated()}
}

// Brings reports whether a hazard lies between two units: something that it is about
// is used from another unit, or it is about calls into one.
func (x *Crossing) Brings(h *component.Hazard) bool {
	p := &h.Problem
	if x.generated[p.Span.File] || lock.OfRuntime(x.module, p.Subject.Decl.Pkg) {
		return false // nothing that people wrote
	}
	owner := x.UnitOf(p.Subject.Decl.Pkg)
	if home := x.homes[p.Subject.Decl.Pkg]; p.Component != "" && p.Component != home && x.unit(p.Component) != owner {
		return true
	}
	return slices.ContainsFunc(x.uses[p.Subject.String()], func(ev component.Evidence) bool { return x.UnitOf(ev.FromPkg) != owner })
}

// UnitOf is the unit of the component that a package belongs to.
func (x *Crossing) UnitOf(importPath string) string { return x.unit(x.homes[importPath]) }

func (x *Crossing) unit(name string) string {
	if c := x.plan.Component(name); c != nil {
		return c.Unit
	}
	return x.plan.Entry
}

// homesOf maps the packages of a module to their components.
func homesOf(module string, l *lock.File, found *component.Result) map[string]string {
	homes := map[string]string{}
	for _, c := range found.Components {
		for _, p := range c.Packages {
			homes[p] = c.Name
		}
	}
	for _, name := range l.Names() {
		p, _ := contractOf(module, l, name)
		homes[p] = name
	}
	return homes
}

// contractOf is the import path and the name of a bound component's interface.
func contractOf(module string, l *lock.File, name string) (importPath, iface string) {
	spec := l.Components[name].Contract
	dot := strings.LastIndexByte(spec, '.')
	return path.Join(module, spec[:dot]), spec[dot+1:]
}

// usesOf lists the references between components, by what they refer to.
func usesOf(found *component.Result) map[string][]component.Evidence {
	uses := map[string][]component.Evidence{}
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			uses[ev.To] = append(uses[ev.To], ev)
		}
	}
	return uses
}

// Outline plans a split as far as that can be done without a look at function
// bodies: a component without bindings counts as bound, with everything that others
// call as an endpoint. The undeclared micro split is of all declared components.
func Outline(cfg *split.Config, name string, l *lock.File, terms split.Terms, found *component.Result) (*split.Plan, error) {
	var known []string
	for _, c := range found.Components {
		known = append(known, c.Name)
	}
	facts := l.Facts(known, terms)
	for i := range found.Components {
		c := &found.Components[i]
		if l.Components[c.Name] == nil && named(cfg, name, c) {
			facts.Bound = append(facts.Bound, assumedBound(c, terms))
		}
	}
	return split.New(cfg, name, facts)
}

// named reports whether a split gives a component a unit.
func named(cfg *split.Config, name string, c *component.Found) bool {
	s, declared := cfg.Splits[name]
	if !declared {
		return (name == split.Micro || name == split.Monolith) && c.Declared
	}
	for _, u := range s.Units {
		if slices.Contains(u.Components, c.Name) {
			return true
		}
	}
	return false
}

func assumedBound(c *component.Found, terms split.Terms) split.Bound {
	b := split.Bound{Name: c.Name, Bindings: terms.Schemes.Bindings(), Stateful: true, Assumed: true}
	for _, e := range c.Endpoints {
		b.Endpoints = append(b.Endpoints, component.Endpoint{Name: e.Name, TouchesState: true})
	}
	return b
}
