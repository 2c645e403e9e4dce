package effects

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// settled reports whether it takes no more than a look at the syntax to see
// that g never changes after initialisation: its type has nothing in it that
// could be changed through a copy, as an error sentinel's or a number's, and
// no package under analysis assigns it or takes its address.
func (p *Program) settled(g *ssa.Global) bool {
	obj, ok := g.Object().(*types.Var)
	if !ok || !sealed(obj.Type(), 0) {
		return false
	}
	if p.assigned == nil {
		p.assigned = map[types.Object]bool{}
		for _, q := range p.byPath {
			for _, f := range q.files {
				ast.Inspect(f, func(n ast.Node) bool { p.noteAssigned(q.info, n); return true })
			}
		}
	}
	return !p.assigned[obj]
}

// sealed reports whether a copy of a value of type t gives no way to change
// the value. The dynamic value of an error counts as such: sentinels are
// compared, not changed.
func sealed(t types.Type, depth int) bool {
	if depth > 8 {
		return false
	}
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Array:
		return sealed(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if !sealed(f.Type(), depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// noteAssigned remembers the variables that n assigns, or whose address it
// takes.
func (p *Program) noteAssigned(info *types.Info, n ast.Node) {
	mark := func(e ast.Expr) {
		if obj := root(info, e); obj != nil {
			p.assigned[obj] = true
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			mark(e)
		}
	case *ast.IncDecStmt:
		mark(n.X)
	case *ast.RangeStmt:
		mark(n.Key)
		mark(n.Value)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			mark(n.X)
		}
	case *ast.SliceExpr: // of an array
		mark(n.X)
	case *ast.SelectorExpr: // a method that takes its receiver's address
		if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
			mark(n.X)
		}
	}
}

// root returns the package variable that e is, or is a part of.
func root(info *types.Info, e ast.Expr) types.Object {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			if info.Selections[x] == nil { // pkg.Var
				return info.Uses[x.Sel]
			}
			e = x.X
		case *ast.Ident:
			return info.Uses[x]
		default:
			return nil
		}
	}
}
