package split

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Capabilities are the values that a target accepts on each axis of a unit. An
// empty value of a unit leaves the choice to the target.
type Capabilities struct {
	Target    string   // its name
	Packaging []string // such as binary, oci; sorted, as the others
	Runtime   []string
	Isolation []string

	AcrossHosts bool // units may run on different machines: links must reach there
	Replicas    bool // a unit may run as several processes
	// ScaleOn are the measures by which it can choose their number.
	ScaleOn []string

	Endpoints bool // single endpoints can be served apart from their component
	Images    bool // a unit runs from an image
	Resources bool // a unit's processes get what they ask for, and no more
}

// An axis is one of the choices that a unit has, independent of the others.
type axis struct {
	key    string
	given  func(*PlanUnit) string
	of     func(Unit) string
	values func(*Capabilities) []string
}

var axes = []axis{
	{"packaging", func(u *PlanUnit) string { return u.Packaging }, func(u Unit) string { return u.Packaging }, func(c *Capabilities) []string { return c.Packaging }},
	{"runtime", func(u *PlanUnit) string { return u.Runtime }, func(u Unit) string { return u.Runtime }, func(c *Capabilities) []string { return c.Runtime }},
	{"isolation", func(u *PlanUnit) string { return u.Isolation }, func(u Unit) string { return u.Isolation }, func(c *Capabilities) []string { return c.Isolation }},
}

// Check reports what of a plan the target doesn't support: an Error makes the
// plan unusable, a Warn says what is ignored.
func (c *Capabilities) Check(plan *Plan, schemes Schemes) []Problem {
	k := &capabilityCheck{Capabilities: c, plan: plan}
	for i := range plan.Units {
		k.unit(&plan.Units[i])
	}
	for _, l := range plan.Links {
		k.link(l, schemes)
	}
	return component.SortProblems(k.problems)
}

type capabilityCheck struct {
	*Capabilities
	plan     *Plan
	problems []Problem
}

func (k *capabilityCheck) add(severity component.Severity, at PlanUnit, message, hint string) {
	k.problems = append(k.problems, Problem{Code: "split-target", Severity: severity, Span: at.Span, Message: message, Hint: hint})
}

func (k *capabilityCheck) unit(u *PlanUnit) {
	for _, a := range axes {
		value, values := a.given(u), a.values(k.Capabilities)
		if value != "" && !slices.Contains(values, value) {
			k.add(component.Error, *u, fmt.Sprintf("unit %s: target %s can't take %s %s (it takes %s)", u.Name, k.Target, a.key, value, cmp.Or(strings.Join(values, ", "), "none")),
				fmt.Sprintf("leave %s out, or choose a target that takes it: unweld split emit %s --target NAME", a.key, k.plan.Split))
		}
	}
	switch {
	case k.Replicas:
		k.replicas(u)
	case u.Scale.Min > 1:
		k.add(component.Error, *u, fmt.Sprintf("unit %s: target %s runs one process of a unit, not %d", u.Name, k.Target, u.Scale.Min), "leave scale.min out, or make it 1")
	case u.Scale.Max > 1:
		k.add(component.Warn, *u, fmt.Sprintf("unit %s: target %s runs one process of a unit, although it may scale to %d", u.Name, k.Target, u.Scale.Max), "")
	}
	if len(u.Endpoints) > 0 && !k.Endpoints {
		k.add(component.Error, *u, fmt.Sprintf("unit %s: target %s can't send the calls of single endpoints (%s) elsewhere than those of their component", u.Name, k.Target, strings.Join(u.Endpoints, ", ")),
			"give the unit whole components")
	}
	if u.Image != "" && !k.Images {
		k.add(component.Warn, *u, fmt.Sprintf("unit %s: target %s uses no image, so %s is ignored", u.Name, k.Target, u.Image), "")
	}
	if !u.Resources.IsZero() && !k.Resources {
		k.add(component.Warn, *u, fmt.Sprintf("unit %s: target %s doesn't limit resources", u.Name, k.Target), "")
	}
}

// replicas reports what keeps several processes of a unit from running.
func (k *capabilityCheck) replicas(u *PlanUnit) {
	for _, name := range u.Components {
		c := k.plan.Component(name)
		if max(u.Scale.Min, u.Scale.Max) > 1 && c != nil && c.OneOwner() {
			k.add(component.Error, *u, fmt.Sprintf("unit %s: %s has state, of which there must never be two, so the unit can't scale to %d", u.Name, name, max(u.Scale.Min, u.Scale.Max)),
				"leave scale out, or move what has no state to a unit of its own")
		}
	}
	for _, measure := range sortedKeys(u.Scale.Target) {
		if !slices.Contains(k.ScaleOn, measure) {
			k.add(component.Error, *u, fmt.Sprintf("unit %s: target %s can't scale on %s (it scales on %s)", u.Name, k.Target, measure, cmp.Or(strings.Join(k.ScaleOn, ", "), "nothing")), "")
		}
	}
}

// link reports a link by which units on different machines don't reach each other.
func (k *capabilityCheck) link(l Link, schemes Schemes) {
	name, _, _ := strings.Cut(l.Address, ":")
	s := schemes.Named(name)
	unit := PlanUnit{}
	if u := k.plan.Unit(l.Unit); u != nil {
		unit = *u
	}
	switch {
	case s == nil:
		k.add(component.Error, unit, fmt.Sprintf("%s: no binding links by %s", l.Component, name), "link it by one of: "+strings.Join(schemes.Bindings(), ", "))
	case k.AcrossHosts && s.CrossesUnits && !s.CrossesHosts:
		hint := "bind it by one that does, and name that in the links of the split"
		if far := schemes.Suggested(true); far != "" {
			hint = fmt.Sprintf("unweld bind %s --to %s --write, and link it by that", l.Component, far)
		}
		k.add(component.Error, unit, fmt.Sprintf("%s: target %s runs units on different machines, where %s doesn't reach", l.Component, k.Target, name), hint)
	}
}

// A Fit is what a target makes of a split.
type Fit struct {
	Name     string    `json:"name"`               // of the target
	Runs     bool      `json:"runs"`               // it can run a split, and not only write files for one
	Problem  string    `json:"problem,omitempty"`  // why it can't take it
	Warnings []Problem `json:"warnings,omitempty"` // what it leaves out
}
