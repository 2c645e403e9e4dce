package split

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Terms are the words that a configuration can use because something implements
// them: schemes of links, stores, and the capabilities of targets.
type Terms struct {
	Schemes Schemes
	Stores  []Store
	Targets []Capabilities
}

// CheckTerms reports terms in the configuration that nothing implements.
func (c *Config) CheckTerms(t Terms) []Problem {
	var ps []Problem
	add := func(code, message, hint string, path ...string) {
		ps = append(ps, Problem{Code: code, Severity: component.Error, Span: c.valueAt(path...), Message: message, Hint: hint})
	}
	for _, name := range sortedKeys(c.Splits) {
		s := c.Splits[name]
		for _, unit := range sortedKeys(s.Units) {
			for _, a := range axes {
				v, values := a.of(s.Units[unit]), t.values(a)
				if v != "" && !slices.Contains(values, v) {
					add("config-value", fmt.Sprintf("%s %q: no target takes it", a.key, v), near(v, values, t.offers(a)), "splits", name, "units", unit, a.key)
				}
			}
		}
		for _, unit := range sortedKeys(s.Units) {
			names := t.stores()
			if v := s.Units[unit].State.Store; v != "" && !slices.Contains(names, v) {
				add("config-value", fmt.Sprintf("store %q: there is none of that name", v), near(v, names, "the stores are "+strings.Join(names, ", ")), "splits", name, "units", unit, "state", "store")
			}
		}
		for _, comp := range sortedKeys(s.Links) {
			names := t.Schemes.Names()
			if scheme, _, isAddress := strings.Cut(s.Links[comp], ":"); isAddress && !slices.Contains(names, scheme) {
				add("config-link", fmt.Sprintf("link address %q has an unknown scheme", s.Links[comp]), near(scheme, names, "the schemes are "+strings.Join(names, ", ")), "splits", name, "links", comp)
			}
		}
	}
	return component.SortProblems(ps)
}

// InMemory is how a unit's state without a store is shown.
const InMemory = "memory"

// stores are the names that a unit's state can have.
func (t Terms) stores() []string {
	names := []string{InMemory}
	for _, s := range t.Stores {
		names = append(names, s.Name)
	}
	return names
}

// near is a hint: the word that was meant, or all there are.
func near(word string, words []string, all string) string {
	if n := Nearest(word, words); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return all
}

// values are what any target takes on an axis, sorted.
func (t Terms) values(a axis) []string {
	var all []string
	for i := range t.Targets {
		all = append(all, a.values(&t.Targets[i])...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// offers says what each target takes on an axis.
func (t Terms) offers(a axis) string {
	var parts []string
	for i := range t.Targets {
		parts = append(parts, fmt.Sprintf("target %s takes %s", t.Targets[i].Target, strings.Join(a.values(&t.Targets[i]), ", ")))
	}
	return strings.Join(parts, "; ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
