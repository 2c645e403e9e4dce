package retype

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// sameWithout reports whether the program does the same with a nil pointer in a value of
// the interface as without a value: the interface is one of the module's own, the methods
// that are called need their receiver, and nothing compares, asserts or converts a value.
func (f *Flow) sameWithout(d demand) bool {
	named, ok := types.Unalias(d.typ).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || f.World.FileOf(named.Obj()) == nil || named.TypeParams().Len() > 0 {
		return false
	}
	it, ok := named.Underlying().(*types.Interface)
	if !ok || it.NumMethods() == 0 {
		return false
	}
	for m := range it.Methods() {
		if own := f.method(m.Name(), m.Pkg()); own == nil || f.worksOnNil(own, 0) {
			return false
		}
	}
	_, told := f.toldApartAt(named)
	return !told && (d.in == nil || !f.toldOf[f.World.Key(d.in)])
}

// toldApartAt returns where the module tells values of an interface from no value.
func (f *Flow) toldApartAt(t *types.Named) (text.Span, bool) {
	if f.toldApart == nil {
		f.toldOf = map[code.Key]bool{}
		f.toldApart = f.findToldApart()
	}
	span, ok := f.toldApart[f.World.Key(t.Obj())]
	return span, ok
}

// lookedAt says where the module tells values of the interface from no value, if it is one
// of the module's own.
func (f *Flow) lookedAt(t types.Type) string {
	if named := interfaceNamed(t); named != nil && f.World.FileOf(named.Obj()) != nil {
		if at, ok := f.toldApartAt(named); ok {
			return "; such a value is looked at in " + at.String()
		}
	}
	return ""
}

// findToldApart finds the interfaces with values of which the module does something else
// than to keep them, hand them on as what they are, and call their methods.
func (f *Flow) findToldApart() map[code.Key]text.Span {
	told := map[code.Key]text.Span{}
	tell := func(t *types.Named, e ast.Expr) {
		key := f.World.Key(t.Obj())
		if _, is := told[key]; !is {
			told[key] = f.World.Span(e)
		}
	}
	for _, file := range f.World.Files {
		info := file.Pkg.Info
		if info == nil {
			continue
		}
		file.Walk(func(n ast.Node, stack []ast.Node) {
			e, ok := n.(ast.Expr)
			if !ok {
				return
			}
			tv := info.Types[e]
			if id, ok := e.(*ast.Ident); ok && tv.Type == nil {
				v, ok := info.Uses[id].(*types.Var)
				if !ok {
					return
				}
				tv.Type = v.Type()
			}
			if tv.IsType() {
				return
			}
			if several, ok := tv.Type.(*types.Tuple); ok {
				for i := range several.Len() {
					if named := interfaceNamed(several.At(i).Type()); named != nil && !f.handedOnOf(file, named, i, stack) {
						tell(named, e)
					}
				}
				return
			}
			if named := interfaceNamed(tv.Type); named != nil && !f.handedOn(file, named, stack) {
				if fn := f.converts(file, e); fn != nil {
					f.toldOf[f.World.Key(fn)] = true
					return
				}
				tell(named, e)
			}
		})
	}
	return told
}

// converts returns the function of the module that an expression calls, if that has one
// result and makes it an interface itself, wherever it returns: no other value comes out of
// it. Nil for others.
func (f *Flow) converts(file *code.File, e ast.Expr) *types.Func {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil
	}
	fn := file.Callee(call)
	if fn == nil || fn.Signature().Results().Len() != 1 || fn.Signature().TypeParams().Len() > 0 || fn != fn.Origin() {
		return nil
	}
	d := f.World.Decl(fn)
	if d == nil || d.Func.Body == nil || d.Func.Type.Results.List[0].Names != nil {
		return nil
	}
	all := true
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			all = all && len(n.Results) == 1 && f.isPointer(d.File.Pkg.Info.TypeOf(n.Results[0]))
		}
		return all
	})
	if !all {
		return nil
	}
	return d.Obj
}

// interfaceNamed returns t if it is an interface with a name.
func interfaceNamed(t types.Type) *types.Named {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !types.IsInterface(named) {
		return nil
	}
	return named
}

// same returns what tells whether a type is t, also in another variant of its package.
func (f *Flow) same(t *types.Named) func(types.Type) bool {
	return func(other types.Type) bool {
		named, ok := types.Unalias(other).(*types.Named)
		return ok && f.World.Key(named.Obj()) == f.World.Key(t.Obj())
	}
}

// handedOnOf is handedOn of the i-th value of a call that returns several.
func (f *Flow) handedOnOf(file *code.File, t *types.Named, i int, stack []ast.Node) bool {
	same := f.same(t)
	switch p := stack[len(stack)-2].(type) {
	case *ast.ParenExpr:
		return f.handedOnOf(file, t, i, stack[:len(stack)-1])
	case *ast.AssignStmt:
		return i < len(p.Lhs) && (blank(p.Lhs[i]) || same(file.Pkg.Info.TypeOf(p.Lhs[i])))
	case *ast.ValueSpec:
		return p.Type == nil || same(file.Pkg.Info.TypeOf(p.Type))
	case *ast.ReturnStmt:
		results := resultsOf(file, stack)
		return results != nil && i < results.Len() && same(results.At(i).Type())
	case *ast.CallExpr:
		sig, ok := file.Pkg.Info.TypeOf(p.Fun).Underlying().(*types.Signature)
		return ok && i < sig.Params().Len() && same(sig.Params().At(i).Type())
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
		return true
	}
	return false
}

