package source

import (
	"go/ast"
	"go/types"
)

// A concern tells which function bodies of a package a difference concerns, whose text is
// the same as before. Not for concurrent use.
//
// An expression gets its type from the names in it, so that a body in which none has
// another type has the types that it had. What is left are operations that look into a
// struct without naming its fields: conversions, composite literals without keys,
// assignments to and from a struct without a name, and package unsafe.
type concern struct {
	*difference
	info *types.Info // of the bodies as they were checked before

	types, structs *involvement          // with those of the difference
	objects        map[types.Object]bool // whether those who mention it are concerned
}

func newConcern(d *difference, info *types.Info) *concern {
	return &concern{
		difference: d,
		info:       info,
		types: newInvolvement(func(t types.Type) bool {
			switch t := t.(type) {
			case *types.Named:
				return d.types[typeName(t)]
			case *types.Struct:
				return len(d.shapes) > 0 && d.shapes[typeKey(t)]
			}
			return false
		}),
		structs: newInvolvement(func(t types.Type) bool {
			n, ok := t.(*types.Named)
			return ok && d.structs[typeName(n)]
		}),
		objects: map[types.Object]bool{},
	}
}

// of reports whether a function may be ill-typed now that was not before.
func (c *concern) of(fn *ast.FuncDecl) bool {
	concerned := false
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			concerned = concerned || c.mention(n)
		case *ast.CompositeLit, *ast.CallExpr:
			concerned = concerned || len(c.difference.structs) > 0 && c.looksInside(n.(ast.Expr))
		}
		return !concerned
	})
	return concerned
}

// mention reports whether what an identifier stands for means something else.
func (c *concern) mention(id *ast.Ident) bool {
	obj := c.info.Uses[id]
	if obj == nil {
		if obj = c.info.Defs[id]; obj == nil {
			return c.names[id.Name]
		}
	}
	found, known := c.objects[obj]
	if !known {
		found = c.object(obj)
		c.objects[obj] = found
	}
	return found
}

func (c *concern) object(obj types.Object) bool {
	if c.names[obj.Name()] && !isLocal(obj) || obj.Pkg() == types.Unsafe {
		return true
	}
	if p, ok := obj.(*types.PkgName); ok { // by whatever name the file calls it
		return p.Imported() == types.Unsafe
	}
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil && c.types.with(f.Signature().Recv().Type()) {
		return true
	}
	return c.types.with(obj.Type())
}

// isLocal reports whether an object is declared in a function, so that its name means
// nothing else whatever is declared outside.
func isLocal(obj types.Object) bool {
	switch obj.(type) {
	case *types.Var, *types.Const, *types.TypeName:
		scope := obj.Parent()
		return scope != nil && scope != types.Universe && obj.Pkg() != nil && scope != obj.Pkg().Scope()
	}
	return false
}

// looksInside reports whether an expression depends on the fields of structs that changed
// without naming them.
func (c *concern) looksInside(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		if len(e.Elts) == 0 {
			return false
		}
		_, keyed := e.Elts[0].(*ast.KeyValueExpr)
		return !keyed && c.structs.with(c.info.TypeOf(e))
	case *ast.CallExpr:
		if len(e.Args) == 1 && c.info.Types[e.Fun].IsType() {
			return c.structs.with(c.info.TypeOf(e)) || c.structs.with(c.info.TypeOf(e.Args[0]))
		}
	}
	return false
}

// An involvement tells whether one of the types that a type is made of is wanted, not
// counting the fields of declared structs: who wants these names them.
type involvement struct {
	wanted func(types.Type) bool
	known  map[types.Type]bool // of those that were asked for
	under  map[types.Type]bool // being looked at: a type may lead back to itself
}

func newInvolvement(wanted func(types.Type) bool) *involvement {
	return &involvement{wanted: wanted, known: map[types.Type]bool{}, under: map[types.Type]bool{}}
}

// with reports whether t is made of a wanted type.
func (v *involvement) with(t types.Type) bool {
	if t == nil {
		return false
	}
	found, ok := v.known[t]
	if !ok {
		found = v.any(t)
		v.known[t] = found
	}
	return found
}

func (v *involvement) any(t types.Type) (found bool) {
	if v.under[t] {
		return false
	}
	v.under[t] = true
	defer delete(v.under, t)
	t = types.Unalias(t)
	if v.wanted(t) {
		return true
	}
	switch t := t.(type) {
	case *types.Named:
		found = v.constraints(t.Origin().TypeParams())
		for a := range t.TypeArgs().Types() {
			found = found || v.any(a)
		}
		switch u := t.Underlying().(type) {
		case *types.Struct, *types.Interface:
		default: // its elements are had without a name
			found = found || v.any(u)
		}
	case *types.TypeParam:
		found = v.any(t.Constraint())
	case *types.Map:
		found = v.any(t.Key()) || v.any(t.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays and channels
		found = v.any(t.Elem())
	case *types.Tuple:
		found = v.tuple(t)
	case *types.Signature:
		found = v.constraints(t.TypeParams()) || v.tuple(t.Params()) || v.tuple(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			found = found || v.any(f.Type())
		}
	case *types.Interface:
		for m := range t.Methods() {
			found = found || v.any(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			found = found || v.any(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			found = found || v.any(term.Type())
		}
	}
	return found
}

func (v *involvement) tuple(t *types.Tuple) bool {
	for one := range t.Variables() {
		if v.any(one.Type()) {
			return true
		}
	}
	return false
}

func (v *involvement) constraints(list *types.TypeParamList) bool {
	for p := range list.TypeParams() {
		if v.any(p.Constraint()) {
			return true
		}
	}
	return false
}
