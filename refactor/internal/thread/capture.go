package thread

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A capture is a statement in which a function literal without an error result is
// called, and only there: an error in it goes into a variable, which is looked at
// after the statement.
type capture struct {
	stmt  ast.Stmt
	outer mention // the statement
	sink  sink    // of an error there
	once  bool    // the literal is called at most once
	first bool    // ... of all times that the statement runs
}

// captured is the sink of a call in a function literal whose error the function
// around the literal can report.
func (t *Threader) captured(r mention) (sink, bool) {
	c := t.calledWithin(r)
	if c == nil {
		return sink{}, false
	}
	s := t.sink(c.outer)
	switch {
	case s.thread != nil:
		return s, true
	case s.stmts == nil || s.refused != "" || s.note != "" || s.drop || s.left || s.detach || s.stays || s.loop:
		return sink{}, false
	}
	c.sink = s
	return sink{capture: c}, true
}

// calledWithin finds the statement in which the innermost function literal around r
// is called, by who gets it. It returns nil where it may be called later, or
// elsewhere, or where nothing can stand after the statement.
func (t *Threader) calledWithin(r mention) *capture {
	lit := r.enclosing()
	i := slices.Index(r.Path, ast.Node(lit))
	if i < 1 {
		return nil
	}
	call, ok := r.Path[i-1].(*ast.CallExpr)
	if !ok {
		return nil
	}
	c := &capture{}
	if call.Fun == ast.Expr(lit) {
		c.once = true
	} else if c.once, ok = t.callsAtOnce(r.File, call, slices.Index(call.Args, ast.Expr(lit))); !ok {
		return nil
	}
	c.first = c.once && call.Fun != ast.Expr(lit)
	for i--; i > 0; i-- {
		switch s := r.Path[i].(type) {
		case *ast.FuncLit:
			return nil
		case *ast.ExprStmt, *ast.AssignStmt:
			if !r.onlyEffect(s.(ast.Stmt), call) || statements(r.Path[i-1]) == nil || r.jumpedOver(r.Path[i-1], s.(ast.Stmt)) {
				return nil
			}
			c.stmt = s.(ast.Stmt)
			at := &ast.Ident{NamePos: s.End()} // after it
			c.outer = mention{&code.Ref{File: r.File, Fn: r.Fn, ID: at, Path: slices.Clone(r.Path[:i+1])}}
			return c
		case ast.Stmt:
			return nil
		}
	}
	return nil
}

// onlyEffect reports whether a statement does nothing with the results of a call that
// could be seen before the error is: it is the call, or gives them to variables of the
// function.
func (r mention) onlyEffect(s ast.Stmt, call *ast.CallExpr) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return ast.Unparen(s.X) == ast.Expr(call)
	case *ast.AssignStmt:
		d := r.decl()
		return d != nil && len(s.Rhs) == 1 && ast.Unparen(s.Rhs[0]) == ast.Expr(call) && !slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
			id, ok := e.(*ast.Ident)
			if !ok {
				return true
			}
			v, isVar := r.File.Pkg.Info.ObjectOf(id).(*types.Var)
			return id.Name != "_" && (!isVar || v.Pos() < d.Pos() || v.Pos() >= d.End())
		})
	}
	return false
}

// callsAtOnce reports whether a call calls the function that it gets as an argument
// before it returns, and never later; once says that it does so no more than once.
func (t *Threader) callsAtOnce(f *code.File, call *ast.CallExpr, arg int) (once, ok bool) {
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil || arg < 0 {
		return false, false
	}
	if d := t.World.Decl(fn); d != nil {
		return false, d.Func.Body != nil && callsOnly(d, arg)
	}
	if _, later := code.Under(f.Pkg.Info.TypeOf(call)).(*types.Signature); later {
		return false, false // an iterator
	}
	name := fn.FullName()
	return name == "(*sync.Once).Do", atOncePackages[fn.Pkg().Path()] || atOnce[name]
}

// atOncePackages are packages whose functions call what they get before they return,
// atOnce more such functions.
var (
	atOncePackages = map[string]bool{"sort": true, "slices": true, "maps": true, "strings": true, "bytes": true, "go/ast": true}
	atOnce         = map[string]bool{
		"(*sync.Once).Do": true, "(*sync.Map).Range": true, "expvar.Do": true, "(*container/ring.Ring).Do": true,
		"flag.Visit": true, "flag.VisitAll": true, "(*flag.FlagSet).Visit": true, "(*flag.FlagSet).VisitAll": true,
	}
)

// callsOnly reports whether a function does nothing with a parameter but call it, or
// compare it with nil, outside of function literals, goroutines and deferred calls.
func callsOnly(d *code.Decl, arg int) bool {
	params := d.Obj.Signature().Params()
	if arg >= params.Len() || d.Obj.Signature().Variadic() && arg >= params.Len()-1 {
		return false
	}
	v := params.At(arg)
	ok := true
	d.File.Walk(func(n ast.Node, stack []ast.Node) {
		id, is := n.(*ast.Ident)
		if !is || !ok || d.File.Pkg.Info.Uses[id] != types.Object(v) {
			return
		}
		switch p := stack[len(stack)-2].(type) {
		case *ast.CallExpr:
			ok = p.Fun == ast.Expr(id)
		case *ast.BinaryExpr:
			ok = true
		default:
			ok = false
		}
		for _, n := range stack {
			switch n.(type) {
			case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
				ok = false
			}
		}
	})
	return ok
}

// intoVariable is what becomes of an error at r: the literal keeps it in a variable
// of the function around it, and returns.
func (t *Threader) intoVariable(r mention, c *capture) sink {
	name := t.captureName(r, c)
	keep := func(err string) string {
		switch {
		case c.once:
			return name + " = " + err
		case before(r.File.Pkg.Types, "go1.20"): // without errors.Join
			return "if " + name + " == nil {\n" + name + " = " + err + "\n}"
		}
		return name + " = " + r.File.ImportAt(r.ID.Pos(), "errors", "errors") + ".Join(" + name + ", " + err + ")"
	}
	if c.first {
		t.note(t.World.Span(r.ID), r.Fn.Name()+" can fail now: who runs this first gets its error, and who comes later doesn't")
	}
	sig := t.signatureAt(r)
	return sink{says: keep, stmts: func(err string) string {
		return strings.TrimSpace(keep(err) + "\n" + bareReturn(r.File, sig))
	}}
}

// captureName returns the variable for the errors of the literals in a statement,
// which is declared before it and looked at after it.
func (t *Threader) captureName(r mention, c *capture) string {
	if name := t.captures[c.stmt]; name != "" {
		return name
	}
	d, f := t.scopeOf(c.outer), r.File
	list := statements(c.outer.Path[len(c.outer.Path)-2])
	name := t.fresh(r, d, region{c.stmt.Pos(), list[len(list)-1].End()}, naming.Unexported(r.Fn.Name())+"Err")
	t.captures[c.stmt] = name
	s := t.releasing(c.outer, c.sink)
	t.after = append(t.after, func() {
		f.InsertFirst(c.stmt.Pos(), "var "+name+" error\n")
		f.InsertFunc(afterComment(f, c.stmt.End()), func() string { return s.check(name) })
	})
	return name
}
