package boundary

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// params writes the type parameters that the interface declares; "" for none.
func (m *maker) params(file *code.File) string {
	if !m.flow.Generic() {
		return ""
	}
	if own := m.World.FileOf(m.Type.Obj()); m.Home.Pkg.Path == m.Package.Pkg.Path && own != nil {
		if ts := m.spec(own); ts != nil && ts.TypeParams != nil {
			return string(own.Before[own.Offset(ts.TypeParams.Opening) : own.Offset(ts.TypeParams.Closing)+1])
		}
	}
	var out []string
	for p := range m.Type.TypeParams().TypeParams() {
		out = append(out, p.Obj().Name()+" "+m.spell(file, p.Constraint()))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// likeParams reports whether an interface has the type parameters that a new one would
// have: none, or those of the type with constraints that are identical.
func (m *maker) likeParams(n *types.Named) bool {
	if !m.flow.Generic() {
		return n.TypeParams().Len() == 0
	}
	own, its := m.Type.TypeParams(), n.TypeParams()
	if own.Len() != its.Len() {
		return false
	}
	for i := range own.Len() {
		if !types.Identical(own.At(i).Constraint(), its.At(i).Constraint()) {
			return false
		}
	}
	return true
}

// applied returns an interface in terms of the type's own parameters.
func (m *maker) applied(n *types.Named) *types.Named {
	if n.TypeParams().Len() == 0 {
		return n
	}
	var args []types.Type
	for p := range m.Type.TypeParams().TypeParams() {
		args = append(args, p)
	}
	inst, err := types.Instantiate(nil, n, args, false)
	if err != nil {
		return n // only validation fails, and there is none
	}
	return inst.(*types.Named)
}

// spec returns the declaration of the type.
func (m *maker) spec(file *code.File) *ast.TypeSpec {
	g, ok := declOf(file, m.Type.Obj().Pos()).(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, s := range g.Specs {
		if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.Pos() == m.Type.Obj().Pos() {
			return ts
		}
	}
	return nil
}

// receiverParams writes the type parameters of a receiver; "" for none.
func (m *maker) receiverParams() string {
	var out []string
	for p := range m.Type.TypeParams().TypeParams() {
		out = append(out, p.Obj().Name())
	}
	if len(out) == 0 {
		return ""
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// OneInstance returns the instance of a generic type that the code of consumers uses,
// if it is the only one and the package of the interface can name it; nil otherwise.
// Of a type without type parameters it is nil.
func OneInstance(req Request) *types.Named {
	if req.Type.TypeParams().Len() == 0 {
		return nil
	}
	m := &maker{Request: req, out: &Outcome{}}
	var found *types.Named
	several := false
	for _, p := range req.World.Packages {
		if p.ForTest != "" || p.Pkg.Path == req.Package.Pkg.Path || !m.consumer(p.Pkg.Path) {
			continue
		}
		for _, tv := range p.Info.Types {
			n := m.instanceIn(tv.Type)
			switch {
			case n == nil:
			case found == nil:
				found = n
			default:
				several = several || code.Canon(n) != code.Canon(found)
			}
		}
	}
	if several || found == nil || !m.nameable(found) {
		return nil
	}
	return found
}

// instanceIn returns the instance of the type that t is, or points to; nil for none.
func (m *maker) instanceIn(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.TypeArgs().Len() == 0 || m.World.Key(n.Obj()) != m.World.Key(m.Type.Obj()) {
		return nil
	}
	return n
}

// nameable reports whether the package of the interface can write an instance: its
// arguments are no type parameters, and of no package that imports it.
func (m *maker) nameable(n *types.Named) bool {
	ok := true
	var visit func(types.Type)
	visit = func(t types.Type) {
		switch t := types.Unalias(t).(type) {
		case *types.TypeParam, *types.Signature, *types.Struct, *types.Interface:
			ok = false
		case *types.Named:
			p := t.Obj().Pkg()
			if p != nil && p.Path() != m.Home.Pkg.Path && (!t.Obj().Exported() || !code.Visible(p.Path(), m.Home.Pkg.Path) || code.Imports(p, m.Home.Pkg.Path) || p.Name() == "main") {
				ok = false
			}
			for a := range t.TypeArgs().Types() {
				visit(a)
			}
		case *types.Pointer:
			visit(t.Elem())
		case *types.Slice:
			visit(t.Elem())
		case *types.Array:
			visit(t.Elem())
		case *types.Map:
			visit(t.Key())
			visit(t.Elem())
		case *types.Chan:
			visit(t.Elem())
		}
	}
	for a := range n.TypeArgs().Types() {
		visit(a)
	}
	return ok
}
