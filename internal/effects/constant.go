package effects

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// mutable reports whether a package variable may change after initialisation.
func (p *Program) mutable(g *ssa.Global) bool {
	if m, ok := p.globals[g]; ok {
		return m
	}
	m := p.findMutable(g)
	if p.halted {
		return true
	}
	p.globals[g] = m
	return m
}

func (p *Program) findMutable(g *ssa.Global) bool {
	obj, ok := g.Object().(*types.Var)
	if !ok {
		return true
	}
	if p.uses == nil {
		p.uses = p.usesInSyntax()
	}
	home := g.Pkg.Pkg.Path()
	if p.importedByUnknown[home] && obj.Exported() {
		return true
	}
	if !p.uses.assigned[obj] && (sealed(obj.Type(), 0) || p.byPath[home] == nil) {
		// Sentinels and tables of other modules are taken as constant unless
		// the code under analysis assigns them.
		return false
	}
	if p.byPath[home] == nil {
		return true
	}
	for _, path := range append([]string{home}, p.uses.outside[obj]...) {
		if p.changedBy(path)[g] {
			return true
		}
	}
	return false
}

// changedBy returns the package variables that code of a package changes, or
// may, or whose memory it lets others have.
func (p *Program) changedBy(path string) map[*ssa.Global]bool {
	if changed, ok := p.whole[path]; ok {
		return changed
	}
	changed := map[*ssa.Global]bool{}
	q := p.byPath[path]
	if p.build(q.Types); p.halted {
		return changed
	}
	for _, fn := range p.declared(q) {
		p.addChanged(fn, changed, false)
	}
	p.addChanged(p.prog.Package(q.Types).Func("init"), changed, true)
	if !p.halted {
		p.whole[path] = changed
	}
	return changed
}

// addChanged adds what fn and the function literals in it change. An
// initialiser may write what it likes: it runs before anything else.
func (p *Program) addChanged(fn *ssa.Function, changed map[*ssa.Global]bool, initialiser bool) {
	if fn == nil || !p.body(fn) || p.halted {
		return
	}
	out := &p.visit(fn, nil).outside
	if !initialiser {
		for g := range out.writes {
			changed[g] = true
		}
	}
	for _, set := range []map[*ssa.Global]site{out.unknown, out.shares} {
		for g := range set {
			changed[g] = true
		}
	}
	for _, anon := range fn.AnonFuncs {
		p.addChanged(anon, changed, false)
	}
}

// uses is what the syntax of all packages shows of package variables.
type uses struct {
	assigned map[types.Object]bool     // or its address is taken
	outside  map[types.Object][]string // other packages that mention it, sorted
}

func (p *Program) usesInSyntax() *uses {
	u := &uses{assigned: map[types.Object]bool{}, outside: map[types.Object][]string{}}
	for _, path := range slices.Sorted(maps.Keys(p.byPath)) {
		q := p.byPath[path]
		for _, f := range q.Syntax {
			ast.Inspect(f, func(n ast.Node) bool { u.note(q.Info, n); return true })
		}
		mentioned := map[types.Object]bool{}
		for _, obj := range q.Info.Uses {
			if v, ok := obj.(*types.Var); ok && !v.IsField() && v.Exported() && v.Pkg() != nil && v.Pkg() != q.Types && !mentioned[v] {
				mentioned[v] = true
				u.outside[v] = append(u.outside[v], path)
			}
		}
	}
	return u
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

// note remembers the variables that n assigns, or whose address it takes.
func (u *uses) note(info *types.Info, n ast.Node) {
	mark := func(e ast.Expr) {
		if obj := root(info, e); obj != nil {
			u.assigned[obj] = true
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
		if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal && addresses(s) {
			mark(n.X)
		}
	}
}

// addresses reports whether a method's receiver is the address of the value
// that it is called on.
func addresses(s *types.Selection) bool {
	recv := s.Obj().(*types.Func).Signature().Recv()
	_, toPointer := types.Unalias(recv.Type()).(*types.Pointer)
	_, isPointer := s.Recv().Underlying().(*types.Pointer)
	return toPointer && !isPointer
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
