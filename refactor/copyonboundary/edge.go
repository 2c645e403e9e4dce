package copyonboundary

import (
	"go/ast"
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
	recv := d.Obj.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" {
		return
	}
	s := &state{job: j, decl: d, recv: recv, locals: map[*types.Var][]*types.Var{}}
	s.learn()
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
	case *ast.TypeAssertExpr:
		return nil
	case *ast.UnaryExpr:
		if e.Op.String() == "&" {
			return s.fields(e.X)
		}
	}
	return nil
}

// returns adds the results of a return statement that are part of the state.
func (s *state) returns(ret *ast.ReturnStmt) {
	info := s.decl.File.Pkg.Info
	if len(ret.Results) != s.decl.Obj.Signature().Results().Len() {
		return
	}
	for i, e := range ret.Results {
		if t := info.TypeOf(e); t == nil || !carries(t) {
			continue
		}
		if fields := s.fields(e); fields != nil {
			s.job.edges = append(s.job.edges, &edge{decl: s.decl, expr: e, fields: fields, result: i})
		}
	}
}

// stores adds a parameter that an assignment makes a part of the state: c.items = xs,
// c.byID[id] = x, c.items = append(c.items, x).
func (s *state) stores(stmt ast.Node, l, value ast.Expr) {
	fields := s.fields(l)
	if _, local := ast.Unparen(l).(*ast.Ident); local || fields == nil {
		return
	}
	info := s.decl.File.Pkg.Info
	add := func(e ast.Expr) {
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
