// Package unexportedstate finds the hazard unexported-state: a value that crosses has fields that generated code can't read, and no marshaler.
package unexportedstate

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "unexported-state"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a value that crosses has fields that generated code can't read, and no marshaler",
	Why: "What is in those fields would be lost on the way, and the value on the other side would be another one. Values of the module's own types cross, by " +
		"code in their package. But not a pointer to what its methods may change, as the callers of an Account expect that it is one and the same, nor what holds an " +
		"interface or is declared where nothing else can name it.",
	Run: "bind svc --to unix", Since: "0.1",
	Before: `package svc

import "context"

// An Account has a balance.
type Account struct{ cents int64 }

// Add changes it.
func (a *Account) Add(cents int64) { a.cents += cents }

type Service interface {
	Open(ctx context.Context, owner string) (*Account, error)
}
`,
	After: `package svc

import "context"

// An Account has a balance.
type Account interface {
	// Add changes it.
	Add(ctx context.Context, cents int64) error
}

type Service interface {
	Open(ctx context.Context, owner string) (Account, error)
}
`,
}

// Analyzer is the rule unexported-state.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