// handedOn reports whether the value at the end of stack is kept or handed on as the same
// interface, or one of its methods is called.
func (f *Flow) handedOn(file *code.File, t *types.Named, stack []ast.Node) bool {
	info, e := file.Pkg.Info, stack[len(stack)-1].(ast.Expr)
	same := f.same(t)
	switch p := stack[len(stack)-2].(type) {
	case *ast.ParenExpr:
		return f.handedOn(file, t, stack[:len(stack)-1])
	case *ast.SelectorExpr:
		if p.Sel == e {
			return f.handedOn(file, t, stack[:len(stack)-1])
		}
		call, ok := stack[len(stack)-3].(*ast.CallExpr)
		_, deferred := stack[len(stack)-4].(*ast.DeferStmt)
		return ok && call.Fun == p && !deferred
	case *ast.TypeAssertExpr:
		return p.X == e && f.otherTypes(info, p, stack)
	case *ast.AssignStmt:
		if slices.Contains(p.Lhs, e) {
			return true
		}
		i := slices.Index(p.Rhs, e)
		if len(p.Lhs) != len(p.Rhs) {
			return false // it is asserted, or a result of several
		}
		return blank(p.Lhs[i]) || same(info.TypeOf(p.Lhs[i]))
	case *ast.ValueSpec:
		return slices.ContainsFunc(p.Names, func(id *ast.Ident) bool { return id == e }) || p.Type == nil || same(info.TypeOf(p.Type))
	case *ast.Field, *ast.ExprStmt, *ast.RangeStmt:
		return true
	case *ast.ReturnStmt:
		results := resultsOf(file, stack)
		i := slices.Index(p.Results, e)
		return results != nil && results.Len() == len(p.Results) && same(results.At(i).Type())
	case *ast.CallExpr:
		i := slices.Index(p.Args, e)
		sig, ok := info.TypeOf(p.Fun).Underlying().(*types.Signature)
		switch {
		case f.blindToNil(file, stack):
			return true
		case i < 0 || info.Types[p.Fun].IsType():
			return i >= 0 && same(info.TypeOf(p))
		case !ok:
			return false
		case info.Types[p.Fun].IsBuiltin():
			id, ok := ast.Unparen(p.Fun).(*ast.Ident)
			return ok && id.Name == "append" && i > 0 && same(elemOf(info.TypeOf(p)))
		case sig.Variadic() && i >= sig.Params().Len()-1:
			return !p.Ellipsis.IsValid() && same(elemOf(sig.Params().At(sig.Params().Len()-1).Type()))
		}
		return i < sig.Params().Len() && same(sig.Params().At(i).Type())
	case *ast.CompositeLit:
		return f.heldBy(info, p, e, same)
	case *ast.KeyValueExpr:
		lit, ok := stack[len(stack)-3].(*ast.CompositeLit)
		if !ok || p.Key == e {
			return ok && structOf(info.TypeOf(lit)) != nil // the name of a field
		}
		return f.heldBy(info, lit, p, same)
	case *ast.IndexExpr:
		return false // a key, or something generic
	case *ast.SendStmt:
		return p.Value == e && same(elemOf(info.TypeOf(p.Chan)))
	}
	return false
}

// otherTypes reports an assertion, or a type switch, that asks for other types than T, and
// for no interface: a nil pointer to T is none of them, as no value is.
func (f *Flow) otherTypes(info *types.Info, p *ast.TypeAssertExpr, stack []ast.Node) bool {
	asked := []ast.Expr{p.Type}
	if p.Type == nil {
		asked = nil
		s, ok := stack[len(stack)-4].(*ast.TypeSwitchStmt)
		if !ok {
			return false
		}
		for _, c := range s.Body.List {
			asked = append(asked, c.(*ast.CaseClause).List...)
		}
	}
	return !slices.ContainsFunc(asked, func(e ast.Expr) bool {
		tv := info.Types[e]
		_, param := types.Unalias(tv.Type).(*types.TypeParam)
		return tv.IsNil() || param || types.IsInterface(tv.Type) || f.isPointer(tv.Type)
	})
}

// heldBy reports whether an element of a literal is declared as what same accepts.
func (f *Flow) heldBy(info *types.Info, lit *ast.CompositeLit, element ast.Expr, same func(types.Type) bool) bool {
	st := structOf(info.TypeOf(lit))
	if st == nil {
		return same(elemOf(info.TypeOf(lit)))
	}
	if kv, ok := element.(*ast.KeyValueExpr); ok {
		id, ok := kv.Key.(*ast.Ident)
		return ok && info.Uses[id] != nil && same(info.Uses[id].Type())
	}
	i := slices.Index(lit.Elts, element)
	return i >= 0 && i < st.NumFields() && same(st.Field(i).Type())
}

// structOf returns the struct that a literal of type t makes, or nil.
func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}

// elemOf returns what a list, a map, a channel or a pointer to one holds; an invalid type
// for others.
func elemOf(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if t, ok := t.Underlying().(interface{ Elem() types.Type }); ok {
		return t.Elem()
	}
	return types.Typ[types.Invalid]
}
