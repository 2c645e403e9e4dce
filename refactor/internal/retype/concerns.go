package retype

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// wholly makes Solve look at every declaration, and not only at those in which the type
// occurs. Tests compare the two.
var wholly = false

// walk visits the nodes of the declarations of a file in which an expression has T in
// its type, with the path to each.
func (f *Flow) walk(file *code.File, visit func(ast.Node, []ast.Node)) {
	c := f.concerns()
	for _, d := range file.AST.Decls {
		if _, fn := d.(*ast.FuncDecl); !fn || wholly || c.decls[d] {
			file.WalkIn(d, visit)
		}
	}
}

// walkParts visits the nodes of the declarations of a file in which an expression has a
// struct or an array with T in it as its type, or compares what it may be deep in.
func (f *Flow) walkParts(file *code.File, visit func(ast.Node, []ast.Node)) {
	c := f.concerns()
	for _, d := range file.AST.Decls {
		if wholly || c.parts[d] {
			file.WalkIn(d, visit)
		}
	}
}

// A concern knows the declarations that have to do with T.
type concern struct {
	flow   *Flow
	of     map[types.Type]bool // whether T is part of a type as it is written
	value  map[types.Type]bool // whether it is part of a value of a type
	decls  map[ast.Decl]bool   // those in which T is part of a type
	parts  map[ast.Decl]bool   // ... or part of a value, or what is compared deep
	linked map[ast.Decl]bool   // ... or of what an instance is of
}

func (f *Flow) concerns() *concern {
	if f.concern == nil {
		c := &concern{flow: f, of: map[types.Type]bool{}, value: map[types.Type]bool{}}
		f.concern = c
		sets := f.World.DeclsWith(f.knows, code.DeclQuery{Has: c.has}, code.DeclQuery{Has: c.valued, Calls: comparesDeep}, code.DeclQuery{Has: c.links})
		c.decls, c.parts, c.linked = sets[0], sets[1], sets[2]
	}
	return f.concern
}

// valued reports whether T is part of a type as it is written, or of the values that a
// pointer or list of it leads to.
func (c *concern) valued(t types.Type) bool {
	for range 8 {
		if c.has(t) {
			return true
		}
		switch u := t.Underlying().(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Slice:
			t = u.Elem()
		case *types.Map:
			if c.inValue(u.Key()) {
				return true
			}
			t = u.Elem()
		case *types.Chan:
			t = u.Elem()
		default:
			return c.inValue(t)
		}
	}
	return true
}

// inValue reports whether T is part of a value of a type, fields of fields included.
func (c *concern) inValue(t types.Type) bool {
	known, ok := c.value[t]
	if !ok {
		known = c.has(t)
		switch u := t.Underlying().(type) {
		case *types.Struct:
			for v := range u.Fields() {
				known = known || c.inValue(v.Type())
			}
		case *types.Array:
			known = known || c.inValue(u.Elem())
		}
		c.value[t] = known
	}
	return known
}

// links reports whether T is part of a type as it is written, or of what a type in it
// is an instance of.
func (c *concern) links(t types.Type) bool {
	return c.has(t) || c.linksIn(t, 0)
}

func (c *concern) linksIn(t types.Type, depth int) bool {
	if depth > 8 {
		return true
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.TypeArgs().Len() > 0 && c.ofInstance(t.Origin()) {
			return true
		}
		for a := range t.TypeArgs().Types() {
			if c.linksIn(a, depth+1) {
				return true
			}
		}
	case *types.Pointer:
		return c.linksIn(t.Elem(), depth+1)
	case *types.Slice:
		return c.linksIn(t.Elem(), depth+1)
	case *types.Array:
		return c.linksIn(t.Elem(), depth+1)
	case *types.Chan:
		return c.linksIn(t.Elem(), depth+1)
	case *types.Map:
		return c.linksIn(t.Key(), depth+1) || c.linksIn(t.Elem(), depth+1)
	}
	return false
}

// ofInstance reports whether T is part of what a generic type declares.
func (c *concern) ofInstance(n *types.Named) bool {
	if c.has(n.Underlying()) {
		return true
	}
	for m := range n.Methods() {
		if c.has(m.Signature()) {
			return true
		}
	}
	return false
}

// has reports whether T is part of a type as it is written: what declared structs and
// interfaces are made of occurs where it is used.
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
