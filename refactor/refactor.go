// Package refactor defines what a refactoring is. Each one lives in a folder
// of its own below this one; refactor/all is the table of them.
package refactor

import (
	"context"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A Refactoring is one way to change code. It is a struct value in a table,
// as analysis.Analyzer is.
type Refactoring struct {
	Name  string // command-line name: "extract"
	Kind  string // LSP code action kind: "refactor.extract.component"
	Title string // for menus: "Extract component"
	Doc   string // first line is a summary

	// Offer lists what could be done at span, in milliseconds and without
	// computing an edit.
	Offer func(Input, text.Span) []Request
	// Run computes the change set. It never writes. A refusal is a
	// *component.Refusal with the position, the reason and the next step.
	Run func(context.Context, Input, Request) (change.Set, error)
}

// Input is what refactorings work on.
type Input struct {
	Snapshot *source.Snapshot
}

// A Request asks for one refactoring at one place.
type Request struct {
	Title  string            `json:"title,omitempty"`
	Target string            `json:"target"` // ./pkg, ./pkg.Type, ./pkg.{F,G} or the import path alike
	Name   string            `json:"name,omitempty"`
	Flags  map[string]string `json:"flags,omitempty"` // by the names of the command-line flags: "keep-signatures": "true"
}
