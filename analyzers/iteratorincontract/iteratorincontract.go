// Package iteratorincontract finds the hazard iterator-in-contract: an iterator crosses.
package iteratorincontract

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "iterator-in-contract"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "an iterator crosses",
	Why:    "An iterator is a function that runs in the process that made it, once per element.",
	Since:  "0.1",
	Before: `package svc

import (
	"context"
	"iter"
)

type Page struct {
	Names iter.Seq[string]
	Next  string
}

type Service interface {
	List(ctx context.Context, after string) (Page, error)
}
`,
	After: `package svc

import "context"

type Page struct {
	Names []string
	Next  string
}

type Service interface {
	List(ctx context.Context, after string) (Page, error)
}
`,
}

// Analyzer is the rule iterator-in-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
