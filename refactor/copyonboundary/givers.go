package copyonboundary

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// afterStore refuses a method that uses its argument after it stored it.
func (j *job) afterStore(e *edge) {
	for _, ev := range j.followVar(e.decl, e.param) {
		if e.store.Pos() <= ev.pos && ev.pos < e.store.End() || j.isEdge(ev.pos) {
			continue
		}
		j.later(e, e.decl.File, e.decl.Func, e.param, ev, e.store.Pos(), e.store.End())
	}
}

func (j *job) isEdge(pos token.Pos) bool {
	for _, e := range j.edges {
		if e.expr.Pos() == pos || e.store != nil && e.store.Pos() <= pos && pos < e.store.End() {
			return true
		}
	}
	return false
}

// later judges what happens to a variable whose memory was given away at a place.
func (j *job) later(e *edge, f *code.File, fn *ast.FuncDecl, v *types.Var, ev event, from, to token.Pos) {
	again := ev.pos > to || loops(fn, v, from, ev.pos) || literalAt(fn, ev.pos, from)
	what := v.Name() + " " + ev.why + " here"
	switch ev.kind {
	case written:
		if again {
			j.refuse(ev.pos, "relies-on-sharing", what+", after it became a part of "+j.stateName(e)+" ("+j.at(from)+"), which changes that today", "change it by a method of "+j.typ.Obj().Name())
		}
	case appended:
		if again {
			j.refuse(ev.pos, "relies-on-sharing", what+", which may write into the memory of "+j.stateName(e), "append to a slice of your own: slices.Clone")
		}
	case kept, returned, compared:
		if ev.pos < from && !loops(fn, v, from, ev.pos) && ev.kind == compared {
			return
		}
		j.refuse(ev.pos, "relies-on-sharing", what+", so that it may be changed after it became a part of "+j.stateName(e)+" ("+j.at(from)+")", "give one of the two a copy")
	case read, measured:
		if change := j.changes(e); again && change != nil {
			j.refuse(ev.pos, "relies-on-sharing", v.Name()+" is read here, after it became a part of "+j.stateName(e)+", which "+change.why+" ("+j.at(change.pos)+")", "ask "+j.typ.Obj().Name()+" for it again")
		}
	}
}

// loops reports whether a loop that v is declared outside of contains both places.
func loops(fn *ast.FuncDecl, v *types.Var, a, b token.Pos) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			in := func(p token.Pos) bool { return n.Pos() <= p && p < n.End() }
			found = found || in(a) && in(b) && !in(v.Pos())
		}
		return !found
	})
	return found
}

// givers looks at those who pass argument i to fn.
func (j *job) givers(e *edge, fn *types.Func, i int, seen map[use]bool) {
	key := use{j.world.Key(fn.Origin()), i}
	if seen[key] {
		return
	}
	seen[key] = true
	for _, ref := range j.world.Refs(fn) {
		if ref.Call == nil {
			j.refuse(ref.ID.Pos(), "relies-on-sharing", fn.Name()+" is used as a value here, so its callers aren't seen", "call it in a function literal")
			continue
		}
		if len(ref.Call.Args) <= i || ref.Call.Ellipsis.IsValid() {
			j.refuse(ref.Call.Pos(), "relies-on-sharing", "what "+fn.Name()+" is given here comes from another call", "assign it to a variable first")
			continue
		}
		j.giver(e, ref, ref.Call.Args[i], seen)
	}
}

func (j *job) giver(e *edge, ref *code.Ref, arg ast.Expr, seen map[use]bool) {
	f := ref.File
	if j.own(f, arg) {
		return
	}
	v := variableOf(f, arg)
	var fn *ast.FuncDecl
	for _, n := range ref.Path {
		if d, ok := n.(*ast.FuncDecl); ok {
			fn = d
		}
	}
	if v == nil || fn == nil || v.Parent() == nil || v.Parent() == v.Pkg().Scope() {
		j.refuse(arg.Pos(), "relies-on-sharing", "where "+f.Source(arg)+" comes from isn't seen, so it may be changed after it became a part of "+j.stateName(e), "pass a copy")
		return
	}
	fl := &flow{job: j, file: f, fn: fn, vars: map[*types.Var]bool{}}
	fl.variable(v)
	for _, ev := range fl.events {
		if ref.Call.Pos() <= ev.pos && ev.pos < ref.Call.End() {
			continue
		}
		j.later(e, f, fn, v, ev, ref.Call.Pos(), ref.Call.End())
	}
	obj, _ := f.Pkg.Info.Defs[fn.Name].(*types.Func)
	if obj != nil {
		for i := range obj.Signature().Params().Len() {
			if obj.Signature().Params().At(i) == v {
				members, _ := j.world.Class(obj)
				for _, m := range members {
					j.givers(e, m, i, seen)
				}
				return
			}
		}
	}
	if !j.ownValues(f, fn, v) {
		j.refuse(arg.Pos(), "relies-on-sharing", "where "+v.Name()+" comes from isn't seen, so it may be changed after it became a part of "+j.stateName(e), "pass a copy")
	}
}

// variableOf is the variable that an argument is, or whose address it is.
func variableOf(f *code.File, arg ast.Expr) *types.Var {
	arg = ast.Unparen(arg)
	if u, ok := arg.(*ast.UnaryExpr); ok && u.Op == token.AND {
		arg = ast.Unparen(u.X)
	}
	id, ok := arg.(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := f.Pkg.Info.Uses[id].(*types.Var)
	return v
}

// ownValues reports whether every value that a variable gets is memory of its own.
func (j *job) ownValues(f *code.File, fn *ast.FuncDecl, v *types.Var) bool {
	info, own, declared := f.Pkg.Info, true, false
	grows := func(e ast.Expr) bool {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok || !isBuiltin(info, call, "append") {
			return false
		}
		id, ok := ast.Unparen(call.Args[0]).(*ast.Ident)
		if !ok || info.Uses[id] != v {
			return false
		}
		for _, a := range call.Args[1:] {
			if !(call.Ellipsis.IsValid() && !carries(elemOf(info.TypeOf(a)))) && !j.own(f, a) {
				return false
			}
		}
		return true
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for k, l := range n.Lhs {
				if id, ok := ast.Unparen(l).(*ast.Ident); ok && info.ObjectOf(id) == v {
					declared = declared || n.Tok == token.DEFINE
					own = own && len(n.Lhs) == len(n.Rhs) && (j.own(f, n.Rhs[k]) || grows(n.Rhs[k]))
				}
			}
		case *ast.ValueSpec:
			for k, l := range n.Names {
				if info.Defs[l] == v {
					declared = true
					own = own && (len(n.Values) == 0 || len(n.Values) == len(n.Names) && j.own(f, n.Values[k]))
				}
			}
		case *ast.RangeStmt:
			for _, l := range []ast.Expr{n.Key, n.Value} {
				if id, ok := l.(*ast.Ident); ok && info.ObjectOf(id) == v {
					own = false
				}
			}
		}
		return own
	})
	return own && declared
}
