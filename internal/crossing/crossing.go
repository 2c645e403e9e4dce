// Package crossing is the one answer to the question "can this cross a
// process?": for a type, for a function or method, whether it can, how, and, if
// it can't, why not, with the path to the offending type (Order.Lines[].done).
//
// find, vet, preview, extract, bind and the contract that code is generated
// from all use it, and none decides by itself: what one of them offers, another
// doesn't refuse. internal/contract describes, by the same walk, what crosses.
//
// It looks at signatures only; the effect of function bodies on their arguments
// is analysed by package argument below it.
package crossing

import (
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/crossing/typeref"
)

// Options configure a Decider.
type Options struct {
	// Module is the path of the analysed module: hints may propose to change
	// its types. Empty: the module of the declaration's own package.
	Module string
	// Home is the package that generated code is put into: it can access the
	// unexported fields of that package's types. Nil: a package of its own.
	Home *types.Package
	// Carriers are the bindings of the component: a stream crosses where they
	// carry streams.
	Carriers component.Carriers
	// Flow returns which types the program stores in interfaces; it is called
	// at the first open interface. Nil: that isn't analysed, and an open
	// interface counts as one that can cross. It and its result must be nil
	// exactly if Resolver is.
	Flow func() *behind.Flow
	// Resolver finds the types of Flow among those of the declaration.
	Resolver *typeref.Resolver
	// Contract are the methods of the contract, or the functions, where it is known
	// which they are. Nil: what the function's receiver has, or its package.
	Contract []*types.Func
	// Names reports whether generated code can import a package in order to
	// name its types. Nil: always.
	Names func(path string) bool
}

// A Reason is one type, or one property of a signature, that can't cross.
type Reason struct {
	Code   string       // of the hazard: "chan-in-contract"
	Path   string       // lineage of the offending type: "Order.Lines[].done"
	Type   types.Type   // the offending type; nil where it isn't one
	Object types.Object // the field, parameter or function nearest to the type
	What   string       // completes the path to a sentence: "(chan bool) is a channel"
	Hint   string       // what to change

	// Mode is how it would cross if the bindings carried that mode; Lacks says
	// which of them doesn't. Both are empty where no binding could carry it.
	Mode  component.Mode
	Lacks string

	as       string  // what Mode is in a sentence
	root     string  // the path of the parameter or result
	anything bool    // an interface that anything may be behind
	behind   *Behind // what is there, as far as that was looked at
}

// String returns the reason on one line.
func (r Reason) String() string { return r.Path + ": " + r.What }

// A Decision is the answer for one function or method.
type Decision struct {
	Func    *types.Func
	Context bool // its first parameter is a context.Context
	Error   bool // its last result is an error
	// Ways are how its parameters and results cross, in order, without a
	// context and an error.
	Ways []Way
	// Reasons are all reasons why it can't cross, for each parameter and
	// result from the nearest to the farthest; empty if it can.
	Reasons []Reason
	// Behind are the open interfaces in the signature, in the order in which
	// they are found. It is set only if Options.Flow is.
	Behind []Behind
}

// A Way is how one parameter or result crosses.
type Way struct {
	Var    *types.Var
	Result bool
	Path   string // its lineage: "Upload(body)"
	Step   *Step  // nil: it can't; see Reasons
	Needs  []component.Mode
	Behind []Behind // the open interfaces in it; set only if Options.Flow is
}

// Needs returns the modes that a binding must carry for the function to cross,
// sorted.
func (d Decision) Needs() []component.Mode {
	var needs []component.Mode
	for _, w := range d.Ways {
		needs = append(needs, w.Needs...)
	}
	slices.Sort(needs)
	return slices.Compact(needs)
}

// Crosses reports whether the types of the function can cross. A missing
// context or error doesn't count, since both can be added.
func (d Decision) Crosses() bool { return len(d.Reasons) == 0 }

// Fails reports whether callers learn that a call failed on its way: by an error, or
// because all that the function returns is a stream that can say so.
func (d Decision) Fails() bool {
	var results []Way
	for _, w := range d.Ways {
		if w.Result {
			results = append(results, w)
		}
	}
	if d.Error || len(results) != 1 {
		return d.Error
	}
	step := results[0].Step
	return step != nil && step.Stream != nil && step.Stream.Fails
}

// Local returns why the function must stay in the process of its callers, or
// "".
func (d Decision) Local() string {
	if len(d.Reasons) == 0 {
		return ""
	}
	return d.Reasons[0].String()
}

// A Decider decides whether types and functions can cross, and caches its
// decisions. It isn't safe for concurrent use, and must only be used with types
// of one load.
type Decider struct {
	opts    Options
	whole   map[*types.Named]bool
	carried *Decider // the same, if all modes were carried; nil: not asked for yet

	declared map[*types.Package][]*types.Named // see typesOf
	unions   map[*types.Named]sealed
	structs  map[*types.Struct][]Part // see fields
	given    map[any][]types.Type     // see givenBeside
}

// New returns a Decider.
func New(opts Options) *Decider {
	return &Decider{opts: opts, whole: map[*types.Named]bool{}, declared: map[*types.Package][]*types.Named{},
		unions: map[*types.Named]sealed{}, structs: map[*types.Struct][]Part{}, given: map[any][]types.Type{}}
}

