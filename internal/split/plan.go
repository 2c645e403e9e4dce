package split

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// The splits that exist without being declared, in every module with bound
// components.
const (
	Monolith = "monolith" // everything in one unit
	Micro    = "micro"    // each bound component in a unit of its own
)

// MainUnit is the name of the entry unit where the configuration names none.
const MainUnit = "main"

// Facts are what planning must know of the code.
type Facts struct {
	Bound   []Bound  // components with generated bindings
	Known   []string // names of all components, bound or not, declared or inferred
	Schemes Schemes  // that links can have
	Stores  []Store  // that components can have
	// AcrossHosts says that units may run on different machines, so that the
	// default link of a component must reach another machine.
	AcrossHosts bool
}

// Bound is a component with generated bindings.
type Bound struct {
	Name      string
	Bindings  []string // by name
	Endpoints []component.Endpoint
	Pinned    string   // why it must stay in the process that calls it, or empty
	Callers   []string // components that call it; empty: not known
	Stateful  bool     // false only if it is proven to have no state
	Store     string   // the store that keeps its state; empty: memory
	StatePath string
	// Assumed: it isn't bound yet, and the effects of its endpoints aren't
	// known.
	Assumed bool
}

// BoundFrom returns the facts of a component from its contract.
func BoundFrom(c *component.Contract, bindings []string, store string) Bound {
	b := Bound{Name: c.Component, Bindings: bindings, Pinned: c.Pinned, Store: store}
	for _, m := range c.Methods {
		b.Endpoints = append(b.Endpoints, m.Endpoint)
		b.Stateful = b.Stateful || m.ChangesState()
	}
	return b
}

// New plans the split named name, which may be Monolith or Micro if components
// are bound. It returns a *component.UsageError if the configuration
// contradicts itself or the code, and a *component.Refusal if a unit would
// separate what must stay together.
func New(cfg *Config, name string, facts Facts) (*Plan, error) {
	if cfg == nil {
		cfg = &Config{}
	}
	s, err := find(cfg, name, facts)
	if err != nil {
		return nil, err
	}
	p := &planner{cfg: cfg, name: name, split: s, facts: facts, host: map[string]string{}}
	p.carry()
	p.assign()
	p.pickEntry()
	p.checkEndpoints()
	p.unreachable()
	plan := p.build()
	plan.Problems = component.SortProblems(p.problems)
	if err := Usage(plan.Problems); err != nil {
		return nil, err
	}
	if len(p.refused) > 0 {
		return nil, component.Refuse("split "+name, p.refused...)
	}
	return plan, nil
}

// Names lists the splits that New knows for cfg, sorted.
func Names(cfg *Config, facts Facts) []string {
	set := map[string]bool{}
	if cfg != nil {
		for n := range cfg.Splits {
			set[n] = true
		}
	}
	if len(facts.Bound) > 0 {
		set[Monolith], set[Micro] = true, true
	}
	return slices.Sorted(maps.Keys(set))
}

func find(cfg *Config, name string, facts Facts) (Split, error) {
	if s, ok := cfg.Splits[name]; ok {
		return s, nil
	}
	names := Names(cfg, facts)
	if !slices.Contains(names, name) {
		hint := "the splits are " + strings.Join(names, ", ")
		if len(names) == 0 {
			hint = "bind a component first: unweld bind NAME --to " + facts.Schemes.Suggested(false)
		} else if near := Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return Split{}, &component.UsageError{Object: "split " + name, Reason: "no such split", Hint: hint}
	}
	s := Split{Units: map[string]Unit{MainUnit: {Components: []string{"*"}}}}
	if name == Micro {
		for _, b := range facts.Bound {
			if b.Pinned == "" { // a pinned one stays with its caller
				s.Units[unitFor(b.Name)] = Unit{Components: []string{b.Name}}
			}
		}
	}
	return s, nil
}

// unitFor names the unit of one component in the undeclared micro split.
func unitFor(component string) string {
	if component == MainUnit {
		return component + "-unit"
	}
	return component
}

// planner holds what New works on.
type planner struct {
	cfg      *Config
	name     string
	split    Split
	facts    Facts
	rest     string            // unit that claims "*"
	entry    string            // unit in which main goes on
	host     map[string]string // component -> unit, bound components only
	bare     map[string]string // component without bindings -> unit that lists it
	problems []Problem
	refused  []Problem
}

func (p *planner) usage(code, message, hint string, path ...string) {
	at := p.cfg.At(append([]string{"splits", p.name}, path...)...)
	if at.File == "" {
		at.File = FileName
	}
	p.problems = append(p.problems, Problem{Code: code, Severity: component.Error, Span: at, Message: message, Hint: hint})
}

func (p *planner) bound(name string) *Bound {
	for i := range p.facts.Bound {
		if p.facts.Bound[i].Name == name {
			return &p.facts.Bound[i]
		}
	}
	return nil
}

func (p *planner) units() []string { return slices.Sorted(maps.Keys(p.split.Units)) }

// assign finds the host of each component that a unit claims.
func (p *planner) assign() {
	p.bare = map[string]string{}
	for _, u := range p.units() {
		for i, c := range p.split.Units[u].Components {
			b := p.bound(c)
			switch {
			case c == "*":
				p.rest = u
			case b != nil:
				p.host[c] = u
			case p.known(c):
				p.bare[c] = u
			default:
				hint := "unweld find lists the components"
				if near := Nearest(c, p.names()); near != "" {
					hint = fmt.Sprintf("did you mean %q?", near)
				}
				p.usage("split-unknown-component", fmt.Sprintf("unit %s: no component %q", u, c), hint, "units", u, "components", fmt.Sprint(i))
			}
		}
	}
}

