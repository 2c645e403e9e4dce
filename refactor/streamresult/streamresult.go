package streamresult

import (
	"context"
	"fmt"
	"go/types"
	"go/version"

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
	Name:  "stream-result",
	Kind:  "refactor.rewrite.streamResult",
	Title: "Hand out the list element by element",
	Doc: `hand out the elements of a list as they are made

A variant of the function is written beside it, ListSeq for List, that returns an
iterator: iter.Seq2 of an element and an error or, where the function returns no error,
iter.Seq. The body moves there: what it appended to the list it yields, and an error
that it returned it yields as the last thing. The function collects what the variant
hands out, so that callers who need the list stay as they are. Callers that do nothing
with the list but go over it once go over the iterator; tests stay. Where a loop calls a method of an
interface, the interface gains the variant, and so does every type of the module that
has the method.

That needs a function that does nothing with the list but append to it, or store an element
at each index of a list of that length, and return it, which holds no lock meanwhile and
defers what it has to release. The loop's body runs
between the steps of the function now, and an error comes after the elements before it.
A caller is changed only where that makes no difference, or is noted: the loop changes
nothing that the function reads and reads nothing that it changes. If both deal with what
is outside of the program, the caller stays, unless --interleave says that the two have
nothing to do with each other. So does a loop that may end early, where the function could
still fail: it wouldn't get that error any more (--early). Iterators need go 1.23 in go.mod.`,
	Examples: []string{
		"./store.Store.List",
		"./orders.All --name Each --write",
		"./users.Repo.Active --interleave",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store.Store.List",
		Doc: "the function or method that returns the list: ./orders.All or ./store.Store.List; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Identifier, Doc: "the variant's name; that of the function and Seq if it isn't given"},
		{Name: paramEarly, Type: refactor.Bool, Doc: "also change loops that may end before an error that they would have got"},
		{Name: paramInterleave, Type: refactor.Bool, Doc: "also change loops whose body deals with what is outside of the program, as the function does"},
	},
	Offer: offer,
	Run:   run,
}

const (
	paramName       = "name"
	paramEarly      = "early"
	paramInterleave = "interleave"
)

// iterators is the first version of Go that has them.
const iterators = "go1.23"

// A job is one request under way.
type job struct {
	what       string // for messages: stream-result ./store.List
	world      *code.World
	order      *reorder.Analysis
	fn         *types.Func
	name       string
	interleave bool
	early      bool
	calls      *reorder.Footprint // of fn
	notes      []change.Note
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "stream-result " + req.Target, interleave: req.Bool(paramInterleave), early: req.Bool(paramEarly), name: req.Text(paramName)}
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
		j.name = j.fn.Name() + "Seq"
	}
	if why, hint := j.unfit(); why != "" {
		return change.Set{}, j.refuse(j.problem(j.fn, j.fn.Name()+" can't hand out its elements one by one: "+why, hint))
	}
	if d := world.Decl(j.fn); d != nil {
		if _, r := makerOf(d); r != nil {
			return change.Set{}, j.refused(r)
		}
	}
	j.calls = j.order.Call(j.fn)
	uses, problems := listuse.Callers(j.world, j.fn, "list-not-streamed", j.unsound)
	if err := j.declare(uses, problems); err != nil {
		return change.Set{}, err
	}
	for _, u := range uses {
		j.rewrite(u)
	}
	return world.Result(ctx, j.what, fmt.Sprintf("stream the result of %s", j.fn.Name()), nil, j.notes)
}

// unfit returns why there can't be an iterator of what the function returns, and what
// can be done about it; or "".
func (j *job) unfit() (why, hint string) {
	why = listuse.Unfit(j.fn.Signature())
	if why == "" {
		switch elem := elemOf(j.fn.Signature()); {
		case elem == nil:
			why = "its result is no slice"
		case hidden(elem, j.fn.Pkg()):
			why = "its package can't name the type of the elements"
		}
	}
	if why != "" {
		return why, "name a function that returns a list"
	}
	if v := j.fn.Pkg().GoVersion(); v != "" && version.Compare(v, iterators) < 0 {
		return "go.mod says " + v + ", and iterators need " + iterators, "raise it first: go mod edit -go=1.23"
	}
	return "", ""
}

// elemOf returns the type of the elements of a function's list, which may be of a type
// with a name; nil where it returns none.
func elemOf(sig *types.Signature) types.Type {
	if s, ok := sig.Results().At(0).Type().Underlying().(*types.Slice); ok {
		return s.Elem()
	}
	return nil
}

// hidden reports a type with a part that only another package can name.
func hidden(t types.Type, from *types.Package) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && p != from && !t.Obj().Exported() {
			return true
		}
		for arg := range t.TypeArgs().Types() {
			if hidden(arg, from) {
				return true
			}
		}
	case interface{ Elem() types.Type }:
		return hidden(t.Elem(), from)
	}
	return false
}

// declare writes the variant, or says why it can't.
func (j *job) declare(uses []*listuse.Use, problems []component.Problem) error {
	switch {
	case len(uses) == 0 && len(problems) == 0:
		return j.refuse(j.problem(j.fn, "nothing goes over the list of "+j.fn.Name()+" alone", "name a function whose result loops range over"))
	case len(uses) == 0:
		return j.refuse(problems...)
	}
	called := []*types.Func{}
	if j.world.Spec(j.fn) == nil {
		called = append(called, j.fn)
	}
	for _, u := range uses {
		called = append(called, u.Ref.Fn)
	}
	members, why := variant.Members(j.world, called)
	if why != "" {
		return j.refuse(j.problem(j.fn, why, "name a function that is called by its type"))
	}
	for _, m := range members {
		if why, hint := variant.Unable(j.world, m, j.name); why != "" {
			return j.refuse(j.problem(m, m.Name()+" can't have "+j.name+" beside it: "+why, hint))
		}
	}
	if err := j.write(members); err != nil {
		return err
	}
	for _, p := range problems {
		j.notes = append(j.notes, change.Note{Span: p.Span, Message: p.Message})
	}
	if s := j.calls.Outside(); s != nil {
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(s.Pos, s.Pos), Message: "this happens while callers go over the elements now: what is open stays open so long"})
	}
	return nil
}

func (j *job) problem(fn *types.Func, message, hint string) component.Problem {
	return component.Problem{Code: "list-not-streamed", Severity: component.Error, Span: j.world.SpanAt(fn.Pos(), fn.Pos()), Message: message, Hint: hint}
}

func (j *job) refuse(problems ...component.Problem) error {
	return component.Refuse(j.what, problems...)
}
