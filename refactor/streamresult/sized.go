package streamresult

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A sizedLoop is one that stores an element at each index of a list that was made as long
// as what it goes over.
type sizedLoop struct {
	stmt  ast.Stmt
	body  *ast.BlockStmt
	index *types.Var
	key   *ast.Ident // declares the index, in a loop over what has it
	count ast.Expr   // how many rounds there are, in a loop over the list itself
	once  *emission  // the one store; nil where the element is made in steps
	uses  []ast.Expr // list[i], if it is made in steps
}

// sizedLoop finds the loop that fills a list of this value; nil where there is none.
func (m *maker) sizedLoop(init ast.Stmt, value ast.Expr) *sizedLoop {
	call, ok := ast.Unparen(value).(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); !ok || id.Name != "make" || !m.File.Pkg.Info.Types[id].IsBuiltin() {
		return nil
	}
	at := slices.Index(m.Func.Body.List, init)
	for i, stmt := range m.Func.Body.List[at+1:] {
		if l := m.countsTo(stmt, call.Args[1], i == 0); l != nil && m.storesIn(l.body) {
			return l
		}
	}
	return nil
}

// storesIn reports a mention of the list.
func (m *maker) storesIn(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && m.File.Pkg.Info.Uses[id] == m.list
		return !found
	})
	return found
}

// countsTo reports a loop over each index below a length: for i := range list, of what is
// as long or of the list itself, for i := range n, or for i := 0; i < n; i++. Next says that nothing comes between the two.
func (m *maker) countsTo(stmt ast.Stmt, length ast.Expr, next bool) *sizedLoop {
	info := m.File.Pkg.Info
	switch s := stmt.(type) {
	case *ast.RangeStmt:
		key, ok := s.Key.(*ast.Ident)
		if !ok || key.Name == "_" || s.Tok != token.DEFINE {
			return nil
		}
		index, _ := info.Defs[key].(*types.Var)
		if m.is(s.X, m.list) {
			if s.Value != nil || !next && !m.same(length, length) || !m.still(length) {
				return nil
			}
			return &sizedLoop{stmt: s, body: s.Body, index: index, key: key, count: length}
		}
		switch t := info.TypeOf(s.X).Underlying().(type) {
		case *types.Slice, *types.Array:
			if x := lenOf(m, length); x == nil || !m.same(x, s.X) && !(next && m.sameField(x, s.X)) {
				return nil
			}
		case *types.Basic:
			if t.Info()&types.IsInteger == 0 || !m.same(length, s.X) {
				return nil
			}
		default:
			return nil
		}
		return &sizedLoop{stmt: s, body: s.Body, index: index, key: key}
	case *ast.ForStmt:
		begin, ok := s.Init.(*ast.AssignStmt)
		if !ok || begin.Tok != token.DEFINE || len(begin.Lhs) != 1 || len(begin.Rhs) != 1 || info.Types[begin.Rhs[0]].Value == nil || constant.Sign(info.Types[begin.Rhs[0]].Value) != 0 {
			return nil
		}
		id, ok := begin.Lhs[0].(*ast.Ident)
		cond, isCond := s.Cond.(*ast.BinaryExpr)
		step, isStep := s.Post.(*ast.IncDecStmt)
		if !ok || !isCond || !isStep || cond.Op != token.LSS || step.Tok != token.INC {
			return nil
		}
		index, _ := info.Defs[id].(*types.Var)
		if !m.is(cond.X, index) || !m.is(step.X, index) || !m.same(cond.Y, length) {
			return nil
		}
		return &sizedLoop{stmt: s, body: s.Body, index: index}
	}
	return nil
}

// still reports a length that is the same and has no effect wherever it is computed next to
// where it was: a constant, a variable, a field, or the length of one.
func (m *maker) still(e ast.Expr) bool {
	if m.File.Pkg.Info.Types[e].Value != nil {
		return true
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return m.still(x.X)
	case *ast.CallExpr:
		of := lenOf(m, x)
		return of != nil && m.still(of)
	}
	return false
}

