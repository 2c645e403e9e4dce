package threadcontext

import (
	"context"
	"fmt"
	"go/types"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "thread-context",
	Kind:  "refactor.rewrite.threadContext",
	Title: "Thread a context",
	Doc: `give a function a context.Context and pass one on from its callers

The function, or method, gains a context as its first parameter. Each caller
passes the one that it has: a variable in scope, a request's or a test's; a
caller that has none gains one, too, and so on. Methods that an interface of the
module ties together change together. What the runtime, the go tool, another
module or reflection calls keeps its signature, and passes a context of its own:
each such place is noted. A goroutine and a deferred call get the context without
its cancellation, since nothing cancelled them before. A context that has no name
gets one, and context.TODO() gives way to the context.`,
	Examples: []string{
		"./pricing.Engine.Quote",
		"./store.Load --name parent --depth 2 --write",
		"'./store.{Load,Save}' --stop-at ./web.Serve --context refuse",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./pricing.Engine.Quote",
		Doc: "./store.Load, './store.{Load,Save}' or ./pricing.Engine.Quote; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Identifier, Default: "ctx", Doc: "the name of the parameter, where it is free"},
		thread.DepthParam("gains a context"),
		thread.StopParam,
		thread.ContextParam,
	},
	Offer: offer,
	Run:   run,
}

const paramName = "name"

// A job is one request under way.
type job struct {
	what  string // for messages: thread-context ./store.Load
	world *code.World
	notes []change.Note
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "thread-context " + req.Target}
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
	t.CtxName = req.Text(paramName)
	t.Choose(req)
	t.TODO, t.Detached = true, true
	if err := t.Bound(req); err != nil {
		return change.Set{}, err
	}
	if err := j.add(t, targets); err != nil {
		return change.Set{}, err
	}
	t.Rewrite()
	if len(t.Problems) > 0 {
		return change.Set{}, component.Refuse(j.what, t.Problems...)
	}
	j.notes = append(j.notes, t.Callers("gains a context")...)
	return world.Result(ctx, j.what, "thread a context through "+thread.Names(targets), nil, append(j.notes, t.Notes...))
}

// add asks for the context of each target, or refuses.
func (j *job) add(t *thread.Threader, targets []*types.Func) error {
	var problems []component.Problem
	for _, fn := range targets {
		if code.TakesContext(fn) {
			if d := j.world.Decl(fn); d != nil && t.NameContext(d) {
				continue
			}
			problems = append(problems, j.problem(fn, "fixed-signature", fn.Name()+" takes a context already", "name one of the functions that call it, or that it calls"))
			continue
		}
		if why := thread.Unchangeable(j.world, fn, j.note); why != "" {
			problems = append(problems, j.problem(fn, "fixed-signature", fn.Name()+" can't gain a context: "+why, "change it by hand, or name another function"))
			continue
		}
		if i := contextParam(fn); i >= 0 {
			problems = append(problems, j.problem(fn, "fixed-signature", fmt.Sprintf("%s takes a context already, as parameter %d", fn.Name(), i+1), "make it the first parameter by hand"))
			continue
		}
		t.Add(&thread.Change{Fn: fn, Ctx: true})
	}
	if len(problems) > 0 {
		return component.Refuse(j.what, problems...)
	}
	return nil
}

// contextParam returns where among the parameters a context is, or -1.
func contextParam(fn *types.Func) int {
	for i := range fn.Signature().Params().Len() {
		if crossing.IsContext(fn.Signature().Params().At(i).Type()) {
			return i
		}
	}
	return -1
}

func (j *job) span(fn *types.Func) text.Span {
	return j.world.SpanAt(fn.Pos(), fn.Pos())
}

func (j *job) note(fn *types.Func, message string) {
	j.notes = append(j.notes, change.Note{Span: j.span(fn), Message: message})
}

func (j *job) problem(fn *types.Func, code, message, hint string) component.Problem {
	return component.Problem{Code: code, Severity: component.Error, Span: j.span(fn), Message: message, Hint: hint}
}
