package code

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A contextSource says where a call gets its context from.
type contextSource struct {
	expr   string // what to pass; "" if the context must be threaded
	thread *Decl  // the function that must gain a context
	lone   bool   // expr is made here, and needs the context package
	why    string // why there is none to pass, for a note
}

// context finds a context for a call: a variable in scope, something in scope
// that has one, a parameter that the function gains or could gain, or else
// context.Background(). Work that the function doesn't wait for keeps the
// values of the context and not its cancellation, since nothing cancelled it
// before.
func (t *Threader) context(r *Ref) contextSource {
	if v := r.lookup(isContextVar); v != nil {
		return t.inScope(r, v.Name(), v.Pos())
	}
	if v := r.lookup(t.carriesContext); v != nil {
		return t.inScope(r, v.Name()+".Context()", v.Pos())
	}
	d := t.declOf(r)
	if d == nil {
		return contextSource{expr: "context.Background()", lone: true}
	}
	if c := t.changes[t.World.Key(d.Obj)]; c != nil && c.Ctx && !c.Outside {
		return t.inScope(r, c.ctxName, d.Func.Pos())
	}
	if isEntry(d) || r.detachedSince(d.Func.Pos()) {
		return contextSource{expr: "context.Background()", lone: true}
	}
	if why := t.rigid(d); why != "" {
		return contextSource{expr: "context.Background()", lone: true, why: d.Func.Name.Name + " can't take a context: " + why}
	}
	return contextSource{thread: d}
}

func (t *Threader) inScope(r *Ref, expr string, since token.Pos) contextSource {
	if r.detachedSince(since) {
		return contextSource{expr: "context.WithoutCancel(" + expr + ")", lone: true}
	}
	return contextSource{expr: expr}
}

// isEntry reports functions that are called by the runtime only.
func isEntry(d *Decl) bool {
	name := d.Func.Name.Name
	return d.Func.Recv == nil && (name == "init" || name == "main" && d.File.Pkg.Pkg.Name == "main")
}

// detachedSince reports whether between pos and the call there is something
// that may run after the function has returned: a goroutine, a deferred call,
// a function that is kept.
func (r *Ref) detachedSince(pos token.Pos) bool {
	for i, n := range r.Path {
		if n.Pos() <= pos {
			continue
		}
		switch n := n.(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			return true
		case *ast.FuncLit:
			if keptLater(r.File, r.Path[i-1], n) {
				return true
			}
		}
	}
	return false
}

// keptLater reports whether a function literal outlives the statement it
// stands in.
func keptLater(f *File, parent ast.Node, lit *ast.FuncLit) bool {
	switch p := parent.(type) {
	case *ast.ReturnStmt, *ast.CompositeLit, *ast.KeyValueExpr, *ast.SendStmt:
		return true
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if _, local := l.(*ast.Ident); !local {
				return true
			}
		}
	case *ast.CallExpr:
		if p.Fun == lit {
			return false
		}
		if sel, ok := p.Fun.(*ast.SelectorExpr); ok {
			fn, ok := f.Pkg.Info.Uses[sel.Sel].(*types.Func)
			return ok && fn.Pkg() != nil && keepers[fn.Pkg().Path()+"."+fn.Name()]
		}
	}
	return false
}

// keepers are functions that keep a function for later.
var keepers = map[string]bool{"time.AfterFunc": true, "testing.Cleanup": true, "runtime.AddCleanup": true, "runtime.SetFinalizer": true, "context.AfterFunc": true}
