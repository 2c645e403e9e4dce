package streamresult

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
)

// A maker is a function that makes a list: how its body becomes an iterator.
type maker struct {
	*code.Decl
	elem    types.Type
	fails   bool
	list    *types.Var
	init    ast.Stmt // declares the list
	value   ast.Expr // its first value; nil for none
	appends []*ast.AssignStmt
	returns []*ast.ReturnStmt
	partial bool // an error is returned with what there is of the list
	reset   *ast.ReturnStmt
}

// A refusal is why a body can't become an iterator.
type refusal struct {
	at         token.Pos
	text, hint string
}

func (j *job) refused(r *refusal) error {
	return j.refuse(component.Problem{Code: "list-not-streamed", Severity: component.Error, Span: j.world.SpanAt(r.at, r.at), Message: j.fn.Name() + " can't hand out its elements one by one: " + r.text, Hint: r.hint})
}

// makerOf finds out how a function makes its list.
func makerOf(d *code.Decl) (*maker, *refusal) {
	sig := d.Obj.Signature()
	m := &maker{Decl: d, fails: sig.Results().Len() == 2, elem: elemOf(sig)}
	if d.Func.Body == nil {
		return nil, &refusal{d.Func.Pos(), "it has no Go body", "name another function"}
	}
	if len(d.Func.Type.Results.List[0].Names) > 0 {
		return nil, &refusal{d.Func.Type.Results.Pos(), "its results have names", "give them none, and return them by name"}
	}
	if r := m.collect(); r != nil {
		return nil, r
	}
	if m.list == nil {
		return nil, &refusal{d.Func.Pos(), "it doesn't append to a list of its own", "build the list by append first"}
	}
	for _, check := range []func() *refusal{m.mentions, m.leaving, m.holding, m.parameters} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	return m, nil
}

// walk visits the body, without function literals.
func (m *maker) walk(visit func(ast.Node)) {
	ast.Inspect(m.Func.Body, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit || n == nil {
			return false
		}
		visit(n)
		return true
	})
}

// collect finds the returns and, by them, the list.
func (m *maker) collect() (r *refusal) {
	info := m.File.Pkg.Info
	m.walk(func(n ast.Node) {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok || r != nil {
			return
		}
		m.returns = append(m.returns, ret)
		want := 1
		if m.fails {
			want = 2
		}
		if len(ret.Results) != want {
			r = &refusal{ret.Pos(), "it returns what another function returns", "assign it to variables first"}
			return
		}
		id, ok := ast.Unparen(ret.Results[0]).(*ast.Ident)
		if !ok {
			r = &refusal{ret.Pos(), "it returns another list here", "append it to the one that it returns elsewhere"}
			return
		}
		if _, isNil := info.Uses[id].(*types.Nil); isNil {
			return
		}
		v, ok := info.Uses[id].(*types.Var)
		if !ok || m.list != nil && v != m.list || v.Pos() < m.Func.Body.Pos() || v.Pos() > m.Func.Body.End() {
			r = &refusal{ret.Pos(), "it returns another list here", "append it to the one that it returns elsewhere"}
			return
		}
		m.list = v
	})
	return r
}

// mentions accepts the declaration, appends and returns of the list, and nothing else.
func (m *maker) mentions() *refusal {
	info := m.File.Pkg.Info
	fine := map[*ast.Ident]bool{}
	for _, stmt := range m.Func.Body.List {
		m.declares(stmt, fine)
	}
	if m.init == nil {
		return &refusal{m.list.Pos(), "its list doesn't begin empty, or not in the function's first block", "declare it empty: var " + m.list.Name() + " []T"}
	}
	for _, ret := range m.returns {
		if id, ok := ast.Unparen(ret.Results[0]).(*ast.Ident); ok {
			fine[id] = true
		}
	}
	ast.Inspect(m.Func.Body, func(n ast.Node) bool {
		if list := loop.List(n); list != nil {
			for _, stmt := range list {
				m.appendsTo(stmt, fine)
			}
		}
		return true
	})
	var bad *ast.Ident
	ast.Inspect(m.Func.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.ObjectOf(id) == m.list && !fine[id] && bad == nil {
			bad = id
		}
		return true
	})
	if bad != nil {
		return &refusal{bad.Pos(), "it uses the list while it makes it", "leave nothing but append and return: sort, count or cut the list in the callers that need it"}
	}
	if len(m.appends) == 0 {
		return &refusal{m.list.Pos(), "it appends nothing to its list", "name another function"}
	}
	return nil
}

