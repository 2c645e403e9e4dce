package retype

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// wholly makes Solve look at every function, and not only at those in which a name
// leads to the type. Tests compare the two.
var wholly = false

// walk visits the nodes of the declarations of a file in which an expression may have
// T in its type, with the path to each. A function gets such a value by the name of
// something that is declared with T, or by writing T.
func (f *Flow) walk(file *code.File, visit func(ast.Node, []ast.Node)) {
	names := f.names()
	for _, d := range file.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && names != nil && !speaks(fn, names) {
			continue
		}
		file.WalkIn(d, visit)
	}
}

func speaks(n ast.Node, names map[string]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !found {
			found = names[id.Name]
		}
		return !found
	})
	return found
}

// names returns what is called after T, or declared with it: types, functions,
// methods, fields and variables of packages. Nil where names don't tell: a struct
// gets such fields or methods from a generic type that it embeds or is declared by,
// or T is generic.
func (f *Flow) names() map[string]bool {
	if f.concern == nil {
		f.concern = &concern{flow: f, names: map[string]bool{}, of: map[types.Type]bool{}}
		for _, p := range f.World.Packages {
			if f.knows(p.Types) {
				for _, obj := range p.Info.Defs {
					f.concern.add(p.Types, obj)
				}
			}
		}
	}
	if wholly || f.concern.unclear || f.Type.TypeParams().Len() > 0 {
		return nil
	}
	return f.concern.names
}

// A concern collects the names.
type concern struct {
	flow    *Flow
	names   map[string]bool
	of      map[types.Type]bool // types that T is part of
	unclear bool
}

func (c *concern) add(p *types.Package, obj types.Object) {
	switch obj := obj.(type) {
	case *types.TypeName:
		if c.has(obj.Type()) || c.listed(obj.Type(), 0) {
			c.names[obj.Name()] = true
		}
	case *types.Var:
		switch {
		case !obj.IsField() && obj.Parent() != p.Scope() || !c.has(obj.Type()):
			return
		case obj.Embedded():
			c.unclear = c.unclear || c.generic(obj.Type())
		}
		c.names[obj.Name()] = true
	case *types.Func:
		if c.has(obj.Type()) {
			c.names[obj.Name()] = true
		}
	}
}

// generic reports an instance, or a pointer to one.
func (c *concern) generic(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.TypeArgs().Len() > 0
}

// listed reports a type in whose literals a value of a struct's field may stand
// without the field's name.
func (c *concern) listed(t types.Type, depth int) bool {
	if depth > 4 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for v := range u.Fields() {
			if c.has(v.Type()) {
				c.unclear = c.unclear || v.Origin() != v && !c.generic(t)
				return true
			}
		}
	case *types.Pointer:
		return c.listed(u.Elem(), depth+1)
	case *types.Slice:
		return c.listed(u.Elem(), depth+1)
	case *types.Array:
		return c.listed(u.Elem(), depth+1)
	case *types.Map:
		return c.listed(u.Key(), depth+1) || c.listed(u.Elem(), depth+1)
	}
	return false
}

// has reports whether T is part of a type as it is written: what declared structs
// and interfaces are made of has names of its own.
func (c *concern) has(t types.Type) bool {
	known, ok := c.of[t]
	if !ok {
		c.of[t] = false // of a type that is part of itself
		known = c.part(t)
		c.of[t] = known
	}
	return known
}

func (c *concern) part(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if c.flow.isTarget(t) {
			return true
		}
		for a := range t.TypeArgs().Types() {
			if c.has(a) {
				return true
			}
		}
		switch u := t.Underlying().(type) {
		case *types.Struct, *types.Interface, *types.Basic:
			return false
		default:
			return c.has(u)
		}
	case *types.TypeParam:
		return c.has(t.Constraint())
	case *types.Pointer:
		return c.has(t.Elem())
	case *types.Slice:
		return c.has(t.Elem())
	case *types.Array:
		return c.has(t.Elem())
	case *types.Chan:
		return c.has(t.Elem())
	case *types.Map:
		return c.has(t.Key()) || c.has(t.Elem())
	case *types.Signature:
		return c.has(t.Params()) || c.has(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if c.has(v.Type()) {
				return true
			}
		}
	case *types.Struct:
		for v := range t.Fields() {
			if c.has(v.Type()) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if c.has(m.Type()) {
				return true
			}
		}
	case *types.Union:
		for term := range t.Terms() {
			if c.has(term.Type()) {
				return true
			}
		}
	}
	return false
}
