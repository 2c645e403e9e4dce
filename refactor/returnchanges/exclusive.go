package returnchanges

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/alias"
)

// exclusive says why a variable of the function around the call may not be the only
// way to its memory while the call runs.
func (c *call) exclusive(v *types.Var) place {
	if !c.local(v) {
		return place{v.Name() + " is known to others", v.Pos()}
	}
	if isResult(c.fn, v) && has[*ast.DeferStmt](c.fn.Body) {
		return place{v.Name() + " is a result that a deferred call may leave as it is", v.Pos()}
	}
	if has[*ast.LabeledStmt](c.fn.Body) {
		return place{c.fn.Name.Name + " has labels", c.fn.Pos()}
	}
	for _, u := range c.job.program.Uses(c.f, c.fn, v) {
		if at := c.during(u, v); at.why != "" {
			return at
		}
	}
	return place{}
}

// during says why a use of v lets others reach its memory during the call.
func (c *call) during(u alias.Use, v *types.Var) place {
	call := c.ref.Call
	for _, p := range c.s.params {
		if a := call.Args[p.index]; a.Pos() <= u.ID.Pos() && u.ID.Pos() < a.End() {
			if u.Literal != nil && u.Kind == alias.Kept {
				return place{v.Name() + " " + u.Why, u.ID.Pos()}
			}
			return place{}
		}
	}
	inside := call.Pos() <= u.ID.Pos() && u.ID.Pos() < call.End()
	if inside && u.Literal != nil {
		return place{v.Name() + " is used by a function literal that the call gets", u.ID.Pos()}
	}
	switch u.Kind {
	case alias.Same:
		if u.Other == v {
			return place{}
		}
		fallthrough
	case alias.Kept:
		if !inside && u.Literal == nil && u.ID.Pos() > call.End() && !c.loops(u, v) {
			return place{}
		}
		return place{v.Name() + " " + u.Why, u.ID.Pos()}
	case alias.Passed:
		if inside {
			return place{v.Name() + " is given to the call twice", u.ID.Pos()}
		}
	}
	return place{}
}

// loops reports whether a loop that v is declared outside of runs the call again
// after u.
func (c *call) loops(u alias.Use, v *types.Var) bool {
	for _, n := range c.path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() <= u.ID.Pos() && u.ID.Pos() < n.End() && !(n.Pos() <= v.Pos() && v.Pos() < n.End()) {
				return true
			}
		}
	}
	return false
}

func has[T ast.Node](n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		_, ok := n.(T)
		found = found || ok
		return !found
	})
	return found
}

// allocated reports a pointer variable that gets memory of its own where it is
// declared, and no other value ever.
func (c *call) allocated(v *types.Var) bool {
	return c.local(v) && c.valuesOf(v, func(e ast.Expr) bool {
		switch e := ast.Unparen(e).(type) {
		case *ast.UnaryExpr:
			_, literal := ast.Unparen(e.X).(*ast.CompositeLit)
			return e.Op == token.AND && literal
		case *ast.CallExpr:
			id, ok := ast.Unparen(e.Fun).(*ast.Ident)
			return ok && c.f.Pkg.Info.Uses[id] == types.Universe.Lookup("new")
		}
		return false
	})
}

// freshOnly reports a slice or map that gets only memory of its own.
func (c *call) freshOnly(v *types.Var) bool {
	return c.local(v) && c.valuesOf(v, func(e ast.Expr) bool { return c.freshExpr(e) || c.grows(v, e) })
}

// grows reports append(v, ...).
func (c *call) grows(v *types.Var, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || c.f.Pkg.Info.Uses[id] != types.Universe.Lookup("append") {
		return false
	}
	x, ok := ast.Unparen(call.Args[0]).(*ast.Ident)
	return ok && c.f.Pkg.Info.Uses[x] == v
}

