package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A contextSource says where a call gets its context from.
type contextSource struct {
	expr   string     // what to pass; "" if the context must be threaded
	thread *code.Decl // the function that must gain a context
	lone   bool       // expr is made here, and needs the context package
	// detached says that the call gets expr without its cancellation.
	detached bool
	// registered says that a function which an initializer gives to somebody begins
	// with the context.
	registered bool
	root       bool   // there is none to pass
	why        string // why there is none to pass, for a note
	name       func() // gives a context without a name the one in expr; nil if there is nothing to do
}

// context finds a context for a call: a variable in scope, something in scope
// that has one, a parameter that the function gains or could gain, or else
// context.Background(). Work that the function doesn't wait for keeps the
// values of the context and not its cancellation, since nothing cancelled it
// before.
func (t *Threader) context(r mention) contextSource {
	if t.Value != nil {
		return t.valueAt(r)
	}
	v, dead := t.contextVar(r)
	if s, ok := t.nameless(r, v); ok {
		return s
	}
	if v != nil {
		return t.inScope(r, v.Name(), v.Pos())
	}
	if v := r.lookup(t.carriesContext); v != nil {
		return t.inScope(r, v.Name()+contextOf(v), v.Pos())
	}
	if dead != nil && t.canDetach(r) {
		return t.withoutCancel(r, dead.Name())
	}
	d := t.declOf(r)
	if d == nil && r.Call != nil && r.initializes() {
		return contextSource{expr: "context.Background()", lone: true}
	}
	if d == nil && t.Context != RefuseContexts {
		return contextSource{expr: "context.Background()", lone: true, registered: true}
	}
	if d == nil {
		return t.root(r, "")
	}
	if c := t.changes[t.World.Key(d.Obj)]; c != nil && c.Ctx && !c.Outside {
		return t.inScope(r, c.ctxName, d.Func.Pos())
	}
	if code.IsEntry(d) {
		return contextSource{expr: "context.Background()", lone: true}
	}
	detached := t.detachedSince(r, d.Func.Pos())
	if detached && (!t.Detached || !t.canDetach(r)) {
		return t.root(r, "")
	}
	if code.TakesContext(d.Obj) {
		return t.root(r, "the context of "+d.Func.Name.Name+" is hidden here by another variable of its name")
	}
	if why := t.unchangeable(d); why != "" {
		if _, frozen := t.World.Class(d.Obj); frozen != "" && t.started(d) {
			return contextSource{expr: "context.Background()", lone: true}
		}
		return t.root(r, d.Func.Name.Name+" can't take a context: "+why)
	}
	return contextSource{thread: d}
}

// root is the source of a call that has no context to pass, and why.
func (t *Threader) root(r mention, why string) contextSource {
	if t.Context == Field {
		if expr := t.field(r); expr != "" {
			return contextSource{expr: expr, why: "it is the receiver's own"}
		}
	}
	expr := "context.Background()"
	if t.Context == TODO {
		expr = "context.TODO()"
	}
	return contextSource{expr: expr, lone: true, root: true, why: why}
}

// initializes reports a call that an initializer of a package variable makes itself,
// before main and in no other function: like init it begins with a context of its own.
func (r mention) initializes() bool {
	return !slices.ContainsFunc(r.Path, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return true
		}
		return false
	})
}

// field spells the context that the receiver of the function around r keeps, or
// returns "".
func (t *Threader) field(r mention) string {
	d := t.declOf(r)
	if d == nil || d.Obj.Signature().Recv() == nil {
		return ""
	}
	recv := d.Obj.Signature().Recv()
	if recv.Name() == "" || recv.Name() == "_" || !r.sees(recv) {
		return ""
	}
	typ := recv.Type()
	if p, ok := typ.Underlying().(*types.Pointer); ok {
		typ = p.Elem()
	}
	s, ok := typ.Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	for f := range s.Fields() {
		if crossing.IsContext(f.Type()) {
			return recv.Name() + "." + f.Name()
		}
	}
	return ""
}

