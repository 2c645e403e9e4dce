package retype

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A definition is where a variable gets its type from a value.
type definition struct {
	id   *ast.Ident
	form form
	stmt ast.Node // the statement or spec
	expr ast.Expr // the value, for declared, spec and convert
}

// A form is how a definition can be given another type than its value has.
type form int

const (
	never    form = iota // not at all
	declared             // x := e becomes var x I = e
	spec                 // var x = e becomes var x I = e
	convert              // the value is converted: I(e)
	ahead                // x, err := f() gets var x I before it
	looped               // the body of a loop begins with x := I(x)
	valued               // x := T{} becomes var x I = &T{}
	element              // the body of a loop over values begins with x := I(&x)
)

// define makes a slot of each variable of a User file that gets its type from a
// value.
func (f *Flow) define(file *code.File) {
	if !f.Annotate {
		return
	}
	if f.Role(file) != User {
		f.walk(file, func(n ast.Node, _ []ast.Node) {
			for _, id := range defined(n) {
				f.inferredAs(file, id)
			}
		})
		return
	}
	f.walk(file, func(n ast.Node, stack []ast.Node) {
		f.definesValue(file, n, stack)
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for i, l := range n.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						f.inferred(file, id, assignForm(file, n, i, stack))
					}
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				for _, l := range []ast.Expr{n.Key, n.Value} {
					if id, ok := l.(*ast.Ident); ok {
						f.inferred(file, id, definition{stmt: n, form: looped})
					}
				}
			}
		case *ast.ValueSpec:
			if n.Type == nil {
				for i, id := range n.Names {
					f.inferred(file, id, specForm(n, i, stack))
				}
			}
		}
	})
}

// inferredAs makes a slot of each variable of a file that isn't a User's that gets its
// type from a value of a declared type. It has the type of that place, and is set by
// itself.
func (f *Flow) inferredAs(file *code.File, id *ast.Ident) {
	v, ok := file.Pkg.Info.Defs[id].(*types.Var)
	if !ok || !f.isPointer(v.Type()) {
		return
	}
	like := f.byType[types.Unalias(v.Type())]
	if like == nil || like.star == nil || f.slots[f.World.Key(v)] != nil {
		return
	}
	s := &slot{name: id.Name, span: f.World.Span(id), file: file, role: f.Role(file), def: &definition{id: id, form: never}, typ: v.Type(), local: v.Pkg() != nil && v.Parent() != v.Pkg().Scope()}
	f.slots[f.World.Key(v)] = s
	f.order = append(f.order, s)
	s.like = like
	addEdge(like, s)
	addEdge(s, like)
}

// defined returns the variables that a statement gives the types of values.
func defined(n ast.Node) []*ast.Ident {
	var out []*ast.Ident
	add := func(all ...ast.Expr) {
		for _, e := range all {
			if id, ok := e.(*ast.Ident); ok {
				out = append(out, id)
			}
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			add(n.Lhs...)
		}
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			add(n.Key, n.Value)
		}
	case *ast.ValueSpec:
		if n.Type == nil {
			return n.Names
		}
	}
	return out
}

func (f *Flow) inferred(file *code.File, id *ast.Ident, d definition) {
	v, ok := file.Pkg.Info.Defs[id].(*types.Var)
	if !ok || !f.isPointer(v.Type()) {
		return
	}
	d.id = id
	s := &slot{name: id.Name, span: f.World.Span(id), file: file, role: User, def: &d, typ: v.Type(), local: v.Pkg() != nil && v.Parent() != v.Pkg().Scope()}
	f.slots[f.World.Key(v)] = s
	f.order = append(f.order, s)
	f.otherInstance(s)
	if d.form != never && f.unwritable(file, v.Type()) {
		s.keep("its type argument can't be written here", s.span)
	}
	if d.form == never {
		like := f.slotOfType(file, v.Type(), id)
		s.like = like
		addEdge(like, s)
		addEdge(s, like)
	}
}

