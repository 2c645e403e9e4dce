package reorder

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A path is how an expression leads from a variable to memory.
type path struct {
	root   *types.Var // nil where it begins with something else
	derefs int        // how many pointers, slices and maps it follows
	first  bool       // the first of them is the variable itself
	last   cell       // the memory it ends in; without a kind of its own for a variable
	steps  int
	owner  types.Type // of another module, where the last step is a field of it
}

// pathOf follows an expression that stands for memory.
func (w *walker) pathOf(e ast.Expr) path {
	info := w.f.Pkg.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.ObjectOf(e).(*types.Var)
		return path{root: v}
	case *ast.SelectorExpr:
		s := info.Selections[e]
		if s == nil {
			v, _ := info.Uses[e.Sel].(*types.Var)
			return path{root: v}
		}
		f, ok := s.Obj().(*types.Var)
		if !ok {
			return path{}
		}
		p := w.pathOf(e.X)
		t := info.TypeOf(e.X)
		for i, n := range s.Index() {
			if ptr, ok := code.Under(t).(*types.Pointer); ok {
				p.deref()
				t = ptr.Elem()
			}
			st, ok := code.Under(t).(*types.Struct)
			if !ok {
				return path{}
			}
			p.owner = nil
			if w.a.foreign(t) {
				p.owner = t
			}
			t = st.Field(n).Type()
			if i < len(s.Index())-1 {
				w.fp.reads.add(w.a.field(st.Field(n)), e.Pos())
			}
			p.steps++
		}
		p.last = w.a.field(f)
		return p
	case *ast.StarExpr:
		p := w.pathOf(e.X)
		p.deref()
		p.last, p.owner = derefOf(info.TypeOf(e)), nil
		p.steps++
		return p
	case *ast.IndexExpr:
		return w.indexed(e)
	}
	return path{}
}

func (w *walker) indexed(e *ast.IndexExpr) path {
	p := w.pathOf(e.X)
	t := code.Under(w.f.Pkg.Info.TypeOf(e.X))
	switch u := t.(type) {
	case *types.Map:
		p.deref()
		p.last = mapOf(u)
	case *types.Array:
		p.last = elemOf(u.Elem())
	case *types.Basic: // a string
		return p
	default:
		p.deref()
		p.last = elemOf(w.f.Pkg.Info.TypeOf(e))
	}
	p.steps++
	p.owner = nil
	return p
}

func (p *path) deref() {
	if p.derefs == 0 {
		p.first = p.steps == 0
	}
	p.derefs++
}

// access adds the memory that an expression stands for.
func (w *walker) access(e ast.Expr, write bool) {
	e = ast.Unparen(e)
	to := w.fp.reads
	if write {
		to = w.fp.writes
	}
	p := w.pathOf(e)
	t := w.f.Pkg.Info.TypeOf(e)
	elem := w.elems[p.root]
	switch {
	case p.root == nil && p.steps == 0:
		return
	case p.root != nil && elem != nil && p.derefs == 0 && !write:
		if p.steps == 0 {
			w.a.whole(to, elemOf(elem), t, e.Pos())
		} else {
			w.a.whole(to, p.last, t, e.Pos())
		}
	case p.root != nil && p.derefs == 0 && w.own(p.root):
		return
	case p.steps == 0:
		w.a.whole(to, w.a.variable(p.root, w.pointedAt(p.root)), t, e.Pos())
	case p.root != nil && p.derefs == 1 && p.first && w.made(p.root):
		if !w.own(p.root) {
			to.add(w.a.content(p.root), e.Pos())
		}
	default:
		w.a.whole(to, p.last, t, e.Pos())
		if p.owner != nil {
			to.add(partOf(p.owner), e.Pos())
		}
	}
}

// owned reports whether the elements of a value are memory of this run alone.
func (w *walker) owned(e ast.Expr) bool {
	p := w.pathOf(e)
	return p.root != nil && p.steps == 0 && w.own(p.root) && w.made(p.root)
}

// own reports whether a variable belongs to one run of the code.
func (w *walker) own(v *types.Var) bool {
	return v.Pos() != token.NoPos && w.within.Pos() <= v.Pos() && v.Pos() < w.within.End() && w.a.world.FileAt(v.Pos()) == w.f
}

// base visits what leads to an expression: the pointers that are followed, and
// indices.
func (w *walker) base(e ast.Expr) {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		if w.f.Pkg.Info.Selections[e] == nil {
			return
		}
		if _, ptr := code.Under(w.f.Pkg.Info.TypeOf(e.X)).(*types.Pointer); ptr {
			w.walk(e.X)
			return
		}
		w.base(e.X)
	case *ast.IndexExpr:
		if _, array := code.Under(w.f.Pkg.Info.TypeOf(e.X)).(*types.Array); array {
			w.base(e.X)
		} else {
			w.walk(e.X)
		}
		w.walk(e.Index)
	case *ast.StarExpr:
		w.walk(e.X)
	case *ast.Ident:
	default:
		w.walk(e)
	}
}
