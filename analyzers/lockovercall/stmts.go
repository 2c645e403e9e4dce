package lockovercall

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/analyzers/calls"
	"github.com/unweld/unweld/internal/component"
)

func (w *walker) stmts(list []ast.Stmt) {
	if w.loud && !w.lockless {
		w.findFixes(list)
	}
	for _, s := range list {
		w.stmt(s)
	}
}

func (w *walker) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		if w.gotos[s.Label.Name] { // reached from anywhere
			w.st = state{}
		}
		w.label = s.Label.Name
		w.stmt(s.Stmt)
		w.label = ""
	case *ast.BlockStmt:
		w.stmts(s.List)
	case *ast.ExprStmt:
		w.evaluate(s.X)
	case *ast.AssignStmt:
		w.assign(s)
	case *ast.DeferStmt:
		w.deferred(s.Call)
	case *ast.GoStmt:
		w.started(s.Call)
	case *ast.ReturnStmt:
		for _, e := range s.Results {
			w.evaluate(e)
		}
		w.leave()
	case *ast.BranchStmt:
		w.branch(s)
	case *ast.IfStmt:
		w.ifStmt(s)
	case *ast.ForStmt:
		w.forStmt(s)
	case *ast.RangeStmt:
		w.evaluate(s.X)
		w.loop(s.Body, nil, false)
	case *ast.SwitchStmt:
		w.switchStmt(s.Init, s.Tag, s.Body)
	case *ast.TypeSwitchStmt:
		w.switchStmt(s.Init, s.Assign, s.Body)
	case *ast.SelectStmt:
		w.clauses(s.Body, true)
	case nil, *ast.EmptyStmt:
	default: // declarations, sends, increments
		w.evaluate(s)
	}
}

func (w *walker) assign(s *ast.AssignStmt) {
	for _, e := range s.Rhs {
		w.evaluate(e)
	}
	for _, e := range s.Lhs {
		w.evaluate(e)
		w.assigned(e)
		if id, ok := ast.Unparen(e).(*ast.Ident); ok { // the path means something else now
			if obj := w.pass.Info.ObjectOf(id); obj != nil {
				w.forget(obj)
			}
		}
	}
	for _, e := range s.Rhs {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok { // it may be unlocked by another name
			if obj := w.pass.Info.Uses[id]; obj != nil {
				w.forget(obj)
			}
		}
	}
}

// assigned keeps which fields that could lead to another component are
// assigned, or can be through their address.
func (w *walker) assigned(e ast.Expr) {
	if !w.loud {
		return
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		if n := namedOf(w.pass.Info.TypeOf(e)); n != nil && n.Obj().Pkg() == w.pass.Types {
			w.fieldFact(n, "*", e)
		}
	case *ast.SelectorExpr:
		s := w.pass.Info.Selections[e]
		if s == nil || s.Kind() != types.FieldVal || s.Obj().Exported() || s.Obj().Pkg() != w.pass.Types {
			return
		}
		switch s.Obj().Type().Underlying().(type) {
		case *types.Interface, *types.Pointer, *types.Signature:
			if n := namedOf(w.pass.Info.TypeOf(e.X)); n != nil {
				w.fieldFact(n, s.Obj().Name(), e)
			}
		}
	}
}

func (w *walker) fieldFact(n *types.Named, field string, at ast.Node) {
	to := component.Subject{Decl: component.DeclID{Pkg: w.pass.Types.Path(), Name: n.Obj().Name()}, Member: field}
	for _, f := range w.facts {
		if f.Kind == assigns && f.To == to {
			return
		}
	}
	w.facts = append(w.facts, component.Fact{Kind: assigns, To: to, Span: w.pass.Span(at.Pos(), at.End())})
}

func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// deferred follows a defer statement. What is deferred later runs earlier, so
// the call runs under the locks whose unlocking was deferred before.
func (w *walker) deferred(call *ast.CallExpr) {
	for _, a := range call.Args {
		w.evaluate(a)
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		var inside state
		for l, h := range w.st.locks {
			if h.deferred {
				inside.hold(l, h)
			}
		}
		w.literal(lit, inside)
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				w.unlocksLater(c)
			}
			return true
		})
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		w.evaluate(sel.X)
	}
	if w.unlocksLater(call) {
		return
	}
	if fn := calls.Callee(w.pass.Info, call); fn != nil && fn.Pkg() != nil && w.pass.Local(fn.Pkg().Path()) {
		w.report(call, fn, func(h held) bool { return h.deferred })
	}
}

// unlocksLater marks the lock that a deferred call unlocks.
func (w *walker) unlocksLater(call *ast.CallExpr) bool {
	fn := calls.Callee(w.pass.Info, call)
	if fn == nil {
		return false
	}
	if operation(fn) == release {
		if l, ok := w.lockOf(ast.Unparen(call.Fun), fn); ok {
			if h, ok := w.st.locks[l]; ok {
				h.deferred = true
				w.st.locks[l] = h
			}
		}
		return true
	}
	if !releasers.MatchString(fn.Name()) {
		return false
	}
	for _, root := range w.roots(call) {
		for l, h := range w.st.locks {
			if l.root == root {
				h.deferred = true
				w.st.locks[l] = h
			}
		}
	}
	return true
}

// started follows a go statement: its operands are evaluated here, and the
// goroutine holds none of the locks.
func (w *walker) started(call *ast.CallExpr) {
	for _, a := range call.Args {
		w.evaluate(a)
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		w.literal(fun, state{})
	case *ast.SelectorExpr:
		w.evaluate(fun.X)
	}
}

