// Package processstate finds the hazard process-state: a value crosses that means something in its own process only.
package processstate

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "process-state"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a value crosses that means something in its own process only",
	Why:    "A timer, a started command or a reflect.Value refers to the memory of its process.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import (
	"context"
	"time"
)

type Service interface {
	Wait(ctx context.Context, t *time.Timer) error
}
`,
	After: `package svc

import (
	"context"
	"time"
)

type Service interface {
	Wait(ctx context.Context, d time.Duration) error
}
`,
}

// Analyzer is the rule process-state.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
