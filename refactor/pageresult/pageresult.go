package pageresult

import (
	"context"
	"fmt"
	"go/types"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/listuse"
	"github.com/unweld/unweld/refactor/internal/reorder"
	"github.com/unweld/unweld/refactor/internal/variant"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "page-result",
	Kind:  "refactor.rewrite.pageResult",
	Title: "Return the list in pages",
	Doc: `return a list of any length page by page

A variant of the function is written beside it, ListPage for List, which takes a
cursor and how many elements a page has, and returns a page with the cursor of the
next one, "" at the end. It calls the function and cuts a page out of its list: its
owner puts the query of one page there, and may make any other text the cursor.
Callers that do nothing with the list but go over it once go over the pages; others,
and tests, keep the list. Where a loop calls a method of an interface, the interface gains the
variant, and so does every type of the module that has the method.

The function is called for each page now, between the bodies of the loop. A caller is
changed only where that makes no difference: the function has no effect of its own, and
the loop changes nothing that the function reads. What is outside of the program may
change from page to page: where the function reads that, it is noted and, if the
loop's body deals with the outside, too, the caller stays, unless --interleave says
that the two have nothing to do with each other. A function whose list may be in another
order each time, as one that goes over a map, is refused; so is one that changes what is
outside or uses it up, or calls code of which that isn't known, unless --reads says that
it only looks.`,
	Examples: []string{
		"./store.Store.List",
		"./orders.All --limit 500 --name Page --write",
		"./users.Repo.Active --interleave",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store.Store.List",
		Doc: "the function or method that returns the list: ./orders.All or ./store.Store.List; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Identifier, Doc: "the variant's name; that of the function and Page if it isn't given"},
		{Name: paramLimit, Type: refactor.Number, Default: "100", Doc: "how many elements callers ask for at once"},
		{Name: paramInterleave, Type: refactor.Bool, Doc: "also change loops whose body deals with what is outside of the program, as the function does"},
		{Name: paramReads, Type: refactor.Bool, Doc: "what the function does outside of the program may be done again for each page: it only looks at what is there"},
	},
	Offer: offer,
	Run:   run,
}

const (
	paramName       = "name"
	paramLimit      = "limit"
	paramInterleave = "interleave"
	paramReads      = "reads"
)

// A job is one request under way.
type job struct {
	what       string // for messages: page-result ./store.List
	world      *code.World
	order      *reorder.Analysis
	fn         *types.Func
	name       string
	limit      int
	interleave bool
	reads      bool               // what fn does outside of the program may be done again
	calls      *reorder.Footprint // of fn
	notes      []change.Note
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "page-result " + req.Target, limit: req.Number(paramLimit), interleave: req.Bool(paramInterleave), reads: req.Bool(paramReads), name: req.Text(paramName)}
	if j.limit == 0 {
		return change.Set{}, &component.UsageError{Object: "--" + paramLimit, Reason: "0 is no page", Hint: "for example: --limit 100"}
	}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	fns, err := code.FindFuncs(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	if len(fns) > 1 {
		return change.Set{}, &component.UsageError{Object: req.Target, Reason: "names more than one function", Hint: "name one at a time"}
	}
	j.world, j.order, j.fn = world, reorder.New(world), fns[0]
	if j.name == "" {
		j.name = j.fn.Name() + "Page"
	}
	if err := j.fit(); err != nil {
		return change.Set{}, err
	}
	uses, err := j.uses()
	if err != nil {
		return change.Set{}, err
	}
	if err := j.declare(ctx, in, uses); err != nil {
		return change.Set{}, err
	}
	for _, u := range uses {
		j.rewrite(u)
	}
	return world.Result(ctx, j.what, fmt.Sprintf("page the result of %s", j.fn.Name()), nil, j.notes)
}

