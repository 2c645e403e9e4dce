// Package extract takes a component out of a module: it writes the interface
// that the rest of the program needs of a concrete type, or of a package of
// functions, and changes the program to go through it. What comes out is plain
// Go that knows nothing of unweld, and has been type-checked.
//
// It decides nothing about how the component will be reached: see bindings.
package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "extract",
	Kind:  "refactor.extract.component",
	Title: "Extract component",
	Doc: `put a contract between a component and the rest of the program

extract writes the interface that the program needs of a type or a package of
functions into the file service.go of the target's package, and changes the
program to go through it: its methods take a context and return an
error, and callers get both threaded to them or, with --keep-signatures, go on to
call what they call. With --keep-signatures a type may keep an io.Reader, an io.Writer
or what joins them with io.Closer that its constructor is given: each call of its
methods lends it to the component again. What comes out is plain Go that builds without unweld: nothing of it is
imported, and all that mentions it are the comments //unweld:... at the contract.

Of a type, it goes in two steps as well. With --step boundary the contract has
every method that callers use, with the signature that it has, and they hold the
contract instead of the type; a field that they read or set gets a method. The
contract then stands beside the type. With --step remote the methods of that
contract which can cross a process get their context and error; --step context and
--step errors are the halves of that, for reviews that are shorter. With
--endpoints only the methods that are named get them; the others stay in their
callers' process, which their comments say.

Several types, or the types of a package or of several packages that the rest of
the program uses, become one component: each gets its interface, and the one from
whose methods the others are had is the component's contract. That is the step
boundary; later steps are about that one.`,
	Examples: []string{"./pricing.Engine --name pricing", "./pricing.Engine --step boundary --write", "./html --keep-signatures --write", "'./html.{EscapeString,UnescapeString}' --name html"},
	Verb:     true,
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./pricing.Engine",
		Doc: "./pricing.Engine, './pricing.{Engine,Rules}', ./html, './html.{EscapeString,UnescapeString}', several packages as ./orders ./ledger or ./orders/..., or a component of unweld.yaml by its name; an import path is as good as a relative one"},
	Several: true,
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Component, Derive: namesOf, Example: "pricing", Doc: "the component's name; without it that of the package's folder or, if that is taken, of the type"},
		{Name: paramContract, Type: refactor.Identifier, Example: "Pricer", Doc: "the name of the contract's interface; without it one that says what it is"},
		{Name: keepSignatures, Type: refactor.Bool, Doc: "callers keep the type, which becomes a façade of its methods; only fields and literals of it become calls; a failed link then panics"},
		{Name: paramStep, Type: refactor.Enum, Values: []string{stepBoundary, stepContext, stepErrors, stepRemote}, Doc: "boundary: callers of a type hold its contract, which has all methods that they use with the signatures that they have; remote: a context and an error for the methods of the contract that a boundary made; context, errors: only one of the two"},
		{Name: paramEndpoints, Type: refactor.List, Elem: refactor.Identifier, Example: "Price,Rules", Doc: "the methods that get a context and an error; the others stay local. All that can cross if it isn't given"},
		{Name: inOut, Type: refactor.List, Elem: refactor.Text, Example: "Fill.p", Doc: "in-out arguments, whose changes are copied back to the caller, as Method.param, or all"},
		{Name: maxFiles, Type: refactor.Number, Default: "40", Doc: "how many files may change where no step is asked for; 0 is any number"},
		thread.ContextParam,
		thread.ErrorsParam,
	},
	Offer: offer,
	Run:   run,
	Steps: steps,
}

// The parameters.
const (
	paramName      = "name"
	paramContract  = "contract"
	keepSignatures = "keep-signatures"
	inOut          = "inout"
	paramStep      = "step"
	paramEndpoints = "endpoints"
	maxFiles       = "max-files"

	stepBoundary = "boundary"
	stepContext  = "context"
	stepErrors   = "errors"
	stepRemote   = "remote"
)

