// Package commandlog is the store that keeps a component's state as the log of
// the calls that made it.
package commandlog

import (
	"context"
	"embed"
	"fmt"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/stores"
)

//go:embed rt/*.go
var sources embed.FS

// sqliteVersion is the release of modernc.org/sqlite that a module gets which
// doesn't require one: the last that asks for no newer language than the
// run-time does. Newer ones do as well.
const sqliteVersion = "v1.46.1"

// Store is the store named commandlog.
var Store = &stores.Store{
	Name: "commandlog",
	Doc: `A log of the calls that change the state: they are replayed when the component starts.

The component stays as it is, a type or a package that holds its state in
memory. A call that changes the state is written to a SQLite file, with its
arguments, before it runs, and is acknowledged when it is on the disk: callers
that arrive together share one write. Calls that only read go straight to the
component. The file is what UNWELD_STATE_<COMPONENT> names, or
.unweld/state/<component>.db below the working directory; in tests the log is
kept in memory and gone with the process.

Calls that change the state run one after the other, with a context that has no
deadline, cancellation or values, so that they do the same when they are
replayed. For the same reason they must depend on their arguments and the state
alone: one that asks for the time, draws random numbers or does I/O is refused,
with the place. A call that changes the state must not wait for another one of
the same component. Memory of the state that a call returns must not be changed
by the caller, as no call is logged for it: return copies.

A log outlives new parameters, and new fields in what is passed. One that an
older version wrote is refused where something of it would be lost, as is one
that was damaged; the message says how to go on.`,
	Check:    check,
	Generate: generateFiles,
}

func generateFiles(_ context.Context, req *generate.Request) (*generate.Output, error) {
	files, err := codegen.Copy(req, "commandlog", sources, "rt")
	if err != nil {
		return nil, err
	}
	state, err := emit(req)
	if err != nil {
		return nil, err
	}
	return &generate.Output{
		Files: append(files, state), Runtime: []string{"commandlog"},
		Requires: []generate.Requirement{{Path: "modernc.org/sqlite", Version: sqliteVersion, Packages: []string{"modernc.org/sqlite"}}},
	}, nil
}

// logged reports whether calls of a method go through the log: all but those
// that are proven not to change the state.
func logged(m *component.Method) bool {
	return m.ChangesState()
}

// check reports what keeps a contract's calls from being logged and replayed.
func check(c *component.Contract) []component.Problem {
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
		if !logged(m) {
			continue
		}
		if m.Local != "" {
			add("unloggable", m, "give it arguments and results that can be copied", "%s changes the state and can't be logged: %s", m.Name, m.Local)
		}
		for _, p := range m.Nondeterministic {
			p.Component = c.Component
			problems = append(problems, p)
		}
	}
	return component.SortProblems(problems)
}
