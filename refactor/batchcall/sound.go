package batchcall

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// unsound returns why making all calls first would make a difference, or nil.
func (j *job) unsound(s *site) *reason {
	gather := j.order.Code(reorder.Part{File: s.file, Within: s.loop.Stmt, Nodes: s.gathered(), Skip: s.givesContext})
	if p := gather.Pure(); p != nil {
		return &reason{p.Pos, "what the arguments are computed from " + p.What, "compute them before the loop"}
	}
	rest := j.order.Code(reorder.Part{File: s.file, Within: s.loop.Stmt, Nodes: []ast.Node{s.loop.Stmt}, Skip: s.isCall})
	if c := reorder.Between(rest, gather); c != nil {
		return &reason{c.First, "an argument may depend on what the loop does before: " + c.Why, "move what changes it out of the loop"}
	}
	if c := reorder.Between(j.calls, gather); c != nil {
		return &reason{s.ref.Call.Pos(), "an argument may depend on the calls before: " + c.Why, "compute the arguments before the loop"}
	}
	if c := reorder.Between(rest, j.calls); c != nil {
		return &reason{c.First, "the calls would all come before the rest of the loop: " + c.Why, "move that out of the loop"}
	}
	if r := j.early(s); r != nil {
		return r
	}
	if p := rest.Prints(); p != nil && j.calls.Outside() != nil {
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(p.Pos, p.Pos), Message: "this comes after all calls of " + j.fn.Name() + " now"})
	}
	return nil
}

// early looks for what ends the loop after the call, so that the variant would be
// called for elements that the function wasn't called for.
func (j *job) early(s *site) *reason {
	var exit ast.Node
	for _, f := range s.frames {
		for _, stmt := range f.list[f.at:] {
			if exit == nil {
				exit = s.loop.Exit(stmt, func(n ast.Node) bool {
					return n == ast.Node(s.check) || n.End() <= s.stmt.Pos()
				})
			}
		}
	}
	if exit == nil {
		return nil
	}
	if !j.more {
		return &reason{exit.Pos(), "it may end here, so that there would be calls that weren't made before", "if they do no harm: --" + paramMore}
	}
	j.notes = append(j.notes, change.Note{Span: j.world.Span(exit), Message: "the loop may end here: " + j.fn.Name() + " is called for the elements after that, too"})
	return nil
}

// isCall leaves out the call, and what happens where it failed.
func (s *site) isCall(n ast.Node) bool {
	return n == ast.Node(s.ref.Call) || s.check != nil && n == ast.Node(s.check.Body)
}

// gathered returns what has to be evaluated before the calls: the arguments, what they
// are computed from, and the conditions of the call.
func (s *site) gathered() []ast.Node {
	out := []ast.Node{s.loop.Range().X}
	if sel, ok := ast.Unparen(s.ref.Call.Fun).(*ast.SelectorExpr); ok {
		out = append(out, sel.X)
	}
	for _, a := range s.ref.Call.Args {
		out = append(out, a)
	}
	for _, f := range s.frames {
		if f.cond != nil {
			if f.cond.Init != nil {
				out = append(out, f.cond.Init)
			}
			out = append(out, f.cond.Cond)
		}
		for _, stmt := range f.list[:f.at] {
			if guard, ok := stmt.(*ast.IfStmt); ok && s.needed(stmt) && s.isGuard(guard) {
				if guard.Init != nil {
					out = append(out, guard.Init)
				}
				out = append(out, guard.Cond)
			} else if s.needed(stmt) {
				out = append(out, stmt)
			}
		}
	}
	return out
}

// isGuard reports an if that decides whether the call is made at all: its body leaves
// the iteration.
func (s *site) isGuard(i *ast.IfStmt) bool {
	return i.Else == nil && loop.Terminates(s.file, i.Body.List)
}