// freshExpr reports an expression that gives memory which nothing else refers to.
func (c *call) freshExpr(e ast.Expr) bool {
	info := c.f.Pkg.Info
	e = ast.Unparen(e)
	if info.Types[e].IsNil() {
		return true
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		if tv := info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			_, text := info.TypeOf(e.Args[0]).Underlying().(*types.Basic)
			return text || c.freshExpr(e.Args[0])
		}
		if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok && info.Uses[id] == types.Universe.Lookup("make") {
			return true
		}
		if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok && info.Uses[id] == types.Universe.Lookup("append") {
			return c.freshExpr(e.Args[0])
		}
		fn := c.f.Callee(e)
		return fn != nil && fn.Pkg() != nil && fn.Signature().Recv() == nil && gives[fn.Pkg().Path()+"."+fn.Name()]
	}
	return false
}

// gives are functions whose results are new memory.
var gives = map[string]bool{
	"slices.Clone": true, "slices.Sorted": true, "slices.Collect": true, "slices.Concat": true, "slices.Repeat": true, "maps.Clone": true, "maps.Collect": true,
	"bytes.Clone": true, "strings.Split": true, "strings.Fields": true, "strings.SplitN": true, "os.ReadFile": true,
}

// valuesOf reports whether every value that v gets is one that ok accepts.
func (c *call) valuesOf(v *types.Var, ok func(ast.Expr) bool) bool {
	info, all, declared := c.f.Pkg.Info, true, false
	is := func(e ast.Expr) bool {
		id, isID := ast.Unparen(e).(*ast.Ident)
		return isID && info.ObjectOf(id) == v
	}
	ast.Inspect(c.fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for k, l := range n.Lhs {
				if is(l) {
					declared = declared || n.Tok == token.DEFINE
					all = all && len(n.Lhs) == len(n.Rhs) && ok(n.Rhs[k])
				}
			}
		case *ast.ValueSpec:
			for k, l := range n.Names {
				if info.Defs[l] == v {
					declared = true
					all = all && (len(n.Values) == 0 && !pointerTo(v) || len(n.Values) == len(n.Names) && ok(n.Values[k]))
				}
			}
		case *ast.RangeStmt:
			all = all && !(n.Key != nil && is(n.Key)) && !(n.Value != nil && is(n.Value))
		case *ast.UnaryExpr:
			all = all && !(n.Op == token.AND && is(n.X))
		}
		return all
	})
	return all && declared
}

func pointerTo(v *types.Var) bool {
	_, ok := v.Type().Underlying().(*types.Pointer)
	return ok
}

// resliced reports a slice of whose memory behind its length something is used.
func (c *call) resliced(v *types.Var) bool {
	for _, u := range c.job.program.Uses(c.f, c.fn, v) {
		for i := len(u.Path) - 1; i > 0; i-- {
			if s, ok := u.Path[i-1].(*ast.SliceExpr); ok && s.X == u.Path[i] && (s.Slice3 || s.High != nil && !within(c.f, s.High)) {
				return true
			}
			call, ok := u.Path[i-1].(*ast.CallExpr)
			if ok {
				id, ok := ast.Unparen(call.Fun).(*ast.Ident)
				if ok && id.Name == "cap" {
					return true
				}
			}
			if _, paren := u.Path[i-1].(*ast.ParenExpr); !paren {
				break
			}
		}
	}
	return false
}

// conflicts refuses arguments that may change what another argument leads to before
// the call begins, when a pointer still shows that and a value doesn't.
func (c *call) conflicts() bool {
	roots := map[*types.Var]bool{}
	for _, a := range c.args {
		if a.root != nil && roots[a.root] {
			c.job.refuse(c.ref.Call.Pos(), "changed-argument-shared", a.root.Name()+" is given to the call twice", "pass two variables")
			return true
		}
		roots[a.root] = a.root != nil
	}
	pure := !c.anyShared()
	if found := callIn(c.f, c.ref.Call.Fun); found != nil && (!pure || c.reaches(c.ref.Call.Fun)) {
		c.job.refuse(found.Pos(), "changed-argument-shared", "a call before the arguments may change what the function gets", "assign its result to a variable first")
		return true
	}
	for i, e := range c.ref.Call.Args {
		found := callIn(c.f, e)
		returned := false
		for _, p := range c.s.params {
			returned = returned || p.index == i
		}
		if found == nil || pure && !c.reaches(e) || returned && c.args[c.at(i)].target == "_" {
			continue
		}
		c.job.refuse(found.Pos(), "changed-argument-shared", "a call among the arguments may change what the function gets", "assign its result to a variable first")
		return true
	}
	return false
}