// declares recognizes the declaration of an empty list.
func (m *maker) declares(stmt ast.Stmt, fine map[*ast.Ident]bool) {
	info := m.File.Pkg.Info
	switch s := stmt.(type) {
	case *ast.DeclStmt:
		g := s.Decl.(*ast.GenDecl)
		if len(g.Specs) != 1 {
			return
		}
		spec, ok := g.Specs[0].(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || info.Defs[spec.Names[0]] != m.list || len(spec.Values) > 1 || len(spec.Values) == 1 && !m.empty(spec.Values[0]) {
			return
		}
		m.init, fine[spec.Names[0]] = s, true
		if len(spec.Values) == 1 {
			m.value = spec.Values[0]
		}
	case *ast.AssignStmt:
		if len(s.Lhs) != 1 || len(s.Rhs) != 1 || s.Tok != token.DEFINE {
			return
		}
		if id, ok := s.Lhs[0].(*ast.Ident); ok && info.Defs[id] == m.list && m.empty(s.Rhs[0]) {
			m.init, m.value, fine[id] = s, s.Rhs[0], true
		}
	}
}

// empty reports []T{} or make([]T, 0, ...).
func (m *maker) empty(e ast.Expr) bool {
	info := m.File.Pkg.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		if !ok || id.Name != "make" || len(e.Args) < 2 || info.Types[e.Args[1]].Value == nil {
			return false
		}
		return info.Types[e.Args[1]].Value.String() == "0"
	}
	return false
}

// appendsTo recognizes list = append(list, ...).
func (m *maker) appendsTo(stmt ast.Stmt, fine map[*ast.Ident]bool) {
	info := m.File.Pkg.Info
	a, ok := stmt.(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return
	}
	id, ok := a.Lhs[0].(*ast.Ident)
	call, isCall := a.Rhs[0].(*ast.CallExpr)
	if !ok || !isCall || info.Uses[id] != m.list || len(call.Args) < 2 {
		return
	}
	fun, ok := ast.Unparen(call.Fun).(*ast.Ident)
	first, isID := call.Args[0].(*ast.Ident)
	if !ok || !isID || fun.Name != "append" || info.Uses[first] != m.list {
		return
	}
	if _, builtin := info.Uses[fun].(*types.Builtin); !builtin || m.inLiteral(a) {
		return
	}
	fine[id], fine[first] = true, true
	m.appends = append(m.appends, a)
}

// inLiteral reports a statement in a function literal.
func (m *maker) inLiteral(stmt ast.Stmt) bool {
	found := false
	ast.Inspect(m.Func.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && lit.Pos() < stmt.Pos() && stmt.End() <= lit.End() {
			found = true
		}
		return !found
	})
	return found
}

// leaving accepts returns after which the callers have what they had.
func (m *maker) leaving() *refusal {
	wholly := false // an error is returned without the list
	for _, ret := range m.returns {
		id := ast.Unparen(ret.Results[0]).(*ast.Ident)
		dropsList := id.Name == "nil"
		errs := m.fails && !m.isNil(ret.Results[1])
		switch {
		case errs && dropsList:
			wholly = true
			if !m.certain(ret) && m.afterAppend(ret) {
				return &refusal{ret.Pos(), "it may return no list and no error here, although there are elements", "return the list, or an error that can't be nil"}
			}
			if !m.certain(ret) && m.value != nil {
				m.reset = ret
			}
		case errs:
			m.partial = m.partial || m.certain(ret) || m.afterAppend(ret)
		case dropsList && m.afterAppend(ret):
			return &refusal{ret.Pos(), "it returns no list here, although there are elements", "return the list, or an error"}
		case dropsList && m.value != nil:
			m.reset = ret
		}
	}
	m.partial = m.partial && !wholly
	return nil
}

func (m *maker) isNil(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	_, isNil := m.File.Pkg.Info.Uses[id].(*types.Nil)
	return isNil
}

