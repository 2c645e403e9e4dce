// Package streamincontract finds the hazard stream-in-contract: a reader, writer or closer crosses.
package streamincontract

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "stream-in-contract"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a reader, writer or closer crosses",
	Why:    "Reading from it or writing to it happens in the process that holds it, piece by piece, for as long as it is open.",
	Since:  "0.1",
	Before: `package svc

import (
	"context"
	"io"
)

type Picture struct {
	Name    string
	Content io.Reader
}

type Service interface {
	Import(ctx context.Context, p Picture) error
}
`,
	After: `package svc

import (
	"context"
	"io"
)

type Service interface {
	Import(ctx context.Context, name string, content io.Reader) error
}
`,
}

// Analyzer is the rule stream-in-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
