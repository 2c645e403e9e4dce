package returnchanges

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/alias"
)

// An arg is an argument whose changed value comes back.
type arg struct {
	value  string     // how it is passed now
	target string     // what the changed value is assigned to: a variable, *p; "_" where nobody sees it
	plain  bool       // target is a variable's name
	root   *types.Var // the variable that target starts with; nil: none
	shared bool       // others may reach the memory
	copied bool       // the elements are copied into target, since others may see them there
	maps   string     // the name of package maps, where entries are copied
	leaves bool       // the function ends with the call, and nobody sees the value then
}

// into spells what puts a changed value into its place: what stands before it and
// after it.
func (a *arg) into() (before, after string) {
	switch {
	case a.copied && a.maps != "":
		return a.maps + ".Copy(" + a.target + ", ", ")"
	case a.copied:
		return "copy(" + a.target + ", ", ")"
	}
	return a.target + " = ", ""
}

// argument works out how an argument is passed and taken back, or refuses.
func (c *call) argument(p *param) *arg {
	e := ast.Unparen(c.ref.Call.Args[p.index])
	if p.kind == pointer && c.f.Pkg.Info.Types[e].IsNil() {
		c.cant(e, "changed-argument-nil", "nil is passed here", "a value can't be nil: leave the call out, or pass an empty one")
		return nil
	}
	if p.kind == pointer {
		return c.pointer(p, e)
	}
	return c.elements(p, e)
}

func (c *call) cant(e ast.Expr, code, message, hint string) {
	c.job.refuse(e.Pos(), code, message, hint)
}

// pointer is for an argument that is a pointer to the memory.
func (c *call) pointer(p *param, e ast.Expr) *arg {
	info := c.f.Pkg.Info
	switch e := e.(type) {
	case *ast.UnaryExpr:
		x := ast.Unparen(e.X)
		if _, literal := x.(*ast.CompositeLit); literal {
			return &arg{value: c.f.Source(x), target: "_"}
		}
		root, direct := c.root(x)
		if root == nil {
			break
		}
		_, plain := x.(*ast.Ident)
		a := &arg{value: c.f.Source(x), target: c.f.Source(x), plain: plain, root: root}
		return c.owned(p, e, a, direct)
	case *ast.CallExpr:
		if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok && info.Uses[id] == types.Universe.Lookup("new") && info.Types[e.Args[0]].IsType() {
			return &arg{value: "*" + c.f.Source(e), target: "_"}
		}
	case *ast.Ident:
		v, ok := info.Uses[e].(*types.Var)
		if !ok {
			break
		}
		if c.isValueNow(v) {
			return &arg{value: v.Name(), target: v.Name(), plain: true, root: v}
		}
		a := &arg{value: "*" + v.Name(), target: "*" + v.Name(), root: v}
		return c.owned(p, e, a, c.allocated(v))
	}
	c.cant(e, "changed-argument-shared", c.f.Source(e)+" is no variable, so what it leads to can't be assigned", "assign it to a variable first, and pass that")
	return nil
}

// isValueNow reports a pointer parameter of the function around the call that
// becomes a value.
func (c *call) isValueNow(v *types.Var) bool {
	fn, ok := c.f.Pkg.Info.Defs[c.fn.Name].(*types.Func)
	if !ok {
		return false
	}
	s := c.job.subjects[c.job.world.Key(fn)]
	if s == nil {
		return false
	}
	for _, p := range s.params {
		if p.kind == pointer && fn.Signature().Params().At(p.index) == v {
			return true
		}
	}
	return false
}

