package retype

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// concrete is why an expression has the concrete type that no place holds.
const concrete = "it is made from the concrete type"

// register makes a slot of each place that writes *T. The type checker gives each
// such place a type of its own, and every variable that gets its type from a value
// the very one of that value: so it is known by the type which slot an expression
// has. Each variant of a package has its own types for the same places.
func (f *Flow) register() {
	pkgs := slices.Clone(f.World.Packages)
	slices.SortStableFunc(pkgs, func(a, b *source.Package) int { return strings.Compare(a.ForTest, b.ForTest) })
	concerned := f.concerns().decls
	for _, p := range pkgs {
		if !f.knows(p.Types) {
			continue
		}
		for _, syntax := range p.Syntax {
			for _, d := range syntax.Decls {
				if wholly || concerned[d] {
					f.registerIn(p.Info, syntax, d)
				}
			}
		}
	}
	f.link(pkgs)
}

// registerIn makes slots of the places in one declaration.
func (f *Flow) registerIn(info *types.Info, file *ast.File, d ast.Decl) {
	stack := []ast.Node{file}
	ast.Inspect(d, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch e := n.(type) {
		case *ast.StarExpr:
			if tv, known := info.Types[e]; known && tv.IsType() && f.isPointer(tv.Type) {
				ptr := types.Unalias(tv.Type)
				f.byType[ptr] = f.written(e, ptr, stack)
			}
		case *ast.UnaryExpr:
			f.making(e, info)
		case *ast.CallExpr:
			f.making(e, info)
		}
		return true
	})
}

// making makes a slot of an expression that makes a value, or takes the address of one.
func (f *Flow) making(e ast.Expr, info *types.Info) {
	if u, ok := e.(*ast.UnaryExpr); !made(e, info) && !(ok && u.Op == token.AND) {
		return
	}
	if t := info.Types[e].Type; f.isPointer(t) {
		f.byType[types.Unalias(t)] = f.expression(f.World.FileAt(e.Pos()), e, false)
	}
}

// made reports an expression that makes a value that isn't nil.
func made(e ast.Expr, info *types.Info) bool {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		return ok && id.Name == "new" && info.Types[id].IsBuiltin()
	}
	return false
}

// expression is the slot of an expression that makes or gives the concrete type.
func (f *Flow) expression(file *code.File, e ast.Expr, nilable bool) *slot {
	return &slot{name: "value", span: f.World.Span(e), file: file, value: true, why: concrete, nilable: nilable}
}

// written returns the slot of a place that writes *T.
func (f *Flow) written(star *ast.StarExpr, ptr types.Type, stack []ast.Node) *slot {
	k := f.World.KeyAt(star.Pos())
	if s := f.slots[k]; s != nil {
		return s
	}
	file := f.World.FileAt(star.Pos())
	s := &slot{name: "value", span: f.World.Span(star), star: star, file: file, typ: ptr}
	f.slots[k] = s
	f.order = append(f.order, s)
	if file == nil {
		s.keep(concrete, s.span)
		return s
	}
	s.role = f.Role(file)
	f.otherInstance(s)
	f.describe(s, stack)
	if s.role == Fixed {
		s.keep(concrete, s.span)
	}
	return s
}