// A job is one extraction under way.
type job struct {
	what       string // for messages: extract ./pricing.Engine
	in         refactor.Input
	req        refactor.Request
	world      *code.World
	target     *target
	keep       bool
	unbuilt    []string // files that this build leaves out and that call what changes
	strict     bool     // nothing changes that they call: they wouldn't type-check
	otherFiles []string // files that this build leaves out and that go on with what does the work of a façade
	created    map[string][]byte
	notes      []change.Note
	summary    []string
	named      map[string]bool // names in the package that the change declares
	follower   *follower
	effects    *effects.Program  // nil: not asked for yet
	linked     *argument.Linked  // nil: not asked for yet
	orders     *reorder.Analysis // nil: not asked for yet
	opaque     map[code.Key]bool // function types that take the type and whose values others only hand on
	// spelled says how the contract is written where an expression holds it instead of
	// the type; "" elsewhere. Nil: nothing holds it.
	spelled func(*code.File, ast.Expr) string
	retyped func(types.Type) types.Type // what the contract makes of a type; nil where there is none

	held func() []holding // what heldAs returns; nil: not asked for yet
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "extract " + req.Target, in: in, req: req, keep: req.Bool(keepSignatures), created: map[string][]byte{}, named: map[string]bool{}, follower: newFollower(ctx)}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	if j.target, err = resolve(world, in, req.Target); err != nil {
		return change.Set{}, err
	}
	j.chooseName()
	j.typesOfPackage()
	if j.target.group != nil {
		return j.several(ctx)
	}
	set, err := j.change(ctx)
	if len(j.unbuilt) > 0 && otherBuilds(err) {
		j.strict, j.unbuilt, j.notes, j.summary, j.held = true, nil, nil, nil, nil
		if j.world, err = code.Load(ctx, in, j.what); err != nil {
			return change.Set{}, err
		}
		if j.target, err = resolve(j.world, in, req.Target); err != nil {
			return change.Set{}, err
		}
		return j.change(ctx)
	}
	if refusal, ok := errors.AsType[*component.Refusal](err); ok && j.noFunction(refusal) {
		j.world, j.notes = nil, nil
		if j.world, err = code.Load(ctx, in, j.what); err != nil {
			return change.Set{}, err
		}
		j.target.group = usedTypes(j.world, []*source.Package{j.target.pkg})
		j.summary = append(j.summary, "no function of "+j.target.pkg.Pkg.Path+" can cross a process: its types are what is extracted")
		if set, again := j.several(ctx); again == nil {
			return set, nil
		}
		return change.Set{}, refusal
	}
	return set, err
}

// otherBuilds reports a refusal because files that this build leaves out wouldn't type-check.
func otherBuilds(err error) bool {
	refusal, ok := errors.AsType[*component.Refusal](err)
	return ok && slices.ContainsFunc(refusal.Problems, func(p component.Problem) bool { return p.Code == "other-builds" })
}

// change extracts one type, or functions of a package.
func (j *job) change(ctx context.Context) (change.Set, error) {
	if err := j.checkStep(); err != nil {
		return change.Set{}, err
	}
	if err := j.checkContract(); err != nil {
		return change.Set{}, err
	}
	if err := j.checkInOut(); err != nil {
		return change.Set{}, err
	}
	if err := j.checkEndpoints(); err != nil {
		return change.Set{}, err
	}
	err := j.rewrite(ctx)
	if err = cmp.Or(j.follower.failed, err); err != nil {
		return change.Set{}, err
	}
	set, err := j.world.Result(ctx, j.what, "extract "+j.name(), j.created, j.notes)
	set.Summary, set.OtherBuilds = j.summary, j.unbuilt
	if err == nil {
		err = j.tooLarge(set)
	}
	if err != nil {
		return change.Set{}, err
	}
	return set, nil
}

// tooLarge refuses a change that nobody could review. Who asks for a step knows what
// comes.
func (j *job) tooLarge(set change.Set) error {
	most := j.req.Number(maxFiles)
	if most == 0 || len(set.Files) <= most || j.req.Text(paramStep) != "" || j.keep {
		return nil
	}
	hint := fmt.Sprintf("--max-files %d allows it", len(set.Files))
	if j.target.typ != nil {
		hint = "take it in steps: --step boundary, then --step remote, or --series DIR for patches; " + hint
	}
	return j.refuse(problem("too-large", text.Span{}, fmt.Sprintf("%d files would change, and --max-files is %d", len(set.Files), most), hint))
}

func (j *job) rewrite(ctx context.Context) error {
	switch {
	case j.req.Text(paramStep) == stepBoundary:
		return j.boundary()
	case j.req.Text(paramStep) != "":
		return j.remote()
	case j.target.typ == nil:
		return j.funcs(ctx)
	case j.keep:
		return j.handles(ctx)
	}
	return j.concrete()
}

// name is the component's name.
func (j *job) name() string { return j.req.Text(paramName) }

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
