package batchcall

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "batch-call",
	Kind:  "refactor.rewrite.batchCall",
	Title: "Call once for all elements",
	Doc: `make one call of the calls that a loop makes for each element

A variant of the function that takes all elements is written beside it, Prices for
Price. It calls the function for each, in order, and returns what came before the
first error: its owner can make one query of it. A loop that calls the function once
for each element gathers the arguments, calls the variant once, and uses its results
one by one. An error is handled at the element that failed, after what the loop does
for those before it.

All calls come before the rest of the loop then. A loop is rewritten only where that
makes no difference: neither the arguments nor what the function reads depend on
what the rest of the loop does, and they don't both deal with what is outside of the
program. A loop that may end early would make more calls than it did: that needs
--more-calls. Where a loop calls a method of an
interface, the interface gains the variant, and so does every type of the module that
has the method. The call is made for no elements, too.`,
	Examples: []string{
		"./pricing.Engine.Price",
		"./store.Load --name LoadAll --write",
		"./users.Repo.ByID --loops orders/list.go:42,orders/mail.go:17 --more-calls",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./pricing.Engine.Price",
		Doc: "the function or method that loops call: ./store.Load or ./pricing.Engine.Price; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Identifier, Doc: "the variant's name; the plural of the function's if it isn't given"},
		{Name: paramLoops, Type: refactor.List, Elem: refactor.Text, Example: "orders/list.go:42", Doc: "the loops, as FILE:LINE of the loop or of the call in it; all that can be rewritten, but for those of tests, if it isn't given"},
		{Name: paramMore, Type: refactor.Bool, Doc: "also rewrite loops that may end early: the function is called for all elements then"},
	},
	Offer: offer,
	Run:   run,
}

const (
	paramName  = "name"
	paramLoops = "loops"
	paramMore  = "more-calls"
)

// A job is one request under way.
type job struct {
	what  string // for messages: batch-call ./pricing.Price
	world *code.World
	order *reorder.Analysis
	fn    *types.Func
	more  bool
	notes []change.Note
	calls *reorder.Footprint        // of fn
	names map[ast.Node]naming.Names // taken in functions whose loops change
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "batch-call " + req.Target, more: req.Bool(paramMore), names: map[ast.Node]naming.Names{}}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	fns, err := code.FindFuncs(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	if len(fns) > 1 {
		return change.Set{}, &component.UsageError{Object: req.Target, Reason: "names more than one function", Hint: "one at a time: " + j.what[:strings.LastIndex(j.what, ".")+1] + fns[0].Name()}
	}
	j.world, j.order, j.fn = world, reorder.New(world), fns[0]
	if why := unfit(j.fn); why != "" {
		return change.Set{}, j.refuse(j.problem(j.fn, j.fn.Name()+" can't have a variant for many elements: "+why, "change it by hand, or name another function"))
	}
	j.calls = j.order.Call(j.fn)
	sites, err := j.sites(req.List(paramLoops))
	if err != nil {
		return change.Set{}, err
	}
	b, err := j.newBatch(req.Text(paramName), sites)
	if err != nil {
		return change.Set{}, err
	}
	if err := j.declare(b); err != nil {
		return change.Set{}, err
	}
	for _, s := range b.sites {
		j.rewrite(b, s)
	}
	return world.Result(ctx, j.what, fmt.Sprintf("call %s once instead of %s in loops", b.name, j.fn.Name()), nil, j.notes)
}

// unfit returns why a function can't have a variant that takes many elements, or "".
func unfit(fn *types.Func) string {
	sig := fn.Signature()
	switch {
	case sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0:
		return "it is generic"
	case sig.Variadic():
		return "it takes any number of arguments"
	case sig.Params().Len() == 0:
		return "it has no parameter that could differ from element to element"
	}
	for v := range sig.Results().Variables() {
		switch v.Type().Underlying().(type) {
		case *types.Chan, *types.Signature:
			return "it returns a " + types.TypeString(v.Type(), (*types.Package).Name) + ", whose use may depend on the other calls"
		}
	}
	return ""
}

// sites returns the loops that can be rewritten. Others are noted or, where they were
// asked for or nothing is left, refused.
func (j *job) sites(asked []string) ([]*site, error) {
	var all []*site
	var problems []component.Problem
	named := map[string]bool{}
	members, _ := j.world.Class(j.fn)
	seen := map[any]bool{}
	for _, m := range members {
		for _, ref := range j.world.Refs(m) {
			s := newSite(ref)
			if s == nil || len(asked) == 0 && s.file.Test || !wanted(j.world, s, asked, named) {
				continue
			}
			if why := j.shape(s); why != nil {
				problems = append(problems, j.unable(s, why))
				continue
			}
			if seen[s.loop.Stmt] {
				problems = append(problems, j.unable(s, &reason{ref.Call.Pos(), "the loop calls it more than once", "run batch-call again after this change"}))
				continue
			}
			if why := j.unsound(s); why != nil {
				problems = append(problems, j.unable(s, why))
				continue
			}
			seen[s.loop.Stmt] = true
			all = append(all, s)
		}
	}
	for _, a := range asked {
		if !named[a] {
			return nil, &component.UsageError{Object: "--" + paramLoops, Reason: a + " is no loop that calls " + j.fn.Name(), Hint: j.where(members)}
		}
	}
	slices.SortFunc(problems, func(a, b component.Problem) int { return a.Span.Compare(b.Span) })
	switch {
	case len(all) == 0 && len(problems) == 0:
		return nil, j.refuse(j.problem(j.fn, "no loop calls "+j.fn.Name()+" for each of its elements", "name a function that loops call: unweld split preview lists calls in loops"))
	case len(all) == 0 || len(asked) > 0 && len(problems) > 0:
		return nil, j.refuse(problems...)
	}
	for _, p := range problems {
		j.notes = append(j.notes, change.Note{Span: p.Span, Message: p.Message})
	}
	return all, nil
}

// wanted reports whether a site is among those that were asked for.
func wanted(w *code.World, s *site, asked []string, named map[string]bool) bool {
	if len(asked) == 0 {
		return true
	}
	for _, span := range []string{place(w, s.ref.Call), place(w, s.loop.Stmt)} {
		for _, a := range asked {
			if a == span || strings.HasPrefix(a, span+":") {
				named[a] = true
				return true
			}
		}
	}
	return false
}

// where lists the loops that call the function.
func (j *job) where(members []*types.Func) string {
	var out []string
	for _, m := range members {
		for _, ref := range j.world.Refs(m) {
			if s := newSite(ref); s != nil {
				out = append(out, place(j.world, s.loop.Stmt))
			}
		}
	}
	if len(out) == 0 {
		return "no loop calls it"
	}
	slices.Sort(out)
	return "these do: " + strings.Join(slices.Compact(out), ", ")
}

func (j *job) unable(s *site, why *reason) component.Problem {
	return component.Problem{Code: "calls-not-batched", Severity: component.Error, Span: j.world.SpanAt(why.pos, why.pos),
		Message: "the loop keeps its calls of " + j.fn.Name() + ": " + why.text, Hint: why.hint}
}

func (j *job) problem(fn *types.Func, message, hint string) component.Problem {
	return component.Problem{Code: "calls-not-batched", Severity: component.Error, Span: j.world.SpanAt(fn.Pos(), fn.Pos()), Message: message, Hint: hint}
}

func (j *job) refuse(problems ...component.Problem) error {
	return component.Refuse(j.what, problems...)
}