// describe finds out what a written type declares.
func (f *Flow) describe(s *slot, stack []ast.Node) {
	i := len(stack) - 2
	for i > 0 {
		if _, paren := stack[i].(*ast.ParenExpr); !paren {
			break
		}
		i--
	}
	switch p := stack[i].(type) {
	case *ast.ValueSpec:
		if p.Type == stack[i+1] {
			f.declares(s, p.Names)
			s.zero = len(p.Values) == 0 && !setFirst(s.file.Pkg.Info, p, stack[:i+1])
			s.local = slices.ContainsFunc(stack, func(n ast.Node) bool { _, ok := n.(*ast.BlockStmt); return ok })
		}
	case *ast.Field:
		f.field(s, p, stack[:i])
	case *ast.TypeAssertExpr:
		f.assertion(s, s.file.Pkg.Info.TypeOf(p.X), "the type is asserted here")
	case *ast.CaseClause:
		f.assertion(s, switched(s.file, stack[:i]), "the type is a case of a type switch here")
	case *ast.CallExpr:
		if ast.Unparen(p.Fun) == ast.Expr(s.star) {
			s.keep("it is converted", s.span)
		}
	case *ast.SelectorExpr:
		s.keep("its method is used as a function here", s.span)
	case *ast.BinaryExpr, *ast.UnaryExpr:
		s.keep("it is part of a constraint", s.span)
	case *ast.TypeSpec:
		s.keep("another type is declared with it", s.span)
	case *ast.Ellipsis: // the values of a variadic parameter are what callers give it
		f.element(s, stack[:i])
	case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.StarExpr, *ast.IndexExpr, *ast.IndexListExpr:
		a, list := p.(*ast.ArrayType)
		_, s.gap = p.(*ast.ChanType)
		s.zero = !s.gap && (!list || a.Len != nil) // of lists, gaps tells
		f.element(s, stack[:i])
		if m, ok := p.(*ast.MapType); ok && m.Key == stack[i+1] {
			s.zero = false // the keys of a map are what is stored
			if !f.Local {
				s.keep("it is the key of a map", s.span)
			}
		}
	default:
		s.keep("it is used here in a way that needs the type", s.span)
	}
	f.owner(s, stack)
}

// switched returns the type of what the type switch around a case decides on, nil
// where it isn't known.
func switched(file *code.File, stack []ast.Node) types.Type {
	sw, ok := stack[max(len(stack)-2, 0)].(*ast.TypeSwitchStmt)
	if !ok {
		return nil
	}
	var e ast.Expr
	switch a := sw.Assign.(type) {
	case *ast.ExprStmt:
		e = a.X
	case *ast.AssignStmt:
		e = a.Rhs[0]
	}
	if assert, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		return file.Pkg.Info.TypeOf(assert.X)
	}
	return nil
}

// assertion describes a type that is asserted of a value of another type. It rules
// the interface out where a value that comes through that may be of another type.
func (f *Flow) assertion(s *slot, of types.Type, what string) {
	s.asserted, s.assertedOf, s.flow = true, of, f
	if f.Local && f.Type.TypeParams().Len() > 0 {
		s.keep("it is asserted here, and other instances may have the methods of the interface, too", s.span)
		return
	}
	if f.Local {
		return
	}
	s.keep("it is asserted here", s.span)
	if s.role == User {
		f.problems = append(f.problems, problem("asserted", s.span, what+": a value that came through the contract would not be one", "decide by a method of the contract instead"))
	}
}

// element describes a slot inside of another type, by what that declares.
func (f *Flow) element(s *slot, stack []ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.ValueSpec:
			f.declares(s, p.Names)
			return
		case *ast.Field:
			if len(p.Names) > 0 {
				f.declares(s, p.Names)
			}
			if _, ok := stack[max(i-2, 0)].(*ast.StructType); ok {
				if why := f.decoded(s, p, stack[:i+1]); why != "" {
					s.zero = true
					s.keep(why, s.span)
				}
			}
			return
		case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.StarExpr, *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr:
		case *ast.FuncType, *ast.FieldList:
		case *ast.TypeAssertExpr, *ast.CaseClause:
			s.zero, f.partsAsserted = true, true
			s.keep("a type that it is part of is asserted here", s.span)
			return
		case *ast.TypeSpec:
			s.name, s.zero = p.Name.Name, true // data may fill what has that type
			return
		default:
			return
		}
	}
}

