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

// An Analyzer finds one hazard, or facts for other analyzers. It is a struct
// value in a table, in the shape of analysis.Analyzer: it takes syntax and
// types, returns plain data, and keeps no state of its own between runs. Any of
// its phases may be nil. Check and Function are called from several goroutines,
// for different packages.
type Analyzer struct {
	Name     string             // of the hazard: "chan-in-contract"
	Severity component.Severity // empty where it only finds facts
	Doc      codes.Doc
	// Solutions are the names of refactorings that take hazards away, the likeliest first:
	// editors offer them at the hazard.
	Solutions []string

	// Requires are the analyzers whose facts it reads.
	Requires []*Analyzer

	// Check reports the hazards of one function or method, if it were called
	// from another process, from the decision about its signature. A hazard is
	// reported to users only where another component calls the function.
	Check func(crossing.Decision) []Finding
	// Function finds facts in the body of one function. The result must depend
	// only on that function and on types, so that it stays valid when another
	// function is edited.
	Function func(*Pass, *ast.FuncDecl) []component.Fact
	// Program reports the hazards that depend on the whole program, from
	// facts, components and couplings.
	Program func(*Program) []component.Problem

	// Analysis is the form of the rule for go vet, made by package hazard from
	// the phases above. It is nil where a package and its dependencies aren't
	// enough to decide.
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
