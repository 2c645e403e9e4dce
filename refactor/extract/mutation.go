package extract

import (
	"context"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/effects"
)

// mutates returns why a function that changes what its caller gave it can't
// cross: across a process the caller would not see it. It is "" where there is
// no such argument, or where it travels back. Pointers to the target's type,
// which cross as handles, don't count. What the function may change is noted.
func (j *job) mutates(fn *types.Func) string {
	why, _ := j.changedArgument(fn)
	return why
}

// changedArgument is mutates, and whether bindings know the reason by themselves.
func (j *job) changedArgument(fn *types.Func) (why string, known bool) {
	params := fn.Signature().Params()
	var unsure []change.Note
	for _, m := range j.arguments().Arguments(argument.Subject(fn)) {
		switch t := params.At(m.Param).Type(); {
		case j.handled(t), j.exchanged(fn, m.Param):
		case m.Certain && !j.travelsBack(fn, m):
			return m.Why("it") + ": " + m.Hint(fn.Name()), true
		case m.Certain && !argument.Travels(t):
			return m.Why("it") + "; " + argument.CantTravel + ": return the new value", true
		case !m.Certain && !j.travelsBack(fn, m):
			if at := j.pointerBehind(fn, m.Param); at != "" {
				return m.Why("it") + "; " + at, false
			}
			unsure = append(unsure, change.Note{Code: contract.CodeMutates, Span: m.Here, Message: m.Why(fn.Name()) + ": " + m.Hint(fn.Name())})
		}
	}
	for _, n := range unsure {
		if !slices.Contains(j.notes, n) { // it is asked more than once
			j.notes = append(j.notes, n)
		}
	}
	return "", true
}

// exchanged reports a parameter that crosses as a stream or as a handle: it is there to be
// written to or called, and what that does is seen where it belongs.
func (j *job) exchanged(fn *types.Func, param int) bool {
	o := j.crossingOptions(component.FormType, false)
	ways := crossing.New(crossing.Options{Module: o.Module, Carriers: o.Carriers}).Func(fn).Ways
	return slices.ContainsFunc(ways, func(w crossing.Way) bool {
		return w.Var == fn.Signature().Params().At(param) && w.Step != nil && (w.Step.How == crossing.AsStream || w.Step.How == crossing.AsHandle)
	})
}

// checkInOut refuses names of arguments that the target doesn't have.
func (j *job) checkInOut() error {
	fns := slices.Clone(j.target.funcs)
	if j.target.typ != nil {
		fns = append(slices.Collect(j.target.typ.Methods()), exportedFuncs(j.world, j.target.pkg)...)
	}
	for _, name := range j.req.List(inOut) {
		if name == argument.All {
			continue
		}
		method, param, _ := strings.Cut(name, ".")
		i := slices.IndexFunc(fns, func(fn *types.Func) bool { return fn.Name() == method })
		if i < 0 {
			return &component.UsageError{Object: "--" + inOut, Reason: fmt.Sprintf("the target has no function or method %s", method), Hint: "name one as Method.param, or all"}
		}
		var names []string
		for k := range fns[i].Signature().Params().Len() {
			names = append(names, argument.ParameterName(fns[i], k))
		}
		k := slices.Index(names, param)
		if k >= 0 && !argument.Travels(fns[i].Signature().Params().At(k).Type()) {
			return &component.UsageError{Object: "--" + inOut, Reason: name + " is no slice, map or pointer that could travel back"}
		}
		if k < 0 {
			return &component.UsageError{Object: "--" + inOut, Reason: fmt.Sprintf("%s has no parameter %s", method, param), Hint: "there are: " + strings.Join(names, ", ")}
		}
	}
	return nil
}

// travelsBack reports whether the user asked for it.
func (j *job) travelsBack(fn *types.Func, m argument.Mutation) bool {
	list := j.req.List(inOut)
	return argument.Asked(list, fn.Name(), m.Parameter())
}

// backwards are the parameters of an endpoint that travel back, as the contract
// names them.
func (j *job) backwards(e *endpoint) []string {
	if e.fn == nil || len(j.req.List(inOut)) == 0 {
		return nil
	}
	params := e.fn.Signature().Params()
	shift := len(e.params) - params.Len() // a context is left out, a handle comes before
	changed := j.arguments().Arguments(argument.Subject(e.fn))
	var names []string
	for k := range params.Len() {
		i := k + shift
		// One that is named travels back also where no statement was found that changes it.
		asked := slices.Contains(j.req.List(inOut), e.fn.Name()+"."+argument.ParameterName(e.fn, k)) ||
			slices.ContainsFunc(changed, func(m argument.Mutation) bool { return m.Param == k && j.travelsBack(e.fn, m) })
		if asked && argument.Travels(params.At(k).Type()) && i >= 0 && i < len(e.params) {
			names = append(names, e.params[i].name)
		}
	}
	return names
}

// arguments are what all functions do to their arguments, found out once.
func (j *job) arguments() *argument.Linked {
	if j.linked == nil {
		j.linked = contract.Arguments(j.world.Snapshot, j.world.Packages)
	}
	return j.linked
}

func (j *job) handled(t types.Type) bool { return j.target.typ != nil && j.isPointer(t) }

// effectsOf analyses one function.
func (j *job) effectsOf(ctx context.Context, fn *types.Func) (effects.Method, error) {
	if j.effects == nil {
		program, err := j.in.Effects(ctx, j.world.Packages)
		if err != nil {
			return effects.Method{}, err
		}
		j.effects = program
	}
	return j.effects.Func(ctx, fn)
}
