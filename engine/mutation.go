package engine

import (
	"fmt"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
)

// mutations warns of the parameters through which a method that can cross hands
// something back to its caller.
func mutations(c *component.Contract, m *component.Method, known effects.Method) []component.Problem {
	if m.Local != "" {
		return nil
	}
	first := 0
	if m.Context {
		first = 1
	}
	var out []component.Problem
	for _, x := range known.Mutates {
		i := x.Param - first
		if i < 0 || i >= len(m.Params) {
			continue
		}
		out = append(out, component.Problem{Code: "callee-mutates-argument", Severity: component.Warn, Component: c.Component, Span: m.Span,
			Message: fmt.Sprintf("%s changes what its parameter %s leads to (%s): a caller in another process doesn't see that", m.Name, m.Params[i].Name, x.At),
			Hint:    "return the new value"})
	}
	return out
}
