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
	elem     types.Type
	fails    bool
	list     *types.Var
	named    bool       // the list is a result with a name
	namedErr *types.Var // the error, if it is a result with a name
	init     ast.Stmt   // declares the list; nil where the signature does
	value    ast.Expr   // its first value; nil for none
	appends  []*emission
	sized    *sizedLoop // stores an element at each index; nil where it appends
	returns  []*leave
	partial  bool // an error is returned with what there is of the list
	reset    *ast.ReturnStmt
}

// An emission is a statement that puts elements into the list: an append, the store of an
// element, or the list's first value.
type emission struct {
	ast.Stmt
	values []ast.Expr // the elements, one by one
	all    ast.Expr   // a list of the elements; nil for none
}

// A leave is a return.
type leave struct {
	*ast.ReturnStmt
	list  ast.Expr  // what it returns as the list; nil where the signature says it
	err   ast.Expr  // the error; nil where there is none or the signature says it
	none  bool      // no list
	empty bool      // a list without elements
	last  *emission // return append(list, ...)
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
	if r := m.results(); r != nil {
		return nil, r
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

// results looks at what results are called.
func (m *maker) results() (r *refusal) {
	var vars []*types.Var
	for _, field := range m.Func.Type.Results.List {
		for _, id := range field.Names {
			v, _ := m.File.Pkg.Info.Defs[id].(*types.Var)
			vars = append(vars, v)
		}
	}
	if len(vars) == 0 {
		return nil
	}
	if m.fails {
		m.namedErr = vars[1]
	}
	ast.Inspect(m.Func.Body, func(n ast.Node) bool {
		d, ok := n.(*ast.DeferStmt)
		if ok && r == nil && slices.ContainsFunc(vars, func(v *types.Var) bool { return v != nil && code.Uses(m.File.Pkg.Info, d, v) }) {
			r = &refusal{d.Pos(), "it defers what deals with its results", "take the result out of what it defers"}
		}
		return r == nil
	})
	if v := vars[0]; v != nil && v.Name() != "_" && r == nil && code.Uses(m.File.Pkg.Info, m.Func.Body, v) {
		m.list, m.named = v, true
	}
	return r
}

// collect finds the returns and, by them, the list.
func (m *maker) collect() (r *refusal) {
	m.walk(func(n ast.Node) {
		if ret, ok := n.(*ast.ReturnStmt); ok && r == nil {
			r = m.leaves(ret)
		}
	})
	return r
}

// leaves finds out what a return returns.
func (m *maker) leaves(ret *ast.ReturnStmt) *refusal {
	l := &leave{ReturnStmt: ret}
	m.returns = append(m.returns, l)
	want := 1
	if m.fails {
		want = 2
	}
	another := &refusal{ret.Pos(), "it returns another list here", "append it to the one that it returns elsewhere"}
	switch {
	case len(ret.Results) == 0:
		l.none = !m.named
		return nil
	case len(ret.Results) != want:
		return &refusal{ret.Pos(), "it returns what another function returns", "assign it to variables first"}
	}
	l.list = ast.Unparen(ret.Results[0])
	if m.fails {
		l.err = ret.Results[1]
	}
	switch e := l.list.(type) {
	case *ast.Ident:
		if m.isNil(e) {
			l.none = true
			return nil
		}
		return m.found(e, another)
	case *ast.CallExpr:
		if id, isAppend := m.isAppend(e); isAppend && (l.err == nil || m.isNil(l.err)) {
			l.last = emissionOf(ret, e)
			return m.found(id, another)
		}
	}
	if m.empty(l.list) {
		l.none, l.empty = true, true
		return nil
	}
	return another
}

// found says that a variable is the list.
func (m *maker) found(id *ast.Ident, another *refusal) *refusal {
	v, ok := m.File.Pkg.Info.Uses[id].(*types.Var)
	own := ok && (v == m.list || m.Func.Body.Pos() <= v.Pos() && v.Pos() <= m.Func.Body.End())
	if !own || m.list != nil && v != m.list {
		return another
	}
	m.list = v
	return nil
}

// mentions accepts the declaration, appends and returns of the list, and nothing else.
func (m *maker) mentions() *refusal {
	info := m.File.Pkg.Info
	fine := map[*ast.Ident]bool{}
	for _, stmt := range m.Func.Body.List {
		m.declares(stmt, fine)
	}
	if m.init == nil && !m.named {
		return &refusal{m.list.Pos(), "its list doesn't begin empty, or not in the function's first block", "declare it empty: var " + m.list.Name() + " []T"}
	}
	for _, ret := range m.returns {
		if id, ok := ret.list.(*ast.Ident); ok {
			fine[id] = true
		}
		if ret.last != nil {
			fine[ast.Unparen(ret.list).(*ast.CallExpr).Args[0].(*ast.Ident)] = true
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
	if m.sized != nil {
		if r := m.sizes(fine); r != nil {
			return r
		}
	}
	if m.named && m.init != nil && len(m.appends) > 0 && m.appends[0].Pos() < m.init.Pos() {
		return &refusal{m.init.Pos(), "it begins its list anew here", "begin it before the first element"}
	}
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
	if len(m.appends) == 0 && !slices.ContainsFunc(m.returns, func(l *leave) bool { return l.last != nil }) {
		return &refusal{m.list.Pos(), "it appends nothing to its list", "name another function"}
	}
	return nil
}

// declares recognizes the declaration of a list, or its first value where the signature
// declares it.
func (m *maker) declares(stmt ast.Stmt, fine map[*ast.Ident]bool) {
	info := m.File.Pkg.Info
	switch s := stmt.(type) {
	case *ast.DeclStmt:
		g := s.Decl.(*ast.GenDecl)
		if len(g.Specs) != 1 {
			return
		}
		spec, ok := g.Specs[0].(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || info.Defs[spec.Names[0]] != m.list || len(spec.Values) > 1 {
			return
		}
		if len(spec.Values) == 0 {
			m.init, fine[spec.Names[0]] = s, true
			return
		}
		m.begins(s, spec.Names[0], spec.Values[0], fine)
	case *ast.AssignStmt:
		if len(s.Lhs) != 1 || len(s.Rhs) != 1 || m.init != nil {
			return
		}
		id, ok := s.Lhs[0].(*ast.Ident)
		if ok && (s.Tok == token.DEFINE && info.Defs[id] == m.list || m.named && s.Tok == token.ASSIGN && info.Uses[id] == m.list) {
			m.begins(s, id, s.Rhs[0], fine)
		}
	}
}

// begins looks at the first value of the list: an empty one, some elements, or one of the
// length that a loop fills.
func (m *maker) begins(stmt ast.Stmt, id *ast.Ident, value ast.Expr, fine map[*ast.Ident]bool) {
	if m.empty(value) {
		m.init, m.value, fine[id] = stmt, value, true
		return
	}
	if lit, ok := ast.Unparen(value).(*ast.CompositeLit); ok && !slices.ContainsFunc(lit.Elts, keyed) && !elided(lit) {
		m.init, fine[id] = stmt, true
		m.appends = append(m.appends, &emission{Stmt: stmt, values: lit.Elts})
		return
	}
	if loop := m.sizedLoop(stmt, value); loop != nil {
		m.init, m.value, m.sized, fine[id] = stmt, value, loop, true
	}
}

func keyed(e ast.Expr) bool {
	_, ok := e.(*ast.KeyValueExpr)
	return ok
}

// elided reports a list of literals that leave out their type, which they need elsewhere.
func elided(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		inner, ok := e.(*ast.CompositeLit)
		return ok && inner.Type == nil
	})
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
	a, ok := stmt.(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return
	}
	id, ok := a.Lhs[0].(*ast.Ident)
	call, isCall := a.Rhs[0].(*ast.CallExpr)
	if !ok || !isCall || m.File.Pkg.Info.Uses[id] != m.list {
		return
	}
	first, isAppend := m.isAppend(call)
	if !isAppend || m.File.Pkg.Info.Uses[first] != m.list || m.inLiteral(a) {
		return
	}
	fine[id], fine[first] = true, true
	m.appends = append(m.appends, emissionOf(a, call))
}

// isAppend recognizes append(list, ...), and returns the list.
func (m *maker) isAppend(call *ast.CallExpr) (*ast.Ident, bool) {
	fun, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || fun.Name != "append" || len(call.Args) < 2 {
		return nil, false
	}
	_, builtin := m.File.Pkg.Info.Uses[fun].(*types.Builtin)
	first, ok := call.Args[0].(*ast.Ident)
	return first, ok && builtin
}

// emissionOf is what a statement appends.
func emissionOf(stmt ast.Stmt, call *ast.CallExpr) *emission {
	if call.Ellipsis.IsValid() {
		return &emission{Stmt: stmt, all: call.Args[1]}
	}
	return &emission{Stmt: stmt, values: call.Args[1:]}
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

// holding refuses what would be held while a caller's loop runs, or not be released
// where that ends early.
func (m *maker) holding() (r *refusal) {
	first := m.Func.Body.End()
	for _, a := range m.appends {
		first = min(first, a.Pos())
	}
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
		if !ok {
			return false
		}
		in := func(list *ast.FieldList) bool { return list != nil && list.Pos() <= v.Pos() && v.Pos() < list.End() }
		return in(m.Func.Type.Params) || in(m.Func.Recv)
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