// declares names a slot by variables or fields with that type.
func (f *Flow) declares(s *slot, names []*ast.Ident) {
	s.name, s.span = names[0].Name, f.World.Span(names[0])
	for _, id := range names {
		if v, ok := s.file.Pkg.Info.Defs[id].(*types.Var); ok {
			if why := f.unbuilt(v); why != "" {
				s.keep(why, s.span)
			}
		}
	}
}

// field describes a parameter, a result, or the field of a struct.
func (f *Flow) field(s *slot, p *ast.Field, stack []ast.Node) {
	list, _ := stack[len(stack)-1].(*ast.FieldList)
	owner := stack[max(len(stack)-2, 0)]
	if len(p.Names) > 0 {
		f.declares(s, p.Names)
	}
	switch o := owner.(type) {
	case *ast.StructType:
		s.zero = f.beginsZero(s.file, p, append(slices.Clip(stack), p))
		if len(p.Names) == 0 {
			f.embed(s, p, stack)
		} else if why := f.decoded(s, p, stack); why != "" {
			s.keep(why, s.span)
		}
	case *ast.FuncType:
		f.element(s, stack[:len(stack)-1])
		s.zero = o.Results == list && beginsNil(s.file.Pkg.Info, stack, p.Names)
		if len(p.Names) == 0 {
			s.name = "result"
			if o.Params == list {
				s.name = "parameter"
			}
		}
	case *ast.FuncDecl:
		s.keep("it is the receiver", s.span)
	default:
		s.keep("it is used here in a way that needs the type", s.span)
	}
}

// beginsNil reports whether something may see that results are nil before they are set:
// the function recovers or, where they have names, there is a return without values or
// a mention that isn't an assignment.
func beginsNil(info *types.Info, stack []ast.Node, names []*ast.Ident) bool {
	var body *ast.BlockStmt
	switch fn := stack[max(len(stack)-3, 0)].(type) {
	case *ast.FuncDecl:
		body = fn.Body
	case *ast.FuncLit:
		body = fn.Body
	}
	if body == nil {
		return false
	}
	names = slices.DeleteFunc(slices.Clone(names), func(id *ast.Ident) bool {
		return info.Defs[id] != nil && setIn(info, body.List, info.Defs[id]) && !branches(body, token.GOTO)
	})
	found := false
	set := map[*ast.Ident]bool{}
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
					set[id] = true
				}
			}
		case *ast.ReturnStmt:
			inner := slices.ContainsFunc(stack, func(n ast.Node) bool { _, ok := n.(*ast.FuncLit); return ok })
			found = found || len(n.Results) == 0 && len(names) > 0 && !inner
		case *ast.Ident:
			b, builtin := info.Uses[n].(*types.Builtin)
			found = found || builtin && b.Name() == "recover"
			for _, name := range names {
				found = found || !set[n] && info.Uses[n] != nil && info.Uses[n] == info.Defs[name]
			}
		}
		return !found
	})
	return found
}

// owner looks at the function whose signature a slot is part of.
func (f *Flow) owner(s *slot, stack []ast.Node) {
	for i := len(stack) - 2; i > 0; i-- {
		switch n := stack[i].(type) {
		case *ast.BlockStmt, *ast.StructType:
			return
		case *ast.FuncDecl:
			if stack[i+1] == ast.Node(n.Recv) {
				return
			}
			if fn, ok := s.file.Pkg.Info.Defs[n.Name].(*types.Func); ok {
				f.owned(s, fn)
				s.maker = n.Recv == nil && stack[i+1] == ast.Node(n.Type) && n.Type.Results != nil && n.Type.Results.Pos() <= s.star.Pos() && f.makes(n, s.file)
			}
			return
		case *ast.InterfaceType:
			if m, ok := stack[min(i+2, len(stack)-1)].(*ast.Field); ok && len(m.Names) == 1 {
				if fn, ok := s.file.Pkg.Info.Defs[m.Names[0]].(*types.Func); ok {
					f.owned(s, fn)
				}
			}
			return
		}
	}
}

