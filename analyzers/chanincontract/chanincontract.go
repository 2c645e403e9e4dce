// Package chanincontract finds the hazard chan-in-contract: a channel in a signature, or in a value that crosses.
package chanincontract

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "chan-in-contract"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a channel in a signature, or in a value that crosses",
	Why:    "Both ends of a channel are in the memory of one process. The other side can neither receive from it nor send.",
	Since:  "0.1",
	Before: `package svc

import "context"

type Service interface {
	Watch(ctx context.Context) (<-chan int, error)
}
`,
	After: `package svc

import "context"

type Service interface {
	Next(ctx context.Context, after int) (int, error)
}
`,
}

// Analyzer is the rule chan-in-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
