// Package effects finds out what the methods of a component do to its state:
// which of them change it, which touch it at all, and which would do something
// else when they run a second time (the clock, random numbers, input and
// output, goroutines).
//
// The analysis is interprocedural over the packages that are given with their
// syntax, bottom-up: for each function, or group of functions that call each
// other, it computes a summary of the memory, reachable from its parameters and
// from package variables, that it reads, writes, keeps and returns. Functions
// without a body (of other modules, or of the standard library) are taken from
// a table of known ones; what is not in the table is unknown, and unknown counts
// as a change of everything that it can reach.
//
// What such functions call without knowing it (errors.Is a method Is, fmt a method
// String, sync.Pool its New) is taken from hooks.txt, which a test makes of the
// library's source. A value that was converted to an interface carries its type
// through calls, so that the method which is called is known in most cases; else
// every method of the packages under analysis that it could be counts, as
// unknown. A method of another module's type, behind an interface that the
// analysis didn't see made, is not among those.
//
// The memory behind a parameter is told apart in two levels only: what the
// parameter points to, and everything reachable from there. Fields and elements
// of one object aren't told apart. Both errors are on the safe side: a method
// may be said to change state that it doesn't change, never the other way round.
//
// A package variable counts as constant when no function of the packages under
// analysis changes it, lets memory of it be reached otherwise, or gives it to
// unknown code. What is not seen: unknown code that is called with nothing of
// the state, and changes it through a pointer that it was given before, and
// packages of other modules that import those under analysis.
//
// Work is counted in steps and ends at a budget, so that the answer doesn't
// depend on the machine. Where the budget ends first, the answer is unknown.
package effects

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A Method is the result of the analysis for one method or package-level
// function.
type Method struct {
	Name   string
	Effect component.Effect
	// TouchesState is false only where it is proven that the method neither
	// reads nor writes the component's state.
	TouchesState bool
	// Because is the reason for Effect: where the state is changed, or what
	// could not be analysed. It is nil for component.EffectReads.
	Because *Reason
	// Unfollowed is set where it calls code that could not be analysed. What
	// that code does without using the component's state isn't part of Effect.
	Unfollowed bool
	// World is set where it reads or changes something outside of the program:
	// files, the environment, the network. That isn't part of Effect.
	World bool
	// Chance is set where what it returns may differ from one call to the next
	// though nothing changed in between: the order of a map, random numbers, the
	// race of goroutines.
	Chance *Reason
	// Changes lists the parameters whose memory the method changes, or may
	// change, counted from 0 without the receiver.
	Changes []int
	// Problems list what could differ if the method ran again: code
	// "nondeterministic", with severity error where the result certainly
	// depends on something else than state and arguments, warning where that
	// can't be excluded.
	Problems []component.Problem
}

// A Reason is a place in the code and what happens there.
type Reason struct {
	Span text.Span
	What string   // "writes Engine's memory", "calls Store.Put, which could not be analysed"
	Path []string // the functions between the method and the place, outermost first
}

func (r *Reason) String() string {
	s := fmt.Sprintf("%s: %s", r.Span, r.What)
	if len(r.Path) > 0 {
		s += " (through " + strings.Join(r.Path, " -> ") + ")"
	}
	return s
}

// take waits until no other question is being answered.
func (p *Program) take(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *Program) leave() { <-p.turn }

// Type analyses the methods of named, promoted ones included. The only error is
// that of ctx.
func (p *Program) Type(ctx context.Context, named *types.Named) (map[string]Method, error) {
	return p.Methods(ctx, named, func(string) bool { return true })
}