// root returns the variable that a chain of fields and elements starts with, whose
// parts change nothing when they are worked out; nil for anything else. direct says
// that no pointer is on the way.
func (c *call) root(e ast.Expr) (root *types.Var, direct bool) {
	info := c.f.Pkg.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.Uses[e].(*types.Var)
		return v, v != nil && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
	case *ast.SelectorExpr:
		sel := info.Selections[e]
		if sel == nil { // pkg.Variable
			v, _ := info.Uses[e.Sel].(*types.Var)
			return v, false
		}
		if sel.Kind() != types.FieldVal {
			return nil, false
		}
		root, direct := c.root(e.X)
		if root != nil && c.isValueNow(root) {
			return root, true
		}
		return root, direct && !alias.Refers(info.TypeOf(e.X)) && !sel.Indirect()
	case *ast.IndexExpr:
		if _, isMap := info.TypeOf(e.X).Underlying().(*types.Map); isMap || !c.constant(e.Index) {
			return nil, false
		}
		root, direct := c.root(e.X)
		_, array := info.TypeOf(e.X).Underlying().(*types.Array)
		return root, direct && array
	}
	return nil, false
}

// constant reports an index that is the same before the call and after it.
func (c *call) constant(e ast.Expr) bool {
	if c.f.Pkg.Info.Types[e].Value != nil {
		return true
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.f.Pkg.Info.Uses[id].(*types.Var)
	return ok && c.local(v) && !c.captured(v)
}

func (c *call) local(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() != v.Pkg().Scope() && !v.IsField()
}

// captured reports a variable that code elsewhere may change during the call.
func (c *call) captured(v *types.Var) bool {
	found := false
	for _, u := range c.job.program.Uses(c.f, c.fn, v) {
		found = found || u.Literal != nil && !(u.Literal.Pos() <= c.ref.Call.Pos() && c.ref.Call.End() <= u.Literal.End())
		if len(u.Path) > 1 {
			addr, ok := u.Path[len(u.Path)-2].(*ast.UnaryExpr)
			found = found || ok && addr.Op == token.AND
		}
	}
	return found
}

// owned completes an argument whose memory is that of a variable. direct says that
// the variable is the memory, or that a pointer to it was allocated for it alone.
func (c *call) owned(p *param, e ast.Expr, a *arg, direct bool) *arg {
	if direct {
		if at := c.exclusive(a.root); at.why == "" {
			a.leaves = !isResult(c.fn, a.root)
			return a
		}
	}
	a.shared = true
	switch at := c.job.closedFor(c.s, p); {
	case at.why != "":
		c.cant(e, "changed-argument-shared", "others may use "+a.target+" during this call, since "+c.s.fn.Name()+" "+at.why+" ("+c.job.world.SpanAt(at.pos, at.pos).String()+")", "copy it into a variable of its own, pass that, and write it back")
		return nil
	case !c.once(p, e):
		c.cant(e, "changed-argument-shared", a.root.Name()+" may be another variable after the call", "assign it to a variable of its own, and pass that")
		return nil
	}
	if _, ident := e.(*ast.Ident); ident && !c.notNil(p, a.root) {
		c.cant(e, "changed-argument-nil", a.root.Name()+" may be nil here, which "+c.s.fn.Name()+" doesn't look at first", "look whether it is nil before the call")
		return nil
	}
	c.job.note(e.Pos(), "what "+c.s.fn.Name()+" changes reaches "+a.target+" as a whole when it returns: not if it panics, and over what another goroutine changed in it meanwhile")
	return a
}

// once reports an expression that leads to the same memory before the call and after
// it.
func (c *call) once(p *param, e ast.Expr) bool {
	info, r, same := c.f.Pkg.Info, c.job.closedFor(c.s, p), true
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return same
		}
		v, ok := info.Uses[id].(*types.Var)
		switch {
		case !ok:
		case v.IsField():
			same = same && !(alias.Refers(v.Type()) && r.assigns(v.Origin()))
		case c.local(v):
			same = same && !c.captured(v)
		default:
			same = same && !(alias.Refers(v.Type()) && r.assigns(v))
		}
		return same
	})
	return same
}

func isResult(fn *ast.FuncDecl, v *types.Var) bool {
	return fn.Type.Results != nil && fn.Type.Results.Pos() <= v.Pos() && v.Pos() < fn.Type.Results.End()
}