func (w *walker) branch(s *ast.BranchStmt) {
	label := ""
	if s.Label != nil {
		label = s.Label.Name
	}
	for i := len(w.frames) - 1; i >= 0 && (s.Tok == token.BREAK || s.Tok == token.CONTINUE); i-- {
		f := w.frames[i]
		if label != "" && f.label != label || s.Tok == token.CONTINUE && !f.loop {
			continue
		}
		if s.Tok == token.BREAK {
			f.broken, f.breaks = together(f.broken, f.breaks, w.st)
		} else {
			f.continued, f.nexts = together(f.continued, f.nexts, w.st)
		}
		break
	}
	if s.Tok != token.FALLTHROUGH {
		w.st.dead = true
	}
}

// together merges a state into those that came before, if any did.
func together(all state, any bool, st state) (state, bool) {
	if st.dead {
		return all, any
	}
	if !any {
		return st.copy(), true
	}
	return merge(all, st), true
}

func (w *walker) ifStmt(s *ast.IfStmt) {
	w.label = ""
	if s.Init != nil {
		w.stmt(s.Init)
	}
	w.evaluate(s.Cond)
	then, other := w.st.copy(), w.st.copy()
	if !w.lockless {
		w.condition(s.Cond, &then, &other)
	}
	w.st = then
	w.stmts(s.Body.List)
	after := w.st
	w.st = other
	if s.Else != nil {
		w.stmt(s.Else)
	}
	w.st = merge(after, w.st)
	w.st.dead = after.dead && w.st.dead
}

// condition adds the lock of a TryLock where it succeeded.
func (w *walker) condition(e ast.Expr, yes, no *state) {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			w.condition(e.X, no, yes)
		}
	case *ast.BinaryExpr:
		var nothing state
		switch e.Op {
		case token.LAND:
			w.condition(e.X, yes, &nothing)
			w.condition(e.Y, yes, &nothing)
		case token.LOR:
			w.condition(e.X, &nothing, no)
			w.condition(e.Y, &nothing, no)
		}
	case *ast.CallExpr:
		fn := calls.Callee(w.pass.Info, e)
		if fn == nil || operation(fn) != try {
			return
		}
		if l, ok := w.lockOf(ast.Unparen(e.Fun), fn); ok {
			yes.hold(l, held{at: e})
		}
	}
}

func (w *walker) forStmt(s *ast.ForStmt) {
	label := w.label
	w.label = ""
	if s.Init != nil {
		w.stmt(s.Init)
	}
	if s.Cond != nil {
		w.evaluate(s.Cond)
	}
	w.label = label
	w.loop(s.Body, s.Post, s.Cond == nil)
}

// loop follows a body twice: what isn't held at its end isn't held for certain
// at its start.
func (w *walker) loop(body *ast.BlockStmt, post ast.Stmt, endless bool) {
	label := w.label
	w.label = ""
	entry := w.st.copy()
	round := func() *frame {
		f := &frame{label: label, loop: true}
		w.frames = append(w.frames, f)
		w.stmts(body.List)
		if f.nexts {
			w.st = merge(w.st, f.continued)
		}
		if post != nil {
			w.stmt(post)
		}
		w.frames = w.frames[:len(w.frames)-1]
		return f
	}
	if !w.lockless { // else nothing is held when the second round begins
		loud := w.loud
		w.loud = false
		round()
		w.loud = loud
	}
	w.st = merge(entry, w.st)
	w.st.dead = entry.dead
	start := w.st.copy()
	f := round()
	end := merge(start, w.st)
	if endless {
		end = state{dead: true}
	}
	if f.breaks {
		end = merge(end, f.broken)
		end.dead = false
	}
	end.dead = end.dead || entry.dead
	w.st = end
}

func (w *walker) switchStmt(init ast.Stmt, tag ast.Node, body *ast.BlockStmt) {
	label := w.label
	w.label = ""
	if init != nil {
		w.stmt(init)
	}
	switch tag := tag.(type) {
	case nil:
	case ast.Stmt:
		w.stmt(tag)
	case ast.Expr:
		if tag != nil {
			w.evaluate(tag)
		}
	}
	w.label = label
	w.clauses(body, false)
}

// clauses follows those of a switch or select. A select without default waits
// for one of them.
func (w *walker) clauses(body *ast.BlockStmt, sel bool) {
	f := &frame{label: w.label}
	w.label = ""
	w.frames = append(w.frames, f)
	entry, all := w.st.copy(), sel
	var through *state
	for _, c := range body.List {
		w.st = entry.copy()
		if through != nil {
			w.st = merge(w.st, *through)
			through = nil
		}
		switch c := c.(type) {
		case *ast.CaseClause:
			all = all || c.List == nil
			for _, e := range c.List {
				w.evaluate(e)
			}
			w.stmts(c.Body)
			if n := len(c.Body); n > 0 {
				if b, ok := c.Body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
					st := w.st.copy()
					through = &st
					continue
				}
			}
		case *ast.CommClause:
			if c.Comm != nil {
				w.stmt(c.Comm)
			}
			w.stmts(c.Body)
		}
		f.broken, f.breaks = together(f.broken, f.breaks, w.st)
	}
	w.frames = w.frames[:len(w.frames)-1]
	switch {
	case !all:
		f.broken, f.breaks = together(f.broken, f.breaks, entry)
		w.st = f.broken
		w.st.dead = entry.dead
	case f.breaks:
		w.st = f.broken
	default:
		w.st = state{dead: true}
	}
}