// needed reports a statement before the call that has to run before the arguments are
// known: it declares what they mention, or may leave the iteration.
func (s *site) needed(stmt ast.Stmt) bool {
	if s.leaves(stmt) {
		return true
	}
	declared := s.declared(stmt)
	if len(declared) == 0 {
		return false
	}
	uses := func(n ast.Node) bool {
		return s.loop.Mentions(n, func(v *types.Var) bool { return slices.Contains(declared, v) })
	}
	for _, a := range s.ref.Call.Args {
		if uses(a) {
			return true
		}
	}
	for _, f := range s.frames {
		if f.cond != nil && f.cond.Pos() > stmt.Pos() && (f.cond.Init != nil && uses(f.cond.Init) || uses(f.cond.Cond)) {
			return true
		}
		for _, later := range f.list[:f.at] {
			if later.Pos() > stmt.Pos() && s.uses(later, uses) && s.needed(later) {
				return true
			}
		}
	}
	return false
}

// uses reports whether what is gathered of a statement mentions something.
func (s *site) uses(stmt ast.Stmt, mentions func(ast.Node) bool) bool {
	if guard, ok := stmt.(*ast.IfStmt); ok && s.isGuard(guard) {
		return guard.Init != nil && mentions(guard.Init) || mentions(guard.Cond)
	}
	return mentions(stmt)
}

// leaves reports a statement that may end the iteration.
func (s *site) leaves(stmt ast.Stmt) bool {
	found := s.loop.Exit(stmt, nil) != nil
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.BranchStmt:
			found = found || n.Tok == token.CONTINUE
		}
		return !found
	})
	return found
}

// declared returns the variables that a statement declares in its list, or changes.
func (s *site) declared(stmt ast.Stmt) []*types.Var {
	var out []*types.Var
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			if v, ok := s.file.Pkg.Info.Defs[n].(*types.Var); ok {
				out = append(out, v)
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				out = s.changed(out, l)
			}
		case *ast.IncDecStmt:
			out = s.changed(out, n.X)
		case *ast.UnaryExpr:
			if _, lit := ast.Unparen(n.X).(*ast.CompositeLit); n.Op == token.AND && !lit {
				out = s.changed(out, n.X)
			}
		case *ast.CallExpr:
			out = s.handed(out, n)
		}
		return true
	})
	return out
}

// changed adds the variables of the loop that an expression mentions.
func (s *site) changed(out []*types.Var, e ast.Expr) []*types.Var {
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := s.file.Pkg.Info.Uses[id].(*types.Var); ok && !v.IsField() && s.loop.Declares(v) {
				out = append(out, v)
			}
		}
		return true
	})
	return out
}

// handed adds the variables of the loop whose memory a call may change: the receiver of
// a method with a pointer receiver and, for those of the body, whatever isn't a plain
// value.
func (s *site) handed(out []*types.Var, call *ast.CallExpr) []*types.Var {
	mine := func(e ast.Expr) {
		for _, v := range s.changed(nil, e) {
			if _, basic := v.Type().Underlying().(*types.Basic); !basic && s.loop.Body.Pos() < v.Pos() {
				out = append(out, v)
			}
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if fn, ok := s.file.Pkg.Info.Uses[sel.Sel].(*types.Func); ok && fn.Signature().Recv() != nil {
			_, wants := fn.Signature().Recv().Type().(*types.Pointer)
			_, has := code.Under(s.file.Pkg.Info.TypeOf(sel.X)).(*types.Pointer)
			if wants && !has {
				out = s.changed(out, sel.X)
			}
		}
		mine(sel.X)
	}
	for _, a := range call.Args {
		mine(a)
	}
	return out
}

// givesContext reports a call of a method Context, which gives a request's or a test's.
func (s *site) givesContext(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return false
	}
	fn := s.file.Callee(call)
	return fn != nil && fn.Name() == "Context" && crossing.IsContext(s.file.Pkg.Info.TypeOf(call))
}
