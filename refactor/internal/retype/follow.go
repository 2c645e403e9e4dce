package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// follow records where the values of a file go.
func (f *Flow) follow(file *code.File) {
	info := file.Pkg.Info
	f.walkParts(file, func(n ast.Node, _ []ast.Node) {
		f.sameInside(file, n)
		f.gaps(file, n)
	})
	f.walk(file, func(n ast.Node, stack []ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			f.tuple(file, n)
		case *ast.ValueSpec:
			if len(n.Values) == 1 && len(n.Names) > 1 {
				f.spread(file, n.Values[0], identsOf(n.Names))
			}
		case *ast.RangeStmt:
			f.ranged(file, n)
		case *ast.ReturnStmt:
			f.returnsCall(file, n, stack)
		}
		e, ok := n.(ast.Expr)
		if !ok || len(stack) < 2 {
			return
		}
		switch e.(type) {
		case *ast.ParenExpr, *ast.BasicLit, *ast.BinaryExpr:
			return
		}
		if id, ok := e.(*ast.Ident); ok {
			f.instance(file, id)
			if passive(id, stack) {
				return
			}
		}
		tv, known := info.Types[e]
		if id, ok := e.(*ast.Ident); ok && !known && info.Uses[id] != nil {
			tv.Type, known = info.Uses[id].Type(), true
		}
		if !known || tv.IsType() || tv.IsBuiltin() || tv.Type == nil {
			return
		}
		switch {
		case tv.IsNil():
			f.null(file, e, stack)
		case f.isPointer(tv.Type):
			f.use(file, e, stack)
		case f.isTarget(tv.Type):
			f.valueUse(file, e, stack)
		case f.passesOn(file, e, stack):
		case f.holds(tv.Type):
			f.moves(file, e, tv.Type, stack)
		}
	})
}

// null records that the word nil goes to a slot.
func (f *Flow) null(file *code.File, e ast.Expr, stack []ast.Node) {
	place, t := file.Destination(stack)
	if place != code.Typed || !f.isPointer(t) {
		return
	}
	dst := f.slotOfType(file, t, e)
	if a, ok := stack[len(stack)-2].(*ast.AssignStmt); ok {
		if i := slices.Index(a.Rhs, e); i >= 0 && i < len(a.Lhs) {
			if v := f.target(file, a.Lhs[i]); v != nil {
				dst = v
			}
		}
	}
	none := f.expression(file, e, true)
	none.literal = true
	if file.Test || file.Pkg.Pkg.Path == f.Type.Obj().Pkg().Path() {
		none.word, none.into = e, []*slot{dst}
	}
	if ret, ok := stack[len(stack)-2].(*ast.ReturnStmt); ok && fails(file, ret) {
		none.word = nil
		dst.failing = append(dst.failing, none)
		return
	}
	dst.nilFrom = append(dst.nilFrom, none)
}

func identsOf(ids []*ast.Ident) []ast.Expr {
	var out []ast.Expr
	for _, id := range ids {
		out = append(out, id)
	}
	return out
}

// passive reports an identifier that is no expression of its own.
func passive(id *ast.Ident, stack []ast.Node) bool {
	switch p := stack[len(stack)-2].(type) {
	case *ast.SelectorExpr:
		return p.Sel == id
	case *ast.KeyValueExpr:
		if p.Key != id || len(stack) < 3 {
			return false
		}
		lit, ok := stack[len(stack)-3].(*ast.CompositeLit)
		return ok && structLiteral(lit)
	case *ast.Field, *ast.LabeledStmt, *ast.BranchStmt, *ast.FuncDecl, *ast.TypeSpec, *ast.ImportSpec:
		return true
	case *ast.ValueSpec:
		return slices.Contains(p.Names, id)
	}
	return false
}

func structLiteral(lit *ast.CompositeLit) bool {
	switch lit.Type.(type) {
	case *ast.MapType, *ast.ArrayType:
		return false
	}
	return true
}

// instance makes the arguments that a generic function is used with what is
// written, and the same where a list and its elements are two of them.
func (f *Flow) instance(file *code.File, id *ast.Ident) {
	inst, ok := file.Pkg.Info.Instances[id]
	if !ok {
		return
	}
	var all []*slot
	for t := range inst.TypeArgs.Types() {
		f.inside(t, func(s *slot) { all = append(all, s) })
	}
	for _, s := range all[min(1, len(all)):] {
		addEdge(all[0], s)
		addEdge(s, all[0])
		all[0].nilFrom, s.nilFrom = append(all[0].nilFrom, s), append(s.nilFrom, all[0])
	}
	if !keepsElements(file.Pkg.Info.Uses[id]) {
		for _, s := range all {
			s.zero = true // generic code has the zero value
		}
	}
	f.constrained(file, id, inst, all)
}

