// Package listuse finds out how callers use a list that a function returns: whether
// they only go over it once, element by element, so that they need no list.
package listuse

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
)

// A Use is a call of the function whose list is gone over by one loop, and used for
// nothing else: for _, x := range f(), or xs, err := f(), what handles the error, and
// the loop.
type Use struct {
	Ref   *code.Ref
	File  *code.File
	Loop  *loop.Loop
	Range *ast.RangeStmt

	Assign *ast.AssignStmt // nil where the loop ranges over the call itself
	Check  *ast.IfStmt     // what handles the error; nil where there is none
	Err    *types.Var      // nil where there is none
	Index  *ast.Ident      // the variable of the loop that counts; nil where there is none
	// Between are statements before the loop that may as well stand before the call:
	// they declare variables with values that nothing can change.
	Between []ast.Stmt
}

// A Reason is why a call keeps the list.
type Reason struct {
	Pos  token.Pos
	Text string
}

// Of returns how the list is used that a call returns. Both results are nil where it
// isn't gone over by a loop at all; a reason says why one can't do without the list.
func Of(ref *code.Ref) (*Use, *Reason) {
	if ref.Call == nil {
		return nil, nil
	}
	u := &Use{Ref: ref, File: ref.File}
	i := slices.Index(ref.Path, ast.Node(ref.Call))
	if i < 2 {
		return nil, nil
	}
	switch p := ref.Path[i-1].(type) {
	case *ast.RangeStmt:
		if p.X != ast.Expr(ref.Call) {
			return nil, nil
		}
		u.Range = p
		u.Loop = &loop.Loop{File: ref.File, Stmt: p, Body: p.Body, Path: ref.Path[:i]}
	case *ast.AssignStmt:
		if len(p.Rhs) != 1 || p.Tok != token.DEFINE {
			return nil, nil
		}
		u.Assign = p
		if !u.followed(ref.Path[:i-1], ref.Path[i-2]) {
			return nil, nil
		}
		if r := u.listOnly(); r != nil {
			return nil, r
		}
	default:
		return nil, nil
	}
	if r := u.loop(); r != nil {
		return nil, r
	}
	return u, nil
}

// followed finds the error's check and the loop, right after the assignment.
func (u *Use) followed(path []ast.Node, holder ast.Node) bool {
	list := loop.List(holder)
	at := slices.Index(list, ast.Stmt(u.Assign))
	if at < 0 {
		return false
	}
	rest := list[at+1:]
	if len(u.Assign.Lhs) == 2 {
		if len(rest) == 0 {
			return false
		}
		check, ok := rest[0].(*ast.IfStmt)
		if !ok || !u.checks(check) {
			return false
		}
		u.Check, rest = check, rest[1:]
	}
	for len(rest) > 0 && u.idle(rest[0]) {
		u.Between, rest = append(u.Between, rest[0]), rest[1:]
	}
	if len(rest) == 0 {
		return false
	}
	r, ok := rest[0].(*ast.RangeStmt)
	if !ok {
		return false
	}
	u.Range = r
	u.Loop = &loop.Loop{File: u.File, Stmt: r, Body: r.Body, Path: append(slices.Clone(path), r)}
	id, ok := ast.Unparen(r.X).(*ast.Ident)
	return ok && u.list() != nil && u.File.Pkg.Info.Uses[id] == u.list()
}

// idle reports the declaration of variables with values that are the same whenever they
// are made. What comes before must not know their names otherwise.
func (u *Use) idle(s ast.Stmt) bool {
	var names []*ast.Ident
	var values []ast.Expr
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, e := range s.Lhs {
			id, ok := e.(*ast.Ident)
			if !ok || s.Tok != token.DEFINE || id.Name != "_" && u.File.Pkg.Info.Defs[id] == nil {
				return false
			}
			names = append(names, id)
		}
		values = s.Rhs
	case *ast.DeclStmt:
		g, ok := s.Decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			return false
		}
		for _, spec := range g.Specs {
			names = append(names, spec.(*ast.ValueSpec).Names...)
			values = append(values, spec.(*ast.ValueSpec).Values...)
		}
	default:
		return false
	}
	if slices.ContainsFunc(values, func(e ast.Expr) bool { return !u.constant(e) }) {
		return false
	}
	before := []ast.Node{u.Assign}
	if u.Check != nil {
		before = append(before, u.Check)
	}
	return !slices.ContainsFunc(before, func(n ast.Node) bool {
		return slices.ContainsFunc(names, func(id *ast.Ident) bool { return code.Mentions(n, id.Name) })
	})
}

// constant reports an expression without anything that could change, or happen, in it.
func (u *Use) constant(e ast.Expr) bool {
	if e == nil || u.File.Pkg.Info.Types[e].Value != nil || u.File.Pkg.Info.Types[e].IsNil() {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(e ast.Expr) bool {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if _, field := kv.Key.(*ast.Ident); !field && !u.constant(kv.Key) {
					return true
				}
				e = kv.Value
			}
			return !u.constant(e)
		})
	case *ast.UnaryExpr:
		_, literal := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && literal && u.constant(e.X)
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		if !ok || id.Name != "make" && id.Name != "new" || !u.File.Pkg.Info.Types[id].IsBuiltin() {
			return false
		}
		return id.Name == "new" && u.File.Pkg.Info.Types[e.Args[0]].IsType() || id.Name == "make" && !slices.ContainsFunc(e.Args[1:], func(e ast.Expr) bool { return !u.constant(e) })
	}
	return false
}