func (t *Threader) inScope(r mention, expr string, since token.Pos) contextSource {
	if t.detachedSince(r, since) && !r.joined() {
		if !t.canDetach(r) {
			return t.root(r, "")
		}
		return t.withoutCancel(r, expr)
	}
	return contextSource{expr: expr}
}

// nameless finds a context among the parameters of the functions around r that
// has no name yet, nearer than the variable v, which may be nil.
func (t *Threader) nameless(r mention, v *types.Var) (contextSource, bool) {
	for i := len(r.Path) - 1; i >= 0; i-- {
		var ft *ast.FuncType
		switch n := r.Path[i].(type) {
		case *ast.FuncLit:
			ft = n.Type
		case *ast.FuncDecl:
			ft = n.Type
		default:
			continue
		}
		if v != nil && v.Pos() > r.Path[i].Pos() {
			return contextSource{}, false
		}
		for _, p := range ft.Params.List {
			if !crossing.IsContext(r.File.Pkg.Info.TypeOf(p.Type)) || len(p.Names) > 0 && p.Names[0].Name != "_" {
				continue
			}
			d := t.scopeOf(r)
			if d == nil {
				return contextSource{}, false
			}
			if t.nameOf[p] == "" {
				t.nameOf[p] = t.freeIn(d, t.ctxNames()...)
			}
			s := t.inScope(r, t.nameOf[p], ft.Pos())
			s.name = func() { t.nameParameter(r.File, ft, p) }
			return s, true
		}
	}
	return contextSource{}, false
}

// NameContext gives the context parameter of a function a name where it has
// none, and reports whether there was one to name.
func (t *Threader) NameContext(d *code.Decl) bool {
	for _, p := range d.Func.Type.Params.List {
		if crossing.IsContext(d.File.Pkg.Info.TypeOf(p.Type)) && (len(p.Names) == 0 || p.Names[0].Name == "_") {
			t.nameOf[p] = t.freeIn(d, t.ctxNames()...)
			t.nameParameter(d.File, d.Func.Type, p)
			return true
		}
	}
	return false
}

// replaceTODO passes the context of d where its body says context.TODO().
func (t *Threader) replaceTODO(d *code.Decl) {
	d.File.Walk(func(n ast.Node, stack []ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || n.Pos() < d.Func.Pos() || n.Pos() >= d.Func.End() {
			return
		}
		fn := d.File.Callee(call)
		if fn == nil || fn.FullName() != "context.TODO" {
			return
		}
		r := mention{&code.Ref{File: d.File, Fn: fn, ID: idOf(call), Call: call, Path: slices.Clone(stack)}}
		if s := t.context(r); s.expr != "" && !s.root && !s.lone && !s.detached {
			d.File.Replace(call.Pos(), call.End(), s.expr)
		}
	})
}

// idOf returns the name that a call calls.
func idOf(call *ast.CallExpr) *ast.Ident {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return fun.Sel
	case *ast.Ident:
		return fun
	}
	return nil
}

// nameParameter writes the name of a context parameter that had none.
func (t *Threader) nameParameter(f *code.File, ft *ast.FuncType, p *ast.Field) {
	if t.opened[p] {
		return
	}
	t.opened[p] = true
	if len(p.Names) > 0 {
		f.Replace(p.Names[0].Pos(), p.Names[0].End(), t.nameOf[p])
		return
	}
	for _, q := range ft.Params.List {
		name := "_ "
		if q == p {
			name = t.nameOf[p] + " "
		}
		f.Insert(q.Type.Pos(), name)
	}
}

// detachedSince reports whether between pos and the call there is something
// that may run after the function has returned: a goroutine, a deferred call,
// a function that is kept.
func (t *Threader) detachedSince(r mention, pos token.Pos) bool {
	for i, n := range r.Path {
		if n.Pos() <= pos {
			continue
		}
		switch n.(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			return true
		case *ast.FuncLit:
			if t.kept(r.File, r.Path[:i+1]) {
				return true
			}
		}
	}
	return false
}
