package lockovercall

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/analyzers/calls"
	"github.com/unweld/unweld/internal/component"
)

// A fix moves a call in front of the lock. It is offered where the call is the
// first thing that happens under the lock and what it is given doesn't depend on
// it: variables of the function that no function literal shares, and a way to the
// callee over fields that nothing assigns, which other functions say.
type fix struct {
	lock  lock
	fix   *component.Fix
	needs []string // fields that nothing may assign
}

// findFixes looks for a lock that is taken, perhaps the defer statement that
// releases it, and a call.
func (w *walker) findFixes(list []ast.Stmt) {
	for i := range list {
		l, ok := w.locks(list[i])
		if !ok || i+1 >= len(list) {
			continue
		}
		group := list[i : i+2]
		if d, ok := list[i+1].(*ast.DeferStmt); ok {
			fn := calls.Callee(w.pass.Info, d.Call)
			if fn == nil || operation(fn) != release || i+2 >= len(list) {
				continue
			}
			if of, ok := w.lockOf(ast.Unparen(d.Call.Fun), fn); !ok || of != l {
				continue
			}
			group = list[i : i+3]
		}
		call := w.movable(group[len(group)-1])
		if call == nil || !w.plainLines(group) || w.guardsNothing(l, list[i+len(group):]) {
			continue
		}
		needs, ok := w.independent(call)
		if edits := w.rotate(group); ok && edits != nil {
			w.fixes[call] = &fix{l, &component.Fix{Title: "call before the lock is taken", Edits: edits}, needs}
		}
	}
}

// guardsNothing reports whether nothing is left under a lock but the call: with it
// moved away, what the lock is for is nothing that a fix could know.
func (w *walker) guardsNothing(l lock, rest []ast.Stmt) bool {
	if len(rest) == 0 {
		return true
	}
	switch s := rest[0].(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := calls.Callee(w.pass.Info, call)
		if fn == nil || operation(fn) != release {
			return false
		}
		of, ok := w.lockOf(ast.Unparen(call.Fun), fn)
		return ok && of == l
	case *ast.ReturnStmt: // of what the function owns
		for _, r := range s.Results {
			id, ok := ast.Unparen(r).(*ast.Ident)
			if !ok || w.pass.Info.Types[id].Value == nil && !w.pass.Info.Types[id].IsNil() && !w.own(id) {
				return false
			}
		}
		return true
	}
	return false
}

// locks returns the lock that a statement takes.
func (w *walker) locks(s ast.Stmt) (lock, bool) {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return lock{}, false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return lock{}, false
	}
	fn := calls.Callee(w.pass.Info, call)
	if fn == nil || operation(fn) != take {
		return lock{}, false
	}
	return w.lockOf(ast.Unparen(call.Fun), fn)
}

// movable returns the call that is all of a statement, or whose results go to
// variables of the function.
func (w *walker) movable(s ast.Stmt) *ast.CallExpr {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, _ := s.X.(*ast.CallExpr)
		return call
	case *ast.AssignStmt:
		if len(s.Rhs) != 1 {
			return nil
		}
		for _, l := range s.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok || id.Name != "_" && !w.own(id) {
				return nil
			}
		}
		call, _ := s.Rhs[0].(*ast.CallExpr)
		return call
	}
	return nil
}

// own reports whether an identifier is a variable of the function that nothing
// else can see.
func (w *walker) own(id *ast.Ident) bool {
	v, ok := w.pass.Info.ObjectOf(id).(*types.Var)
	if !ok || v.IsField() || v.Parent() == w.pass.Types.Scope() {
		return false
	}
	shared := false
	ast.Inspect(w.fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if n.Pos() <= v.Pos() && v.Pos() < n.End() {
				return true // its own
			}
			ast.Inspect(n, func(n ast.Node) bool {
				if u, ok := n.(*ast.Ident); ok && w.pass.Info.Uses[u] == types.Object(v) {
					shared = true
				}
				return true
			})
		case *ast.UnaryExpr:
			if u, ok := ast.Unparen(n.X).(*ast.Ident); ok && n.Op == token.AND && w.pass.Info.Uses[u] == types.Object(v) {
				shared = true
			}
		}
		return true
	})
	return !shared
}

// independent reports whether a call means the same before the lock is taken,
// and which fields nothing may assign for that.
func (w *walker) independent(call *ast.CallExpr) ([]string, bool) {
	if call.Ellipsis.IsValid() {
		return nil, false
	}
	for _, a := range call.Args {
		switch a := ast.Unparen(a).(type) {
		case *ast.BasicLit:
		case *ast.Ident:
			if w.pass.Info.Types[a].Value == nil && !w.pass.Info.Types[a].IsNil() && !w.own(a) {
				return nil, false
			}
		default:
			if w.pass.Info.Types[a].Value == nil {
				return nil, false
			}
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || w.pass.Info.Selections[sel] == nil {
		fn := calls.Callee(w.pass.Info, call)
		return nil, fn != nil && fn.Signature().Recv() == nil
	}
	return w.way(sel.X)
}

// way lists the fields on the way to a callee.
func (w *walker) way(e ast.Expr) ([]string, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return nil, w.own(e)
	case *ast.SelectorExpr:
		s := w.pass.Info.Selections[e]
		if s == nil || s.Kind() != types.FieldVal || s.Obj().Exported() || len(s.Index()) != 1 || s.Obj().Pkg() != w.pass.Types {
			return nil, false
		}
		n := namedOf(w.pass.Info.TypeOf(e.X))
		if n == nil || n.Obj().Pkg() != w.pass.Types {
			return nil, false
		}
		switch s.Obj().Type().Underlying().(type) {
		case *types.Interface, *types.Pointer:
		default:
			return nil, false // assignments of others aren't kept
		}
		rest, ok := w.way(e.X)
		of := component.Subject{Decl: component.DeclID{Pkg: w.pass.Types.Path(), Name: n.Obj().Name()}}
		whole := of
		of.Member, whole.Member = s.Obj().Name(), "*"
		return append(rest, of.String(), whole.String()), ok
	}
	return nil, false
}

// plainLines reports whether each statement has a line of its own, one after
// the other, without comments.
func (w *walker) plainLines(group []ast.Stmt) bool {
	line := func(p token.Pos) int { return w.pass.Fset.PositionFor(p, false).Line }
	first := line(group[0].Pos())
	for i, s := range group {
		if line(s.Pos()) != first+i || line(s.End()) != first+i {
			return false
		}
	}
	for _, c := range w.pass.Comments {
		if line(c.End()) >= first && line(c.Pos()) < first+len(group) {
			return false
		}
	}
	return true
}

// rotate puts the last statement of the group first. Each takes the place of
// another, so that line ends and indentation stay as they are.
func (w *walker) rotate(group []ast.Stmt) []component.Edit {
	var edits []component.Edit
	for i, s := range group {
		var b bytes.Buffer
		if format.Node(&b, w.pass.Fset, group[(i+len(group)-1)%len(group)]) != nil || bytes.ContainsRune(b.Bytes(), '\n') {
			return nil
		}
		edits = append(edits, component.Edit{Span: w.pass.Span(s.Pos(), s.End()), New: b.String()})
	}
	return edits
}
