package code

import (
	"go/ast"
	"go/types"
	"regexp"
)

// fills are names of functions that fill a value which they are given as an any.
var fills = regexp.MustCompile(`(?i)unmarshal|decode|scan|bind|parse|process|populate|deepcopy|getstruct|^load`)

// Decoded reports whether a struct type of the module is handed, by itself or as
// part of another, to something outside the module that fills it from data.
func (w *World) Decoded(tn *types.TypeName) bool {
	if w.decoded == nil {
		w.decoded = map[Key]bool{}
		for _, f := range w.Files {
			f.Walk(func(n ast.Node, _ []ast.Node) {
				if call, ok := n.(*ast.CallExpr); ok {
					w.fill(f, call)
				}
			})
		}
	}
	return w.decoded[w.Key(tn)]
}

// fill records the types that a call fills.
func (w *World) fill(f *File, call *ast.CallExpr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !fills.MatchString(sel.Sel.Name) {
		return
	}
	fn, ok := f.Pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok || w.FileOf(fn.Origin()) != nil {
		return
	}
	for _, arg := range call.Args {
		if t := f.argumentType(call, arg); t == nil || !types.IsInterface(t) {
			continue
		}
		w.filled(f.Pkg.Info.TypeOf(arg), 0)
	}
}

func (w *World) filled(t types.Type, depth int) {
	if depth > 12 {
		return
	}
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		w.filled(u.Elem(), depth+1)
	case *types.Slice:
		w.filled(u.Elem(), depth+1)
	case *types.Array:
		w.filled(u.Elem(), depth+1)
	case *types.Map:
		w.filled(u.Elem(), depth+1)
	case *types.Named:
		k := w.Key(u.Obj())
		if w.FileOf(u.Obj()) == nil || w.decoded[k] {
			return
		}
		w.decoded[k] = true
		w.filled(u.Underlying(), depth+1)
	case *types.Struct:
		for v := range u.Fields() {
			w.filled(v.Type(), depth+1)
		}
	}
}
