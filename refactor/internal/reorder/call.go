package reorder

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/code"
)

// call handles a call: what it evaluates, and whom it calls.
func (w *walker) call(call *ast.CallExpr) {
	info := w.f.Pkg.Info
	fun := ast.Unparen(call.Fun)
	tv := info.Types[fun]
	if tv.IsType() {
		w.arguments(call)
		w.elements(call.Args) // string(bytes) copies them
		return
	}
	if tv.IsBuiltin() {
		w.builtin(call)
		return
	}
	fn := w.f.Callee(generic(call))
	if fn == nil {
		if lit, ok := fun.(*ast.FuncLit); ok {
			w.walk(lit.Body)
		} else {
			w.walk(fun)
			if sig, ok := code.Under(tv.Type).(*types.Signature); ok {
				w.dynamic(fun, sig)
			}
		}
		w.arguments(call)
		return
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		w.receiver(sel)
	}
	w.arguments(call)
	w.a.calls(w.fp, fn)
	if !w.f.Owns(fn) {
		w.foreign(call, fn)
		return
	}
	w.boxes(call, fn)
}

// generic returns a call of a generic function without its type arguments.
func generic(call *ast.CallExpr) *ast.CallExpr {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.IndexExpr:
		return &ast.CallExpr{Fun: fun.X}
	case *ast.IndexListExpr:
		return &ast.CallExpr{Fun: fun.X}
	}
	return call
}

func (w *walker) arguments(call *ast.CallExpr) {
	for _, a := range call.Args {
		w.walk(a)
	}
}

func (w *walker) builtin(call *ast.CallExpr) {
	w.arguments(call)
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || len(call.Args) == 0 {
		return
	}
	t := w.f.Pkg.Info.TypeOf(call.Args[0])
	switch id.Name {
	case "append":
		if s, ok := code.Under(t).(*types.Slice); ok && !w.backing(call.Args[0]) {
			w.a.whole(w.fp.writes, elemOf(s.Elem()), s.Elem(), call.Pos()) // where there is room left
		}
		w.elements(call.Args[1:])
	case "copy", "clear", "delete":
		if !w.backing(call.Args[0]) {
			w.a.behind(w.fp.writes, t, call.Pos(), map[types.Type]bool{})
		} else if p := w.pathOf(call.Args[0]); p.root != nil && !w.own(p.root) {
			w.fp.writes.add(w.a.content(p.root), call.Pos())
		}
		w.elements(call.Args[1:])
	case "close":
		w.outside(call.Pos(), "closes a channel", true)
	}
}

// elements reads what append and copy read.
func (w *walker) elements(args []ast.Expr) {
	for _, a := range args {
		if s, ok := code.Under(w.f.Pkg.Info.TypeOf(a)).(*types.Slice); ok && !w.owned(a) {
			w.a.whole(w.fp.reads, elemOf(s.Elem()), s.Elem(), a.Pos())
		}
	}
}

// backing reports a variable whose memory nothing else leads to.
func (w *walker) backing(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if _, isNil := w.f.Pkg.Info.Uses[id].(*types.Nil); isNil {
			return true
		}
	}
	p := w.pathOf(e)
	if p.root == nil {
		return w.a.new(w.f, source{e, 0}, nil)
	}
	return p.steps == 0 && w.made(p.root)
}

// foreign handles a call of code of another module.
func (w *walker) foreign(call *ast.CallExpr, fn *types.Func) {
	args := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		args = append([]ast.Expr{sel.X}, args...)
	}
	known, ok := effects.KnownOf(fn)
	name := strings.TrimPrefix(short(recvOf(fn)), "*") + "." + fn.Name()
	if fn.Signature().Recv() == nil {
		name = fn.Name()
		if fn.Pkg() != nil {
			name = fn.Pkg().Name() + "." + name
		}
	}
	w.hooks(args)
	for _, a := range args {
		w.led(a)
	}
	switch {
	case !ok && (printer(fn) || reports(fn)):
		w.print(call, name)
		return
	case !ok:
		w.outside(call.Pos(), "calls "+name, true)
		for _, a := range args {
			if !handle(w.f.Pkg.Info.TypeOf(a), fn) {
				w.changes(a, true)
			}
		}
		return
	case known.World, waits(fn):
		w.outside(call.Pos(), "calls "+name, false)
		acts := w.fp.acts
		for _, a := range args {
			if !handle(w.f.Pkg.Info.TypeOf(a), fn) {
				w.changes(a, true)
			}
		}
		w.fp.acts = acts
		if known.World && !w.looksOnly(call, fn) {
			w.acts(call.Pos(), "calls "+name)
		}
		return
	}
	if known.Varies && w.fp.varies == nil {
		w.fp.varies = &Site{call.Pos(), "calls " + name}
	}
	if strings.HasPrefix(pathOf(fn), "math/rand") || strings.HasPrefix(pathOf(fn), "crypto/rand") {
		w.outside(call.Pos(), "calls "+name, false)
	}
	if known.Output && (len(known.Writes) == 0 || len(args) > 0 && !inMemory(w.f.Pkg.Info.TypeOf(args[0]))) {
		w.print(call, name)
		return
	}
	for _, i := range known.Writes {
		if i < len(args) {
			w.changes(args[i], known.Deep)
		}
	}
}

// handle reports a pointer by which a package that deals with the outside knows a part
// of it: a file, a database, open rows. What changes behind it is outside, too.
func handle(t types.Type, fn *types.Func) bool {
	p, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg() == fn.Pkg()
}

func pathOf(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	return fn.Pkg().Path()
}

