package returnchanges

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/alias"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "return-changes",
	Kind:  "refactor.rewrite.returnChanges",
	Title: "Return what is changed",
	Doc: `let a function return what it changes of its arguments

A parameter that the function changes for its caller becomes a value: a pointer
becomes what it points to, and the elements of a slice or the entries of a map are
copied first. The changed value is returned before all other results, on every way
out, so that callers see what was changed before an error, too. Each call assigns
it: o = n.Fill(o). Methods that an interface of the module ties together change
together.
A call is only changed where nothing else can see the difference: the variable is
the only way to the memory, or the function and what it calls reach that memory by
no other way. A pointer that may be nil, that is kept, compared or captured, a type
with a lock in it, and a use as a function value are refused with their place.`,
	Examples: []string{
		"./pricing.Normaliser.Fill",
		"./pricing.Normaliser.Fill --params o",
		"'./report.{Sort,Trim}'",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./pricing.Normaliser.Fill",
		Doc: "./report.Sort, './report.{Sort,Trim}' or ./pricing.Normaliser.Fill; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramParams, Type: refactor.List, Elem: refactor.Identifier, Doc: "the parameters whose changes are returned; none means all that it changes"},
	},
	Offer: offer,
	Run:   run,
}

const paramParams = "params"

// A job is one request under way.
type job struct {
	what     string // for messages: return-changes ./report.Sort
	world    *code.World
	program  *alias.Program
	problems []component.Problem
	notes    []change.Note
	subjects map[code.Key]*subject // by each of the functions that change together
	closed   map[*types.Var]*reach
	edited   map[ast.Node]bool                 // statements that were rewritten
	madeUp   map[*ast.FuncDecl]map[string]bool // new names by function
}

// A place is why something isn't possible, and where. The zero value says that it
// is.
type place struct {
	why string
	pos token.Pos
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "return-changes " + req.Target, subjects: map[code.Key]*subject{}, closed: map[*types.Var]*reach{}, edited: map[ast.Node]bool{}, madeUp: map[*ast.FuncDecl]map[string]bool{}}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world, j.program = world, alias.New(world)
	targets, err := code.FindFuncs(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	var subjects []*subject
	for _, fn := range targets {
		if j.subjects[world.Key(fn.Origin())] != nil {
			continue // it changes with another one
		}
		s, err := j.subject(fn, req.List(paramParams))
		if err != nil {
			return change.Set{}, err
		}
		if s != nil {
			subjects = append(subjects, s)
		}
	}
	for _, s := range subjects {
		for _, m := range s.members {
			j.eligible(s, m)
		}
	}
	if len(j.problems) == 0 { // what follows relies on it
		for _, s := range subjects {
			j.rewrite(s)
		}
	}
	if len(j.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, component.SortProblems(j.problems)...)
	}
	return world.Result(ctx, j.what, "return what "+thread.Names(targets)+" changes", nil, j.notes)
}

// rewrite edits the declarations and calls of a subject.
func (j *job) rewrite(s *subject) {
	for _, m := range s.members {
		j.signature(s, m)
		j.body(s, m)
	}
	for _, m := range s.members {
		for _, ref := range j.world.Refs(m.fn) {
			j.mention(s, ref)
		}
	}
}

func (j *job) refuse(pos token.Pos, code, message, hint string) {
	j.problems = append(j.problems, component.Problem{Code: code, Severity: component.Error, Span: j.world.SpanAt(pos, pos), Message: message, Hint: hint})
}

func (j *job) note(pos token.Pos, message string) {
	j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(pos, pos), Message: message})
}
