package reorder

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/code"
)

// leads reports whether a value of a type leads to memory that is told apart.
func (a *Analysis) leads(t types.Type) bool {
	found := cells{}
	a.behind(found, t, token.NoPos, map[types.Type]bool{})
	return len(found) > 0
}

// madeAll is made for all that a variable leads to when the code gets to at: nothing
// that was there before has been stored in it. An address that is only taken later
// makes no difference.
func (w *walker) madeAll(v *types.Var, at ast.Node) bool {
	s := w.a.scopeAt(v.Pos())
	if s == nil || s.loose[v] || v.Parent() != nil && v.Parent() == v.Pkg().Scope() {
		return false
	}
	if slices.ContainsFunc(s.lent[v], func(stack []ast.Node) bool { return !s.later(stack, v, at) }) {
		return false
	}
	if !w.a.leads(v.Type()) {
		return true
	}
	if !w.madeBy(v, s) {
		return false
	}
	for _, src := range s.sources[v] {
		if !w.a.newAll(s.file, src, v) {
			return false
		}
	}
	return !slices.ContainsFunc(s.mentions[v], func(stack []ast.Node) bool {
		return !s.later(stack, v, at) && !w.a.storesNothing(s, stack, v)
	})
}

// backingAll is backing for all that a value leads to.
func (w *walker) backingAll(e ast.Expr) bool {
	if !w.a.leads(w.f.Pkg.Info.TypeOf(e)) {
		return true
	}
	if p := w.pathOf(e); p.root != nil {
		return p.steps == 0 && w.madeAll(p.root, e)
	}
	return w.a.newAll(w.f, source{e, 0}, nil)
}

// newAll is new for all that a value leads to.
func (a *Analysis) newAll(f *code.File, src source, v *types.Var) bool {
	e := ast.Unparen(src.expr)
	t := f.Pkg.Info.TypeOf(e)
	if tuple, ok := t.(*types.Tuple); ok && src.index < tuple.Len() {
		t = tuple.At(src.index).Type()
	}
	if t == nil || !a.leads(t) {
		return true
	}
	switch e := e.(type) {
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit && a.newAll(f, source{e.X, 0}, v)
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(elt ast.Expr) bool {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			return !a.newAll(f, source{elt, 0}, v)
		})
	case *ast.CallExpr:
		if fun, ok := ast.Unparen(e.Fun).(*ast.Ident); ok && f.Pkg.Info.Types[e.Fun].IsBuiltin() {
			switch fun.Name {
			case "make", "new":
				return true
			case "append":
				return !slices.ContainsFunc(e.Args, func(arg ast.Expr) bool { return !a.newAll(f, source{arg, 0}, v) })
			}
			return false
		}
		if fn := f.Callee(e); fn != nil && !f.Owns(fn) {
			known, ok := effects.KnownOf(fn)
			return ok && known.Fresh && !known.Self
		}
		return false
	}
	return a.new(f, src, v)
}

// storesNothing reports a mention of a variable after which it leads to no memory
// that was there before.
func (a *Analysis) storesNothing(s *scope, stack []ast.Node, v *types.Var) bool {
	info := s.file.Pkg.Info
	top := stack[len(stack)-1]
	i := len(stack) - 2
climb:
	for ; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.ParenExpr, *ast.StarExpr:
		case *ast.SelectorExpr:
			if sel := info.Selections[p]; sel == nil || sel.Kind() != types.FieldVal {
				break climb
			}
		case *ast.IndexExpr:
			if p.X != top {
				break climb
			}
		case *ast.SliceExpr:
			if p.X != top {
				break climb
			}
		default:
			break climb
		}
		top = stack[i]
	}
	if i < 0 {
		return false
	}
	at, _ := top.(ast.Expr)
	switch p := stack[i].(type) {
	case *ast.AssignStmt:
		if j := slices.Index(p.Lhs, at); j >= 0 {
			if at == stack[len(stack)-1] {
				return true // the variable itself, whose sources are known
			}
			src := source{p.Rhs[0], j}
			if len(p.Rhs) == len(p.Lhs) {
				src = source{p.Rhs[j], 0}
			}
			return a.newAll(s.file, src, v)
		}
	case *ast.ReturnStmt, *ast.ValueSpec, *ast.Field, *ast.BinaryExpr:
		return true
	case *ast.SelectorExpr: // a method
		fn, ok := info.Uses[p.Sel].(*types.Func)
		return ok && !s.file.Owns(fn)
	case *ast.CallExpr:
		if at == p.Fun {
			return false
		}
		if info.Types[ast.Unparen(p.Fun)].IsBuiltin() {
			if fun, ok := ast.Unparen(p.Fun).(*ast.Ident); ok {
				switch fun.Name {
				case "len", "cap", "delete", "clear":
					return true
				case "append": // to the variable itself, or what it leads to would be shared
					return p.Args[0] == at && i > 0 && assignsBack(stack[i-1], v, info)
				}
			}
			break
		}
		if fn := s.file.Callee(p); fn != nil && !s.file.Owns(fn) {
			return true
		}
	case *ast.UnaryExpr:
		if p.Op == token.AND && s.toOthers(stack[:i+1]) {
			return true
		}
	}
	t := info.TypeOf(at)
	return t != nil && !a.leads(t)
}

// assignsBack reports an assignment to the variable and nothing else.
func assignsBack(n ast.Node, v *types.Var, info *types.Info) bool {
	as, ok := n.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 {
		return false
	}
	id, ok := ast.Unparen(as.Lhs[0]).(*ast.Ident)
	return ok && info.ObjectOf(id) == v
}
