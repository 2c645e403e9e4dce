package reorder

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A walker adds to a footprint what some code does.
type walker struct {
	a      *Analysis
	f      *code.File
	fp     *footprint
	within ast.Node // whose variables belong to one run of the code
	alone  bool     // within is a whole function
	skip   func(ast.Node) bool
	elems  map[*types.Var]types.Type // variables that hold copies of elements, which are read where they are
}

func (w *walker) outside(pos token.Pos, what string, unknown bool) {
	if w.fp.outside == nil {
		w.fp.outside = &Site{pos, what}
	}
	if unknown {
		w.acts(pos, what)
		if w.fp.unknown == nil {
			w.fp.unknown = &Site{pos, what}
		}
	}
}

// walk visits a node and what is below it.
func (w *walker) walk(n ast.Node) {
	if n == nil {
		return
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if n != nil && w.skip != nil && w.skip(n) {
			return false
		}
		switch n := n.(type) {
		case ast.Stmt:
			return w.statement(n)
		case *ast.FuncLit:
			return true // as if it ran here
		case *ast.KeyValueExpr:
			w.walk(n.Value)
			if !w.isField(n.Key) {
				w.walk(n.Key)
			}
			return false
		case ast.Expr:
			return w.expr(n)
		case *ast.FieldList:
			return false
		}
		return true
	})
}

func (w *walker) isField(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := w.f.Pkg.Info.Uses[id].(*types.Var)
	return ok && v.IsField()
}

// statement handles a statement, and reports whether what is below it is still to be
// visited.
func (w *walker) statement(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, l := range s.Lhs {
			w.assign(l, s.Tok)
		}
		if call, ok := w.grows(s); ok {
			w.walk(call.Args[0])
			w.elements(call.Args[1:])
			w.arguments(&ast.CallExpr{Args: call.Args[1:]})
			return false
		}
		for _, r := range s.Rhs {
			w.walk(r)
		}
		return false
	case *ast.IncDecStmt:
		w.assign(s.X, token.ADD_ASSIGN)
		return false
	case *ast.RangeStmt:
		w.ranges(s)
		return false
	case *ast.SendStmt:
		w.outside(s.Arrow, "sends to a channel", true)
	case *ast.SelectStmt:
		w.outside(s.Select, "waits for a channel", true)
	case *ast.GoStmt:
		w.outside(s.Go, "starts a goroutine", true)
	case *ast.LabeledStmt:
		w.walk(s.Stmt)
		return false
	case *ast.BranchStmt:
		return false
	}
	return true
}

// grows reports x.f = append(x.f, ...) of a field, or a package variable, that the
// module never slices: what
// lies beyond the end of it is nobody else's.
func (w *walker) grows(s *ast.AssignStmt) (*ast.CallExpr, bool) {
	if len(s.Lhs) != 1 || len(s.Rhs) != 1 || s.Tok != token.ASSIGN {
		return nil, false
	}
	target := ast.Unparen(s.Lhs[0])
	call, isCall := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
	if !isCall || len(call.Args) == 0 || !w.f.Pkg.Info.Types[call.Fun].IsBuiltin() || w.f.Source(call.Fun) != "append" || w.f.Source(call.Args[0]) != w.f.Source(target) {
		return nil, false
	}
	v := held(w.f, target)
	return call, v != nil && !w.a.indexed().sliced[w.a.objectKey(v.Origin())]
}

// held returns the field or package variable that an expression is, or nil.
func held(f *code.File, e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if sel, isSel := ast.Unparen(e).(*ast.SelectorExpr); isSel {
		id, ok = sel.Sel, true
	}
	if !ok {
		return nil
	}
	v, ok := f.Pkg.Info.Uses[id].(*types.Var)
	if !ok || !v.IsField() && (v.Pkg() == nil || v.Parent() != v.Pkg().Scope()) {
		return nil
	}
	return v
}

func (w *walker) assign(l ast.Expr, tok token.Token) {
	if id, ok := ast.Unparen(l).(*ast.Ident); ok && (id.Name == "_" || tok == token.DEFINE && w.f.Pkg.Info.Defs[id] != nil) {
		return
	}
	w.access(l, true)
	if tok != token.ASSIGN && tok != token.DEFINE {
		w.access(l, false)
	}
	w.base(l)
}

