// Package contextinstruct finds the hazard context-in-struct: a context.Context is a field of a value that crosses, or isn't the first parameter.
package contextinstruct

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "context-in-struct"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a context.Context is a field of a value that crosses, or isn't the first parameter",
	Why:    "Deadline and cancellation cross only where the generated code can see them: in the first parameter. A context inside a value would arrive without either.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import "context"

type Job struct {
	Ctx  context.Context
	Name string
}

type Service interface {
	Do(ctx context.Context, j Job) error
}
`,
	After: `package svc

import "context"

type Job struct {
	Name string
}

type Service interface {
	Do(ctx context.Context, j Job) error
}
`,
}

// Analyzer is the rule context-in-struct.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
