package copyonboundary

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// An edge is an expression at which memory of the state leaves a method, or comes
// into it.
type edge struct {
	decl   *code.Decl
	expr   ast.Expr     // is copied
	fields []*types.Var // of the state that it is read from or stored in
	result int          // which result it is; -1: an argument
	param  *types.Var   // the parameter that is stored; nil: a result
	store  ast.Node     // the statement that stores it
}

// find collects the edges of a method.
func (j *job) find(d *code.Decl, only string) {
	s := newState(j, d)
	if s == nil {
		return
	}
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if only != arguments {
				s.returns(n)
			}
		case *ast.AssignStmt:
			if only != results && len(n.Lhs) == len(n.Rhs) {
				for i := range n.Lhs {
					s.stores(n, n.Lhs[i], n.Rhs[i])
				}
			}
		}
		return true
	})
}

// A state knows which variables of a method lead to memory of its receiver.
type state struct {
	job    *job
	decl   *code.Decl
	recv   *types.Var
	locals map[*types.Var][]*types.Var // the fields that they come from
}

// newState learns what variables of a method lead to the state; it returns nil where
// the method has no name for its receiver.
func newState(j *job, d *code.Decl) *state {
	recv := d.Obj.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" {
		return nil
	}
	s := &state{job: j, decl: d, recv: recv, locals: map[*types.Var][]*types.Var{}}
	s.learn()
	return s
}

// learn follows the state into local variables.
func (s *state) learn() {
	info := s.decl.File.Pkg.Info
	bind := func(l, value ast.Expr) bool {
		id, ok := l.(*ast.Ident)
		if !ok {
			return false
		}
		v, ok := info.ObjectOf(id).(*types.Var)
		if !ok || s.locals[v] != nil || !carries(v.Type()) || v.Parent() == v.Pkg().Scope() {
			return false
		}
		fields := s.fields(value)
		if fields != nil {
			s.locals[v] = fields
		}
		return fields != nil
	}
	for grown := true; grown; {
		grown = false
		ast.Inspect(s.decl.Func.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) {
						grown = bind(l, n.Rhs[i]) || grown
					} else if i == 0 {
						grown = bind(l, n.Rhs[0]) || grown // v, ok := m[k]
					}
				}
			case *ast.RangeStmt:
				if n.Value != nil {
					grown = bind(n.Value, n.X) || grown
				}
			}
			return true
		})
	}
}

// fields returns the fields of the receiver that an expression is read from, nil if
// it isn't.
func (s *state) fields(e ast.Expr) []*types.Var {
	info := s.decl.File.Pkg.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.Uses[e].(*types.Var)
		return s.locals[v]
	case *ast.SelectorExpr:
		sel := info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal {
			return nil
		}
		f, _ := sel.Obj().(*types.Var)
		if id, ok := ast.Unparen(e.X).(*ast.Ident); ok && info.Uses[id] == s.recv {
			return []*types.Var{f.Origin()}
		}
		if in := s.fields(e.X); in != nil {
			return append(in[:len(in):len(in)], f.Origin())
		}
	case *ast.IndexExpr:
		return s.fields(e.X)
	case *ast.SliceExpr:
		return s.fields(e.X)
	case *ast.StarExpr:
		return s.fields(e.X)
	case *ast.CallExpr:
		return s.called(e)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return s.fields(e.X)
		}
	}
	return nil
}

// called returns the fields that the result of another method of the receiver is read
// from.
func (s *state) called(call *ast.CallExpr) []*types.Var {
	info := s.decl.File.Pkg.Info
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	fn, isFunc := info.Uses[sel.Sel].(*types.Func)
	if !ok || info.Uses[id] != s.recv || !isFunc || s.job.targets[s.job.world.Key(fn.Origin())] {
		return nil // what a target returns is a copy
	}
	d := s.job.world.Decl(fn)
	if d == nil || d.Func.Body == nil || s.job.inner[d] || fn.Signature().Results().Len() != 1 {
		return nil
	}
	s.job.inner[d] = true // of one that calls itself
	defer delete(s.job.inner, d)
	in := newState(s.job, d)
	if in == nil {
		return nil
	}
	for _, ret := range returnsOf(d.Func.Body) {
		for _, e := range ret.Results {
			if fields := in.fields(e); fields != nil && carries(d.File.Pkg.Info.TypeOf(e)) {
				return fields
			}
		}
	}
	return nil
}

// returnsOf are the return statements of a body, without those of function literals.
func returnsOf(body *ast.BlockStmt) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	ast.Inspect(body, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok {
			out = append(out, ret)
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return out
}

// returns adds the results of a return statement that are part of the state.
func (s *state) returns(ret *ast.ReturnStmt) {
	results := s.decl.Obj.Signature().Results()
	if len(ret.Results) == 0 {
		for v := range results.Variables() {
			if s.locals[v] != nil {
				s.job.refuse(ret.Pos(), "no-copy", "the result "+v.Name()+" is a part of "+s.job.typ.Obj().Name()+", and isn't written here", "write it out: return "+v.Name())
			}
		}
		return
	}
	if len(ret.Results) != results.Len() {
		return
	}
	for i, e := range ret.Results {
		s.returned(i, e)
	}
}

// returned adds an expression of a result, or the parts of one that is made here.
func (s *state) returned(i int, e ast.Expr) {
	if t := s.decl.File.Pkg.Info.TypeOf(e); t == nil || !carries(t) {
		return
	}
	if fields := s.fields(e); fields != nil {
		s.job.edges = append(s.job.edges, &edge{decl: s.decl, expr: e, fields: fields, result: i})
		return
	}
	for _, part := range parts(e) {
		s.returned(i, part)
	}
}

// parts are the values in a literal.
func parts(e ast.Expr) []ast.Expr {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	var out []ast.Expr
	for _, x := range lit.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			x = kv.Value
		}
		out = append(out, x)
	}
	return out
}

// stores adds a parameter that an assignment makes a part of the state: c.items = xs,
// c.byID[id] = x, c.items = append(c.items, x).
func (s *state) stores(stmt ast.Node, l, value ast.Expr) {
	fields := s.fields(l)
	if _, local := ast.Unparen(l).(*ast.Ident); local || fields == nil {
		return
	}
	info := s.decl.File.Pkg.Info
	var add func(ast.Expr)
	add = func(e ast.Expr) {
		for _, part := range parts(e) {
			add(part)
		}
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return
		}
		v, ok := info.Uses[id].(*types.Var)
		if !ok || !carries(v.Type()) || s.paramIndex(v) < 0 {
			return
		}
		s.job.edges = append(s.job.edges, &edge{decl: s.decl, expr: e, fields: fields, result: -1, param: v, store: stmt})
	}
	add(value)
	if call, ok := ast.Unparen(value).(*ast.CallExpr); ok && isBuiltin(info, call, "append") {
		for i, a := range call.Args[1:] {
			if call.Ellipsis.IsValid() && i == len(call.Args)-2 && !carries(elemOf(info.TypeOf(a))) {
				continue // the elements are copied
			}
			add(a)
		}
	}
}

func (s *state) paramIndex(v *types.Var) int {
	ps := s.decl.Obj.Signature().Params()
	for i := range ps.Len() {
		if ps.At(i) == v {
			return i
		}
	}
	return -1
}

func elemOf(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Map:
		return u.Elem()
	case *types.Pointer:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	}
	return t
}

func isBuiltin(info *types.Info, call *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == name && info.Types[id].IsBuiltin()
}