// ranges handles a range statement: its header, and its body.
func (w *walker) ranges(s *ast.RangeStmt) {
	w.header(s)
	w.walk(s.Body)
}

// header handles what a range statement itself reads and assigns.
func (w *walker) header(s *ast.RangeStmt) {
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil {
			w.assign(e, s.Tok)
		}
	}
	w.walk(s.X)
	blank := s.Value == nil
	if id, ok := s.Value.(*ast.Ident); ok {
		v, _ := w.f.Pkg.Info.Defs[id].(*types.Var)
		blank = blank || id.Name == "_" || w.elems[v] != nil
	}
	t := w.f.Pkg.Info.TypeOf(s.X)
	if p, ok := code.Under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := code.Under(t).(type) {
	case *types.Slice:
		if !blank && !w.owned(s.X) {
			w.a.whole(w.fp.reads, elemOf(u.Elem()), u.Elem(), s.X.Pos())
		}
	case *types.Array:
		if !blank && !w.owned(s.X) {
			w.a.whole(w.fp.reads, elemOf(u.Elem()), u.Elem(), s.X.Pos())
		}
	case *types.Map:
		if !w.owned(s.X) {
			w.a.whole(w.fp.reads, mapOf(u), u.Elem(), s.X.Pos())
		}
	case *types.Chan:
		w.outside(s.X.Pos(), "receives from a channel", true)
	case *types.Signature:
		if !w.knownIterator(s.X) {
			w.dynamic(s.X, u)
		}
	}
}

// knownIterator reports an iterator that a function of another module returns which
// does nothing but compute.
func (w *walker) knownIterator(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := w.f.Callee(generic(call))
	if fn == nil || w.f.Owns(fn) {
		return false
	}
	known, ok := effects.KnownOf(fn)
	return ok && !known.World && len(known.Writes) == 0
}

// expr handles an expression, and reports whether what is below it is still to be
// visited.
func (w *walker) expr(e ast.Expr) bool {
	info := w.f.Pkg.Info
	if tv, ok := info.Types[e]; ok && (tv.IsType() || tv.Value != nil) {
		return false
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return true
	case *ast.CallExpr:
		w.call(e)
		return false
	case *ast.UnaryExpr:
		switch e.Op {
		case token.ARROW:
			w.outside(e.OpPos, "receives from a channel", true)
		case token.AND:
			if _, lit := ast.Unparen(e.X).(*ast.CompositeLit); !lit {
				w.base(e.X)
				return false
			}
		}
	case *ast.SliceExpr:
		if _, array := code.Under(info.TypeOf(e.X)).(*types.Array); array {
			w.base(e.X)
		} else {
			w.walk(e.X)
		}
		for _, i := range []ast.Expr{e.Low, e.High, e.Max} {
			if i != nil {
				w.walk(i)
			}
		}
		return false
	case *ast.Ident:
		if fn, ok := info.Uses[e].(*types.Func); ok {
			w.a.calls(w.fp, fn)
			return false
		}
		w.access(e, false)
	case *ast.SelectorExpr:
		if fn, ok := info.Uses[e.Sel].(*types.Func); ok {
			w.a.calls(w.fp, fn)
			w.receiver(e)
			return false
		}
		w.access(e, false)
		w.base(e)
		return false
	case *ast.IndexExpr:
		if tv := info.Types[e.X]; tv.IsValue() {
			if _, generic := tv.Type.Underlying().(*types.Signature); generic {
				return true
			}
		}
		w.access(e, false)
		w.base(e)
		return false
	case *ast.StarExpr:
		w.access(e, false)
		w.base(e)
		return false
	}
	return true
}

// receiver handles what a method is selected from: a value is read, and one whose
// address is taken isn't.
func (w *walker) receiver(sel *ast.SelectorExpr) {
	s := w.f.Pkg.Info.Selections[sel]
	if s == nil {
		if tv := w.f.Pkg.Info.Types[sel.X]; tv.IsValue() {
			w.walk(sel.X)
		}
		return
	}
	if s.Kind() == types.MethodExpr {
		return
	}
	_, wants := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, has := code.Under(s.Recv()).(*types.Pointer)
	if wants && !has {
		w.base(sel.X)
		return
	}
	w.walk(sel.X)
}
