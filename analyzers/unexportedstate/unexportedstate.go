// Package unexportedstate finds the hazard unexported-state: a value that crosses has fields that generated code can't read, and no marshaler.
package unexportedstate

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "unexported-state"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a value that crosses has fields that generated code can't read, and no marshaler",
	Why:    "What is in those fields would be lost on the way, and the value on the other side would be another one.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import "context"

type Amount struct{ cents int64 }

func Of(cents int64) Amount { return Amount{cents} }

type Service interface {
	Pay(ctx context.Context, m Amount) error
}
`,
	After: `package svc

import "context"

type Amount struct{ Cents int64 }

type Service interface {
	Pay(ctx context.Context, m Amount) error
}
`,
}

// Analyzer is the rule unexported-state.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
