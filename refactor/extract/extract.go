// Package extract takes a component out of a module: it writes the interface
// that the rest of the program needs of a concrete type, or of a package of
// functions, and changes the program to go through it. What comes out is plain
// Go that knows nothing of unweld, and has been type-checked.
//
// It decides nothing about how the component will be reached: see bindings.
package extract

import (
	"context"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "extract",
	Kind:  "refactor.extract.component",
	Title: "Extract component",
	Doc: `put a contract between a type or package and the rest of the program

The target is a concrete type (./pricing.Engine), a package of functions
(./html), or some of its functions (./html.{EscapeString,UnescapeString}).
The contract is an interface, Service, in the file service.go of the target's
package. Its methods take a context and return an error; callers get both
threaded to them, or, with the flag keep-signatures, stay as they are.`,
	Offer: offer,
	Run:   run,
}

// keepSignatures is the flag that leaves callers byte for byte as they are.
const keepSignatures = "keep-signatures"

// A job is one extraction under way.
type job struct {
	what    string // for messages: extract ./pricing.Engine
	req     refactor.Request
	world   *code.World
	target  *target
	keep    bool
	created map[string][]byte
	notes   []change.Note
	effects *effects.Program // nil: not asked for yet
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "extract " + req.Target, req: req, keep: req.Flags[keepSignatures] == "true", created: map[string][]byte{}}
	world, err := code.Load(ctx, in.Snapshot, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	if j.target, err = resolve(world, req.Target); err != nil {
		return change.Set{}, err
	}
	if err := j.again(); err != nil {
		return change.Set{}, err
	}
	if err := j.nameTaken(); err != nil {
		return change.Set{}, err
	}
	if err := j.rewrite(ctx); err != nil {
		return change.Set{}, err
	}
	return world.Result(ctx, j.what, "extract "+j.name(), j.created, j.notes)
}

func (j *job) rewrite(ctx context.Context) error {
	switch {
	case j.target.typ == nil:
		return j.funcs(ctx)
	case j.keep:
		return j.handles(ctx)
	}
	return j.concrete()
}

// name is the component's name: the one asked for, or the package's.
func (j *job) name() string {
	if j.req.Name != "" {
		return j.req.Name
	}
	return j.target.pkg.Pkg.Name
}

func (j *job) note(span text.Span, message string) {
	j.notes = append(j.notes, change.Note{Span: span, Message: message})
}

func (j *job) refuse(problems ...component.Problem) error {
	return component.Refuse(j.what, problems...)
}

// problem is one reason for a refusal.
func problem(code string, span text.Span, message, hint string) component.Problem {
	return component.Problem{Code: code, Severity: component.Error, Span: span, Message: message, Hint: hint}
}

// offer names the type whose declaration span stands on. It reads only the one
// file.
func offer(in refactor.Input, span text.Span) []refactor.Request {
	content, _, err := in.Snapshot.Content(span.File)
	if err != nil || strings.HasSuffix(span.File, "_test.go") {
		return nil
	}
	return offerIn(in.Snapshot, content, span)
}
