package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// contextVar returns the variable in scope whose context a call at r gets: the
// innermost that lives, and that wasn't made for one call. dead is one whose work
// is over where no other is there.
func (t *Threader) contextVar(r mention) (v, dead *types.Var) {
	v = r.lookup(func(v *types.Var) bool {
		if !crossing.IsContext(v.Type()) || madeFor(v) {
			return false
		}
		if r.over(v) {
			if dead == nil {
				dead = v
			}
			return false
		}
		return true
	})
	return v, dead
}

// general are the names of contexts that serve all calls of a function.
var general = regexp.MustCompile(`^(?i:c|ctx|context|cctx|gctx|egctx|(root|base|main|app|parent|server|req|request|outer|inner|run|sig|signal|span|trace|tx|call|group|eg|g|loop|worker|job|task|child|sub|new|my|bg|background|cancel|timeout|test|t)_?(ctx|context)|ctx[0-9]*|(ctx|context)(with)?(timeout|cancel|value|deadline|span)?)$`)

// madeFor reports a local variable that is named after the one thing that it is
// for: recordCtx, shutdownCtx.
func madeFor(v *types.Var) bool {
	return !general.MatchString(v.Name()) && !isParameter(v)
}

// isParameter reports a parameter, or the receiver, of a function.
func isParameter(v *types.Var) bool { return v.Kind() == types.ParamVar || v.Kind() == types.RecvVar }

// over reports whether, at r, a context was cancelled for certain: its cancel
// function was called, or it is what r waited for.
func (r mention) over(v *types.Var) bool {
	cancel := r.cancelOf(v)
	for i := len(r.Path) - 1; i > 0; i-- {
		switch p := r.Path[i-1].(type) {
		case *ast.FuncLit:
			return false
		case *ast.CommClause:
			if r.Path[i] != ast.Node(p.Comm) && p.Comm != nil && r.waitsFor(p.Comm, v) {
				return true
			}
		case *ast.IfStmt:
			if r.Path[i] == ast.Node(p.Body) && r.failed(p.Cond, v) {
				return true
			}
		}
		list := statements(r.Path[i-1])
		for _, s := range list {
			if ast.Node(s) == r.Path[i] {
				break
			}
			if r.waitsFor(s, v) || cancel != nil && r.calls(s, cancel) {
				return true
			}
		}
	}
	return false
}

// cancelOf returns the function that cancels a context that is made in r's
// function, or nil.
func (r mention) cancelOf(v *types.Var) types.Object {
	var found types.Object
	info := r.File.Pkg.Info
	body, _ := r.body()
	if body == nil {
		return nil
	}
	ast.Inspect(body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != 2 || len(a.Rhs) != 1 {
			return true
		}
		x, isX := a.Lhs[0].(*ast.Ident)
		y, isY := a.Lhs[1].(*ast.Ident)
		if isX && isY && info.Defs[x] == types.Object(v) && v != nil {
			found = info.ObjectOf(y)
		}
		return found == nil
	})
	return found
}

// waitsFor reports <-v.Done().
func (r mention) waitsFor(s ast.Stmt, v *types.Var) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	u, ok := e.X.(*ast.UnaryExpr)
	return ok && u.Op == token.ARROW && r.method(u.X, v, "Done")
}

// failed reports v.Err() != nil.
func (r mention) failed(cond ast.Expr, v *types.Var) bool {
	b, ok := cond.(*ast.BinaryExpr)
	return ok && b.Op == token.NEQ && r.method(b.X, v, "Err")
}

func (r mention) method(e ast.Expr, v *types.Var, name string) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && r.File.Pkg.Info.Uses[id] == types.Object(v)
}

// calls reports a statement that calls a variable.
func (r mention) calls(s ast.Stmt, obj types.Object) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := call.Fun.(*ast.Ident)
	return ok && r.File.Pkg.Info.Uses[id] == obj
}

// joined reports whether the goroutine that r stands in is waited for by the
// function around it: it is Done, and the function Waits.
func (r mention) joined() bool {
	for i, n := range r.Path {
		g, ok := n.(*ast.GoStmt)
		if !ok {
			continue
		}
		body, _ := mention{&code.Ref{File: r.File, Path: r.Path[:i+1]}}.body()
		if body == nil {
			return false
		}
		for _, s := range body.List {
			e, ok := s.(*ast.ExprStmt)
			if !ok || s.Pos() < g.End() {
				continue
			}
			wait, isWait := strings.CutSuffix(r.File.Source(e.X), ".Wait()")
			if isWait && strings.Contains(r.File.Source(g), wait+".Done()") {
				return true
			}
		}
		return false
	}
	return false
}

// way tells the shortest way to a real context from a call that gets a made-up
// one; "" where there is none.
func (t *Threader) way(r mention, s contextSource) string {
	if !s.root {
		return ""
	}
	type step struct {
		d     *code.Decl
		calls []string
		names []string
	}
	d := t.declOf(r)
	if d == nil {
		return ""
	}
	seen := map[code.Key]bool{t.World.Key(d.Obj): true}
	queue := []step{{d: d, names: []string{d.Func.Name.Name}}}
	for len(queue) > 0 && len(seen) < 500 {
		at := queue[0]
		queue = queue[1:]
		members, _ := t.World.Class(at.d.Obj)
		for _, m := range members {
			for _, ref := range t.World.Refs(m) {
				up := mention{ref}
				holder := t.declOf(up)
				if ref.Call == nil || holder == nil || seen[t.World.Key(holder.Obj)] || ref.File.Test {
					continue
				}
				seen[t.World.Key(holder.Obj)] = true
				span := t.World.Span(ref.ID)
				calls := append(slices.Clone(at.calls), span.String())
				from := ""
				if v, _ := t.contextVar(up); v != nil {
					from = v.Name()
				} else if v := up.lookup(t.carriesContext); v != nil {
					from = v.Name() + contextOf(v)
				} else if code.IsEntry(holder) {
					from = "one made in " + holder.Func.Name.Name
				}
				names := append(slices.Clone(at.names), holder.Func.Name.Name)
				if from == "" {
					queue = append(queue, step{holder, calls, names})
					continue
				}
				slices.Reverse(calls)
				slices.Reverse(names)
				return "; the nearest context is " + from + ": " + strings.Join(names, " calls ") + " (" + strings.Join(calls, ", ") + ")"
			}
		}
	}
	return ""
}
