// Package funcincontract finds the hazard func-in-contract: a function in a signature, or in a value that crosses.
package funcincontract

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "func-in-contract"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a function in a signature, or in a value that crosses",
	Why:    "A function runs where it was made, with the variables that it captured. It can't be sent.",
	Since:  "0.1",
	Before: `package svc

import "context"

type Service interface {
	Each(ctx context.Context, visit func(id string) error) error
}
`,
	After: `package svc

import "context"

type Service interface {
	List(ctx context.Context, after string, limit int) ([]string, error)
}
`,
}

// Analyzer is the rule func-in-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
