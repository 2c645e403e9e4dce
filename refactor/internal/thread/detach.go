package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// detachedCall returns the statement go f() or defer f() whose call r is, or nil.
func (r mention) detachedCall() ast.Stmt {
	for _, n := range r.Path {
		switch n := n.(type) {
		case *ast.GoStmt:
			if n.Call == r.Call {
				return n
			}
		case *ast.DeferStmt:
			if n.Call == r.Call {
				return n
			}
		}
	}
	return nil
}

// sinkOfDetached is the sink of go f() and defer f(), which nobody waits for or
// whose function is over: the call goes into a literal that logs the error.
func (t *Threader) sinkOfDetached(r mention, stmt ast.Stmt) sink {
	name, word := r.Fn.Name(), "go"
	if _, ok := stmt.(*ast.DeferStmt); ok {
		word = "defer"
		if t.recovers(r.Fn) {
			return sink{left: true, note: name + " can fail now, and its error is dropped: it recovers from a panic, which it can do only where it is deferred itself"}
		}
	}
	if _, tuple := r.tupleArgument(); tuple {
		return sink{left: true, note: name + " can fail now, and its error is dropped: a " + word + " statement ignores it"}
	}
	switch t.Errors {
	case Drop:
		return sink{left: true, note: name + " can fail now, and its error is dropped: a " + word + " statement ignores it"}
	case Panic:
		return sink{detach: true, note: name + " can fail now, and this panics then: a " + word + " statement ignores its error", stmts: func(err string) string { return "panic(" + err + ")" }}
	}
	s := t.goOn(r, "a "+word+" statement would ignore it", "")
	s.detach = s.refused == ""
	return s
}

// recovers reports whether the body of fn calls recover itself: for a method of an
// interface, that of a method that may be behind it; for a function of which nothing is
// known, that it may.
func (t *Threader) recovers(fn *types.Func) bool {
	if d := t.World.Decl(fn); d != nil {
		return recoversItself(d)
	}
	if t.World.Spec(fn) == nil {
		return true
	}
	members, _ := t.World.Class(fn)
	return slices.ContainsFunc(members, func(m *types.Func) bool {
		d := t.World.Decl(m)
		return d != nil && recoversItself(d)
	})
}

func recoversItself(d *code.Decl) bool {
	if d.Func.Body == nil {
		return false
	}
	found := false
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			b, is := builtin(d.File.Pkg.Info, call)
			found = found || is && b == "recover"
		}
		_, lit := n.(*ast.FuncLit)
		return !found && !lit
	})
	return found
}

// detach puts the call of a go or defer statement into a literal. What the
// statement evaluates at once, and could be another value later, goes into a
// variable before it.
func (t *Threader) detach(r mention, s sink) {
	i := slices.Index(r.Path, ast.Node(r.detachedCall()))
	f, d := r.File, t.scopeOf(r)
	put := t.place(r, i)
	keep := func(e ast.Expr, names ...string) bool {
		if put == nil || d == nil || hasLock(f.Pkg.Info.TypeOf(e), 0) {
			return false
		}
		name := t.fresh(r, d, r.regionOf(i), names...)
		f.ReplaceFunc(e.Pos(), e.End(), func() string { return name })
		put(func() string { return name + " := " + f.Render(e) + "\n" })
		return true
	}
	ok := true
	if sel, is := ast.Unparen(r.Call.Fun).(*ast.SelectorExpr); is && !t.stableReceiver(r, sel) {
		ok = keep(sel.X, nounOf(f.Pkg.Info.TypeOf(sel.X)), "value")
	}
	sig, _ := code.Under(f.Pkg.Info.TypeOf(r.Call.Fun)).(*types.Signature)
	for k, a := range r.Call.Args {
		if !ok || r.stable(a) || t.constantField(r, a) {
			continue
		}
		name := "arg"
		if sig != nil && k < sig.Params().Len() && sig.Params().At(k).Name() != "" && sig.Params().At(k).Name() != "_" {
			name = sig.Params().At(k).Name()
		}
		ok = keep(a, name, nounOf(f.Pkg.Info.TypeOf(a)), "arg")
	}
	if !ok {
		t.note(t.World.Span(r.ID), r.Fn.Name()+"'s error is dropped here: what the statement evaluates can't be kept for later")
		return
	}
	f.ReplaceFunc(r.Call.Pos(), r.Call.End(), func() string {
		return "func() {\nif " + strings.Repeat("_, ", r.results()) + "err := " + r.text() + "; err != nil {\n" + s.inIf("err") + "\n}\n}()"
	})
}

