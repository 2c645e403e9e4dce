// Package nocontext finds the hazard no-context: a method takes no context, so that neither deadline nor cancellation can cross.
package nocontext

import (
	"go/types"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
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
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

func check(fn *types.Func) []analyzers.Finding {
	params := fn.Signature().Params()
	if params.Len() > 0 && types.TypeString(types.Unalias(params.At(0).Type()), nil) == "context.Context" {
		return nil
	}
	return []analyzers.Finding{{
		Path: fn.Name(), Hint: "add ctx context.Context as the first parameter and pass it on: unweld extract does",
		Message: fn.Name() + " takes no context: in one process a call always comes back, across a process it can hang and needs a deadline",
	}}
}
