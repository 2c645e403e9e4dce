// Package openinterface finds the hazard open-interface: an interface or any crosses: every type could be behind it.
package openinterface

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "open-interface"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "an interface or any crosses: every type could be behind it",
	Why:    "The other side has to know what to decode. Of an open interface nobody can list the types. One with an unexported method crosses: behind it are the exported types of its own package that implement it.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import "context"

type Service interface {
	Set(ctx context.Context, key string, value any) error
}
`,
	After: `package svc

import "context"

type Value struct {
	Text   string
	Number float64
}

type Service interface {
	Set(ctx context.Context, key string, value Value) error
}
`,
}

// Analyzer is the rule open-interface.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