// list returns the variable that holds the list.
func (u *Use) list() *types.Var {
	id, ok := u.Assign.Lhs[0].(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := u.File.Pkg.Info.Defs[id].(*types.Var)
	return v
}

// checks reports if err != nil { ... } that leaves the function or the loop around.
func (u *Use) checks(check *ast.IfStmt) bool {
	id, ok := u.Assign.Lhs[1].(*ast.Ident)
	if !ok {
		return false
	}
	u.Err, _ = u.File.Pkg.Info.ObjectOf(id).(*types.Var)
	cond, ok := ast.Unparen(check.Cond).(*ast.BinaryExpr)
	if !ok || u.Err == nil || cond.Op != token.NEQ || check.Init != nil || check.Else != nil {
		return false
	}
	x, ok := ast.Unparen(cond.X).(*ast.Ident)
	y, isID := ast.Unparen(cond.Y).(*ast.Ident)
	return ok && isID && y.Name == "nil" && u.File.Pkg.Info.Uses[x] == u.Err && loop.Terminates(u.File, check.Body.List)
}

// listOnly refuses a list or an error that is used for something else, too.
func (u *Use) listOnly() *Reason {
	fn, _ := u.Loop.Func()
	list := u.list()
	var other *ast.Ident
	var after *ast.Ident // the first mention of the error after the loop
	ast.Inspect(fn, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		switch obj := u.File.Pkg.Info.Uses[id]; {
		case obj == nil:
		case obj == list && ast.Node(id) != ast.Node(ast.Unparen(u.Range.X)):
			other = id
		case u.Err != nil && obj == u.Err && u.Range.End() <= id.Pos() && (after == nil || id.Pos() < after.Pos()):
			after = id
		case u.Err != nil && obj == u.Err && u.Range.Pos() <= id.Pos() && id.Pos() < u.Range.End():
			other = id
		}
		return true
	})
	if other != nil {
		return &Reason{other.Pos(), other.Name + " is used for more than the loop"}
	}
	if after != nil && !u.declaredAgain(fn, after) {
		return &Reason{after.Pos(), after.Name + " is used after the loop"}
	}
	if u.Err != nil && (isResult(fn, u.Err) && returnsBare(fn) || captured(u, fn, u.Err)) {
		return &Reason{u.Assign.Pos(), u.Err.Name() + " is seen by others"}
	}
	return nil
}

// declaredAgain reports a mention that is the target of := beside a new variable.
func (u *Use) declaredAgain(fn ast.Node, id *ast.Ident) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			found = found || slices.Contains(a.Lhs, ast.Expr(id))
		}
		return !found
	})
	return found && u.Loop.Holder() != nil && slices.ContainsFunc(loop.List(u.Loop.Holder()), func(s ast.Stmt) bool {
		a, ok := s.(*ast.AssignStmt)
		return ok && slices.Contains(a.Lhs, ast.Expr(id))
	})
}

// loop refuses loops that need more than the elements one by one.
func (u *Use) loop() *Reason {
	r := u.Range
	at := r.Pos()
	if u.Loop.Holder() == nil {
		return &Reason{at, "the loop has a label"}
	}
	if u.File.Generated() {
		return &Reason{at, "the loop stands in a generated file"}
	}
	if r.Tok == token.ASSIGN {
		return &Reason{at, "the variables of the loop live on after it"}
	}
	if key, ok := r.Key.(*ast.Ident); ok && key.Name != "_" {
		u.Index = key
	}
	var bad ast.Node
	ast.Inspect(r.Body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && (b.Label != nil || b.Tok == token.GOTO) {
			bad = b
		}
		return bad == nil
	})
	if bad != nil {
		return &Reason{bad.Pos(), "the loop is left by a label"}
	}
	return nil
}

// Counts returns a reason if the loop counts its elements.
func (u *Use) Counts() *Reason {
	if u.Index == nil {
		return nil
	}
	return &Reason{u.Index.Pos(), "the loop uses the index " + u.Index.Name}
}

// Value is the name of the variable that gets the elements; "" where there is none.
func (u *Use) Value() string {
	if id, ok := u.Range.Value.(*ast.Ident); ok && id.Name != "_" {
		return id.Name
	}
	return ""
}

// Start returns where the code of the use begins.
func (u *Use) Start() token.Pos {
	if u.Assign != nil {
		return u.Assign.Pos()
	}
	return u.Range.Pos()
}

// Breaks returns the statements that end the loop by break.
func (u *Use) Breaks() []*ast.BranchStmt {
	var out []*ast.BranchStmt
	ast.Inspect(u.Range.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			return false
		case *ast.BranchStmt:
			if n.Tok == token.BREAK && n.Label == nil {
				out = append(out, n)
			}
		}
		return true
	})
	return out
}
