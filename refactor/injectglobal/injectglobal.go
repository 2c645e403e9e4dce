package injectglobal

import (
	"context"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/holder"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "inject-global",
	Kind:  "refactor.rewrite.injectGlobal",
	Title: "Inject a package variable",
	Doc: `make a package variable that changes a parameter or a field

The variable goes. Its value is made once, at the start of main, and each function
that uses it gets it: as a parameter, or in a field of its receiver, where the type
has a constructor, or is made at one place. Callers pass it on, up to main; methods
that an interface of the module ties together change together, and a function that
is used as a value is wrapped. Several variables, or one that is set after the
program has started, become the fields of a struct, and the functions of their
package that use them its methods. Every test makes its own, unless tests set the
variable, or making the value does something: then they share one. Where a place
can't have the value, as an initializer or init, nothing changes, and the answer
lists these places.`,
	Examples: []string{
		"./store.DB",
		"'./store.{mu,cache}' --into Cache",
		"./store.cache --as param --stop-at ./web.Serve --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store.cache",
		Doc: "./store.cache or './store.{mu,cache}'; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramAs, Type: refactor.Enum, Values: []string{asAuto, asField, asParam}, Default: asAuto,
			Doc: "how methods get the value: in a field of their type, or as a parameter; auto is a field where the type has a constructor, or is made at one place"},
		{Name: paramInto, Type: refactor.Identifier, Example: "Cache", Doc: "the name of the struct, where there is one; it is made of the variable's name otherwise"},
		{Name: paramName, Type: refactor.Identifier, Example: "cache", Doc: "the name of parameters and fields, where it is free"},
		{Name: paramTests, Type: refactor.Enum, Values: []string{asAuto, testsOwn, testsShared}, Default: asAuto,
			Doc: "whether each test makes its own value, or all of a package share one; auto shares it where tests set the variable, or where making it runs code"},
		thread.StopParam,
	},
	Offer: offer,
	Run:   run,
}

// The parameters and their values.
const (
	paramAs    = "as"
	paramInto  = "into"
	paramName  = "name"
	paramTests = "tests"

	asAuto, asField, asParam = "auto", "field", "param"
	testsOwn, testsShared    = "own", "shared"
)

// A job is one request under way.
type job struct {
	what   string // for messages: inject-global ./store.DB
	target string
	req    refactor.Request
	world  *code.World
	set    *variables
	shape  shape
	thread *thread.Threader

	holders *holder.Types
	roots   []*root
	shared  []*root // of the packages whose tests share one value

	problems []component.Problem
	notes    []change.Note
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	set, err := inject(ctx, in, req, true)
	if err == errLate {
		set, err = inject(ctx, in, req, false)
	}
	return set, err
}

// inject carries the request out. Local says that a variable which only one function
// sets, that runs once, may become a variable of this; it returns errLate where that
// turns out wrong.
func inject(ctx context.Context, in refactor.Input, req refactor.Request, local bool) (change.Set, error) {
	j := &job{what: "inject-global " + req.Target, target: req.Target, req: req}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	if j.set, err = findVariables(world, req.Target); err != nil {
		return change.Set{}, err
	}
	j.obstacles()
	if len(j.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, j.problems...)
	}
	j.choose(local)
	if err := j.carry(req); err != nil {
		return change.Set{}, err
	}
	if j.late() {
		return change.Set{}, errLate
	}
	if j.problems = append(j.problems, j.thread.Problems...); len(j.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, j.problems...)
	}
	j.say()
	return world.Result(ctx, j.what, "inject "+strings.Join(j.set.names(), ", "), nil, append(j.notes, j.thread.Notes...))
}

var choices = map[string]holder.Choice{asAuto: holder.Auto, asField: holder.Always, asParam: holder.Never}

// carry hands the value to all that use it, and rewrites all of it.
func (j *job) carry(req refactor.Request) error {
	t := thread.NewThreader(j.world)
	t.Value = j.value()
	if err := t.Bound(req); err != nil {
		return err
	}
	j.thread = t
	j.holders = &holder.Types{World: j.world, Thread: t, Choice: choices[j.req.Text(paramAs)], Plain: j.shape.plain, Field: j.shape.field, Type: j.typeIn}
	for _, u := range j.set.uses {
		t.Carry(u.file, u.id, u.path)
	}
	t.Rewrite()
	j.rewriteUses()
	j.holders.Rewrite()
	j.rewriteRoots()
	j.removeVariables()
	j.dropImports()
	return nil
}

// value describes what is carried.
func (j *job) value() *thread.Value {
	hint := "change that by hand first"
	if j.req.Text(paramAs) != asField {
		hint += ", or let the type of a method keep the value in a field: --as field"
	}
	return &thread.Value{
		What:     "the value of " + j.target,
		Hint:     hint,
		Name:     j.shape.params,
		Recv:     j.shape.recv,
		Replaces: j.set.keys,
		Type:     j.shape.typ,
		Source:   j.source,
		Method:   j.method,
	}
}

func (j *job) problem(code string, u spanner, message, hint string) {
	j.problems = append(j.problems, component.Problem{Code: code, Severity: component.Error, Span: u.span(j.world), Message: message, Hint: hint})
}

func (j *job) note(u spanner, message string) {
	j.notes = append(j.notes, change.Note{Span: u.span(j.world), Message: message})
}
