// Package genericcontract finds the hazard generic-contract: a contract, method or function has type parameters.
package genericcontract

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "generic-contract"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a contract, method or function has type parameters",
	Why:    "What is sent has to be known when the code is generated; a type parameter can be any type.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import "context"

type Service[T any] interface {
	Put(ctx context.Context, v T) error
}
`,
	After: `package svc

import "context"

type Service interface {
	Put(ctx context.Context, v string) error
}
`,
}

// Analyzer is the rule generic-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
