// Package connectionincontract finds the hazard connection-in-contract: a network connection, or a request or response of net/http, crosses.
package connectionincontract

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "connection-in-contract"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a network connection, or a request or response of net/http, crosses",
	Why:    "A connection belongs to the process that opened it. What arrives on the other side could neither read from it nor answer on it.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import (
	"context"
	"net/http"
)

type Service interface {
	Handle(ctx context.Context, r *http.Request) error
}
`,
	After: `package svc

import "context"

type Service interface {
	Handle(ctx context.Context, path string, form map[string][]string) error
}
`,
}

// Analyzer is the rule connection-in-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