// lenOf returns what an expression is the length of; nil where it isn't one.
func lenOf(m *maker, e ast.Expr) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); !ok || id.Name != "len" || !m.File.Pkg.Info.Types[id].IsBuiltin() {
		return nil
	}
	return call.Args[0]
}

func (m *maker) is(e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && v != nil && m.File.Pkg.Info.Uses[id] == types.Object(v)
}

// same reports two expressions of one value: constants, a local variable that is set once,
// or the length of such a variable.
func (m *maker) same(a, b ast.Expr) bool {
	info := m.File.Pkg.Info
	a, b = ast.Unparen(a), ast.Unparen(b)
	if x, y := info.Types[a].Value, info.Types[b].Value; x != nil && y != nil {
		return constant.Compare(x, token.EQL, y)
	}
	if x, y := lenOf(m, a), lenOf(m, b); x != nil && y != nil {
		return m.same(x, y)
	}
	id, ok := a.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := info.Uses[id].(*types.Var)
	return ok && m.Func.Pos() <= v.Pos() && v.Pos() < m.Func.End() && m.is(b, v) && !m.changes(m.Func.Body, v)
}

// sameField reports two mentions of a field that nothing comes between.
func (m *maker) sameField(a, b ast.Expr) bool {
	x, ok := ast.Unparen(a).(*ast.SelectorExpr)
	y, also := ast.Unparen(b).(*ast.SelectorExpr)
	if !ok || !also || m.File.Pkg.Info.Uses[x.Sel] != m.File.Pkg.Info.Uses[y.Sel] {
		return false
	}
	id, ok := ast.Unparen(x.X).(*ast.Ident)
	if !ok {
		return m.sameField(x.X, y.X)
	}
	v, ok := m.File.Pkg.Info.Uses[id].(*types.Var)
	return ok && m.is(y.X, v)
}

// changes reports whether a variable is set again, or its address taken.
func (m *maker) changes(within ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(within, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, func(e ast.Expr) bool { return m.is(e, v) })
		case *ast.IncDecStmt:
			found = found || m.is(n.X, v)
		case *ast.RangeStmt:
			found = found || n.Tok == token.ASSIGN && (n.Key != nil && m.is(n.Key, v) || n.Value != nil && m.is(n.Value, v))
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && m.is(n.X, v)
		}
		return !found
	})
	return found
}

// sizes finds what the loop does with the element at its index.
func (m *maker) sizes(fine map[*ast.Ident]bool) *refusal {
	l := m.sized
	steps := &refusal{l.stmt.Pos(), "its loop doesn't store each element in order", "append the elements"}
	if m.changes(l.body, l.index) || leavesRound(l.body) {
		return steps
	}
	if r, ok := l.stmt.(*ast.RangeStmt); ok && l.count != nil {
		fine[ast.Unparen(r.X).(*ast.Ident)] = true
	}
	for _, ret := range m.returns {
		if !ret.none && ret.Pos() < l.stmt.End() {
			return &refusal{ret.Pos(), "it returns its list before it has all elements", "append the elements"}
		}
	}
	ast.PreorderStack(l.body, nil, func(n ast.Node, stack []ast.Node) bool {
		at, ok := n.(*ast.IndexExpr)
		if !ok || !m.is(at.X, m.list) || !m.is(at.Index, l.index) || m.addressed(at, stack) {
			return true
		}
		fine[ast.Unparen(at.X).(*ast.Ident)] = true
		l.uses = append(l.uses, at)
		return true
	})
	if len(l.uses) == 0 {
		return steps
	}
	if l.count != nil && m.indexed() && !types.Identical(types.Default(m.File.Pkg.Info.TypeOf(l.count)), types.Typ[types.Int]) {
		return steps // the index would be of another type
	}
	if len(l.uses) == 1 {
		for _, stmt := range l.body.List {
			a, ok := stmt.(*ast.AssignStmt)
			if ok && a.Tok == token.ASSIGN && len(a.Lhs) == 1 && len(a.Rhs) == 1 && a.Lhs[0] == l.uses[0] {
				l.once = &emission{Stmt: a, values: a.Rhs}
			}
		}
	}
	if l.once != nil {
		m.appends = append(m.appends, l.once)
		return nil
	}
	m.appends = append(m.appends, &emission{Stmt: l.stmt})
	return nil
}

