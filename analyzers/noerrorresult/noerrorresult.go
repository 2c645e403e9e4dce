// Package noerrorresult finds the hazard no-error-result: a method can't report that it failed.
package noerrorresult

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

const name = "no-error-result"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a method can't report that it failed",
	Why:    "In one process a call can't fail on its way. Across a process it can, and without an error result the caller would go on with a zero value.",
	Since:  "0.1",
	Before: `package svc

import "context"

type Service interface {
	Quote(ctx context.Context, id string) int
}
`,
	After: `package svc

import "context"

type Service interface {
	Quote(ctx context.Context, id string) (int, error)
}
`,
}

// Analyzer is the rule no-error-result.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc, Solutions: []string{"extract", "thread-error"},
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

func check(d crossing.Decision) []analyzers.Finding {
	if d.Fails() {
		return nil
	}
	return []analyzers.Finding{{
		Path: d.Func.Name(), Hint: "add an error as the last result: unweld extract does",
		Message: d.Func.Name() + " has no error result: in one process a call can't fail, across a process it can and must say so",
	}}
}