// constrained keeps the type where it is an argument for a parameter that demands
// methods, and joins the places that write the arguments to those that are used.
func (f *Flow) constrained(file *code.File, id *ast.Ident, inst types.Instance, all []*slot) {
	if len(all) == 0 {
		return
	}
	at := f.World.Span(id)
	if fn, ok := file.Pkg.Info.Uses[id].(*types.Func); ok && fn.FullName() == "reflect.TypeFor" && f.isPointer(inst.TypeArgs.At(0)) {
		for _, s := range all {
			s.keep("reflection asks for the type itself here", at)
			s.asked = true
		}
		return
	}
	if f.looksAtTypes(file.Pkg.Info.Uses[id]) {
		for _, s := range all {
			s.keep("it is a type argument of "+id.Name+", which may do by the type what it does", at)
		}
	}
	var params *types.TypeParamList
	switch obj := file.Pkg.Info.Uses[id].(type) {
	case *types.Func:
		params = obj.Origin().Signature().TypeParams()
	case *types.TypeName:
		if n, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			params = n.Origin().TypeParams()
		}
	}
	for i := range inst.TypeArgs.Len() {
		if params == nil || i >= params.Len() || !f.isPointer(inst.TypeArgs.At(i)) {
			continue
		}
		it, ok := params.At(i).Constraint().Underlying().(*types.Interface)
		if !ok || !it.IsMethodSet() && !it.IsComparable() {
			f.slotOfPointer(inst.TypeArgs.At(i)).keep("a type parameter demands what no interface has", at)
			continue
		}
		for m := range it.Methods() {
			f.need(f.slotOfPointer(inst.TypeArgs.At(i)), m, at)
		}
	}
	f.instanceSyntax(file, id, inst)
}

// looksAtTypes reports a generic function or type that may look at what its type
// arguments are: one of another module, or of a package that uses reflection.
func (f *Flow) looksAtTypes(obj types.Object) bool {
	if obj == nil || obj.Pkg() == nil {
		return false
	}
	switch obj.Pkg().Path() {
	case "slices", "maps", "cmp", "iter", "sync", "sync/atomic", "sort", "context", "unique":
		return false
	}
	return f.World.FileOf(obj) == nil || slices.ContainsFunc(obj.Pkg().Imports(), func(p *types.Package) bool { return p.Path() == "reflect" })
}

// instanceSyntax joins the written arguments of an instance to its types: two
// places that write the same instance share one.
func (f *Flow) instanceSyntax(file *code.File, id *ast.Ident, inst types.Instance) {
	args := file.TypeArguments(id)
	for i, a := range args {
		if i < inst.TypeArgs.Len() {
			f.equal(file.Pkg.Info.TypeOf(a), inst.TypeArgs.At(i), nil)
		}
	}
	// Identical instances are one type, with the arguments of the first of them.
	if n := named(types.Unalias(inst.Type)); n != nil && n.TypeArgs().Len() == inst.TypeArgs.Len() {
		for i := range inst.TypeArgs.Len() {
			f.equal(n.TypeArgs().At(i), inst.TypeArgs.At(i), nil)
		}
	}
}

// tuple sends the results of one call, or the value of a comma-ok form, to
// several variables.
func (f *Flow) tuple(file *code.File, p *ast.AssignStmt) {
	if len(p.Rhs) == 1 && len(p.Lhs) > 1 {
		f.spread(file, p.Rhs[0], p.Lhs)
	}
}

func (f *Flow) spread(file *code.File, value ast.Expr, lhs []ast.Expr) {
	value = ast.Unparen(value)
	t, ok := file.Pkg.Info.TypeOf(value).(*types.Tuple)
	call, isCall := value.(*ast.CallExpr)
	if !isCall || !ok || t.Len() != len(lhs) {
		f.commaOk(file, value, lhs)
		return
	}
	dropped := blank(lhs[len(lhs)-1])
	for i, l := range lhs {
		if blank(l) || !f.holds(t.At(i).Type()) {
			continue
		}
		if !f.isPointer(t.At(i).Type()) {
			f.flows(file, t.At(i).Type(), file.Pkg.Info.TypeOf(l), l, "it is stored where the type is needed")
			continue
		}
		src := f.slotOfType(file, t.At(i).Type(), call)
		dst := f.target(file, l)
		if dst == nil {
			dst = f.pointerSlot(file, file.Pkg.Info.TypeOf(l), l)
		}
		f.into(file, src, dst, file.Pkg.Info.TypeOf(l), "it is stored where the type is needed", l, true)
		if dst != nil && dst != src && (dropped || !isError(t.At(t.Len()-1).Type())) {
			dst.dropped = append(dst.dropped, src)
		}
	}
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

func blank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// commaOk handles v, ok := m[k], <-c and x.(T).
func (f *Flow) commaOk(file *code.File, value ast.Expr, lhs []ast.Expr) {
	t := file.Pkg.Info.TypeOf(value)
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(0).Type()
	}
	if blank(lhs[0]) || !f.holds(t) {
		return
	}
	if !f.isPointer(t) {
		f.flows(file, t, file.Pkg.Info.TypeOf(lhs[0]), lhs[0], "it is stored where the type is needed")
		return
	}
	src, dst := f.slotOfType(file, t, value), f.target(file, lhs[0])
	f.into(file, src, dst, file.Pkg.Info.TypeOf(lhs[0]), "it is stored where the type is needed", lhs[0], true)
	if dst == nil {
		dst = f.pointerSlot(file, file.Pkg.Info.TypeOf(lhs[0]), lhs[0])
	}
	if dst != nil && dst != src {
		dst.nilFrom = append(dst.nilFrom, &slot{name: "value", span: f.World.Span(value), value: true, why: concrete, nilable: true, like: src})
	}
}