// addressed reports an element whose address may be kept: a copy of it is handed out.
func (m *maker) addressed(at ast.Expr, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch p := stack[i].(type) {
		case *ast.FuncLit:
			return true
		case *ast.UnaryExpr:
			return p.Op == token.AND
		case *ast.SliceExpr:
			return p.X == at
		case *ast.SelectorExpr:
			if sel := m.File.Pkg.Info.Selections[p]; sel != nil && sel.Kind() == types.MethodVal {
				_, pointer := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
				_, has := m.File.Pkg.Info.TypeOf(p.X).Underlying().(*types.Pointer)
				return pointer && !has
			}
			at = p
		case *ast.IndexExpr:
			at = p
		case *ast.ParenExpr:
			at = p
		case ast.Stmt:
			return slices.ContainsFunc(stack[:i], func(n ast.Node) bool { _, lit := n.(*ast.FuncLit); return lit })
		default:
			return slices.ContainsFunc(stack[:i], func(n ast.Node) bool { _, lit := n.(*ast.FuncLit); return lit })
		}
	}
	return false
}

// leavesRound reports a statement that ends a round of the loop early, but for returns.
func leavesRound(body *ast.BlockStmt) bool {
	found := false
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		if !ok {
			_, lit := n.(*ast.FuncLit)
			return !lit
		}
		inner := false
		for _, p := range stack {
			switch p.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				inner = true
			case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				inner = inner || b.Tok == token.BREAK
			}
		}
		found = found || b.Label != nil || b.Tok == token.GOTO || !inner && b.Tok != token.FALLTHROUGH
		return true
	})
	return found
}

// editSized hands out the elements of the loop.
func (m *maker) editSized(s *signature) {
	l, f := m.sized, m.File
	if l.once == nil {
		one := s.inner.Take(s.one, "element", "one")
		for _, at := range l.uses {
			f.Replace(at.Pos(), at.End(), one)
		}
		f.Insert(l.body.Lbrace+1, "\nvar "+one+" "+s.elem)
		nilErr := ""
		if m.fails {
			nilErr = ", nil"
		}
		f.Insert(l.body.Rbrace, "if !"+s.yield+"("+one+nilErr+") {\nreturn\n}\n")
	}
	r, ok := l.stmt.(*ast.RangeStmt)
	if ok && l.count != nil {
		f.Replace(r.X.Pos(), r.X.End(), f.Source(l.count))
	}
	if l.key == nil || m.indexed() {
		return
	}
	switch {
	case r.Value != nil:
		f.Replace(l.key.Pos(), l.key.End(), "_")
	default:
		f.Replace(l.key.Pos(), r.X.Pos(), "range ")
	}
}

// indexed reports a mention of the loop's index that stays.
func (m *maker) indexed() bool {
	found := false
	gone := map[ast.Expr]bool{}
	for _, at := range m.sized.uses {
		gone[at] = true
	}
	ast.Inspect(m.sized.body, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && gone[e] {
			return false
		}
		id, ok := n.(*ast.Ident)
		found = found || ok && m.File.Pkg.Info.Uses[id] == types.Object(m.sized.index)
		return !found
	})
	return found
}

// withoutLength is make([]T, n) with n as its capacity.
func (m *maker) withoutLength(value ast.Expr) string {
	call := ast.Unparen(value).(*ast.CallExpr)
	return "make(" + strings.Join([]string{m.File.Source(call.Args[0]), "0", m.File.Source(call.Args[1])}, ", ") + ")"
}
