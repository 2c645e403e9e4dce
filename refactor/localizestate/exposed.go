package localizestate

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// exposure says what may see the shape of a value.
type exposure int

const (
	unseen  exposure = iota
	printed          // a formatter: what it prints differs
	seen             // anything, such as an encoder
)

// exposed returns the places where a value that has the shared struct in it goes where
// any value can, but for tests: the first that may be encoded, and the first that is
// printed. A node is nil where there is none.
func (j *job) exposed() (encoded, shown ast.Node) {
	known := map[types.Type]bool{}
	for _, f := range j.world.Files {
		if f.Test {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			e, ok := n.(ast.Expr)
			if !ok || encoded != nil && shown != nil {
				return
			}
			tv, ok := f.Pkg.Info.Types[e]
			if !ok || !tv.IsValue() || types.IsInterface(tv.Type) || !j.contains(tv.Type, known) {
				return
			}
			switch j.sees(f, stack) {
			case seen:
				if encoded == nil {
					encoded = n
				}
			case printed:
				if shown == nil {
					shown = n
				}
			}
		})
	}
	return encoded, shown
}

// sees says what the place that the last expression of a path goes to may see of it.
func (j *job) sees(f *code.File, stack []ast.Node) exposure {
	place, t := f.Destination(stack)
	it, ok := code.Under(t).(*types.Interface)
	if place != code.Typed || !ok || !it.Empty() {
		return unseen
	}
	if _, param := types.Unalias(t).(*types.TypeParam); param {
		return unseen
	}
	call, ok := stack[max(len(stack)-2, 0)].(*ast.CallExpr)
	if !ok {
		return seen
	}
	if f.Pkg.Info.Types[ast.Unparen(call.Fun)].IsBuiltin() {
		return printed // panic
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return seen
	}
	switch path := fn.Pkg().Path(); {
	case slices.Contains([]string{"container/heap", "container/list", "container/ring", "sync", "sync/atomic", "context", "errors", "runtime", "sort"}, path):
		return unseen
	case slices.Contains([]string{"fmt", "log", "log/slog", "testing"}, path), formats(fn):
		return printed
	}
	return seen
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

// contains reports a type that has the shared struct in it.
func (j *job) contains(t types.Type, known map[types.Type]bool) bool {
	if found, ok := known[t]; ok {
		return found
	}
	known[t] = false // while it is looked at
	found := false
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		found = u.Obj().Pos().IsValid() && j.world.Key(u.Obj()) == j.world.Key(j.shared.obj) || j.world.FileOf(u.Obj()) != nil && j.contains(u.Underlying(), known)
	case *types.Pointer:
		found = j.contains(u.Elem(), known)
	case *types.Slice:
		found = j.contains(u.Elem(), known)
	case *types.Array:
		found = j.contains(u.Elem(), known)
	case *types.Map:
		found = j.contains(u.Key(), known) || j.contains(u.Elem(), known)
	case *types.Struct:
		for v := range u.Fields() {
			found = found || (v.Exported() || v.Embedded()) && j.contains(v.Type(), known)
		}
	}
	known[t] = found
	return found
}