// fit refuses functions that can't be paged.
func (j *job) fit() error {
	if why := listuse.Unfit(j.fn.Signature()); why != "" {
		return j.refuse(j.problem(j.fn, j.fn.Name()+" can't return pages: "+why, "name a function that returns a list"))
	}
	j.calls = j.order.Call(j.fn)
	for _, s := range []*reorder.Site{j.calls.Writes(), j.calls.Prints()} {
		if s != nil {
			p := component.Problem{Code: "list-not-paged", Severity: component.Error, Span: j.world.SpanAt(s.Pos, s.Pos),
				Message: j.fn.Name() + " would be called for each page, and it " + s.What, Hint: "move the effect to another function first"}
			return j.refuse(p)
		}
	}
	if s := j.calls.Acts(); s != nil && !j.reads {
		return j.refuse(component.Problem{Code: "list-not-paged", Severity: component.Error, Span: j.world.SpanAt(s.Pos, s.Pos),
			Message: j.fn.Name() + " would be called for each page, and it " + s.What + ", which may do or find something else each time",
			Hint:    "--" + paramReads + " if it only looks at what is there"})
	}
	return nil
}

// steady refuses functions whose list may come out in another order, or with other
// elements, each time.
func (j *job) steady(ctx context.Context, in refactor.Input, members []*types.Func) error {
	program, err := in.Effects(ctx, j.world.Packages)
	if err != nil {
		return err
	}
	for _, m := range members {
		if j.world.Decl(m) == nil {
			continue
		}
		found, err := program.Func(ctx, m)
		if err != nil {
			return err
		}
		if c := found.Chance; c != nil {
			return j.refuse(component.Problem{Code: "list-not-paged", Severity: component.Error, Span: c.Span,
				Message: m.Name() + " would be called for each page, and what it returns may be in another order each time: it " + c.What,
				Hint:    "let it sort its list, or take what it needs as an argument"})
		}
	}
	return nil
}

// uses returns the callers that only go over the list. Others that go over it are
// noted or, where nothing is left, refused.
func (j *job) uses() ([]*listuse.Use, error) {
	out, problems := listuse.Callers(j.world, j.fn, "list-not-paged", j.unsound)
	switch {
	case len(out) == 0 && len(problems) == 0:
		return nil, j.refuse(j.problem(j.fn, "nothing goes over the list of "+j.fn.Name()+" alone", "name a function whose result loops range over"))
	case len(out) == 0:
		return nil, j.refuse(problems...)
	}
	for _, p := range problems {
		j.notes = append(j.notes, change.Note{Span: p.Span, Message: p.Message})
	}
	if s := j.calls.Outside(); s != nil {
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(s.Pos, s.Pos), Message: j.fn.Name() + " is called for each page: what this finds may change from one to the next"})
	}
	return out, nil
}

// declare writes the variant.
func (j *job) declare(ctx context.Context, in refactor.Input, uses []*listuse.Use) error {
	var called []*types.Func
	for _, u := range uses {
		called = append(called, u.Ref.Fn)
	}
	members, why := variant.Members(j.world, called)
	if why != "" {
		return j.refuse(j.problem(j.fn, why, "name a function that is called by its type"))
	}
	if err := j.steady(ctx, in, members); err != nil {
		return err
	}
	for _, m := range members {
		if why, hint := variant.Unable(j.world, m, j.name); why != "" {
			return j.refuse(j.problem(m, m.Name()+" can't have "+j.name+" beside it: "+why, strings.ReplaceAll(hint, j.name+"2", m.Name()+"Paged")))
		}
	}
	for _, m := range members {
		j.write(m)
	}
	return nil
}

func (j *job) problem(fn *types.Func, message, hint string) component.Problem {
	return component.Problem{Code: "list-not-paged", Severity: component.Error, Span: j.world.SpanAt(fn.Pos(), fn.Pos()), Message: message, Hint: hint}
}

func (j *job) refuse(problems ...component.Problem) error {
	return component.Refuse(j.what, problems...)
}