func (w *walker) print(call *ast.CallExpr, name string) {
	if w.fp.prints == nil {
		w.fp.prints = &Site{call.Pos(), "calls " + name}
	}
}

// printer reports methods of loggers of other modules.
func printer(fn *types.Func) bool {
	r := fn.Signature().Recv()
	if r == nil || !strings.Contains(strings.ToLower(short(r.Type())), "log") {
		return false
	}
	for _, verb := range []string{"Trace", "Debug", "Info", "Warn", "Error", "Log", "Print"} {
		if strings.HasPrefix(fn.Name(), verb) {
			return true
		}
	}
	return false
}

// reports are methods by which tests say what came out.
func reports(fn *types.Func) bool {
	return pathOf(fn) == "testing" && slices.Contains([]string{"Error", "Errorf", "Fail", "FailNow", "Fatal", "Fatalf", "Log", "Logf", "Helper", "Skip", "Skipf", "SkipNow"}, fn.Name())
}

// waits reports what waits for another goroutine.
func waits(fn *types.Func) bool {
	return pathOf(fn) == "sync" && (fn.Name() == "Wait" || strings.HasPrefix(short(recvOf(fn)), "*sync.Cond"))
}

func inMemory(t types.Type) bool {
	if t == nil {
		return false
	}
	switch types.TypeString(t, nil) {
	case "*bytes.Buffer", "*strings.Builder":
		return true
	}
	return false
}

// led reads all that an argument leads to.
func (w *walker) led(e ast.Expr) {
	e = ast.Unparen(e)
	seen := map[types.Type]bool{}
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		w.access(u.X, false)
		w.a.behind(w.fp.reads, w.f.Pkg.Info.TypeOf(u.X), e.Pos(), seen)
		return
	}
	w.a.behind(w.fp.reads, w.f.Pkg.Info.TypeOf(e), e.Pos(), seen)
	if p := w.pathOf(e); p.root != nil && p.steps == 0 && !w.own(p.root) && w.made(p.root) {
		w.fp.reads.add(w.a.content(p.root), e.Pos())
	}
}

// changes says that an argument's memory may be changed; deep for all that it leads
// to.
func (w *walker) changes(e ast.Expr, deep bool) {
	e = ast.Unparen(e)
	t := w.f.Pkg.Info.TypeOf(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		w.changesAt(ast.Unparen(u.X), deep)
		return
	}
	if w.addressable(e) {
		w.access(e, true)
		return
	}
	switch u := code.Under(t).(type) {
	case nil:
		return
	case *types.Interface:
		if !crossing.IsContext(t) {
			w.fp.changes = true
			w.acts(e.Pos(), "changes what is behind a "+short(t))
		}
		return
	case *types.Pointer, *types.Slice, *types.Map:
		if w.backing(e) {
			w.content(e)
			if !deep || w.backingAll(e) {
				return
			}
		} else if !deep {
			w.shallow(e, u)
			return
		}
	}
	w.a.behind(w.fp.writes, t, e.Pos(), map[types.Type]bool{})
}

// changesAt is changes for &x.
func (w *walker) changesAt(x ast.Expr, deep bool) {
	if _, lit := x.(*ast.CompositeLit); lit {
		return
	}
	w.access(x, true)
	p := w.pathOf(x)
	if deep && (p.root == nil || p.derefs > 0 || !w.madeAll(p.root, x)) {
		w.a.behind(w.fp.writes, w.f.Pkg.Info.TypeOf(x), x.Pos(), map[types.Type]bool{})
	}
}

// addressable reports a variable of a value type that a method with a pointer
// receiver is called on.
func (w *walker) addressable(e ast.Expr) bool {
	switch code.Under(w.f.Pkg.Info.TypeOf(e)).(type) {
	case *types.Struct, *types.Array:
		p := w.pathOf(e)
		return p.root != nil || p.steps > 0
	}
	return false
}

func (w *walker) content(e ast.Expr) {
	if p := w.pathOf(e); p.root != nil && !w.own(p.root) {
		w.fp.writes.add(w.a.content(p.root), e.Pos())
	}
}

// shallow is changes for what a pointer, slice or map holds itself.
func (w *walker) shallow(e ast.Expr, t types.Type) {
	switch u := t.(type) {
	case *types.Pointer:
		w.a.whole(w.fp.writes, derefOf(u.Elem()), u.Elem(), e.Pos())
	case *types.Slice:
		w.a.whole(w.fp.writes, elemOf(u.Elem()), u.Elem(), e.Pos())
	case *types.Map:
		w.a.whole(w.fp.writes, mapOf(u), u.Elem(), e.Pos())
	}
}

// boxes notes pointers that a call of the module converts to interfaces: what the
// callee gives away again may be changed.
func (w *walker) boxes(call *ast.CallExpr, fn *types.Func) {
	for i, a := range call.Args {
		ps := fn.Signature().Params()
		if ps.Len() == 0 {
			return
		}
		pt := ps.At(min(i, ps.Len()-1)).Type()
		if s, ok := pt.(*types.Slice); ok && fn.Signature().Variadic() && i >= ps.Len()-1 {
			pt = s.Elem()
		}
		if !types.IsInterface(pt) || w.f.Pkg.Info.TypeOf(a) == nil || types.IsInterface(w.f.Pkg.Info.TypeOf(a)) {
			continue
		}
		sub := &walker{a: w.a, f: w.f, fp: &footprint{Footprint: newFootprint()}, within: w.within, alone: w.alone}
		sub.changes(a, true)
		if w.fp.boxed == nil {
			w.fp.boxed = cells{}
		}
		w.fp.boxed.addAll(sub.fp.writes)
		w.led(a)
	}
}
