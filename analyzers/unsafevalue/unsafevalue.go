// Package unsafevalue finds the hazard unsafe-value: an unsafe.Pointer or uintptr crosses.
package unsafevalue

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "unsafe-value"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "an unsafe.Pointer or uintptr crosses",
	Why:    "It is an address in the memory of one process.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import "context"

type Service interface {
	Map(ctx context.Context, address uintptr) error
}
`,
	After: `package svc

import "context"

type Service interface {
	Map(ctx context.Context, name string) error
}
`,
}

// Analyzer is the rule unsafe-value.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
