// Package foreigntype finds the hazard foreign-type: a type of another package keeps its state in unexported fields and has no codec.
package foreigntype

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "foreign-type"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a type of another package keeps its state in unexported fields and has no codec",
	Why:    "Only exported fields can be read from outside. The rest of the value would be lost without anybody noticing.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import (
	"context"
	"text/template"
)

type Service interface {
	Render(ctx context.Context, t template.Template) error
}
`,
	After: `package svc

import "context"

type Service interface {
	Render(ctx context.Context, text string) error
}
`,
}

// Analyzer is the rule foreign-type.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
