package copyonboundary

import (
	"context"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "copy-on-boundary",
	Kind:  "refactor.rewrite.copyOnBoundary",
	Title: "Copy at the boundary",
	Doc: `copy what a type's methods return of its state, and what they store in it

A method that returns a slice, map or pointer out of its receiver, or stores one that
it is given, shares memory with its callers. It gets a copy there: slices.Clone or
maps.Clone, which keep nil, or a function beside the type that copies what the
elements refer to, too. After that nothing changes for callers when the type is put
into a process of its own.
All callers are looked at. One that writes through the shared memory, keeps it, or
compares its pointers relies on it, and is refused with its place; so is one that
still reads it after calls that may change it. Types that refer to themselves, and
those that hold locks, functions, channels or interfaces, have no copy.`,
	Examples: []string{
		"./shop.Cart",
		"./shop.Cart.Items",
		"./shop.Cart --only results",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./shop.Cart.Items",
		Doc: "./shop.Cart for its exported methods, or ./shop.Cart.Items for one; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramOnly, Type: refactor.Enum, Values: []string{both, results, arguments}, Default: both, Doc: "what is copied: results that are part of the state, arguments that become part of it, or both"},
	},
	Offer: offer,
	Run:   run,
}

const (
	paramOnly = "only"
	both      = "both"
	results   = "results"
	arguments = "arguments"
)

// A job is one request under way.
type job struct {
	what     string // for messages: copy-on-boundary ./shop.Cart
	world    *code.World
	linked   *argument.Linked
	problems []component.Problem
	notes    []change.Note

	targets map[code.Key]bool // the methods
	typ     *types.Named      // their receiver's type
	edges   []*edge
	params  map[*types.Var][]event // what becomes of a parameter, found out once
	clones  *cloner
	refused map[token.Pos]bool
	inner   map[*code.Decl]bool // methods whose results are being looked at
	copied  map[*types.Var]bool // parameters that are copied at the start of their method
	changed map[*types.Var][]inPlace
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "copy-on-boundary " + req.Target, targets: map[code.Key]bool{}, params: map[*types.Var][]event{}, refused: map[token.Pos]bool{}, copied: map[*types.Var]bool{}, inner: map[*code.Decl]bool{}, changed: map[*types.Var][]inPlace{}}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	methods, err := j.methods(req.Target)
	if err != nil {
		return change.Set{}, err
	}
	j.linked = contract.Arguments(world.Snapshot, world.Packages)
	for _, d := range methods {
		j.targets[world.Key(d.Obj)] = true
	}
	for _, d := range methods {
		j.find(d, req.Text(paramOnly))
	}
	if len(j.edges) == 0 && len(j.problems) == 0 {
		return change.Set{}, component.Refuse(j.what, component.Problem{Code: "nothing-shared", Severity: component.Error, Span: world.SpanAt(methods[0].Obj.Pos(), methods[0].Obj.Pos()),
			Message: j.typ.Obj().Name() + " returns no slice, map or pointer out of its state here, and assigns none to it", Hint: "name a method that returns, or stores, a slice, map or pointer"})
	}
	j.clones = newCloner(j, world.FileOf(j.typ.Obj()))
	for _, e := range j.edges {
		j.check(e)
	}
	for _, e := range j.edges {
		j.copy(e)
	}
	if len(j.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, component.SortProblems(j.problems)...)
	}
	j.clones.write()
	j.outside()
	return world.Result(ctx, j.what, "copy at the boundary of "+j.typ.Obj().Name(), nil, j.notes)
}

// outside notes that code of other modules may call what is copied now.
func (j *job) outside() {
	tn := j.typ.Obj()
	if !tn.Exported() || tn.Pkg().Name() == "main" || slices.Contains(strings.Split(tn.Pkg().Path(), "/"), "internal") {
		return
	}
	for _, e := range j.edges {
		if e.decl.Obj.Exported() {
			j.note(tn.Pos(), "callers in other modules aren't seen: those that rely on memory shared with "+tn.Name()+" no longer share it")
			return
		}
	}
}

// methods finds the methods that a target names.
func (j *job) methods(target string) ([]*code.Decl, error) {
	pkg, name := code.FindPackage(j.world, target)
	if pkg != nil && name != "" {
		if tn, ok := pkg.Types.Scope().Lookup(name).(*types.TypeName); ok {
			return j.methodsOf(target, tn)
		}
	}
	fns, err := code.FindFuncs(j.world, target)
	if err != nil {
		return nil, err
	}
	var out []*code.Decl
	for _, fn := range fns {
		recv := fn.Signature().Recv()
		d := j.world.Decl(fn)
		if recv == nil || d == nil || d.Func.Body == nil {
			return nil, &component.UsageError{Object: target, Reason: fn.Name() + " is no method with a body", Hint: "name a type, or a method of one: ./shop.Cart.Items"}
		}
		j.typ = namedOf(recv.Type())
		out = append(out, d)
	}
	return out, nil
}

func (j *job) methodsOf(target string, tn *types.TypeName) ([]*code.Decl, error) {
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok || types.IsInterface(named) {
		return nil, &component.UsageError{Object: target, Reason: tn.Name() + " has no methods with a body", Hint: "name a struct type"}
	}
	j.typ = named
	var out []*code.Decl
	for m := range named.Methods() {
		if d := j.world.Decl(m); d != nil && m.Exported() && d.Func.Body != nil {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, &component.UsageError{Object: target, Reason: tn.Name() + " has no exported methods", Hint: "name a method: " + target + ".method"}
	}
	slices.SortFunc(out, func(a, b *code.Decl) int { return int(a.Obj.Pos() - b.Obj.Pos()) })
	return out, nil
}

func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

func (j *job) refuse(pos token.Pos, code, message, hint string) {
	if j.refused[pos] {
		return
	}
	j.refused[pos] = true
	j.problems = append(j.problems, component.Problem{Code: code, Severity: component.Error, Span: j.world.SpanAt(pos, pos), Message: message, Hint: hint})
}

func (j *job) note(pos token.Pos, message string) {
	j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(pos, pos), Message: message})
}

// at names a place for a message.
func (j *job) at(pos token.Pos) string { return j.world.SpanAt(pos, pos).String() }
