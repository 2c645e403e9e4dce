package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// follow records where the value of each node goes in a file.
func (f *flow) follow(file *code.File) {
	f.walk(file, func(n ast.Node, stack []ast.Node) {
		switch n := n.(type) {
		case ast.Expr:
			src := f.node(file, n, stack)
			if src == nil {
				src = f.concrete(file, n, stack)
			}
			if src != nil {
				f.use(file, src, stack)
			}
		case *ast.AssignStmt:
			f.tuple(file, n)
		}
	})
}

// node returns the node that an expression reads: a variable, a field, or the
// only result of a call.
func (f *flow) node(file *code.File, e ast.Expr, stack []ast.Node) *node {
	switch e := e.(type) {
	case *ast.Ident:
		if len(stack) > 1 {
			if sel, ok := stack[len(stack)-2].(*ast.SelectorExpr); ok && sel.Sel == e {
				return nil
			}
			if kv, ok := stack[len(stack)-2].(*ast.KeyValueExpr); ok && kv.Key == e {
				return nil
			}
		}
		return f.variable(file.Pkg.Info.Uses[e])
	case *ast.SelectorExpr:
		return f.variable(file.Pkg.Info.Uses[e.Sel])
	case *ast.CallExpr:
		return f.result(file, e, 0)
	}
	return nil
}

func (f *flow) variable(obj types.Object) *node {
	v, ok := obj.(*types.Var)
	if !ok || !v.Pos().IsValid() {
		return nil
	}
	return f.nodes[f.job.world.Key(v.Origin())]
}

// result returns the node of the i-th result of a call.
func (f *flow) result(file *code.File, call *ast.CallExpr, i int) *node {
	fn := calledFunc(file, call)
	if fn == nil || i >= fn.Signature().Results().Len() {
		return nil
	}
	if i == 0 && fn.Signature().Results().Len() != 1 {
		if _, tuple := file.Pkg.Info.TypeOf(call).(*types.Tuple); !tuple {
			return nil
		}
	}
	return f.variable(fn.Origin().Signature().Results().At(i))
}

func calledFunc(file *code.File, call *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return nil
	}
	fn, _ := file.Pkg.Info.Uses[id].(*types.Func)
	return fn
}