// Methods returns what Type returns, for the methods of named that wanted
// accepts. Other methods are analysed only where the result depends on what
// they return: a method that changes its arguments may change state, if these
// can be memory that another method returned.
func (p *Program) Methods(ctx context.Context, named *types.Named, wanted func(name string) bool) (map[string]Method, error) {
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.leave()
	out := make(map[string]Method)
	fns := make(map[string]*ssa.Function)
	if named = p.ownType(named); named == nil {
		return out, nil
	}
	set := types.NewMethodSet(types.NewPointer(named))
	analyse := func(wanted func(name string) bool) error {
		for sel := range set.Methods() {
			name := sel.Obj().Name()
			if !wanted(name) {
				continue
			}
			p.begin(ctx)
			fn := p.function(sel.Obj().(*types.Func))
			if len(sel.Index()) > 1 && !p.halted { // promoted: the wrapper reaches through the fields
				fn = p.prog.MethodValue(sel)
			}
			m, err := p.method(ctx, name, fn, true)
			if err != nil {
				return err
			}
			out[name], fns[name] = m, fn
		}
		return nil
	}
	if err := analyse(wanted); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(slices.Collect(maps.Values(out)), changesArguments) {
		if err := analyse(func(name string) bool { return !wanted(name) }); err != nil {
			return nil, err
		}
	}
	p.aliasing(out, fns, slices.Sorted(maps.Keys(out)))
	maps.DeleteFunc(out, func(name string, _ Method) bool { return !wanted(name) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

// changesArguments reports whether the effect of a method may depend on what
// other methods let callers hold.
func changesArguments(m Method) bool { return m.Effect == component.EffectReads && len(m.Changes) > 0 }

// Funcs analyses the package-level functions of the package with the given
// import path; its package variables are the state. The only error is that of
// ctx.
func (p *Program) Funcs(ctx context.Context, path string) (map[string]Method, error) {
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.leave()
	out := make(map[string]Method)
	pkg := p.byPath[path]
	if pkg == nil {
		return out, nil
	}
	scope := pkg.Types.Scope()
	for _, name := range scope.Names() {
		fn, ok := scope.Lookup(name).(*types.Func)
		if !ok || fn.Name() == "_" || fn.Name() == "init" {
			continue
		}
		p.begin(ctx)
		m, err := p.method(ctx, name, p.function(fn), false)
		if err != nil {
			return nil, err
		}
		out[name] = m
	}
	return out, nil
}

// Func analyses one function or method. The state is the memory of the
// receiver. The only error is that of ctx.
func (p *Program) Func(ctx context.Context, fn *types.Func) (Method, error) {
	if err := p.take(ctx); err != nil {
		return Method{}, err
	}
	defer p.leave()
	p.begin(ctx)
	return p.method(ctx, fn.Name(), p.function(fn), fn.Signature().Recv() != nil)
}

// method analyses fn, once a question has begun. Where a function was too large,
// nothing is ruled out.
func (p *Program) method(ctx context.Context, name string, fn *ssa.Function, receiver bool) (Method, error) {
	m := p.answer(name, fn, receiver)
	if ctx.Err() != nil {
		return Method{}, context.Cause(ctx)
	}
	return m, nil
}

// tooLarge is the answer where a function that may run was given up.
func (p *Program) tooLarge(name string, fn, large *ssa.Function) Method {
	what := fmt.Sprintf("is too large to be analysed: the budget of %d steps ended", p.most)
	if large != fn {
		what = "may call " + displayName(large) + ", which " + what
	}
	return Method{
		Name: name, Effect: component.EffectUnknown, TouchesState: true, Unfollowed: true, Because: &Reason{Span: p.span(large.Pos()), What: what},
		Problems: []component.Problem{{Code: "nondeterministic", Severity: component.Warn, Span: p.span(fn.Pos()),
			Message: name + " " + what, Hint: "make sure that it depends on its arguments and the state alone"}},
	}
}

// answer turns the summary of fn into a Method.
func (p *Program) answer(name string, fn *ssa.Function, receiver bool) Method {
	m := Method{Name: name, Effect: component.EffectUnknown, TouchesState: true}
	if fn == nil || !p.body(fn) {
		m.Because = &Reason{What: "its body could not be analysed"}
		return m
	}
	f := p.follow(fn, receiver)
	if p.halted {
		return m
	}
	if f.large != nil {
		return p.tooLarge(name, fn, f.large)
	}
	m.Effect, m.TouchesState = component.EffectReads, false
	switch {
	case f.changed != nil:
		m.Effect, m.TouchesState, m.Because = component.EffectWrites, true, p.reason(*f.changed)
	case f.maybe != nil:
		m.Effect, m.TouchesState, m.Because = component.EffectUnknown, true, p.reason(*f.maybe)
	default:
		m.TouchesState = f.touched
	}
	m.Changes = f.changes
	for key := range f.events {
		m.Unfollowed = m.Unfollowed || key.kind == eventUnknown
		m.World = m.World || key.kind == eventIO
	}
	m.Problems = p.problems(name, f.events)
	m.Chance = p.chance(f.events)
	return m
}

// chance returns the first of the events by which the outcome is a matter of chance.
func (p *Program) chance(events map[eventKey]event) *Reason {
	var first *event
	for _, e := range events {
		switch e.kind {
		case eventRandom, eventMapOrder, eventSelect, eventGoroutine:
			if first == nil || e.pos < first.pos || e.pos == first.pos && e.kind < first.kind {
				first = &e
			}
		}
	}
	if first == nil {
		return nil
	}
	return p.reason(first.site)
}

func (p *Program) reason(s site) *Reason {
	return &Reason{Span: p.span(s.pos), What: s.what, Path: s.path}
}

func (p *Program) problems(name string, events map[eventKey]event) []component.Problem {
	var out []component.Problem
	for _, e := range events {
		msg := fmt.Sprintf("%s %s", name, e.what)
		if len(e.path) > 0 {
			msg += " through " + strings.Join(e.path, " -> ")
		}
		out = append(out, component.Problem{
			Code: "nondeterministic", Severity: e.kind.severity(), Span: p.span(e.pos),
			Message: msg + ": " + e.kind.consequence(), Hint: e.kind.hint(),
		})
	}
	return component.SortProblems(out)
}

// span converts a position.
func (p *Program) span(pos token.Pos) text.Span {
	if !pos.IsValid() {
		return text.Span{}
	}
	return p.spanOf(pos, pos)
}

// Of prepares the analysis of pkgs, which must be of one Load. It is computed
// once for them; see source.Derive. Packages with problems, and test variants,
// are left out: calls into them are unknown, and packages with problems may
// change every exported variable that they import. The analysis itself runs on
// demand, and keeps its results. The only error is that of ctx.
func Of(ctx context.Context, snap *source.Snapshot, pkgs []*source.Package) (*Program, error) {
	pkgs = source.Plain(pkgs)
	return source.Derive(ctx, snap, "effects", pkgs, func() (*Program, error) {
		prog, err := snap.SSA(ctx, pkgs)
		if err != nil {
			return nil, err
		}
		program := newProgram(prog, func(pos, end token.Pos) text.Span { return snap.Span(prog.Fset, pos, end) })
		for _, p := range pkgs {
			if p.IllTyped() || p.Types == nil {
				for _, path := range p.Imports {
					program.importedByUnknown[path] = true
				}
			}
		}
		return program, nil
	})
}

// Named analyses the methods of the type that pkg declares under name, as Type
// does.
func (p *Program) Named(ctx context.Context, pkg *types.Package, name string) (map[string]Method, error) {
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return nil, nil
	}
	named, ok := types.Unalias(obj.Type()).(*types.Named)
	if !ok {
		return nil, nil
	}
	return p.Type(ctx, named)
}
