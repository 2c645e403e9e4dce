// Package analyzers defines what an analyzer is: one rule of the catalogue of
// hazards. Each lives in a folder of its own below this one; analyzers/all is
// the table of them. The same phases run in find, in editors and under go vet.
package analyzers

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

// An Analyzer finds one hazard, or facts that others need. It is a struct value
// in a table, in the shape of a go/analysis.Analyzer: what it looks at comes in,
// plain data goes out, and nothing is kept between runs. Any of its phases may
// be nil.
type Analyzer struct {
	Name     string             // of the hazard: "chan-in-contract"
	Severity component.Severity // empty where it only finds facts
	Doc      codes.Doc

	// Requires are the analyzers whose facts it reads.
	Requires []*Analyzer

	// Check reports the hazards of one function or method, if it were called
	// from another process, out of what is decided of its signature. They count
	// where another component calls it.
	Check func(crossing.Decision) []Finding
	// Function finds facts in the body of one function. It decides from that
	// function, from types and from nothing else, so that an edit elsewhere
	// doesn't change what it says.
	Function func(*Pass, *ast.FuncDecl) []component.Fact
	// Program reports the hazards that take the whole program, from facts,
	// components and couplings.
	Program func(*Program) []component.Problem

	// Analysis is the rule for go vet: package hazard makes it of the phases
	// above. Nil where one package and its dependencies say too little.
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
