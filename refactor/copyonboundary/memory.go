package copyonboundary

import (
	"go/ast"
	"go/types"
	"slices"
)

// containers are the types of the memory that a value of type t leads to: slices, maps,
// what pointers point to, and the structs in them.
func containers(t types.Type) []types.Type {
	var out []types.Type
	var visit func(t types.Type, behind bool)
	visit = func(t types.Type, behind bool) {
		add := func(c types.Type) bool {
			if slices.ContainsFunc(out, func(o types.Type) bool { return types.Identical(o, c) }) {
				return false
			}
			out = append(out, c)
			return true
		}
		switch u := t.Underlying().(type) {
		case *types.Slice:
			if add(u) {
				visit(u.Elem(), true)
			}
		case *types.Map:
			if add(u) {
				visit(u.Elem(), true)
			}
		case *types.Pointer:
			if _, ok := u.Elem().Underlying().(*types.Struct); ok || add(u.Elem()) {
				visit(u.Elem(), true)
			}
		case *types.Array:
			visit(u.Elem(), behind)
		case *types.Struct:
			if behind && !add(t) {
				return
			}
			for f := range u.Fields() {
				visit(f.Type(), behind)
			}
		}
	}
	visit(t, false)
	return out
}

// container is the type of the memory that a place is in: of c.items[i].n the slice, of
// p.n what p points to; nil for a variable.
func container(info *types.Info, e ast.Expr) types.Type {
	e = ast.Unparen(e)
	var x ast.Expr
	switch e := e.(type) {
	case *ast.SelectorExpr:
		x = e.X
	case *ast.IndexExpr:
		x = e.X
	case *ast.StarExpr:
		return elemOf(info.TypeOf(e.X))
	default:
		return nil
	}
	t := info.TypeOf(x)
	if t == nil {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return u.Elem()
	case *types.Slice, *types.Map:
		return u
	}
	return container(info, x)
}

// An inPlace is a change of memory of the state that others hold, or what may lead to
// one.
type inPlace struct {
	event
	memory []types.Type // what is changed; nil: anything
}

// concerns reports whether a change is seen by those who hold a value of type t.
func (c inPlace) concerns(t types.Type) bool {
	if c.memory == nil {
		return true
	}
	for _, m := range containers(t) {
		if slices.ContainsFunc(c.memory, func(o types.Type) bool { return types.Identical(o, m) }) {
			return true
		}
	}
	return false
}
