package bindings

import (
	"fmt"

	"github.com/unweld/unweld/internal/component"
)

// CheckCrossing returns a Check for bindings that reach another process: it
// reports a contract whose component is pinned to its caller's process.
func CheckCrossing(name string) func(*component.Contract) []component.Problem {
	return func(c *component.Contract) []component.Problem {
		why, hint := "", ""
		switch {
		case c.Pinned != "":
			why, hint = c.Pinned, "bind it inproc, or change the endpoint"
		case len(c.Methods) > 0 && len(c.Remote()) == 0:
			why, hint = "none of its endpoints can cross a process", "bind it inproc, or change the endpoints"
		default:
			return nil
		}
		return []component.Problem{{
			Code: "pinned", Severity: component.Error, Component: c.Component, Path: c.Name, Span: c.Span,
			Message: fmt.Sprintf("%s can't be bound to %s: %s", c.Component, name, why),
			Hint:    hint,
		}}
	}
}
