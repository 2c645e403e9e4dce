package threaderror

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "thread-error",
	Kind:  "refactor.rewrite.threadError",
	Title: "Return an error",
	Doc: `make a function return an error, and hand it on through its callers

The function, or method, gains an error as its last result. Where it panicked or
ended the program it returns the error instead; an assertion that something can't
happen stays a panic. Each caller returns the error as it returns others, wrapped or
not; a test fails; main ends; a handler answers as it does elsewhere, also by a
function of the program's own; and a caller that can do none of these gains an error
result, too, and so on. Out of a function literal that is called at once, as sort.Slice
and sync.Once do, the error goes to the function around it. Methods that an
interface of the module ties together change together. What cleans up, what is
deferred and a loop that serves what comes log the error and go on, with the logger
that the code around uses; a predicate whose false means no logs it and answers no.
What the runtime, another module or reflection calls keeps its signature: --errors
says what becomes of the error there, and each such place is noted.`,
	Examples: []string{
		"./config.MustLoad",
		"./store.Store.Get --errors panic --depth 2 --write",
		"'./store.{Load,Save}' --from panic,ignored --stop-at ./web.Serve",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./config.MustLoad",
		Doc: "./store.Load, './store.{Load,Save}' or ./pricing.Engine.Quote; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramFrom, Type: refactor.List, Elem: refactor.Text, Default: "panic,fatal", Doc: "what in the function becomes an error: panic, fatal (log.Fatal and its like), ignored (an error of a call that nothing looks at)"},
		thread.DepthParam("gains an error"),
		thread.StopParam,
		thread.ErrorsParam,
	},
	Offer: offer,
	Run:   run,
}

const paramFrom = "from"

// A job is one request under way.
type job struct {
	what  string // for messages: thread-error ./store.Load
	world *code.World
	from  map[string]bool
	notes []change.Note
	gone  map[*code.File]map[string]map[*ast.Ident]bool // mentions of packages that go, by import path
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "thread-error " + req.Target, from: map[string]bool{}, gone: map[*code.File]map[string]map[*ast.Ident]bool{}}
	for _, kind := range req.List(paramFrom) {
		if kind != fromPanic && kind != fromFatal && kind != fromIgnored {
			return change.Set{}, &component.UsageError{Object: "--" + paramFrom, Reason: fmt.Sprintf("%q is none of panic, fatal, ignored", kind), Hint: "for example: --from panic,fatal"}
		}
		j.from[kind] = true
	}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	targets, err := code.FindFuncs(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	t := thread.NewThreader(world)
	if err := t.Bound(req); err != nil {
		return change.Set{}, err
	}
	t.Choose(req)
	if err := j.add(t, targets); err != nil {
		return change.Set{}, err
	}
	for _, fn := range targets {
		j.convert(t, fn)
	}
	t.Rewrite()
	j.dropImports()
	if len(t.Problems) > 0 {
		return change.Set{}, component.Refuse(j.what, t.Problems...)
	}
	j.notes = append(j.notes, t.Callers("returns an error")...)
	return world.Result(ctx, j.what, "return an error from "+thread.Names(targets), nil, append(j.notes, t.Notes...))
}

// add asks for the error of each target, or refuses.
func (j *job) add(t *thread.Threader, targets []*types.Func) error {
	var problems []component.Problem
	for _, fn := range targets {
		if code.ReturnsError(fn) {
			if d := j.world.Decl(fn); d != nil && len(j.failures(d)) > 0 {
				continue
			}
			problems = append(problems, j.problem(fn, fn.Name()+" returns an error already", "name one of the functions that call it, or that it calls"))
			continue
		}
		if why := thread.Unchangeable(j.world, fn, j.note); why != "" {
			problems = append(problems, j.problem(fn, fn.Name()+" can't return an error: "+why, "change it by hand, or name another function"))
			continue
		}
		t.Add(&thread.Change{Fn: fn, Err: true})
	}
	if len(problems) > 0 {
		return component.Refuse(j.what, problems...)
	}
	return nil
}

func (j *job) note(fn *types.Func, message string) {
	j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(fn.Pos(), fn.Pos()), Message: message})
}

func (j *job) problem(fn *types.Func, message, hint string) component.Problem {
	return component.Problem{Code: "fixed-signature", Severity: component.Error, Span: j.world.SpanAt(fn.Pos(), fn.Pos()), Message: message, Hint: hint}
}