func (p *planner) known(name string) bool {
	_, declared := p.cfg.Components[name]
	return declared || slices.Contains(p.facts.Known, name)
}

func (p *planner) names() []string {
	names := append(slices.Sorted(maps.Keys(p.cfg.Components)), p.facts.Known...)
	for _, b := range p.facts.Bound {
		names = append(names, b.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// pickEntry finds the unit in which main goes on: the one that claims the
// rest, or that lists components without bindings, which can only run there.
func (p *planner) pickEntry() {
	var candidates []string
	for _, c := range slices.Sorted(maps.Keys(p.bare)) {
		if u := p.bare[c]; !slices.Contains(candidates, u) {
			candidates = append(candidates, u)
		}
	}
	if p.rest != "" && !slices.Contains(candidates, p.rest) {
		candidates = append(candidates, p.rest)
	}
	switch {
	case len(candidates) == 1:
		p.entry = candidates[0]
	case len(candidates) > 1:
		p.manyEntries(candidates)
	case len(p.split.Units) == 1:
		p.entry = p.units()[0]
	default:
		p.entry = MainUnit
		for n := 2; ; n++ {
			if _, taken := p.split.Units[p.entry]; !taken {
				break
			}
			p.entry = fmt.Sprintf("%s%d", MainUnit, n)
		}
	}
	for _, b := range p.facts.Bound {
		if p.host[b.Name] == "" {
			p.host[b.Name] = p.entry
		}
	}
}

// manyEntries says which components without bindings ask for a second unit.
func (p *planner) manyEntries(units []string) {
	p.entry = p.rest
	if p.entry == "" {
		p.entry = units[0]
	}
	for _, c := range slices.Sorted(maps.Keys(p.bare)) {
		if u := p.bare[c]; u != p.entry {
			p.usage("split-unbound", fmt.Sprintf("unit %s: %s has no bindings, so it can only run in the entry unit %s", u, c, p.entry),
				fmt.Sprintf("unweld bind %s --to %s --write, or move it to unit %s", c, p.suggested(), p.entry), "units", u)
		}
	}
}

// checkEndpoints refuses what can't be parted: a pinned component away from
// its callers, and a single endpoint away from the state it touches.
func (p *planner) checkEndpoints() {
	for i := range p.facts.Bound {
		p.checkPinned(&p.facts.Bound[i])
	}
	for _, u := range p.units() {
		for i, e := range p.split.Units[u].Endpoints {
			p.checkEndpoint(u, e, fmt.Sprint(i))
		}
	}
}

func (p *planner) checkPinned(b *Bound) {
	if b.Pinned == "" {
		return
	}
	unit := p.host[b.Name]
	away := ""
	if len(b.Callers) == 0 && unit != p.entry {
		away = p.entry
	}
	for _, c := range b.Callers {
		if at := p.unitOf(c); at != unit {
			away = at
			break
		}
	}
	if away == "" {
		return
	}
	endpoint := ""
	for _, e := range b.Endpoints {
		if e.Local != "" && e.TouchesState {
			endpoint = e.Name
			break
		}
	}
	message := fmt.Sprintf("%s is pinned to the process that calls it (unit %s) and can't run in unit %s: %s", b.Name, away, unit, b.Pinned)
	if endpoint != "" && !strings.Contains(b.Pinned, endpoint) {
		message = fmt.Sprintf("%s is pinned to the process that calls it (unit %s) and can't run in unit %s: endpoint %s: %s", b.Name, away, unit, endpoint, b.Pinned)
	}
	p.refused = append(p.refused, Problem{
		Code: "split-pinned", Severity: component.Error, Component: b.Name,
		Span:    p.cfg.At("splits", p.name, "units", unit),
		Message: message, Hint: fmt.Sprintf("move %s to unit %s", b.Name, away),
	})
}

// unitOf is the unit in which the code of a component runs.
func (p *planner) unitOf(name string) string {
	return cmp.Or(p.host[name], p.bare[name], p.entry)
}

func (p *planner) checkEndpoint(unit, endpoint, index string) {
	comp, method, _ := strings.Cut(endpoint, ".")
	b := p.bound(comp)
	if b == nil {
		hint := "unweld find lists the components"
		if p.known(comp) {
			hint = fmt.Sprintf("unweld bind %s --to %s --write", comp, p.suggested())
		} else if near := Nearest(comp, p.names()); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.usage("split-unbound", fmt.Sprintf("unit %s: %s has no bindings, so its endpoint %s can't be served apart", unit, comp, method), hint, "units", unit, "endpoints", index)
		return
	}
	var names []string
	for _, e := range b.Endpoints {
		names = append(names, e.Name)
		if e.Name != method {
			continue
		}
		reason := ""
		switch {
		case e.Local != "":
			reason = "it can't cross a process: " + e.Local
		case e.TouchesState && p.host[comp] != unit:
			reason = fmt.Sprintf("it touches the state of %s, which lives in unit %s: two half-states would exist", comp, p.host[comp])
		}
		if reason != "" {
			p.refused = append(p.refused, Problem{
				Code: "split-endpoint", Severity: component.Error, Component: comp,
				Span:    p.cfg.At("splits", p.name, "units", unit, "endpoints", index),
				Message: fmt.Sprintf("endpoint %s can't run in unit %s: %s", endpoint, unit, reason),
				Hint:    fmt.Sprintf("leave it with %s in unit %s", comp, p.host[comp]),
			})
		}
		return
	}
	hint := "its endpoints are " + strings.Join(names, ", ")
	if near := Nearest(method, names); near != "" {
		hint = fmt.Sprintf("did you mean %s.%s?", comp, near)
	}
	p.usage("split-unknown-endpoint", fmt.Sprintf("unit %s: %s has no endpoint %s", unit, comp, method), hint, "units", unit, "endpoints", index)
}
