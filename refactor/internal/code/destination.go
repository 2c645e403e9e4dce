package code

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A Place says what kind of place the value of an expression goes to.
type Place int

const (
	InPlace  Place = iota // it is used in place: selected from, compared, called, dropped
	Typed                 // to a place that has a type of its own
	Inferred              // to a variable that gets its type from the value
)

// Destination returns the place that the value of the last expression of stack
// goes to and, for Typed, the type of that place: of the parameter, variable,
// field, result, element, key, channel or conversion.
func (f *File) Destination(stack []ast.Node) (Place, types.Type) {
	i := len(stack) - 1
	for i > 0 {
		if _, ok := stack[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	value, ok := stack[i].(ast.Expr)
	if !ok || i == 0 {
		return InPlace, nil
	}
	info := f.Pkg.Info
	switch p := stack[i-1].(type) {
	case *ast.CallExpr:
		return typed(f.argumentType(p, value))
	case *ast.AssignStmt:
		return f.assignedTo(p, value)
	case *ast.ValueSpec:
		switch {
		case !slices.Contains(p.Values, value):
			return InPlace, nil
		case p.Type == nil:
			return Inferred, nil
		}
		return typed(info.TypeOf(p.Type))
	case *ast.ReturnStmt:
		return typed(f.resultType(stack[:i-1], slices.Index(p.Results, value)))
	case *ast.KeyValueExpr:
		if i < 2 {
			return InPlace, nil
		}
		lit, ok := stack[i-2].(*ast.CompositeLit)
		if !ok {
			return InPlace, nil
		}
		return typed(f.keyedType(lit, p, value))
	case *ast.CompositeLit:
		if value == p.Type {
			return InPlace, nil
		}
		return typed(f.elementType(p, slices.Index(p.Elts, value)))
	case *ast.SendStmt:
		if c, ok := Under(info.TypeOf(p.Chan)).(*types.Chan); ok && p.Value == value {
			return typed(c.Elem())
		}
	case *ast.IndexExpr:
		if m, ok := Under(info.TypeOf(p.X)).(*types.Map); ok && p.Index == value {
			return typed(m.Key())
		}
	}
	return InPlace, nil
}

func typed(t types.Type) (Place, types.Type) {
	if t == nil {
		return InPlace, nil
	}
	return Typed, t
}

// Under returns the underlying type of t; nil for nil.
func Under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// argumentType returns the type that a call wants of an argument.
func (f *File) argumentType(call *ast.CallExpr, arg ast.Expr) types.Type {
	i := slices.Index(call.Args, arg)
	if i < 0 {
		return nil
	}
	tv := f.Pkg.Info.Types[ast.Unparen(call.Fun)]
	if tv.IsType() {
		return tv.Type
	}
	if tv.IsBuiltin() {
		return f.builtinType(call, i)
	}
	sig, ok := Under(tv.Type).(*types.Signature)
	if !ok {
		return nil
	}
	if last := sig.Params().Len() - 1; sig.Variadic() && i >= last {
		if s, ok := sig.Params().At(last).Type().(*types.Slice); ok && !call.Ellipsis.IsValid() {
			return s.Elem()
		}
		return sig.Params().At(last).Type()
	}
	if i >= sig.Params().Len() {
		return nil
	}
	return sig.Params().At(i).Type()
}

// builtinType returns the type that append, delete or panic want of an argument.
func (f *File) builtinType(call *ast.CallExpr, i int) types.Type {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	first := Under(f.Pkg.Info.TypeOf(call.Args[0]))
	switch t := first.(type) {
	case *types.Slice:
		if id.Name == "append" && i > 0 && !call.Ellipsis.IsValid() {
			return t.Elem()
		}
	case *types.Map:
		if id.Name == "delete" && i == 1 {
			return t.Key()
		}
	}
	if id.Name == "panic" {
		return types.Universe.Lookup("any").Type()
	}
	return nil
}

func (f *File) assignedTo(p *ast.AssignStmt, value ast.Expr) (Place, types.Type) {
	i := slices.Index(p.Rhs, value)
	if i < 0 || p.Tok != token.ASSIGN && p.Tok != token.DEFINE {
		return InPlace, nil
	}
	if id, ok := p.Lhs[i].(*ast.Ident); ok {
		if id.Name == "_" {
			return InPlace, nil
		}
		if f.Pkg.Info.Defs[id] != nil {
			return Inferred, nil
		}
	}
	return typed(f.Pkg.Info.TypeOf(p.Lhs[i]))
}

// resultType returns the type of the i-th result of the innermost function of
// stack.
func (f *File) resultType(stack []ast.Node, i int) types.Type {
	for k := len(stack) - 1; k >= 0 && i >= 0; k-- {
		var sig *types.Signature
		switch fn := stack[k].(type) {
		case *ast.FuncLit:
			sig, _ = Under(f.Pkg.Info.TypeOf(fn)).(*types.Signature)
		case *ast.FuncDecl:
			if obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func); ok {
				sig = obj.Signature()
			}
		default:
			continue
		}
		if sig != nil && i < sig.Results().Len() {
			return sig.Results().At(i).Type()
		}
		return nil
	}
	return nil
}

// keyedType returns the type of a key or of the value beside it.
func (f *File) keyedType(lit *ast.CompositeLit, p *ast.KeyValueExpr, value ast.Expr) types.Type {
	switch t := literalType(f.Pkg.Info.TypeOf(lit)).(type) {
	case *types.Map:
		if p.Key == value {
			return t.Key()
		}
		return t.Elem()
	case *types.Slice:
		if p.Value == value {
			return t.Elem()
		}
	case *types.Array:
		if p.Value == value {
			return t.Elem()
		}
	case *types.Struct:
		if id, ok := p.Key.(*ast.Ident); ok && p.Value == value && f.Pkg.Info.Uses[id] != nil {
			return f.Pkg.Info.Uses[id].Type()
		}
	}
	return nil
}

// elementType returns the type of the i-th element of a literal without keys.
func (f *File) elementType(lit *ast.CompositeLit, i int) types.Type {
	switch t := literalType(f.Pkg.Info.TypeOf(lit)).(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	case *types.Struct:
		if i >= 0 && i < t.NumFields() {
			return t.Field(i).Type()
		}
	}
	return nil
}

// literalType is what a composite literal makes; where its type is left out it
// may be a pointer.
func literalType(t types.Type) types.Type {
	u := Under(t)
	if p, ok := u.(*types.Pointer); ok {
		return p.Elem().Underlying()
	}
	return u
}

// Walk visits the nodes of a file with the path to each, itself last. The path
// is only valid during the visit.
func (f *File) Walk(visit func(ast.Node, []ast.Node)) { walk(f.AST, nil, visit) }

// WalkIn is Walk of one declaration of the file.
func (f *File) WalkIn(d ast.Decl, visit func(ast.Node, []ast.Node)) {
	walk(d, []ast.Node{f.AST}, visit)
}

func walk(root ast.Node, stack []ast.Node, visit func(ast.Node, []ast.Node)) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		visit(n, stack)
		return true
	})
}

// Zero spells the zero value of t in f.
func (f *File) Zero(t types.Type) string { return Zero(t, f.Type) }

// Zero spells the zero value of t where spell spells types.
func Zero(t types.Type, spell func(types.Type) string) string {
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "*new(" + tp.Obj().Name() + ")"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsNumeric != 0:
			return "0"
		}
	case *types.Struct, *types.Array:
		return spell(t) + "{}"
	}
	return "nil"
}

// Type spells t in f, importing what it must.
func (f *File) Type(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == f.Pkg.Types.Path() {
			return ""
		}
		return f.Import(p.Path(), p.Name())
	})
}

// Callee returns the function or method that a call names, or nil.
func (f *File) Callee(call *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return nil
	}
	fn, _ := f.Pkg.Info.Uses[id].(*types.Func)
	return fn
}