// makes reports a function that returns a value that it makes.
func (f *Flow) makes(n *ast.FuncDecl, file *code.File) bool {
	if n.Body == nil {
		return false
	}
	found := false
	ast.Inspect(n.Body, func(m ast.Node) bool {
		if e, ok := m.(ast.Expr); ok && f.isPointer(file.Pkg.Info.TypeOf(e)) && made(e, file.Pkg.Info) {
			found = true
		}
		return !found
	})
	return found
}

func (f *Flow) owned(s *slot, fn *types.Func) {
	if fn.Signature().Recv() != nil {
		f.owners = append(f.owners, fn)
	}
	if _, why := f.World.TypeClass(fn); why != "" {
		s.keep(fn.Name()+" can't change: "+why, s.span)
	} else if file := f.World.IgnoredUse(fn); file != "" {
		f.calledElsewhere(s, fn, file)
	}
}

// unbuilt returns why a field or a variable of a package keeps the type: a file
// that this build leaves out mentions it, and can't be changed with the rest.
func (f *Flow) unbuilt(v *types.Var) string {
	if !v.IsField() && (v.Pkg() == nil || v.Parent() != v.Pkg().Scope()) {
		return ""
	}
	if file := f.World.IgnoredUse(v); file != "" {
		return file + ", which this build leaves out, mentions it"
	}
	return ""
}

// slotOf returns the slot that an expression of type *T reads or is.
func (f *Flow) slotOf(file *code.File, e ast.Expr) *slot {
	e = ast.Unparen(e)
	info := file.Pkg.Info
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		if s := f.valueOf(file, u.X); s != nil {
			return s
		}
	}
	if id, ok := e.(*ast.Ident); ok {
		obj := info.Uses[id]
		if obj == nil {
			obj = info.Defs[id]
		}
		if s := f.variable(obj); s != nil {
			return s
		}
	}
	return f.slotOfType(file, info.TypeOf(e), e)
}

// Spelled returns the interface as a file writes it, where an expression is of it
// after Rewrite; "" where the expression keeps its type.
func (f *Flow) Spelled(file *code.File, e ast.Expr, to Interface) string {
	t := file.Pkg.Info.TypeOf(e)
	if t == nil || !f.isPointer(t) {
		return ""
	}
	s := f.byType[types.Unalias(t)]
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if v := f.variable(file.Pkg.Info.Uses[id]); v != nil {
			s = v
		}
	}
	if s == nil || !s.reached {
		return ""
	}
	return f.spell(file, e.Pos(), to) + f.arguments(file, t)
}

// variable returns the slot of a variable that gets its type from a value, or nil.
func (f *Flow) variable(obj types.Object) *slot {
	v, ok := obj.(*types.Var)
	if !ok || !v.Pos().IsValid() {
		return nil
	}
	return f.slots[f.World.Key(v)]
}

// slotOfType returns the slot that *T, as it is at some place, belongs to.
func (f *Flow) slotOfType(file *code.File, t types.Type, at ast.Node) *slot {
	ptr := types.Unalias(t)
	s := f.byType[ptr]
	if s == nil {
		s = &slot{name: "value", span: f.World.Span(at), file: file, value: true, why: concrete, nilable: true}
		f.byType[ptr] = s
	}
	return s
}

// keep makes a slot keep the concrete type, and reports whether it didn't before.
func (s *slot) keep(why string, at text.Span) bool {
	if s.why != "" {
		return false
	}
	s.why, s.at = why, at
	return true
}

// root is the reason without the chain that led to it.
func (s *slot) root() string { return cmp.Or(s.why, concrete) }

// addEdge says that the value of from flows to to.
func addEdge(from, to *slot) {
	if from != to {
		from.into = append(from.into, to)
		to.from = append(to.from, from)
	}
}

func problem(code string, span text.Span, message, hint string) component.Problem {
	return component.Problem{Code: code, Severity: component.Error, Span: span, Message: message, Hint: hint}
}