// certain reports a return whose error can't be nil: it has just been compared with
// nil, or is made there.
func (m *maker) certain(ret *ast.ReturnStmt) bool {
	e := ast.Unparen(ret.Results[1])
	switch e := e.(type) {
	case *ast.CallExpr:
		fn := m.File.Callee(e)
		return fn != nil && (fn.FullName() == "errors.New" || fn.FullName() == "fmt.Errorf")
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	case *ast.CompositeLit:
		return true
	case *ast.Ident:
		v := m.File.Pkg.Info.Uses[e]
		found := false
		m.walk(func(n ast.Node) {
			i, ok := n.(*ast.IfStmt)
			if !ok || len(i.Body.List) == 0 || i.Body.List[len(i.Body.List)-1] != ast.Stmt(ret) {
				return
			}
			cond, ok := ast.Unparen(i.Cond).(*ast.BinaryExpr)
			if !ok || cond.Op != token.NEQ || !m.isNil(cond.Y) {
				return
			}
			x, ok := ast.Unparen(cond.X).(*ast.Ident)
			found = found || ok && m.File.Pkg.Info.Uses[x] == v && !assigned(m.File, i.Body, v)
		})
		return found
	}
	return false
}

func assigned(f *code.File, body *ast.BlockStmt, v types.Object) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, l := range a.Lhs {
				id, ok := l.(*ast.Ident)
				found = found || ok && f.Pkg.Info.Uses[id] == v
			}
		}
		return !found
	})
	return found
}

// afterAppend reports whether something may have been appended before a statement.
func (m *maker) afterAppend(stmt ast.Stmt) bool {
	before := slices.ContainsFunc(m.appends, func(a *ast.AssignStmt) bool { return a.Pos() < stmt.Pos() })
	m.walk(func(n ast.Node) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			in := n.Pos() < stmt.Pos() && stmt.End() <= n.End()
			before = before || in && slices.ContainsFunc(m.appends, func(a *ast.AssignStmt) bool { return n.Pos() < a.Pos() && a.End() <= n.End() })
		case *ast.LabeledStmt:
			before = true
		}
	})
	return before
}

// holding refuses what would be held while a caller's loop runs, or not be released
// where that ends early.
func (m *maker) holding() (r *refusal) {
	first := m.appends[0].Pos()
	deferred := map[*ast.CallExpr]bool{}
	m.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.DeferStmt:
			deferred[n.Call] = true
		case *ast.CallExpr:
			name := ""
			switch fun := ast.Unparen(n.Fun).(type) {
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			case *ast.Ident:
				name = fun.Name
			}
			switch {
			case r != nil:
			case name == "Lock" || name == "RLock":
				r = &refusal{n.Pos(), "it holds a lock, which callers would hold while they go over the elements", "make the list under the lock, in a function of its own"}
			case !deferred[n] && n.Pos() > first && releases(name):
				r = &refusal{n.Pos(), m.File.Source(n) + " isn't deferred: a caller that ends early would leave it out", "defer it"}
			}
		case *ast.SendStmt:
			if r == nil && n.Pos() > first {
				r = &refusal{n.Pos(), "it sends to a channel after it has begun: a caller that ends early would leave that out", "send in a deferred function"}
			}
		}
	})
	ast.Inspect(m.Func.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && r == nil && id.Name == "recover" {
			if _, builtin := m.File.Pkg.Info.Uses[id].(*types.Builtin); builtin {
				r = &refusal{n.Pos(), "it recovers from panics, also from those of callers then", "recover in a function of its own"}
			}
		}
		return true
	})
	return r
}

func releases(name string) bool {
	return slices.Contains(strings.Fields("Close Unlock RUnlock Release Rollback Commit Done Flush Stop End Finish Wait cancel close"), name)
}

// parameters refuses a body that changes its parameters: the iterator may run more than
// once.
func (m *maker) parameters() (r *refusal) {
	info := m.File.Pkg.Info
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return false
		}
		v, ok := info.Uses[id].(*types.Var)
		return ok && m.Func.Type.Pos() <= v.Pos() && v.Pos() < m.Func.Type.End()
	}
	m.walk(func(n ast.Node) {
		var bad bool
		switch n := n.(type) {
		case *ast.AssignStmt:
			bad = slices.ContainsFunc(n.Lhs, is)
		case *ast.IncDecStmt:
			bad = is(n.X)
		case *ast.UnaryExpr:
			bad = n.Op == token.AND && is(n.X)
		}
		if bad && r == nil {
			r = &refusal{n.Pos(), "it changes a parameter, and an iterator may run more than once", "copy the parameter to a variable first"}
		}
	})
	return r
}
