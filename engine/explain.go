package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// An Explanation says why components are coupled, and what cutting would take.
type Explanation struct {
	A         string               `json:"a"`
	B         string               `json:"b,omitempty"`
	Couplings []component.Coupling `json:"couplings"`
	Hazards   []component.Hazard   `json:"hazards"`
	Cut       []string             `json:"cut"` // steps, in order

	Problems []component.Problem `json:"-"` // what could not be loaded
}

// Explain explains the coupling of a with b in both directions, or with
// everything when b is empty. Both are components or import paths.
func (s *Session) Explain(ctx context.Context, a, b string) (*Explanation, error) {
	found, err := s.Find(ctx, FindOptions{Patterns: s.wholeModule(), Strict: true})
	if err != nil {
		return nil, err
	}
	asked := a + " and " + b
	if a, err = resolveComponent(found, s.Module, a); err != nil {
		return nil, err
	}
	if b != "" {
		if b, err = resolveComponent(found, s.Module, b); err != nil {
			return nil, err
		}
		if a == b {
			return nil, &component.UsageError{Object: asked, Reason: "are the same component, " + a,
				Hint: "declare them as components of their own in unweld.yaml, or explain " + a + " alone"}
		}
	}
	e := &Explanation{A: a, B: b, Couplings: []component.Coupling{}, Hazards: []component.Hazard{}, Cut: []string{}, Problems: found.Problems}
	for _, c := range found.Couplings {
		if c.From == a && (b == "" || c.To == b) || c.To == a && (b == "" || c.From == b) {
			e.Couplings = append(e.Couplings, c)
		}
	}
	used := map[use]bool{}
	for _, c := range e.Couplings {
		for _, ev := range c.Evidence {
			used[use{c.To, component.Subject{Decl: ev.Decl, Member: ev.Member}}] = true
		}
	}
	for _, h := range found.Hazards {
		if used[use{h.Component, h.Problem.Subject}] {
			e.Hazards = append(e.Hazards, h)
		}
	}
	for _, c := range e.Couplings {
		e.Cut = append(e.Cut, cutSteps(c, e.Hazards)...)
	}
	return e, nil
}

// A use is what a component is used for from outside.
type use struct {
	component string
	of        component.Subject
}

// resolveComponent accepts a component's name, an import path or ./dir.
func resolveComponent(found *component.Result, module, name string) (string, error) {
	var names []string
	within := "" // the component with a package in that folder
	for _, c := range found.Components {
		names = append(names, c.Name)
		if c.Name == name {
			return name, nil
		}
		for _, p := range c.Packages {
			switch split.Relative(module, p) {
			case name:
				return c.Name, nil
			case "./" + name:
				within = c.Name
			}
			if p == name {
				return c.Name, nil
			}
		}
	}
	e := &component.UsageError{Object: name, Reason: "is no component and no package of one", Hint: "see the names with: unweld find"}
	if slices.Contains(found.Shared, name) {
		e.Reason = "is a shared package: many components use it and it belongs to none"
	} else if within != "" {
		e.Hint = "did you mean ./" + name + ", a package of component " + within + "?"
	} else if near := split.Nearest(name, names); near != "" {
		e.Hint = "did you mean " + near + "?"
	}
	return "", e
}

// cutSteps says what it would take for c to cross a process.
func cutSteps(c component.Coupling, hazards []component.Hazard) []string {
	kinds := map[string]map[string]bool{}
	for _, ev := range c.Evidence {
		if kinds[ev.Kind] == nil {
			kinds[ev.Kind] = map[string]bool{}
		}
		kinds[ev.Kind][ev.To] = true
	}
	var steps []string
	if n := len(kinds["call"]); n > 0 {
		steps = append(steps, fmt.Sprintf("%s -> %s: put %s behind a contract (unweld extract)", c.From, c.To, count(n, "called function or method", "called functions and methods")))
	}
	if n := len(kinds["global"]) + len(kinds["write"]); n > 0 {
		steps = append(steps, fmt.Sprintf("%s -> %s: replace the use of %s by calls", c.From, c.To, count(n, "package variable", "package variables")))
	}
	if n := len(kinds["embed"]); n > 0 {
		steps = append(steps, fmt.Sprintf("%s -> %s: hold %s in a field instead of embedding", c.From, c.To, count(n, "type", "types")))
	}
	steps = append(steps, hazardSteps(c, hazards)...)
	if len(steps) == 0 {
		steps = append(steps, fmt.Sprintf("%s -> %s: move the shared types to a package of their own; no call has to cross", c.From, c.To))
	}
	return steps
}

// hazardSteps says once per kind of hazard what to do about it.
func hazardSteps(c component.Coupling, hazards []component.Hazard) []string {
	var first []component.Hazard
	places := map[string]int{}
	for _, h := range hazards {
		if h.Component != c.To || h.Severity != component.Error {
			continue
		}
		if places[h.Name]++; places[h.Name] == 1 {
			first = append(first, h)
		}
	}
	var steps []string
	for _, h := range first {
		at := "at " + h.Pos
		if n := places[h.Name]; n > 1 {
			at = fmt.Sprintf("in %d places, first %s", n, h.Pos)
		}
		steps = append(steps, fmt.Sprintf("%s -> %s: %s %s: %s", c.From, c.To, h.Name, at, h.Hint))
	}
	return steps
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