// stableReceiver reports a function, or a method whose receiver is the same later.
func (t *Threader) stableReceiver(r mention, sel *ast.SelectorExpr) bool {
	s := r.File.Pkg.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal || r.stable(sel.X) || t.constantField(r, sel.X) {
		return true
	}
	fn, ok := s.Obj().(*types.Func)
	if !ok {
		return false
	}
	if _, pointer := fn.Signature().Recv().Type().(*types.Pointer); !pointer {
		return false
	}
	// The address of a variable, or of a field of what doesn't change, is the same.
	x := ast.Unparen(sel.X)
	if _, pointer := code.Under(r.File.Pkg.Info.TypeOf(x)).(*types.Pointer); pointer {
		return false
	}
	for {
		field, ok := x.(*ast.SelectorExpr)
		if !ok {
			break
		}
		x = ast.Unparen(field.X)
		if _, pointer := code.Under(r.File.Pkg.Info.TypeOf(x)).(*types.Pointer); pointer {
			return r.stable(x)
		}
	}
	_, variable := x.(*ast.Ident)
	return variable
}

// constantField reports a field of a variable that never changes, where the module
// sets the field in literals only.
func (t *Threader) constantField(r mention, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || !r.stable(sel.X) && !t.constantField(r, sel.X) {
		return false
	}
	v, ok := r.File.Pkg.Info.Uses[sel.Sel].(*types.Var)
	return ok && v.IsField() && t.World.FileOf(v) != nil && !t.assignedFields()[t.World.Key(v.Origin())]
}

// assignedFields returns the fields that some code of the module assigns, or takes
// the address of.
func (t *Threader) assignedFields() map[code.Key]bool {
	if t.assigned != nil {
		return t.assigned
	}
	t.assigned = map[code.Key]bool{}
	for _, f := range t.World.Files {
		note := func(e ast.Expr) {
			for {
				switch x := ast.Unparen(e).(type) {
				case *ast.SelectorExpr:
					if v, ok := f.Pkg.Info.Uses[x.Sel].(*types.Var); ok && v.IsField() {
						t.assigned[t.World.Key(v.Origin())] = true
					}
					e = x.X
				case *ast.IndexExpr:
					e = x.X
				default:
					return
				}
			}
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					note(l)
				}
			case *ast.IncDecStmt:
				note(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					note(n.X)
				}
			case *ast.RangeStmt:
				if n.Key != nil {
					note(n.Key)
				}
				if n.Value != nil {
					note(n.Value)
				}
			}
			return true
		})
	}
	return t.assigned
}

// stable reports an expression that gives the same later: a constant, a literal, a
// function, or a variable that never changes.
func (r mention) stable(e ast.Expr) bool {
	info := r.File.Pkg.Info
	if tv := info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		switch obj := info.Uses[e].(type) {
		case *types.Func, *types.PkgName, *types.Nil:
			return true
		case *types.Var:
			return r.neverChanges(obj)
		}
	case *ast.SelectorExpr:
		_, fn := info.Uses[e.Sel].(*types.Func)
		return fn && info.Selections[e] == nil
	case *ast.FuncLit:
		return true
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(x ast.Expr) bool {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			return !r.stable(x)
		})
	case *ast.UnaryExpr:
		return e.Op == token.AND && r.stable(e.X)
	}
	return false
}
