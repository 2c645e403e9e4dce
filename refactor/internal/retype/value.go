package retype

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A value is a place of a User file that has a T, and no pointer to one.
type value struct {
	span text.Span
	name string
}

// taken is the address of a variable that holds a T by value, with the parentheses around.
type taken struct {
	op    *ast.UnaryExpr
	paren *ast.ParenExpr // nil for none
}

const byValue = "it is a value of the type, and no pointer to one"

// valued makes a slot of a local variable that holds a T by value and begins as a
// literal, at zero, or in each round of a loop as an element: as long as it is never
// copied or set as a whole, a pointer to such a T is the same.
func (f *Flow) valued(file *code.File, id *ast.Ident, d definition) {
	v, ok := file.Pkg.Info.Defs[id].(*types.Var)
	if !ok || !f.isTarget(v.Type()) || file.Generated() || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() {
		return
	}
	d.id = id
	s := &slot{name: id.Name, span: f.World.Span(id), file: file, role: User, def: &d, local: true}
	f.slots[f.World.Key(v)] = s
	f.order = append(f.order, s)
}

// definesValue finds the variables of a statement that valued is for.
func (f *Flow) definesValue(file *code.File, n ast.Node, stack []ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) != 1 || len(n.Rhs) != 1 || n.Tok != token.DEFINE || !inList(stack) {
			return
		}
		id, ok := n.Lhs[0].(*ast.Ident)
		if lit, isLit := n.Rhs[0].(*ast.CompositeLit); ok && isLit {
			f.valued(file, id, definition{stmt: n, expr: lit, form: valued})
		}
	case *ast.RangeStmt:
		if id, ok := n.Value.(*ast.Ident); ok && n.Tok == token.DEFINE && f.Type.TypeParams().Len() == 0 {
			f.valued(file, id, definition{stmt: n, form: element})
		}
	case *ast.DeclStmt:
		g := n.Decl.(*ast.GenDecl)
		if g.Tok != token.VAR || len(g.Specs) != 1 {
			return
		}
		if spec := g.Specs[0].(*ast.ValueSpec); len(spec.Names) == 1 && len(spec.Values) == 0 {
			f.valued(file, spec.Names[0], definition{stmt: spec, expr: spec.Type, form: valued})
		}
	}
}

// valueOf returns the slot of a variable that holds a T by value, or nil.
func (f *Flow) valueOf(file *code.File, e ast.Expr) *slot {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	if s := f.variable(file.Pkg.Info.Uses[id]); s != nil && s.def != nil && (s.def.form == valued || s.def.form == element) {
		return s
	}
	return nil
}

// valueUse records a use of a T that isn't reached by a pointer.
func (f *Flow) valueUse(file *code.File, e ast.Expr, stack []ast.Node) {
	i := len(stack) - 1
	for i > 0 {
		if _, ok := stack[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	src := f.valueOf(file, e)
	if i == 0 || src == nil {
		f.otherValue(file, e, stack[:i+1])
		return
	}
	switch p := stack[i-1].(type) {
	case *ast.SelectorExpr:
		s := file.Pkg.Info.Selections[p]
		if fn, ok := s.Obj().(*types.Func); ok && !isPtr(fn.Signature().Recv().Type()) && !calledAtOnce(stack[:i], p) {
			src.keep("its "+fn.Name()+" is taken, which copies the value", f.World.Span(p))
		}
		f.selected(file, src, p, stack[:i])
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			at := taken{op: p}
			if i > 2 {
				at.paren, _ = stack[i-2].(*ast.ParenExpr)
			}
			src.addresses = append(src.addresses, at)
			return
		}
		src.keep(byValue, f.World.Span(e))
	default:
		src.keep("its value is copied or set here", f.World.Span(e))
		f.otherValue(file, e, stack[:i+1])
	}
}

// otherValue records a T of a User file that no variable of ours holds.
func (f *Flow) otherValue(file *code.File, e ast.Expr, stack []ast.Node) {
	if f.Role(file) != User || file.Test || len(stack) < 2 {
		return
	}
	switch p := stack[len(stack)-2].(type) {
	case *ast.UnaryExpr:
		if _, lit := e.(*ast.CompositeLit); lit && p.Op == token.AND {
			return
		}
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 {
			if s := f.target(file, p.Lhs[0]); s != nil && s.def != nil && s.def.stmt == ast.Node(p) {
				return // what the variable begins with
			}
		}
	case *ast.CompositeLit, *ast.KeyValueExpr:
		if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
			return // it may be the address of one
		}
	}
	if _, ok := e.(*ast.StarExpr); ok {
		return // who has the pointer is told
	}
	name := f.Type.Obj().Name()
	if id, ok := e.(*ast.Ident); ok {
		name = id.Name
	}
	f.values = append(f.values, value{f.World.Span(e), name})
}

// hold makes a variable that holds a T by value hold the interface of a pointer.
func (f *Flow) hold(s *slot, name string) {
	switch n := s.def.stmt.(type) {
	case *ast.AssignStmt:
		s.file.Insert(n.Pos(), "var ")
		s.file.Replace(n.TokPos, n.TokPos+token.Pos(len(":=")), name+" =")
		s.file.Insert(s.def.expr.Pos(), "&")
	case *ast.ValueSpec:
		s.file.Insert(n.Type.Pos(), name+" = &")
		s.file.Insert(n.Type.End(), "{}")
	case *ast.RangeStmt:
		beginBody(s.file, n, s.def.id.Name+" := "+name+"(&"+s.def.id.Name+")")
	}
	for _, a := range s.addresses {
		s.file.Replace(a.op.OpPos, a.op.OpPos+1, "")
		if a.paren != nil {
			s.file.Replace(a.paren.Lparen, a.paren.Lparen+1, "")
			s.file.Replace(a.paren.Rparen, a.paren.Rparen+1, "")
		}
	}
}
