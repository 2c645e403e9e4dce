package effects

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// kind is what sort of memory an object stands for.
type kind uint8

const (
	kindParam   kind = iota // what a parameter points to
	kindDeep                // everything reachable from there
	kindGlobal              // a package variable and everything reachable from it
	kindUnknown             // all memory that code which could not be analysed has, or was given
	kindFresh               // made by an instruction of the function, or by what it calls
)

// An object is a piece of memory as one function sees it. It is comparable.
type object struct {
	kind   kind
	param  int         // kindParam, kindDeep: index; free variables follow the parameters
	global *ssa.Global // kindGlobal
	site   any         // kindFresh: the instruction or function; nil in a summary
}

var (
	// fresh is the object of summaries that stands for all memory made by a call.
	fresh = object{kind: kindFresh}
	// unknownMemory may be the component's state: unknown code may have been
	// given it at any time before.
	unknownMemory = object{kind: kindUnknown}
)

// holds returns what memory that the function didn't make holds by itself.
func (o object) holds() (object, bool) {
	switch o.kind {
	case kindParam:
		return object{kind: kindDeep, param: o.param}, true
	case kindDeep, kindGlobal, kindUnknown:
		return o, true
	}
	return object{}, false
}

// A site is where something happens, and through which functions.
type site struct {
	pos   token.Pos
	order int // of pos among all places, see Program.order
	what  string
	path  []string
	// faint is true for a write that who holds the memory doesn't certainly see:
	// behind the end of a slice, or somewhere in memory that is only known to be
	// reachable.
	faint bool
}

// maxPath is how many functions the path of a site names at most.
const maxPath = 8

// under returns s as seen from a caller of fn.
func (s site) under(fn *ssa.Function) site {
	if len(s.path) >= maxPath {
		return s
	}
	s.path = append([]string{displayName(fn)}, s.path...)
	return s
}

// hasPointers reports whether a value of type t can lead to memory that can
// change: strings can't.
func hasPointers(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Struct:
		for f := range u.Fields() {
			if hasPointers(f.Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return hasPointers(u.Elem())
	case *types.Tuple:
		for v := range u.Variables() {
			if hasPointers(v.Type()) {
				return true
			}
		}
		return false
	}
	return true
}

// pointers is hasPointers, remembered.
func (p *Program) pointers(t types.Type) bool {
	has, ok := p.pointed[t]
	if !ok {
		has = hasPointers(t)
		p.pointed[t] = has
	}
	return has
}

// displayName is how fn is named to people: "Engine.SetRule", "rand.Intn".
func displayName(fn *ssa.Function) string {
	name := fn.Name()
	if fn.Parent() != nil {
		return "a function literal in " + displayName(fn.Parent())
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		return funcName(obj)
	}
	return name
}

// funcName names a function for people: with its receiver's type, or with its
// package.
func funcName(obj *types.Func) string {
	if recv := obj.Signature().Recv(); recv != nil {
		t := recv.Type()
		if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
			t = ptr.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok {
			return named.Obj().Name() + "." + obj.Name()
		}
		return obj.Name()
	}
	if obj.Pkg() != nil {
		return obj.Pkg().Name() + "." + obj.Name()
	}
	return obj.Name()
}