// assignForm says how the i-th variable of x := e can be given another type.
func assignForm(file *code.File, n *ast.AssignStmt, i int, stack []ast.Node) definition {
	d := definition{stmt: n}
	listed := inList(stack)
	switch {
	case len(n.Lhs) == len(n.Rhs):
		d.form, d.expr = convert, n.Rhs[i]
		if len(n.Lhs) == 1 && listed {
			d.form = declared
		}
	case listed && !code.Mentions(n.Rhs[0], n.Lhs[i].(*ast.Ident).Name) && !jumps(stack):
		d.form = ahead
	}
	return d
}

// inList reports whether the statement at the end of stack stands in a list of
// statements, where others may stand before it.
func inList(stack []ast.Node) bool {
	switch p := stack[len(stack)-2].(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	case *ast.CommClause:
		return p.Comm != stack[len(stack)-1]
	}
	return false
}

// jumps reports whether a goto is in the function around: it must jump over no
// declaration.
func jumps(stack []ast.Node) bool {
	for _, n := range stack {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return branches(n, token.GOTO)
		}
	}
	return false
}

func specForm(n *ast.ValueSpec, i int, _ []ast.Node) definition {
	d := definition{stmt: n}
	if len(n.Names) == len(n.Values) {
		d.form, d.expr = convert, n.Values[i]
		if len(n.Names) == 1 {
			d.form = spec
		}
	}
	return d
}

// unify makes methods that must have the same signature, by way of an interface
// of the module, change it together or not at all.
func (f *Flow) unify() {
	done := map[code.Key]bool{}
	for _, fn := range f.owners {
		if k := f.World.Key(fn); done[k] {
			continue
		} else {
			done[k] = true
		}
		members, _ := f.World.TypeClass(fn)
		for _, m := range members[1:] {
			f.unifyTuples(m, fn.Signature().Params(), m.Signature().Params())
			f.unifyTuples(m, fn.Signature().Results(), m.Signature().Results())
		}
	}
}

// unifyTuples joins the slots of a to those of b at the same places.
func (f *Flow) unifyTuples(m *types.Func, a, b *types.Tuple) {
	if a.Len() != b.Len() {
		return
	}
	for i := range a.Len() {
		f.equal(a.At(i).Type(), b.At(i).Type(), func(from, to *slot) {
			if to.fixed() {
				recv := types.TypeString(m.Signature().Recv().Type(), (*types.Package).Name)
				from.keep("it has to fit "+m.Name()+" of "+recv+", which stays as it is", f.World.SpanAt(m.Pos(), m.Pos()))
			}
		})
	}
}

// fixed reports a slot that can't change whatever happens.
func (s *slot) fixed() bool { return s.value || s.star != nil && s.role == Fixed }

// equal joins the slots at the same places of two types that have to stay
// identical. Where one of the two is given, told hears of it before.
func (f *Flow) equal(a, b types.Type, told func(from, to *slot)) {
	f.walkBoth(a, b, map[[2]types.Type]bool{}, func(x, y *slot) {
		if x == y {
			return
		}
		if told != nil {
			told(x, y)
			told(y, x)
		}
		addEdge(x, y)
		addEdge(y, x)
		x.nilFrom, y.nilFrom = append(x.nilFrom, y), append(y.nilFrom, x)
	})
}

// walkBoth visits the slots at the same places of two types.
func (f *Flow) walkBoth(a, b types.Type, seen map[[2]types.Type]bool, visit func(x, y *slot)) {
	f.pairs(a, b, seen, func(a, b types.Type) { visit(f.slotOfPointer(a), f.slotOfPointer(b)) })
}

// pairs visits the pointers to T at the same places of two types.
func (f *Flow) pairs(a, b types.Type, seen map[[2]types.Type]bool, visit func(a, b types.Type)) {
	a, b = types.Unalias(a), types.Unalias(b)
	if a == b || seen[[2]types.Type{a, b}] || len(seen) > 200 {
		return
	}
	seen[[2]types.Type{a, b}] = true
	if f.isPointer(a) && f.isPointer(b) {
		visit(a, b)
		return
	}
	if _, param := a.(*types.TypeParam); param {
		return
	}
	both := func(x, y types.Type) { f.pairs(x, y, seen, visit) }
	na, nb := named(a), named(b)
	if na != nil && nb != nil && na.Origin().Obj().Name() == nb.Origin().Obj().Name() && na.TypeArgs().Len() == nb.TypeArgs().Len() {
		for i := range na.TypeArgs().Len() {
			both(na.TypeArgs().At(i), nb.TypeArgs().At(i))
		}
		return
	}
	if na != nil || nb != nil {
		both(a.Underlying(), b.Underlying())
		return
	}
	f.walkInside(a, b, both)
}