// ranged sends the elements of what is ranged over to the variables.
func (f *Flow) ranged(file *code.File, n *ast.RangeStmt) {
	info := file.Pkg.Info
	key, elem := rangeTypes(info.TypeOf(n.X))
	for i, l := range []ast.Expr{n.Key, n.Value} {
		t := []types.Type{key, elem}[i]
		if l == nil || blank(l) || t == nil || !f.holds(t) {
			continue
		}
		if n.Tok == token.DEFINE {
			if dst := f.target(file, l); dst != nil && f.isPointer(t) {
				f.edge(f.slotOfType(file, t, l), dst, "", l, true)
			}
			continue
		}
		if f.isPointer(t) {
			f.into(file, f.slotOfType(file, t, l), f.target(file, l), info.TypeOf(l), "it is stored where the type is needed", l, true)
		} else {
			f.flows(file, t, info.TypeOf(l), l, "it is stored where the type is needed")
		}
	}
}

func rangeTypes(t types.Type) (key, elem types.Type) {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return nil, u.Elem()
	case *types.Array:
		return nil, u.Elem()
	case *types.Pointer:
		if a, ok := u.Elem().Underlying().(*types.Array); ok {
			return nil, a.Elem()
		}
	case *types.Map:
		return u.Key(), u.Elem()
	case *types.Chan:
		return u.Elem(), nil
	case *types.Signature:
		if u.Params().Len() == 1 {
			if yield, ok := u.Params().At(0).Type().Underlying().(*types.Signature); ok {
				ps := yield.Params()
				if ps.Len() > 0 {
					key = ps.At(0).Type()
				}
				if ps.Len() > 1 {
					elem = ps.At(1).Type()
				}
			}
		}
	}
	return key, elem
}

// returnsCall handles return f(), where f has several results.
func (f *Flow) returnsCall(file *code.File, n *ast.ReturnStmt, stack []ast.Node) {
	if len(n.Results) != 1 {
		return
	}
	t, ok := file.Pkg.Info.TypeOf(n.Results[0]).(*types.Tuple)
	if !ok {
		return
	}
	results := resultsOf(file, stack)
	if results == nil || results.Len() != t.Len() {
		return
	}
	for i := range t.Len() {
		f.moved(file, t.At(i).Type(), results.At(i).Type(), n.Results[0], "it is returned as another type")
	}
}

// passesOn handles g(f()), where f has several results.
func (f *Flow) passesOn(file *code.File, e ast.Expr, stack []ast.Node) bool {
	t, ok := file.Pkg.Info.TypeOf(e).(*types.Tuple)
	if !ok {
		return false
	}
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok || call.Fun == e {
		return true
	}
	sig, ok := file.Pkg.Info.TypeOf(call.Fun).Underlying().(*types.Signature)
	if !ok {
		return true
	}
	for i := range t.Len() {
		if i < sig.Params().Len() && (!sig.Variadic() || i < sig.Params().Len()-1) {
			f.moved(file, t.At(i).Type(), sig.Params().At(i).Type(), e, "it is passed on with other results")
			continue
		}
		f.inside(t.At(i).Type(), func(s *slot) { s.keep("it is passed on with other results", f.World.Span(e)) })
	}
	return true
}

// moved is a value of one type that goes to a place of another.
func (f *Flow) moved(file *code.File, src, dst types.Type, at ast.Node, why string) {
	switch {
	case f.isPointer(src):
		f.into(file, f.slotOfType(file, src, at), nil, dst, why, at, true)
	case f.holds(src):
		f.flows(file, src, dst, at, why)
	}
}

// resultsOf returns the results of the innermost function of stack.
func resultsOf(file *code.File, stack []ast.Node) *types.Tuple {
	for k := len(stack) - 1; k >= 0; k-- {
		switch fn := stack[k].(type) {
		case *ast.FuncLit:
			if sig, ok := file.Pkg.Info.TypeOf(fn).(*types.Signature); ok {
				return sig.Results()
			}
			return nil
		case *ast.FuncDecl:
			if obj, ok := file.Pkg.Info.Defs[fn.Name].(*types.Func); ok {
				return obj.Signature().Results()
			}
			return nil
		}
	}
	return nil
}
