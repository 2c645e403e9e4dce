// Package exposure finds out who may see the shape of a struct without selecting its
// fields: encoders, formatters, and whatever else takes any value. In comes a type of a
// module, out come places; what that means for a change is the caller's to decide.
package exposure

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// sight is what a place sees of a value that it is given as any.
type sight int

const (
	nothing sight = iota
	text          // a formatter: what it prints differs with the shape
	all           // anything, such as an encoder
)

// Of returns places where a value that has a declared type in it goes where any value
// can, but for tests: the first that may encode it, and the first that only prints it.
// A node is nil where there is none.
func Of(w *code.World, tn *types.TypeName) (encoded, printed ast.Node) {
	s := search{w, w.Key(tn), map[types.Type]bool{}}
	for _, f := range w.Files {
		if f.Test {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			e, ok := n.(ast.Expr)
			if !ok || encoded != nil && printed != nil {
				return
			}
			tv, ok := f.Pkg.Info.Types[e]
			if !ok || !tv.IsValue() || types.IsInterface(tv.Type) || !s.contains(tv.Type) {
				return
			}
			switch to := sees(f, stack); {
			case to == all && encoded == nil:
				encoded = n
			case to == text && printed == nil:
				printed = n
			}
		})
	}
	return encoded, printed
}

// A search looks for a type in others.
type search struct {
	world *code.World
	key   code.Key
	known map[types.Type]bool
}

// sees says what the place that the last expression of a path goes to may see of it.
func sees(f *code.File, stack []ast.Node) sight {
	place, t := f.Destination(stack)
	it, ok := code.Under(t).(*types.Interface)
	if place != code.Typed || !ok || !it.Empty() {
		return nothing
	}
	if _, param := types.Unalias(t).(*types.TypeParam); param {
		return nothing
	}
	call, ok := stack[max(len(stack)-2, 0)].(*ast.CallExpr)
	if !ok {
		return all
	}
	if f.Pkg.Info.Types[ast.Unparen(call.Fun)].IsBuiltin() {
		return text // panic
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return all
	}
	switch path := fn.Pkg().Path(); {
	case slices.Contains([]string{"container/heap", "container/list", "container/ring", "sync", "sync/atomic", "context", "errors", "runtime", "sort"}, path):
		return nothing
	case slices.Contains([]string{"fmt", "log", "log/slog", "testing"}, path), formats(fn):
		return text
	}
	return all
}

// formats reports a function that formats what it is given: logf(format, args...).
func formats(fn *types.Func) bool {
	ps := fn.Signature().Params()
	if !fn.Signature().Variadic() || ps.Len() < 2 {
		return false
	}
	b, ok := ps.At(ps.Len() - 2).Type().Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0 && (strings.HasSuffix(fn.Name(), "f") || strings.HasPrefix(ps.At(ps.Len()-2).Name(), "f"))
}

// contains reports a type that has the one in it that is looked for.
func (s *search) contains(t types.Type) bool {
	found, ok := s.known[t]
	if !ok {
		found = s.within(t, map[types.Type]bool{})
		s.known[t] = found
	}
	return found
}

// within is contains, but for types that were seen on the way.
func (s *search) within(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		return u.Obj().Pos().IsValid() && s.world.Key(u.Obj()) == s.key || s.world.FileOf(u.Obj()) != nil && s.within(u.Underlying(), seen)
	case *types.Pointer:
		return s.within(u.Elem(), seen)
	case *types.Slice:
		return s.within(u.Elem(), seen)
	case *types.Array:
		return s.within(u.Elem(), seen)
	case *types.Map:
		return s.within(u.Key(), seen) || s.within(u.Elem(), seen)
	case *types.Struct:
		for v := range u.Fields() {
			if (v.Exported() || v.Embedded()) && s.within(v.Type(), seen) {
				return true
			}
		}
	}
	return false
}
