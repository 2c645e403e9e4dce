// Package calls finds the calls that each function makes. It reports no hazard;
// other analyzers require it.
//
// It follows calls that name their callee in the source: functions, methods,
// and methods of interfaces, where the callee is the interface's method. It
// doesn't follow calls of function values.
package calls

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

// The kinds of facts.
const (
	Calls = "calls"    // whenever the function runs to this place
	May   = "may-call" // from a function literal that may run elsewhere, or later
	Go    = "starts"   // in a goroutine of its own: the function doesn't wait for it
)

// Remote is the Text of a fact whose callee could be part of a contract: a
// method of a service, or a function that takes a context or returns an error.
// Constructors, functions on plain data, and methods of values inside the
// caller's own memory aren't remote: they run in the caller's process.
const Remote = "remote"

const analyzerName = "calls"

// Analyzer finds the calls, one fact for each callee and kind.
var Analyzer = analyzers.Analyzer{Name: analyzerName, Function: function}

func function(pass *analyzers.Pass, fn *ast.FuncDecl) []component.Fact {
	w := &walker{pass: pass, seen: map[key]bool{}}
	w.walk(fn.Body, Calls)
	return w.facts
}

type key struct {
	to   component.Subject
	kind string
}

type walker struct {
	pass  *analyzers.Pass
	seen  map[key]bool
	facts []component.Fact
}

// walk visits n, whose calls are of the given kind.
func (w *walker) walk(n ast.Node, kind string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			w.started(n.Call, kind)
			return false
		case *ast.CallExpr:
			w.add(n, kind)
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok { // runs here, and now or at the function's end
				for _, a := range n.Args {
					w.walk(a, kind)
				}
				w.walk(lit.Body, kind)
				return false
			}
		case *ast.FuncLit:
			inner := May
			if kind == Go {
				inner = Go
			}
			w.walk(n.Body, inner)
			return false
		}
		return true
	})
}

// started handles the call of a go statement: its operands are evaluated first.
func (w *walker) started(call *ast.CallExpr, kind string) {
	for _, a := range call.Args {
		w.walk(a, kind)
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		w.walk(lit.Body, Go)
		return
	}
	w.add(call, Go)
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		w.walk(sel.X, kind)
	}
}

func (w *walker) add(call *ast.CallExpr, kind string) {
	fn := Callee(w.pass.Info, call)
	if fn == nil || fn.Pkg() == nil || !w.pass.Local(fn.Pkg().Path()) {
		return
	}
	k := key{analyzers.Subject(fn), kind}
	if k.to.Decl.Name == "" || w.seen[k] {
		return
	}
	w.seen[k] = true
	f := component.Fact{Kind: kind, To: k.to, Span: w.pass.Span(call.Lparen, call.Lparen)}
	if id := name(call.Fun); id != nil {
		f.Span = w.pass.Span(id.Pos(), id.End())
	}
	if IsRemote(w.pass, call, fn) {
		f.Text = Remote
	}
	w.facts = append(w.facts, f)
}

// part reports whether the receiver of a call is a value in the caller's own
// memory, as a counter or an iterator is: what stands behind a contract is held
// through a pointer or an interface.
func part(info *types.Info, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return false
		}
		t = st.Field(i).Type()
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return false
	}
	return true
}

// Callee returns the function or method that a call names, or nil.
func Callee(info *types.Info, call *ast.CallExpr) *types.Func {
	id := name(call.Fun)
	if id == nil {
		return nil
	}
	fn, ok := info.Uses[id].(*types.Func)
	if !ok {
		return nil
	}
	return fn.Origin()
}

// name returns the identifier that names what is called.
func name(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return name(e.X)
	case *ast.IndexListExpr:
		return name(e.X)
	}
	return nil
}

// remotes says of functions whether a call of them could go through a contract,
// as far as it was asked.
type remotes map[*types.Func]bool

// IsRemote reports whether a call of fn could go through a contract; see
// Remote.
func IsRemote(pass *analyzers.Pass, call *ast.CallExpr, fn *types.Func) bool {
	if part(pass.Info, call) {
		return false
	}
	known := analyzers.Shared[remotes](pass, analyzerName)
	if *known == nil {
		*known = remotes{}
	}
	is, ok := (*known)[fn]
	if !ok {
		is = isRemote(fn)
		(*known)[fn] = is
	}
	return is
}

func isRemote(fn *types.Func) bool {
	sig := fn.Signature()
	recv := sig.Recv()
	if recv == nil {
		return !makesService(fn) && (takesContext(sig) || returnsError(sig))
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok {
		return false
	}
	return !crossing.IsData(n)
}

func takesContext(sig *types.Signature) bool {
	return sig.Params().Len() > 0 && types.TypeString(types.Unalias(sig.Params().At(0).Type()), nil) == "context.Context"
}

func returnsError(sig *types.Signature) bool {
	n := sig.Results().Len()
	return n > 0 && types.Identical(sig.Results().At(n-1).Type(), types.Universe.Lookup("error").Type())
}

// makesService reports whether fn returns a value with methods of its own
// package that isn't data.
func makesService(fn *types.Func) bool {
	for v := range fn.Signature().Results().Variables() {
		t := types.Unalias(v.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		n, ok := t.(*types.Named)
		if !ok || n.Obj().Pkg() != fn.Pkg() {
			continue
		}
		if i, ok := n.Underlying().(*types.Interface); ok && i.NumMethods() > 0 || n.NumMethods() > 0 && !crossing.HoldsData(n) {
			return true
		}
	}
	return false
}

// Crosses returns the name of the component that a call enters through that
// component's API, or "" where the call stays in the component of from.
func Crosses(p *analyzers.Program, from component.DeclID, call *component.Fact) string {
	there, contract := p.Contracts[call.To.Decl]
	if !contract && call.Text != Remote {
		return ""
	}
	here := p.ComponentOf(from)
	if !contract {
		if here == "" {
			return ""
		}
		there = p.ComponentOf(call.To.Decl)
	}
	if there == "" || there == here {
		return ""
	}
	return there
}
