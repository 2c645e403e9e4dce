package retype

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// sameInside handles what compares a value that has the type in one of its parts: a
// nil pointer in an interface is another value there than no value.
func (f *Flow) sameInside(file *code.File, n ast.Node) {
	info := file.Pkg.Info
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			f.sameParts(info.TypeOf(n.X), false, n)
		}
	case *ast.SwitchStmt:
		if n.Tag != nil {
			f.sameParts(info.TypeOf(n.Tag), false, n.Tag)
		}
	case *ast.MapType:
		if key := info.TypeOf(n.Key); key != nil && f.isPointer(key) {
			k := f.slotOfPointer(key)
			f.compare(k, k, f.World.Span(n.Key))
		}
		f.sameParts(info.TypeOf(n.Key), false, n)
	case *ast.CallExpr:
		if fn := file.Callee(n); fn != nil && fn.Pkg() != nil && f.World.FileOf(fn) == nil {
			if comparesDeep(fn) {
				for _, a := range n.Args {
					f.sameParts(info.TypeOf(a), true, a)
				}
			}
		}
	}
}

// comparesDeep reports a function of another module that compares what its arguments
// lead to.
func comparesDeep(fn *types.Func) bool {
	switch fn.Name() {
	case "DeepEqual", "Equal", "NotEqual", "EqualValues", "Equals", "Diff", "ElementsMatch", "Contains", "EqualExportedValues":
		return true
	}
	return false
}

// sameParts marks the slots in the fields and elements of a value as compared; deep
// also those behind pointers, slices and maps.
func (f *Flow) sameParts(t types.Type, deep bool, at ast.Node) {
	if f.partless[whole{t, deep}] {
		return
	}
	found := false
	seen := map[types.Type]bool{}
	var in func(t types.Type, depth int)
	in = func(t types.Type, depth int) {
		if t == nil || depth > 8 || seen[t] {
			return
		}
		seen[t] = true
		if f.isPointer(t) {
			if depth > 0 {
				found = true
				s := f.slotOfPointer(t)
				f.compare(s, s, f.World.Span(at))
			}
			return
		}
		switch u := t.Underlying().(type) {
		case *types.Struct:
			if n := named(types.Unalias(t)); n != nil && f.World.FileOf(n.Origin().Obj()) == nil {
				return
			}
			for v := range u.Fields() {
				in(v.Type(), depth+1)
			}
		case *types.Array:
			in(u.Elem(), depth+1)
		case *types.Pointer:
			if deep {
				in(u.Elem(), depth+1)
			}
		case *types.Slice:
			if deep {
				in(u.Elem(), depth+1)
			}
		case *types.Map:
			if deep {
				in(u.Key(), depth+1)
				in(u.Elem(), depth+1)
			}
		}
	}
	in(t, 0)
	f.partless[whole{t, deep}] = !found
}

// whole is a type of which parts are compared; deep: also behind pointers and in lists.
type whole struct {
	of   types.Type
	deep bool
}