// elements is for an argument that is a slice or map.
func (c *call) elements(p *param, e ast.Expr) *arg {
	if c.freshExpr(e) {
		return &arg{value: c.f.Source(e), target: "_"}
	}
	if id, ok := e.(*ast.Ident); ok {
		v, ok := c.f.Pkg.Info.Uses[id].(*types.Var)
		if ok && c.s == c.around() && c.isParam(v) {
			return &arg{value: v.Name(), target: v.Name(), plain: true, root: v}
		}
		if ok && c.local(v) && c.freshOnly(v) && !c.resliced(v) && c.exclusive(v).why == "" {
			return &arg{value: v.Name(), target: v.Name(), plain: true, root: v, leaves: !isResult(c.fn, v)}
		}
	}
	root := c.pure(e)
	if root == nil {
		c.cant(e, "changed-argument-shared", c.f.Source(e)+" is no variable, so its elements can't be assigned", "assign it to a variable first, and pass that")
		return nil
	}
	if at := c.job.closedFor(c.s, p); at.why != "" {
		c.cant(e, "changed-argument-shared", "others may use the elements of "+c.f.Source(e)+" during this call, since "+c.s.fn.Name()+" "+at.why+" ("+c.job.world.SpanAt(at.pos, at.pos).String()+")", "pass a copy, and write it back")
		return nil
	}
	if !c.once(p, e) {
		c.cant(e, "changed-argument-shared", root.Name()+" may be another variable after the call", "assign it to a variable of its own, and pass that")
		return nil
	}
	a := &arg{value: c.f.Source(e), target: c.f.Source(e), root: root, shared: true, copied: true}
	if p.kind == mapping {
		if pos := c.job.deletes(c.s, p); pos.IsValid() {
			c.cant(e, "changed-argument-shared", "others may see the entries of "+c.f.Source(e)+", and "+c.s.fn.Name()+" deletes some ("+c.job.world.SpanAt(pos, pos).String()+")", "pass a map that is made here")
			return nil
		}
		if oldGo(c.f) {
			c.cant(e, "go-version", "go.mod asks for "+c.f.Pkg.Types.GoVersion()+", where no function copies a map", "raise it to go1.21")
			return nil
		}
		if !c.goodKeys(p.elem) {
			c.cant(e, "changed-argument-shared", "keys that may not equal themselves can't be copied back", "pass a map that is made here")
			return nil
		}
		a.maps = c.f.ImportAt(e.Pos(), "maps", "maps")
	}
	c.job.note(e.Pos(), "what "+c.s.fn.Name()+" changes is copied into "+a.target+" when it returns: not if it panics, and over what another goroutine changed in it meanwhile")
	return a
}

func (c *call) goodKeys(m types.Type) bool {
	t, ok := m.Underlying().(*types.Map)
	if !ok {
		return false
	}
	b, ok := t.Key().Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) == 0
}

func (c *call) around() *subject {
	fn, ok := c.f.Pkg.Info.Defs[c.fn.Name].(*types.Func)
	if !ok {
		return nil
	}
	return c.job.subjects[c.job.world.Key(fn)]
}

// isParam reports a parameter of the function around whose changes it returns.
func (c *call) isParam(v *types.Var) bool {
	fn, s := c.f.Pkg.Info.Defs[c.fn.Name].(*types.Func), c.around()
	for _, p := range s.params {
		if fn.Signature().Params().At(p.index) == v {
			return true
		}
	}
	return false
}

// pure returns the variable that an expression starts with, which gives the same
// slice or map whenever it is worked out; nil for anything else.
func (c *call) pure(e ast.Expr) *types.Var {
	if s, ok := ast.Unparen(e).(*ast.SliceExpr); ok {
		for _, b := range []ast.Expr{s.Low, s.High, s.Max} {
			if b != nil && !c.constant(b) {
				return nil
			}
		}
		return c.pure(s.X)
	}
	root, _ := c.root(e)
	return root
}
