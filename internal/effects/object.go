package effects

import (
	"go/token"
	"go/types"
	"maps"

	"golang.org/x/tools/go/ssa"
)

// kind is what sort of memory an object stands for.
type kind uint8

const (
	kindParam   kind = iota // what a parameter points to
	kindDeep                // everything reachable from there
	kindGlobal              // a package variable and everything reachable from it
	kindUnknown             // the result of something that could not be analysed
	kindFresh               // made by an instruction of the function, or by what it calls
)

// An object is a piece of memory as one function sees it. It is comparable.
type object struct {
	kind   kind
	param  int         // kindParam, kindDeep: index; free variables follow the parameters
	global *ssa.Global // kindGlobal
	site   any         // kindFresh: the instruction or function; nil in a summary
}

func (o object) globalName() string {
	if o.global == nil {
		return ""
	}
	return o.global.String()
}

// objects is a set of objects.
type objects map[object]struct{}

func (s objects) add(o object) bool {
	if _, ok := s[o]; ok {
		return false
	}
	s[o] = struct{}{}
	return true
}

func (s objects) addAll(t objects) bool {
	n := len(s)
	maps.Copy(s, t)
	return len(s) != n
}

// A site is where something happens, and through which functions.
type site struct {
	pos  token.Pos
	what string
	path []string
}

// under returns s as seen from a caller of fn.
func (s site) under(fn *ssa.Function) site {
	const deepest = 8
	if len(s.path) >= deepest {
		return s
	}
	return site{pos: s.pos, what: s.what, path: append([]string{displayName(fn)}, s.path...)}
}

// A summary is what callers of a function must know. The sets hold no
// kindFresh objects but the one without a site, which stands for all memory
// that the function and its callees made.
type summary struct {
	fn       *ssa.Function
	analysed bool

	reads   objects
	writes  map[object]site     // certainly written
	unknown map[object]site     // reachable for code that could not be analysed
	calls   map[object]callback // function values among the caller's objects that are called
	results []objects
	leaks   map[object]objects // stored into memory that outlives the call
	inside  objects            // stored into the fresh memory
	funcs   map[*ssa.Function]bool
	events  map[eventKey]event
}

func newSummary(fn *ssa.Function) *summary {
	s := &summary{
		fn: fn, reads: objects{}, writes: map[object]site{}, unknown: map[object]site{}, calls: map[object]callback{},
		leaks: map[object]objects{}, inside: objects{}, funcs: map[*ssa.Function]bool{}, events: map[eventKey]event{},
	}
	for range fn.Signature.Results().Len() {
		s.results = append(s.results, objects{})
	}
	return s
}

// size grows whenever anything in s does.
func (s *summary) size() int {
	n := len(s.reads) + len(s.writes) + len(s.unknown) + len(s.calls) + len(s.inside) + len(s.funcs) + len(s.events)
	for _, c := range s.calls {
		n += len(c.args)
	}
	for _, r := range s.results {
		n += len(r)
	}
	for _, l := range s.leaks {
		n += len(l)
	}
	return n
}

// fresh is the object of summaries that stands for all memory made by a call.
var fresh = object{kind: kindFresh}

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