func named(t types.Type) *types.Named {
	n, _ := t.(*types.Named)
	return n
}

// walkInside visits what two types are made of, pair by pair.
func (f *Flow) walkInside(a, b types.Type, both func(x, y types.Type)) {
	switch a := a.(type) {
	case *types.Pointer:
		if b, ok := b.(*types.Pointer); ok {
			both(a.Elem(), b.Elem())
		}
	case *types.Slice:
		if b, ok := b.(*types.Slice); ok {
			both(a.Elem(), b.Elem())
		}
	case *types.Array:
		if b, ok := b.(*types.Array); ok {
			both(a.Elem(), b.Elem())
		}
	case *types.Chan:
		if b, ok := b.(*types.Chan); ok {
			both(a.Elem(), b.Elem())
		}
	case *types.Map:
		if b, ok := b.(*types.Map); ok {
			both(a.Key(), b.Key())
			both(a.Elem(), b.Elem())
		}
	case *types.Signature:
		if b, ok := b.(*types.Signature); ok {
			bothTuples(a.Params(), b.Params(), both)
			bothTuples(a.Results(), b.Results(), both)
		}
	case *types.Struct:
		if b, ok := b.(*types.Struct); ok && a.NumFields() == b.NumFields() {
			for i := range a.NumFields() {
				both(a.Field(i).Type(), b.Field(i).Type())
			}
		}
	case *types.Interface:
		if b, ok := b.(*types.Interface); ok && a.NumMethods() == b.NumMethods() {
			for i := range a.NumMethods() {
				both(a.Method(i).Type(), b.Method(i).Type())
			}
		}
	}
}

func bothTuples(a, b *types.Tuple, both func(x, y types.Type)) {
	for i := range min(a.Len(), b.Len()) {
		both(a.At(i).Type(), b.At(i).Type())
	}
}

// slotOfPointer is slotOfType for a type that no expression is at hand of.
func (f *Flow) slotOfPointer(t types.Type) *slot {
	ptr := types.Unalias(t)
	s := f.byType[ptr]
	if s == nil {
		s = &slot{name: "value", value: true, why: concrete, nilable: true}
		f.byType[ptr] = s
	}
	return s
}

// inside visits the slots of a type, those of named types left out but for their
// arguments.
func (f *Flow) inside(t types.Type, visit func(*slot)) {
	var in func(types.Type, int)
	tuple := func(ts *types.Tuple, depth int) {
		for v := range ts.Variables() {
			in(v.Type(), depth)
		}
	}
	in = func(t types.Type, depth int) {
		if depth > 8 {
			return
		}
		if f.isPointer(t) {
			visit(f.slotOfPointer(t))
			return
		}
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			for a := range t.TypeArgs().Types() {
				in(a, depth+1)
			}
		case *types.Pointer:
			in(t.Elem(), depth+1)
		case *types.Slice:
			in(t.Elem(), depth+1)
		case *types.Array:
			in(t.Elem(), depth+1)
		case *types.Chan:
			in(t.Elem(), depth+1)
		case *types.Map:
			in(t.Key(), depth+1)
			in(t.Elem(), depth+1)
		case *types.Signature:
			tuple(t.Params(), depth+1)
			tuple(t.Results(), depth+1)
		case *types.Struct:
			for v := range t.Fields() {
				in(v.Type(), depth+1)
			}
		}
	}
	in(t, 0)
}

// holds reports whether a type has a slot in it, or is a named type of the module
// that does.
func (f *Flow) holds(t types.Type) bool {
	if t == nil {
		return false
	}
	known, ok := f.mentioned[t]
	if !ok {
		f.mentioned[t] = false // of a type that holds itself
		f.inside(t, func(*slot) { known = true })
		if n := named(types.Unalias(t)); n != nil && !known {
			switch u := n.Underlying().(type) {
			case *types.Struct, *types.Interface:
			default:
				known = f.holds(u)
			}
		}
		f.mentioned[t] = known
	}
	return known
}
