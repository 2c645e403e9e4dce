// Package nocontext finds the hazard no-context: a method takes no context, so that neither deadline nor cancellation can cross.
package nocontext

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

const name = "no-context"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a method takes no context, so that neither deadline nor cancellation can cross",
	Why:    "In one process a call always comes back. Across a process it can hang, and only a context can end the wait.",
	Since:  "0.1",
	Before: `package svc

type Service interface {
	Quote(id string) (int, error)
}
`,
	After: `package svc

import "context"

type Service interface {
	Quote(ctx context.Context, id string) (int, error)
}
`,
}

// Analyzer is the rule no-context.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc, Solutions: []string{"extract", "thread-context"},
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

func check(d crossing.Decision) []analyzers.Finding {
	if d.Context {
		return nil
	}
	return []analyzers.Finding{{
		Path: d.Func.Name(), Hint: "add ctx context.Context as the first parameter and pass it on: unweld extract does",
		Message: d.Func.Name() + " takes no context: in one process a call always comes back, across a process it can hang and needs a deadline",
	}}
}
