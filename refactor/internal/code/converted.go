package code

import (
	"go/ast"
	"go/token"
	"go/types"
)

// visit records what a node of the syntax converts.
func (c *conversions) visit(f *File, n ast.Node, stack []ast.Node) {
	info := f.Pkg.Info
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Rhs) == 1 && len(n.Lhs) > 1 {
			c.spread(info.TypeOf(n.Rhs[0]), "", func(i int) types.Type { return c.assigned(info, n.Lhs, i) })
		}
	case *ast.ValueSpec:
		if len(n.Values) == 1 && len(n.Names) > 1 && n.Type != nil {
			c.spread(info.TypeOf(n.Values[0]), "", func(int) types.Type { return info.TypeOf(n.Type) })
		}
	case *ast.ReturnStmt:
		if len(n.Results) == 1 {
			c.spread(info.TypeOf(n.Results[0]), "", func(i int) types.Type { return f.resultType(stack[:len(stack)-1], i) })
		}
	case *ast.CallExpr:
		if sig, ok := Under(info.TypeOf(n.Fun)).(*types.Signature); ok && len(n.Args) == 1 {
			c.spread(info.TypeOf(n.Args[0]), c.callee(f, n), func(i int) types.Type { return parameter(sig, i) })
		}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			c.ranged(info, n)
		}
	case *ast.TypeAssertExpr:
		if n.Type != nil {
			c.convert(info.TypeOf(n.X), info.TypeOf(n.Type), "")
		}
	case *ast.TypeSwitchStmt:
		c.switched(info, n)
	case *ast.FuncDecl:
		c.receiver(info, n)
	}
	e, ok := n.(ast.Expr)
	if !ok || len(stack) < 2 {
		return
	}
	if tv := info.Types[e]; tv.IsValue() && !tv.IsNil() {
		if place, t := f.Destination(stack); place == Typed {
			c.convert(tv.Type, t, c.whose(f, stack))
		}
	}
}

// spread records that each of several values goes to a place of its own.
func (c *conversions) spread(t types.Type, whose string, to func(i int) types.Type) {
	tuple, ok := t.(*types.Tuple)
	if !ok {
		return
	}
	for i := range tuple.Len() {
		c.convert(tuple.At(i).Type(), to(i), whose)
	}
}

// assigned returns the type of what is assigned to; nil where it is a new variable
// or the blank one.
func (c *conversions) assigned(info *types.Info, lhs []ast.Expr, i int) types.Type {
	if i >= len(lhs) {
		return nil
	}
	if id, ok := lhs[i].(*ast.Ident); ok && (id.Name == "_" || info.Defs[id] != nil) {
		return nil
	}
	return info.TypeOf(lhs[i])
}

func parameter(sig *types.Signature, i int) types.Type {
	last := sig.Params().Len() - 1
	if sig.Variadic() && i >= last {
		if s, ok := sig.Params().At(last).Type().(*types.Slice); ok {
			return s.Elem()
		}
		return nil
	}
	if i > last {
		return nil
	}
	return sig.Params().At(i).Type()
}

// ranged records that what is ranged over goes to variables that are there already.
func (c *conversions) ranged(info *types.Info, n *ast.RangeStmt) {
	var elems []types.Type
	switch t := Under(info.TypeOf(n.X)).(type) {
	case *types.Map:
		elems = []types.Type{t.Key(), t.Elem()}
	case *types.Chan:
		elems = []types.Type{t.Elem()}
	case *types.Slice:
		elems = []types.Type{nil, t.Elem()}
	case *types.Array:
		elems = []types.Type{nil, t.Elem()}
	case *types.Pointer:
		if a, ok := t.Elem().Underlying().(*types.Array); ok {
			elems = []types.Type{nil, a.Elem()}
		}
	case *types.Signature:
		if t.Params().Len() == 1 {
			if yield, ok := Under(t.Params().At(0).Type()).(*types.Signature); ok {
				for v := range yield.Params().Variables() {
					elems = append(elems, v.Type())
				}
			}
		}
	}
	for i, l := range []ast.Expr{n.Key, n.Value} {
		if l != nil && i < len(elems) && elems[i] != nil {
			c.convert(elems[i], info.TypeOf(l), "")
		}
	}
}

// switched records the interfaces that a type switch tells a value by.
func (c *conversions) switched(info *types.Info, n *ast.TypeSwitchStmt) {
	var x ast.Expr
	switch a := n.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		x = a.Rhs[0]
	}
	assert, ok := ast.Unparen(x).(*ast.TypeAssertExpr)
	if !ok {
		return
	}
	for _, s := range n.Body.List {
		for _, e := range s.(*ast.CaseClause).List {
			if tv := info.Types[e]; tv.IsType() {
				c.convert(info.TypeOf(assert.X), tv.Type, "")
			}
		}
	}
}

// receiver joins the type parameters of a type to the names that a method has for
// them.
func (c *conversions) receiver(info *types.Info, n *ast.FuncDecl) {
	fn, ok := info.Defs[n.Name].(*types.Func)
	if !ok || fn.Signature().RecvTypeParams().Len() == 0 {
		return
	}
	named := namedOf(fn.Signature().Recv().Type())
	if named == nil {
		return
	}
	for i := range fn.Signature().RecvTypeParams().Len() {
		c.edge(c.node(named.TypeParams().At(i)), c.node(fn.Signature().RecvTypeParams().At(i)))
	}
}

// instances records what type parameters stand for, and what their constraints ask
// for.
func (c *conversions) instances(info *types.Info) {
	for id, inst := range info.Instances {
		obj := info.Uses[id]
		params := typeParamsOf(obj)
		for i := range inst.TypeArgs.Len() {
			arg := inst.TypeArgs.At(i)
			if obj == nil || !c.own(obj) || params == nil || i >= params.Len() {
				who := abroad
				if obj != nil && obj.Pkg() != nil {
					who = habits(obj.Pkg())
				}
				if who == anything {
					continue // generic functions of such packages convert nothing
				}
				c.inside(arg, func(n string) { c.edge(n, who) })
				continue
			}
			p := params.At(i)
			c.inside(arg, func(n string) { c.edge(n, c.node(p)) })
			if it, ok := p.Constraint().Underlying().(*types.Interface); ok && it.NumMethods() > 0 {
				c.edge(c.node(p), c.node(it))
			}
			if own := asks(params, i, inst.TypeArgs); own != nil {
				c.edge(c.node(p), c.node(own))
			}
		}
	}
}

func typeParamsOf(obj types.Object) *types.TypeParamList {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Origin().Signature().TypeParams()
	case *types.TypeName:
		if n, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			return n.Origin().TypeParams()
		}
	}
	return nil
}
