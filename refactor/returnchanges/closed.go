package returnchanges

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/alias"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A reach is what a function does besides its work on the memory of a parameter.
type reach struct {
	place                          // how it may come by the memory in another way
	assigned map[types.Object]bool // the fields and package variables that it assigns
	whole    []types.Type          // the types of what else it assigns
}

// closedFor says why a function may come by the memory of one of its parameters in
// another way than through that parameter: the callers' memory and the function's
// own value would then differ while it runs.
func (j *job) closedFor(s *subject, p *param) *reach {
	v := s.fn.Signature().Params().At(p.index)
	if r := j.closed[v]; r != nil {
		return r
	}
	r := &reach{assigned: map[types.Object]bool{}}
	j.closed[v] = r
	for _, m := range s.members {
		if m.decl == nil || r.why != "" {
			continue
		}
		c := &closure{job: j, param: p, reach: r, seen: map[*types.Func]bool{m.decl.Obj: true}}
		r.place = c.body(m.decl, map[*types.Var]bool{m.variable(p): true})
	}
	return r
}

// assigns reports whether the function may give the field or package variable obj
// another value.
func (r *reach) assigns(obj types.Object) bool {
	if r.assigned[obj] {
		return true
	}
	for _, t := range r.whole {
		if hasField(t, obj) {
			return true
		}
	}
	return false
}

// hasField reports whether a value of type t has the field obj in it.
func hasField(t types.Type, obj types.Object) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if f.Origin() == obj || hasField(f.Type(), obj) {
				return true
			}
		}
	case *types.Array:
		return hasField(u.Elem(), obj)
	}
	return false
}

// A closure looks at a function and what it calls.
type closure struct {
	job   *job
	param *param
	reach *reach
	seen  map[*types.Func]bool
}

// assign records a place that gets another value, or whose address is taken.
func (c *closure) assign(info *types.Info, e ast.Expr) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := info.Uses[e].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			c.reach.assigned[v] = true
			c.reach.whole = append(c.reach.whole, v.Type())
		}
	case *ast.SelectorExpr:
		if v, ok := info.Uses[e.Sel].(*types.Var); ok {
			c.reach.assigned[v.Origin()] = true
			c.reach.whole = append(c.reach.whole, v.Type())
		}
	case *ast.IndexExpr, *ast.StarExpr:
		c.reach.whole = append(c.reach.whole, info.TypeOf(e))
	}
}

// body looks at one function, in which the variables of own lead to the memory.
func (c *closure) body(d *code.Decl, own map[*types.Var]bool) (found place) {
	info := d.File.Pkg.Info
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		if found.why != "" {
			return false
		}
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				c.assign(info, l)
			}
		case *ast.IncDecStmt:
			c.assign(info, n.X)
		case *ast.GoStmt, *ast.SelectStmt, *ast.SendStmt:
			found = place{"works with other goroutines", n.Pos()}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				c.assign(info, n.X)
			}
			if n.Op == token.ARROW {
				found = place{"waits for other goroutines", n.Pos()}
			}
		case *ast.CallExpr:
			found = c.call(d.File, n, own)
		case *ast.Ident:
			if v, ok := info.Uses[n].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() && c.overlaps(v.Type(), false) {
				found = place{"uses " + v.Name(), n.Pos()}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e != nil {
					c.assign(info, e)
				}
			}
			found = c.access(d.File, n, own)
		case *ast.StarExpr, *ast.SelectorExpr, *ast.IndexExpr, *ast.SliceExpr:
			found = c.access(d.File, n, own)
		}
		return found.why == ""
	})
	return found
}

