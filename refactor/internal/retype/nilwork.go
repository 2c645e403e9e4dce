package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// deepest is how many calls deep it is looked whether a method works on nil.
const deepest = 4

// worksOnNil reports whether a method may be called on a nil pointer: on some way
// through it its receiver isn't dereferenced.
func (f *Flow) worksOnNil(fn *types.Func, depth int) bool { return f.nilReceiver(fn, depth, false) }

// madeForNil reports whether a method works on nil and not by chance: it asks whether
// its receiver is nil, or never needs it. One that only leaves early for some
// arguments, or makes something that needs it later, isn't meant for a field that
// nobody has set.
func (f *Flow) madeForNil(fn *types.Func) bool { return f.nilReceiver(fn, 0, true) }

func (f *Flow) nilReceiver(fn *types.Func, depth int, made bool) bool {
	d := f.World.Decl(fn)
	if d == nil || d.Func.Body == nil || d.Func.Recv == nil || depth > deepest {
		return false
	}
	recv := d.Func.Recv.List[0]
	if !f.isPointer(d.File.Pkg.Info.TypeOf(recv.Type)) {
		return false
	}
	if len(recv.Names) == 0 || recv.Names[0].Name == "_" {
		return true
	}
	info, v := d.File.Pkg.Info, d.File.Pkg.Info.Defs[recv.Names[0]]
	b := body{flow: f, info: info, depth: depth, is: func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}}
	if b.sets(d.Func.Body) {
		return true
	}
	return b.list(d.Func.Body.List) != derefs && (!made || b.comparesNil(d.Func.Body) || !b.anywhere(d.Func.Body) && !b.keeps(d.Func.Body))
}

// comparesNil reports whether the code compares the pointer with nil.
func (b *body) comparesNil(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if e, ok := n.(*ast.BinaryExpr); ok {
			found = found || b.is(e.X) && b.info.Types[e.Y].IsNil() || b.is(e.Y) && b.info.Types[e.X].IsNil()
		}
		return !found
	})
	return found
}

// anywhere reports whether an expression of the code needs the pointer, on whatever way.
func (b *body) anywhere(block *ast.BlockStmt) bool {
	found := false
	made := *b
	made.made = true
	ast.Inspect(block, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && !found {
			found = made.needs(e)
		}
		return !found
	})
	return found
}

// keeps reports whether the code makes a value that has the pointer in it: a literal with
// it, or a method taken of it that needs it.
func (b *body) keeps(block *ast.BlockStmt) bool {
	found := false
	called := map[ast.Expr]bool{}
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called[ast.Unparen(n.Fun)] = true
		case *ast.SelectorExpr:
			m, method := b.info.Uses[n.Sel].(*types.Func)
			found = found || method && !called[n] && b.is(n.X) && !b.flow.nilReceiver(m, b.depth+1, true)
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, keyed := e.(*ast.KeyValueExpr); keyed {
					e = kv.Value
				}
				found = found || b.is(e)
			}
		}
		return !found
	})
	return found
}

// A way is what statements do with a pointer.
type way int

const (
	passes way = iota // they end without a need of it, and what follows is run
	derefs            // they dereference it, or panic
	leaves            // on some way they leave the function without a need of it
)

// A body is code that may need a pointer: the receiver of a method in its body.
type body struct {
	flow  *Flow
	info  *types.Info
	is    func(ast.Expr) bool // whether an expression is the pointer
	depth int
	made  bool // a method that works on nil by chance needs the pointer, too
}

// sets reports whether the code gives the pointer another value.
func (b *body) sets(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, b.is)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && b.is(n.X)
		}
		return !found
	})
	return found
}

func (b *body) list(stmts []ast.Stmt) way {
	for _, s := range stmts {
		if w := b.stmt(s); w != passes {
			return w
		}
	}
	return passes
}

func (b *body) stmt(s ast.Stmt) way {
	switch s := s.(type) {
	case *ast.BlockStmt:
		return b.list(s.List)
	case *ast.LabeledStmt:
		return b.stmt(s.Stmt)
	case *ast.ReturnStmt:
		if b.needs(s) {
			return derefs
		}
		return leaves
	case *ast.BranchStmt:
		if s.Tok == token.GOTO {
			return leaves
		}
		return passes
	case *ast.IfStmt:
		if b.needs(s.Init) || b.needs(s.Cond) {
			return derefs
		}
		return b.either(true, s.Body, s.Else)
	case *ast.ForStmt:
		if b.needs(s.Init) || s.Cond != nil && b.needs(s.Cond) {
			return derefs
		}
		return b.either(s.Cond != nil, s.Body)
	case *ast.RangeStmt:
		if b.needs(s.X) {
			return derefs
		}
		return b.either(true, s.Body)
	case *ast.SwitchStmt:
		if b.needs(s.Init) || s.Tag != nil && b.needs(s.Tag) {
			return derefs
		}
		return b.clauses(s.Body)
	case *ast.TypeSwitchStmt:
		if b.needs(s.Init) || b.needs(s.Assign) {
			return derefs
		}
		return b.clauses(s.Body)
	case *ast.SelectStmt:
		return b.clauses(s.Body)
	}
	if b.needs(s) {
		return derefs
	}
	return passes
}

// either joins ways of which one is taken, or none.
func (b *body) either(none bool, blocks ...ast.Stmt) way {
	out := derefs
	for _, s := range blocks {
		if s == nil {
			continue
		}
		switch b.stmt(s) {
		case leaves:
			return leaves
		case passes:
			out = passes
		}
	}
	if len(blocks) == 2 && blocks[1] != nil {
		none = false
	}
	if none && out == derefs {
		return passes
	}
	return out
}

// clauses joins those of a switch or select.
func (b *body) clauses(s *ast.BlockStmt) way {
	none := true
	var lists []ast.Stmt
	for _, c := range s.List {
		switch c := c.(type) {
		case *ast.CaseClause:
			none = none && c.List != nil
			lists = append(lists, &ast.BlockStmt{List: c.Body})
		case *ast.CommClause:
			none = false
			lists = append(lists, &ast.BlockStmt{List: c.Body})
		}
	}
	out := derefs
	for _, l := range lists {
		switch b.stmt(l) {
		case leaves:
			return leaves
		case passes:
			out = passes
		}
	}
	if none && out == derefs {
		return passes
	}
	return out
}

// needs reports whether what is evaluated in any case dereferences the pointer, or
// panics.
func (b *body) needs(n ast.Node) bool {
	if n == nil {
		return false
	}
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || b.needs(n.X)
				return false
			}
		case *ast.StarExpr:
			found = found || b.is(n.X)
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && id.Name == "panic" && b.info.Types[id].IsBuiltin() {
				found = true
			}
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && b.is(sel.X) {
				m, method := b.info.Uses[sel.Sel].(*types.Func)
				found = found || !method || !b.flow.nilReceiver(m, b.depth+1, b.made)
			}
		case *ast.SelectorExpr:
			if b.is(n.X) {
				_, method := b.info.Uses[n.Sel].(*types.Func)
				found = found || !method
			}
		}
		return !found
	})
	return found
}