// Home returns the package that generated code for fn is put into: the
// function's package, or that of an interface whose package declares a variable
// of it. Methods of other types are called from a package of the generated
// code's own: Home returns nil.
func Home(fn *types.Func) *types.Package {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Pkg()
	}
	if named, ok := types.Unalias(recv.Type()).(*types.Named); ok && types.IsInterface(named) && Holder(named) != nil {
		return fn.Pkg()
	}
	return nil
}

// Holder returns the package variable, in the interface's own package, that
// holds its implementation (as extract writes it for a package of functions),
// or nil.
func Holder(iface *types.Named) *types.Var {
	if iface.Obj().Pkg() == nil {
		return nil
	}
	scope := iface.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		if v, ok := scope.Lookup(name).(*types.Var); ok && name != "_" && types.Identical(v.Type(), iface) {
			return v
		}
	}
	return nil
}

// Deciders decide about the functions of a module, each for the package that
// its generated code is put into; see Home. They aren't safe for concurrent
// use.
type Deciders struct {
	module string
	by     component.Carriers
	byHome map[*types.Package]*Decider
	homes  map[*types.Named]*types.Package // of interfaces
}

// ForModule returns the Deciders of the module with the given path, for
// components that are reached by the given bindings.
func ForModule(path string, by component.Carriers) *Deciders {
	return &Deciders{path, by, map[*types.Package]*Decider{}, map[*types.Named]*types.Package{}}
}

// Func decides on a function or method.
func (ds *Deciders) Func(fn *types.Func) Decision {
	home := ds.home(fn)
	if ds.byHome[home] == nil {
		ds.byHome[home] = New(Options{Module: ds.module, Home: home, Carriers: ds.by})
	}
	return ds.byHome[home].Func(fn)
}

// home is Home, remembered.
func (ds *Deciders) home(fn *types.Func) *types.Package {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Pkg()
	}
	named, ok := types.Unalias(recv.Type()).(*types.Named)
	if !ok {
		return nil
	}
	home, ok := ds.homes[named]
	if !ok {
		home = Home(fn)
		ds.homes[named] = home
	}
	return home
}

// Func decides on a function or method.
func (d *Decider) Func(fn *types.Func) Decision { return d.Visit(fn, nil) }

// Visit is Func, and calls visit, if it isn't nil, for each parameter and
// result that can cross, as far as is known at that point, and for each type
// inside it.
func (d *Decider) Visit(fn *types.Func, visit func(*Step)) Decision {
	sig := fn.Signature()
	out := Decision{Func: fn}
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		out.Reasons = append(out.Reasons, Reason{Code: "generic-contract", Path: fn.Name(), Object: fn, What: "has type parameters", Hint: "write a function for the types in use"})
	}
	given := d.givenBeside(fn)
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if i == 0 && IsContext(p.Type()) {
			out.Context = true
			continue
		}
		out.add(d, p, place{typ: p.Type(), path: paramPath(fn.Name(), p, i), at: p, position: asParam, values: d.passed(fn, i, false), given: given}, visit)
	}
	n := sig.Results().Len()
	for i := range n {
		r := sig.Results().At(i)
		if i == n-1 && IsError(r.Type()) {
			out.Error = true
			continue
		}
		out.add(d, r, place{typ: r.Type(), path: resultPath(fn.Name(), r, i, n), at: r, position: asResult, values: d.passed(fn, i, true), given: given}, visit)
	}
	out.outlives()
	return out
}

// Lasts reports a result that lasts longer than the call: a stream or a handle.
func (w Way) Lasts() bool {
	return w.Result && w.Step != nil && (w.Step.How == AsStream || w.Step.How == AsHandle)
}

// outlives refuses a parameter that is a stream where a result lasts longer than the
// call, a stream or a handle: hex.NewDecoder(r) reads r when somebody reads what it
// returned, and by then r has ended with the call.
func (out *Decision) outlives() {
	lasts := slices.IndexFunc(out.Ways, Way.Lasts)
	for _, w := range out.Ways {
		if lasts < 0 || w.Result || w.Step == nil || w.Step.How != AsStream {
			continue
		}
		code := "stream-in-contract"
		switch w.Var.Type().Underlying().(type) {
		case *types.Chan:
			code = "chan-in-contract"
		case *types.Signature:
			code = "func-in-contract"
		}
		out.Reasons = append(out.Reasons, Reason{
			Code: code, Path: w.Path, Type: w.Var.Type(), Object: w.Var, root: w.Path,
			What: "(" + short(w.Var.Type()) + ") ends with the call, and what is returned (" + short(out.Ways[lasts].Var.Type()) + ") may use it later",
			Hint: "return what was read, or take the stream in the method that uses it",
		})
	}
}

// add decides on one parameter or result.
func (out *Decision) add(d *Decider, v *types.Var, p place, visit func(*Step)) {
	found := d.walk(p, visit)
	out.Reasons = append(out.Reasons, found.reasons...)
	out.Behind = append(out.Behind, found.behind...)
	slices.Sort(found.needs)
	out.Ways = append(out.Ways, Way{v, p.position == asResult, p.path, found.first, slices.Compact(found.needs), found.behind})
}

// Nearest returns, for each parameter and result, the first reason of each code.
func (d Decision) Nearest() []Reason {
	var out []Reason
	seen := map[[2]string]bool{}
	for _, r := range d.Reasons {
		if key := [2]string{r.root, r.Code}; !seen[key] {
			seen[key] = true
			out = append(out, r)
		}
	}
	return out
}