// access looks at an expression that may reach memory through a pointer, slice or map.
func (c *closure) access(f *code.File, n ast.Node, own map[*types.Var]bool) place {
	info := f.Pkg.Info
	var x ast.Expr
	switch n := n.(type) {
	case *ast.StarExpr:
		x = n.X
	case *ast.SelectorExpr:
		if sel := info.Selections[n]; sel == nil || sel.Kind() != types.FieldVal {
			return place{}
		}
		x = n.X
	case *ast.IndexExpr:
		x = n.X
	case *ast.SliceExpr:
		x = n.X
	case *ast.RangeStmt:
		x = n.X
	}
	tv := info.Types[x]
	if tv.IsType() || tv.Type == nil || ownRoot(info, x, own) {
		return place{}
	}
	var reached types.Type
	elements := false
	switch t := tv.Type.Underlying().(type) {
	case *types.Pointer:
		reached = t.Elem()
	case *types.Slice:
		reached, elements = t.Elem(), true
	case *types.Map:
		if c.param.kind == mapping && types.Identical(t, c.param.typ.Underlying()) {
			return place{"uses another " + f.Source(x), x.Pos()}
		}
		return place{}
	default:
		return place{}
	}
	if c.overlaps(reached, elements) {
		return place{"uses " + f.Source(x) + ", which may be the same memory", x.Pos()}
	}
	return place{}
}

// ownRoot reports an expression that starts with a variable of own and reaches memory
// without another pointer: o, (o), of a value its fields.
func ownRoot(info *types.Info, e ast.Expr, own map[*types.Var]bool) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := info.Uses[id].(*types.Var)
	return ok && own[v]
}

// overlaps reports whether memory of type t, or the elements of a slice of it, can be
// the memory of the parameter, a part of it, or have it as a part.
func (c *closure) overlaps(t types.Type, elements bool) bool {
	if c.param.kind == mapping {
		return contains(t, c.param.typ)
	}
	if isParam(t) || isParam(c.param.elem) {
		return true
	}
	mine, array := c.param.elem, c.param.kind == slice
	switch {
	case array && elements:
		return types.Identical(t, mine) || hasArray(t, mine) || hasArray(mine, t)
	case array: // of t the fields, which may have such an array, or are a part of an element
		return hasArray(t, mine) || contains(mine, t)
	case elements:
		return contains(t, mine) || hasArray(mine, t)
	}
	return contains(t, c.param.elem) || contains(c.param.elem, t)
}

func isParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// basic reports a type that isn't made of others.
func basic(t types.Type) bool {
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

// contains reports whether a value of type t has one of type part in it, itself
// included.
func contains(t, part types.Type) bool {
	if types.Identical(t, part) || types.Identical(t.Underlying(), part.Underlying()) && basic(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if contains(f.Type(), part) {
				return true
			}
		}
	case *types.Array:
		return contains(u.Elem(), part)
	}
	return isParam(t)
}

// hasArray reports whether a value of type t has an array of type elem in it.
func hasArray(t, elem types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if hasArray(f.Type(), elem) {
				return true
			}
		}
	case *types.Array:
		return contains(u.Elem(), elem)
	}
	return false
}

// call looks at what a function calls.
func (c *closure) call(f *code.File, call *ast.CallExpr, own map[*types.Var]bool) place {
	info := f.Pkg.Info
	if tv := info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return place{}
	}
	fn := f.Callee(call)
	if fn == nil {
		if _, literal := ast.Unparen(call.Fun).(*ast.FuncLit); literal {
			return place{}
		}
		return place{"calls " + f.Source(call.Fun) + ", a function value", call.Pos()}
	}
	if d := c.job.world.Decl(fn); d != nil && d.Func.Body != nil {
		if c.seen[d.Obj] {
			return place{}
		}
		c.seen[d.Obj] = true
		at := c.body(d, c.passed(f, call, d, own))
		if at.why != "" {
			return place{"calls " + fn.Name() + ", which " + at.why, call.Pos()}
		}
		return place{}
	}
	if !c.harmless(f, fn, call) {
		return place{"calls " + fn.Name() + ", which may", call.Pos()}
	}
	return place{}
}

