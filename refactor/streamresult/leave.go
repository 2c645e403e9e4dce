package streamresult

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// leaving accepts returns after which the callers have what they had.
func (m *maker) leaving() *refusal {
	wholly := false // an error is returned without the list
	for _, ret := range m.returns {
		errs := m.fails && (ret.err == nil || !m.isNil(ret.err))
		switch {
		case errs && ret.none:
			wholly = true
			if !m.certain(ret) && m.afterAppend(ret) {
				return &refusal{ret.Pos(), "it may return no list and no error here, although there are elements", "return the list, or an error that can't be nil"}
			}
			m.resets(ret, !m.certain(ret))
		case errs:
			m.partial = m.partial || m.certain(ret) || m.afterAppend(ret)
		case ret.none && m.afterAppend(ret):
			return &refusal{ret.Pos(), "it returns no list here, although there are elements", "return the list, or an error"}
		case ret.none:
			m.resets(ret, true)
		}
	}
	m.partial = m.partial && !wholly
	return nil
}

// resets notes a return of no list where what collects begins with an empty one, or of an
// empty one where it begins with none.
func (m *maker) resets(ret *leave, unsure bool) {
	if ret.empty != (m.value != nil) && (unsure || ret.empty) {
		m.reset = ret.ReturnStmt
	}
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
func (m *maker) certain(ret *leave) bool {
	if ret.err == nil {
		return m.namedErr != nil && m.compared(ret, m.namedErr)
	}
	switch e := ast.Unparen(ret.err).(type) {
	case *ast.CallExpr:
		fn := m.File.Callee(e)
		return fn != nil && (fn.FullName() == "errors.New" || fn.FullName() == "fmt.Errorf")
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	case *ast.CompositeLit:
		return true
	case *ast.Ident:
		return m.compared(ret, m.File.Pkg.Info.Uses[e])
	}
	return false
}

// compared reports a return right after a variable has been found not to be nil.
func (m *maker) compared(ret *leave, v types.Object) bool {
	found := false
	m.walk(func(n ast.Node) {
		i, ok := n.(*ast.IfStmt)
		if !ok || len(i.Body.List) == 0 || i.Body.List[len(i.Body.List)-1] != ast.Stmt(ret.ReturnStmt) {
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
func (m *maker) afterAppend(stmt ast.Node) bool {
	before := slices.ContainsFunc(m.appends, func(a *emission) bool { return a.Pos() < stmt.Pos() })
	m.walk(func(n ast.Node) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			in := n.Pos() < stmt.Pos() && stmt.End() <= n.End()
			before = before || in && slices.ContainsFunc(m.appends, func(a *emission) bool { return n.Pos() < a.Pos() && a.End() <= n.End() })
		case *ast.LabeledStmt:
			before = true
		}
	})
	return before
}