// use records what happens to the value of src at the end of stack.
func (f *flow) use(file *code.File, src *node, stack []ast.Node) {
	i := len(stack) - 1
	for i > 0 {
		if _, ok := stack[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	e, at := stack[i].(ast.Expr), f.job.world.Span(stack[i])
	if call, ok := e.(*ast.CallExpr); ok {
		if _, tuple := file.Pkg.Info.TypeOf(call).(*types.Tuple); tuple {
			if _, assigned := stack[i-1].(*ast.AssignStmt); !assigned {
				src.keep("it is passed on with other results", at)
			}
			return
		}
	}
	switch p := stack[i-1].(type) {
	case *ast.SelectorExpr:
		if !f.methods[p.Sel.Name] {
			src.keep("its "+p.Sel.Name+" is used, which the contract doesn't have", at)
		}
	case *ast.CallExpr:
		f.argument(file, src, p, e)
	case *ast.AssignStmt:
		f.assigned(file, src, p, e)
	case *ast.ValueSpec:
		f.specified(file, src, p, e)
	case *ast.ReturnStmt:
		f.returned(file, src, p, e, stack[:i])
	case *ast.KeyValueExpr:
		f.keyed(file, src, p, e)
	case *ast.CompositeLit:
		f.listed(file, src, p, e)
	case *ast.BinaryExpr:
		f.compared(file, src, p, e)
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
	default:
		src.keep("it is used here in a way that needs the type", at)
	}
}

// to sends the value of src to a node; a nil node means that the concrete type
// is needed.
func (f *flow) to(src, dst *node, why string, at ast.Node) {
	if dst == nil {
		src.keep(why, f.job.world.Span(at))
		return
	}
	addEdge(src, dst)
}

func (f *flow) argument(file *code.File, src *node, call *ast.CallExpr, e ast.Expr) {
	i := slices.Index(call.Args, e)
	if i < 0 {
		return // it is called
	}
	sig, ok := file.Pkg.Info.TypeOf(call.Fun).Underlying().(*types.Signature)
	if !ok {
		src.keep("it is converted", f.job.world.Span(e))
		return
	}
	if i >= sig.Params().Len()-1 && sig.Variadic() {
		if s, ok := sig.Params().At(sig.Params().Len() - 1).Type().(*types.Slice); !ok || !isAny(s.Elem()) {
			src.keep("it is passed to a variadic parameter", f.job.world.Span(e))
		}
		return
	}
	p := sig.Params().At(i)
	if isAny(p.Type()) && !f.generic(file, call, i) {
		return
	}
	if f.covers(p.Type()) {
		return
	}
	fn := calledFunc(file, call)
	if fn == nil || !f.job.isPointer(p.Type()) || f.generic(file, call, i) {
		src.keep("it is passed as "+types.TypeString(p.Type(), (*types.Package).Name), f.job.world.Span(e))
		return
	}
	f.to(src, f.variable(fn.Origin().Signature().Params().At(i)), "it is passed to "+fn.Name()+", which wants the type", e)
}

// covers reports whether t is an interface with no other methods than the
// contract's: those change with it.
func (f *flow) covers(t types.Type) bool {
	it, ok := t.Underlying().(*types.Interface)
	if !ok || it.Empty() {
		return false
	}
	for m := range it.Methods() {
		if !f.methods[m.Name()] {
			return false
		}
	}
	return true
}

func (f *flow) generic(file *code.File, call *ast.CallExpr, i int) bool {
	fn := calledFunc(file, call)
	if fn == nil || i >= fn.Origin().Signature().Params().Len() {
		return false
	}
	_, ok := fn.Origin().Signature().Params().At(i).Type().(*types.TypeParam)
	return ok
}

func isAny(t types.Type) bool {
	it, ok := t.Underlying().(*types.Interface)
	return ok && it.Empty()
}

func (f *flow) assigned(file *code.File, src *node, p *ast.AssignStmt, e ast.Expr) {
	if i := slices.Index(p.Rhs, e); i >= 0 && len(p.Lhs) == len(p.Rhs) {
		f.assign(file, src, p.Lhs[i], p.Tok == token.DEFINE)
	}
}

// assign sends src to the left side of an assignment.
func (f *flow) assign(file *code.File, src *node, lhs ast.Expr, define bool) {
	info := file.Pkg.Info
	if id, ok := lhs.(*ast.Ident); ok && id.Name == "_" {
		return
	}
	if t := info.TypeOf(lhs); isAny(t) || f.covers(t) {
		return
	}
	var dst *node
	switch l := ast.Unparen(lhs).(type) {
	case *ast.Ident:
		if obj := info.Defs[l]; obj != nil && define {
			dst = f.variable(obj)
			if dst != nil && dst.inferred {
				dst.origin = src
			}
			break
		}
		dst = f.variable(info.Uses[l])
	case *ast.SelectorExpr:
		dst = f.variable(info.Uses[l.Sel])
	}
	f.to(src, dst, "it is stored where the type is needed", lhs)
}

// tuple sends the results of one call to several variables.
func (f *flow) tuple(file *code.File, p *ast.AssignStmt) {
	if len(p.Rhs) != 1 || len(p.Lhs) < 2 {
		return
	}
	call, ok := ast.Unparen(p.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return
	}
	for i, l := range p.Lhs {
		src := f.result(file, call, i)
		if src == nil {
			src = f.concreteResult(file, call, i, blank(p.Lhs[len(p.Lhs)-1]))
		}
		if src != nil {
			f.assign(file, src, l, p.Tok == token.DEFINE)
		}
	}
}

func (f *flow) specified(file *code.File, src *node, p *ast.ValueSpec, e ast.Expr) {
	i := slices.Index(p.Values, e)
	if i < 0 || len(p.Names) != len(p.Values) {
		return
	}
	f.assign(file, src, p.Names[i], true)
}

func (f *flow) returned(file *code.File, src *node, p *ast.ReturnStmt, e ast.Expr, stack []ast.Node) {
	i := slices.Index(p.Results, e)
	for k := len(stack) - 1; k >= 0; k-- {
		switch fn := stack[k].(type) {
		case *ast.FuncLit:
			if sig, ok := file.Pkg.Info.TypeOf(fn).(*types.Signature); !ok || f.job.isPointer(sig.Results().At(i).Type()) {
				src.keep("a function literal returns it", f.job.world.Span(e))
			}
			return
		case *ast.FuncDecl:
			obj, ok := file.Pkg.Info.Defs[fn.Name].(*types.Func)
			if !ok || len(p.Results) != obj.Signature().Results().Len() {
				return
			}
			r := obj.Signature().Results().At(i)
			if isAny(r.Type()) || f.covers(r.Type()) {
				return
			}
			f.to(src, f.variable(r), fn.Name.Name+" returns it as another type", e)
			return
		}
	}
}

func (f *flow) keyed(file *code.File, src *node, p *ast.KeyValueExpr, e ast.Expr) {
	key, ok := p.Key.(*ast.Ident)
	if !ok || p.Value != e {
		src.keep("it is kept in a map or list of the type", f.job.world.Span(e))
		return
	}
	v, isField := file.Pkg.Info.Uses[key].(*types.Var)
	if isField && (isAny(v.Type()) || f.covers(v.Type())) {
		return
	}
	f.to(src, f.variable(file.Pkg.Info.Uses[key]), "it is kept where the type is needed", e)
}

// listed sends src to the field of a struct literal without keys.
func (f *flow) listed(file *code.File, src *node, p *ast.CompositeLit, e ast.Expr) {
	st, ok := file.Pkg.Info.TypeOf(p).Underlying().(*types.Struct)
	i := slices.Index(p.Elts, e)
	if !ok || i < 0 {
		src.keep("it is kept in a list of the type", f.job.world.Span(e))
		return
	}
	if v := st.Field(i); !isAny(v.Type()) && !f.covers(v.Type()) {
		f.to(src, f.variable(v), "it is kept where the type is needed", e)
	}
}

func (f *flow) compared(file *code.File, src *node, p *ast.BinaryExpr, e ast.Expr) {
	other := p.X
	if other == e {
		other = p.Y
	}
	if file.Pkg.Info.Types[other].IsNil() {
		src.nilTest = true
		return
	}
	src.keep("it is compared with another", f.job.world.Span(e))
}