// passed are the parameters of a callee that get the memory itself.
func (c *closure) passed(f *code.File, call *ast.CallExpr, d *code.Decl, own map[*types.Var]bool) map[*types.Var]bool {
	out := map[*types.Var]bool{}
	sig := d.Obj.Signature()
	for i, a := range call.Args {
		if i < sig.Params().Len() && ownRoot(f.Pkg.Info, a, own) && !c.reassigned(d, sig.Params().At(i)) {
			out[sig.Params().At(i)] = true
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sig.Recv() != nil && ownRoot(f.Pkg.Info, sel.X, own) && !c.reassigned(d, sig.Recv()) {
		out[sig.Recv()] = true
	}
	return out
}

// reassigned reports a parameter that comes to lead to other memory.
func (c *closure) reassigned(d *code.Decl, v *types.Var) bool {
	return slices.ContainsFunc(c.job.program.Uses(d.File, d.Func, v), func(u alias.Use) bool { return u.Kind == alias.Assigned })
}

// harmless reports a function of the standard library that reaches only what it is
// given, and calls nothing of the module.
func (c *closure) harmless(f *code.File, fn *types.Func, call *ast.CallExpr) bool {
	if _, known := effects.KnownOf(fn); !known || fn.Pkg() == nil {
		return fn.Pkg() == nil // error.Error is known
	}
	switch name := fn.Pkg().Path() + "." + fn.Name(); name {
	case "os.LookupEnv", "os.Getenv":
		return true
	}
	switch fn.Pkg().Path() {
	case "bytes", "strings", "strconv", "sort", "slices", "maps", "unicode/utf8", "unicode", "math", "math/bits", "errors", "time", "fmt", "cmp", "path":
	default:
		return false
	}
	sig := fn.Signature()
	for i, a := range call.Args {
		if _, function := f.Pkg.Info.TypeOf(a).Underlying().(*types.Signature); function {
			if _, literal := ast.Unparen(a).(*ast.FuncLit); !literal {
				return false // of a literal the body is seen where it stands
			}
		}
		if fn.Pkg().Path() == "sort" && unnamed(f.Pkg.Info.TypeOf(a)) {
			continue
		}
		if k := min(i, sig.Params().Len()-1); !opensUp(sig, k) {
			continue
		}
		if t := f.Pkg.Info.TypeOf(a); t == nil || !plainValue(t) {
			return false
		}
	}
	return true
}

// opensUp reports a parameter whose value may have methods that the function calls.
func opensUp(sig *types.Signature, i int) bool {
	t := sig.Params().At(i).Type()
	if sig.Variadic() && i == sig.Params().Len()-1 {
		t = t.Underlying().(*types.Slice).Elem()
	}
	return types.IsInterface(t)
}

// unnamed reports a slice of no declared type, which has no methods.
func unnamed(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Slice)
	return ok
}

// plainValue reports a type without methods of the module's: one of Go's own.
func plainValue(t types.Type) bool {
	switch types.Unalias(t).(type) {
	case *types.Basic:
		return true
	}
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// deletes returns where a function takes entries out of a map that it is given.
func (j *job) deletes(s *subject, p *param) token.Pos {
	for _, m := range s.members {
		if m.decl == nil {
			continue
		}
		var found token.Pos
		ast.Inspect(m.decl.Func.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || found.IsValid() {
				return !found.IsValid()
			}
			for i, a := range call.Args {
				id, isID := ast.Unparen(a).(*ast.Ident)
				if !isID || m.file.Pkg.Info.Uses[id] != m.variable(p) {
					continue
				}
				if b, isB := ast.Unparen(call.Fun).(*ast.Ident); isB && m.file.Pkg.Info.Types[b].IsBuiltin() && (b.Name == "len" || i > 0) {
					continue
				}
				found = call.Pos() // delete, clear, or code that may do it
			}
			return !found.IsValid()
		})
		if found.IsValid() {
			return found
		}
	}
	return token.NoPos
}
