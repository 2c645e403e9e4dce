// Package funcincontract finds the hazard func-in-contract: a function in a signature, or in a value that crosses.
package funcincontract

import (
	"go/types"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/component"
)

const (
	name = "func-in-contract"
	doc  = "a function in a signature, or in a value that crosses"
)

// Analyzer is the rule func-in-contract.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc,
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

func check(fn *types.Func) []analyzers.Finding {
	hits := hazard.Find(fn, func(t types.Type) bool {
		_, ok := t.Underlying().(*types.Signature)
		return ok
	})
	return hazard.Findings(fn, hits, "the function is called with its caller's variables", "a function can't be sent", "replace it by data: an options struct, or a second method")
}
