// Package argument finds out through which parameters a function changes
// something that its caller sees: the elements of a slice or map, what a pointer
// leads to. Across a process the caller would not see it.
//
// It works in two steps, so that an edit of one function costs the look at that
// function. Of looks at one body alone and says what it writes, which of its
// parameters' memory it hands to which functions, and what it returns of it.
// Link puts the facts of a program together.
//
// Memory behind a parameter is told apart in three: what it points to, what each
// of its fields (or its elements) leads to, and nothing further. A write is a
// statement that is there; whether it runs isn't looked at. Code without a body
// counts by the table of package effects; where that knows nothing, the function
// may change what it was given, and Link says so.
package argument

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Place is memory reachable from a parameter.
type Place struct {
	Param int    `json:"p"`           // counted from 0; the receiver comes first
	Path  string `json:"m,omitempty"` // "": what it points to; a field's name, or "[]": what that refers to
}

// A Result is memory reached through the result of a call.
type Result struct {
	Callee component.Subject `json:"c"`
	Arg    int               `json:"a"`           // the callee's parameter that the memory was passed as
	Held   string            `json:"h,omitempty"` // the field of newly allocated memory that refers to it; "": it is passed as it is
	Path   string            `json:"r,omitempty"` // which memory of the result
}

// A Fact is one thing that a function body does with memory reachable from a
// parameter.
type Fact struct {
	Kind   string // one of the kinds below
	Place  Place
	Name   string            // of Place's parameter
	Result *Result           // nil: the memory of Place; otherwise memory reached through a call's result
	Callee component.Subject // Passes: the function that it is passed to
	Arg    int               // Passes: as which parameter
	Held   string            // Passes, Returns: the field of newly allocated memory that refers to it
	What   string            // what is done, for messages: "writes p[0]"
	Span   text.Span
}

// The kinds of facts.
const (
	Writes  = "writes"  // the memory is changed
	May     = "may"     // it is passed to code of which nothing is known
	Passes  = "passes"  // it is an argument of a function with a body
	Returns = "returns" // a result leads to it
	Body    = "body"    // there is a body, and none of the above holds
)

// A Source is the context of a function's body: its package, and a cache of
// what is known of the functions that the package calls. It isn't safe for
// concurrent use.
type Source struct {
	Info *types.Info
	// Local reports whether a package belongs to the program. Functions of
	// other packages are known only from the table of package effects.
	Local func(path string) bool
	Span  func(pos, end token.Pos) text.Span

	callees map[*types.Func]*callee
	names   map[component.Subject]*component.Subject // one of each, so that they are compared as pointers
	last    *body                                    // that was looked at
}

// Of returns the facts of one function or method, in source order. It looks
// only at the body and at types. A function has no facts if nothing can be
// changed through its parameters.
func Of(src *Source, fn *ast.FuncDecl) []Fact {
	info := src.Info
	obj, ok := info.Defs[fn.Name].(*types.Func)
	if !ok || fn.Body == nil {
		return nil
	}
	b := src.begin()
	b.fn = fn
	sig := obj.Signature()
	i := 0
	bind := func(v *types.Var) {
		if leads(v.Type()) {
			b.env[variable{v, 0}] = &value{refs: []ref{{Place: Place{Param: i}}}}
		}
		b.names = append(b.names, v.Name())
		i++
	}
	if recv := sig.Recv(); recv != nil {
		bind(recv)
	}
	for p := range sig.Params().Variables() {
		bind(p)
	}
	if len(b.env) == 0 {
		return nil
	}
	b.versions(fn.Body)
	const passes = 6 // what a loop carries round more often isn't seen
	for n, grown := 0, true; grown && n < passes; n++ {
		b.grown, b.facts = false, b.facts[:0]
		clear(b.seen)
		clear(b.calls)
		ast.Inspect(fn.Body, b.node)
		grown = b.grown
	}
	if len(b.facts) == 0 {
		return []Fact{{Kind: Body}}
	}
	facts := make([]Fact, 0, len(b.facts))
	for _, r := range b.facts {
		facts = append(facts, b.fact(r))
	}
	return facts
}

// leads reports whether a value of type t leads to memory that can be changed.
// What has no type, in code that doesn't type-check, leads nowhere.
func leads(t types.Type) bool {
	if t == nil || frozen(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Struct:
		for f := range u.Fields() {
			if leads(f.Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return leads(u.Elem())
	case *types.Tuple:
		for v := range u.Variables() {
			if leads(v.Type()) {
				return true
			}
		}
		return false
	case *types.Signature, *types.Chan:
		return false
	case *types.Interface:
		return !isError(t) && !isContext(t)
	}
	return true
}

// frozen reports whether t is a type, or a pointer to one, whose values lead to
// memory that nobody changes once it is there.
func frozen(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		n, ok := types.Unalias(p.Elem()).(*types.Named)
		return ok && declares(n, "time", "Location")
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && (declares(n, "time", "Time", "Location") || declares(n, "net/netip", "Addr", "AddrPort", "Prefix") || declares(n.Origin(), "unique", "Handle"))
}

// declares reports whether a package of the standard library declares n by one
// of the names.
func declares(n *types.Named, pkg string, names ...string) bool {
	return n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg && slices.Contains(names, n.Obj().Name())
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

func isContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Context" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context"
}