// at is the position of the i-th parameter among those that are returned.
func (c *call) at(i int) int {
	for k, p := range c.s.params {
		if p.index == i {
			return k
		}
	}
	return -1
}

func (c *call) anyShared() bool {
	for _, a := range c.args {
		if a.shared {
			return true
		}
	}
	return false
}

// reaches reports whether an argument gives what changes to other code.
func (c *call) reaches(e ast.Expr) bool {
	for _, a := range c.args {
		if a.root == nil {
			continue
		}
		for _, u := range c.job.program.Uses(c.f, c.fn, a.root) {
			if e.Pos() <= u.ID.Pos() && u.ID.Pos() < e.End() && (u.Kind == alias.Passed || u.Kind == alias.Kept) {
				return true
			}
		}
	}
	return false
}

// notNil reports a pointer that is no nil at the call, or that the function uses
// before it does anything else, as passing what it points to does.
func (c *call) notNil(p *param, v *types.Var) bool {
	if c.allocated(v) || c.s.usesFirst(c.job, p) {
		return true
	}
	if c.assignedTwice(v) {
		return false
	}
	for k := len(c.path) - 1; k > 0; k-- {
		for _, stmt := range listOf(c.path[k]) {
			if stmt.End() < c.ref.Call.Pos() && c.shows(stmt, v) {
				return true
			}
		}
	}
	return false
}

// assignedTwice reports a variable that gets a value anywhere but at its
// declaration.
func (c *call) assignedTwice(v *types.Var) bool {
	for _, u := range c.job.program.Uses(c.f, c.fn, v) {
		if u.Kind == alias.Assigned || u.Literal != nil {
			return true
		}
	}
	return c.captured(v)
}

// shows reports a statement after which v isn't nil: it uses what v points to, or it
// leaves where v is nil.
func (c *call) shows(stmt ast.Stmt, v *types.Var) bool {
	switch s := stmt.(type) {
	case *ast.IfStmt:
		b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
		if !ok || b.Op != token.EQL || s.Init != nil || !c.f.Pkg.Info.Types[b.Y].IsNil() {
			return false
		}
		id, ok := ast.Unparen(b.X).(*ast.Ident)
		if !ok || c.f.Pkg.Info.Uses[id] != v || len(s.Body.List) == 0 {
			return false
		}
		_, leaves := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
		return leaves
	case *ast.AssignStmt, *ast.ExprStmt, *ast.IncDecStmt:
		return dereferences(c.f.Pkg.Info, stmt, v)
	}
	return false
}

// usesFirst reports whether every body of the subject uses what the parameter points
// to before it does anything else.
func (s *subject) usesFirst(j *job, p *param) bool {
	for _, m := range s.members {
		if m.decl == nil {
			continue
		}
		if len(m.decl.Func.Body.List) == 0 {
			return false
		}
		var first ast.Node = m.decl.Func.Body.List[0]
		switch f := first.(type) {
		case *ast.IfStmt:
			first = f.Cond
			if f.Init != nil {
				first = f.Init
			}
		case *ast.AssignStmt, *ast.ExprStmt, *ast.IncDecStmt:
		case *ast.RangeStmt:
			first = f.X
		default:
			return false
		}
		if callIn(m.file, first) != nil || !dereferences(m.file.Pkg.Info, first, m.variable(p)) {
			return false
		}
	}
	return true
}

// dereferences reports whether n, whenever it runs, uses what v points to.
func dereferences(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || dereferences(info, n.X, v)
				return false
			}
		case *ast.StarExpr:
			found = found || is(n.X)
		case *ast.SelectorExpr:
			sel := info.Selections[n]
			found = found || sel != nil && sel.Kind() == types.FieldVal && is(n.X)
		}
		return !found
	})
	return found
}
