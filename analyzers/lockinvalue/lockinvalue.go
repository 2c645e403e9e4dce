// Package lockinvalue finds the hazard lock-in-value: a mutex, wait group, atomic or sync.Once is part of a value that crosses.
package lockinvalue

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "lock-in-value"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a mutex, wait group, atomic or sync.Once is part of a value that crosses",
	Why:    "A copy of a lock locks nothing: both sides would hold it at the same time.",
	Run:    "bind svc --to unix", Since: "0.1",
	Before: `package svc

import (
	"context"
	"sync"
)

type Cart struct {
	Mu    sync.Mutex
	Lines []string
}

type Service interface {
	Place(ctx context.Context, c *Cart) error
}
`,
	After: `package svc

import "context"

type Cart struct {
	Lines []string
}

type Service interface {
	Place(ctx context.Context, c *Cart) error
}
`,
}

// Analyzer is the rule lock-in-value.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
