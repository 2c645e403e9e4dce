// Package calllog generates what stores have in common that keep a component's
// state as the log of the calls that made it: the type that logs a call before
// it runs, and replays the log at the start. Where the log is kept is each
// store's own; see Storage in the run-time.
package calllog

import (
	"embed"
	"fmt"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

//go:embed rt/*.go
var sources embed.FS

// Package is the run-time package that all these stores share.
var Package = generate.Package{Name: "calllog", Source: sources, Dir: "rt"}

// Generate returns the files that log the calls of a contract's component. The
// store adds the run-time package of the given name, which has a function
//
//	func Open(ctx context.Context, component, location string) (calllog.Storage, error)
func Generate(req *generate.Request, store string) (*generate.Output, error) {
	state, err := emit(req, store)
	if err != nil {
		return nil, err
	}
	return &generate.Output{Files: []generate.File{state}}, nil
}

// logged reports whether calls of a method go through the log: all but those
// that are proven not to change the state.
func logged(m *component.Method) bool {
	return m.ChangesState()
}

// Check reports what keeps a contract's calls from being logged and replayed.
func Check(c *component.Contract) []component.Problem {
	var problems []component.Problem
	add := func(code string, m *component.Method, hint, format string, args ...any) {
		problems = append(problems, component.Problem{Code: code, Severity: component.Error, Component: c.Component,
			Path: m.Name, Span: m.Span, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	for i := range c.Methods {
		m := &c.Methods[i]
		if m.Name == "Close" {
			add("method-close", m, "give it another name", "Close is the name by which the log itself is closed")
		}
		if m.Handles() && m.TouchesState {
			add("unloggable", m, "give it arguments and results that can be copied, such as a name for what the handle stands for", "%s can't be logged: what is done with a handle that it takes or returns is in no call of its own", m.Name)
			continue
		}
		if !logged(m) {
			continue
		}
		if m.Local != "" {
			add("unloggable", m, "give it arguments and results that can be copied", "%s changes the state and can't be logged: %s", m.Name, m.Local)
		}
		if m.Streams() {
			add("unloggable", m, "give it arguments and results that can be copied", "%s changes the state and can't be logged: what it takes or gives is a stream", m.Name)
		}
		for _, p := range m.Nondeterministic {
			p.Component = c.Component
			problems = append(problems, p)
		}
	}
	return component.SortProblems(problems)
}
