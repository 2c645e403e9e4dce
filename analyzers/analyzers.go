// Package analyzers defines what an analyzer is: one rule of the catalogue of
// hazards that can be seen in one package. Each lives in a folder of its own
// below this one; analyzers/all is the table of them. Rules that need the
// whole program (shared-global, for one) belong to internal/component.
package analyzers

import (
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

// An Analyzer finds one hazard. It is a struct value in a table.
type Analyzer struct {
	Name     string // of the hazard: "chan-in-contract"
	Severity component.Severity
	Doc      codes.Doc

	// Check reports the hazards of one function or method, if it were called
	// from another process.
	Check func(*types.Func) []Finding
	// Analysis is the rule for go vet: it applies Check to the methods of the
	// interfaces that its flag "contracts" names.
	Analysis *analysis.Analyzer
}

// A Finding is one hazard of one signature.
type Finding struct {
	Path    string       // lineage of the offending type: Order.Lines[].done (chan bool)
	Object  types.Object // what to point at beside the signature: the field; may be nil
	Message string
	Hint    string
}

// Code is the documentation of the analyzer's hazard.
func (a *Analyzer) Code() codes.Code {
	return codes.Code{Name: a.Name, Severity: a.Severity, Doc: a.Doc}
}
