package retype

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A Friend is a function of T's package that needs the type itself. Callers that
// hold the interface reach it by a method of its name, which calls it.
type Friend struct {
	Func  *types.Func
	Index int // of the parameter that is *T
}

// A friend is one with its calls.
type friend struct {
	Friend
	calls []friendCall
}

type friendCall struct {
	src, dst *slot
	file     *code.File
	call     *ast.CallExpr
}

// adapted reports whether the call is one that goes through the method where the
// function keeps the type.
func (a *friendCall) adapted() bool { return a.src.reached && !a.dst.reached }

// befriend records a call of a function of T's package with a value of a slot, if a
// method can stand for it, and reports that.
func (f *Flow) befriend(file *code.File, src *slot, call *ast.CallExpr, stack []ast.Node) bool {
	arg := stack[len(stack)-1].(ast.Expr)
	fn := file.Callee(call)
	if !f.Accessors || !f.Grow || fn == nil || f.Role(file) != User || file.Generated() || !f.befriends(fn) {
		return false
	}
	i := slices.Index(call.Args, arg)
	ps := fn.Signature().Params()
	if i < 0 || i >= ps.Len() || fn.Signature().Variadic() && i == ps.Len()-1 || len(call.Args) < ps.Len()-1 || !f.isPointer(ps.At(i).Type()) {
		return false
	}
	for _, before := range call.Args[:i] {
		if !still(before) {
			return false
		}
	}
	for k := range ps.Len() {
		if k != i && f.holds(ps.At(k).Type()) {
			return false
		}
	}
	known := f.friends[fn.Name()]
	if known == nil {
		known = &friend{Friend: Friend{fn, i}}
		f.friends[fn.Name()] = known
	}
	if known.Index != i {
		return false
	}
	dst := f.slotOfType(file, ps.At(i).Type(), arg)
	known.calls = append(known.calls, friendCall{src, dst, file, call})
	src.soft = append(src.soft, dst)
	if !f.nonNil(file, stack) {
		dst.nilFrom = append(dst.nilFrom, src)
		src.given = append(src.given, demand{name: fn.Name(), at: f.World.Span(arg), from: f.setBy(file, stack)})
	}
	return true
}

// befriends reports a function that a method can stand for.
func (f *Flow) befriends(fn *types.Func) bool {
	if ok, known := f.befriended[fn]; known {
		return ok
	}
	ok := fn.Signature().Recv() == nil && fn.Signature().TypeParams().Len() == 0 && fn.Pkg() != nil &&
		fn.Pkg().Path() == f.Type.Obj().Pkg().Path() && fn.Parent() == fn.Pkg().Scope() && fn.Exported() && f.hidden(fn) == "" && !f.World.FileOf(f.Type.Obj()).Generated()
	if ok {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.Type), true, fn.Pkg(), fn.Name())
		d := f.World.Decl(fn)
		ok = obj == nil && f.World.IgnoredUse(fn) == "" && !f.wouldFit(fn.Name()) && d != nil && d.Func.Body != nil && !looksAtCallers(d)
	}
	f.befriended[fn] = ok
	return ok
}

// looksAtCallers reports a function that must be called by who calls it now: it
// recovers, or asks who its callers are.
func looksAtCallers(d *code.Decl) bool {
	found := false
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found {
			return !found
		}
		switch obj := d.File.Pkg.Info.Uses[id].(type) {
		case *types.Builtin:
			found = obj.Name() == "recover"
		case *types.Func:
			found = obj.FullName() == "runtime.Caller" || obj.FullName() == "runtime.Callers"
		}
		return !found
	})
	return found
}

// FriendsNeeded returns the functions that callers reach by methods, by place.
func (f *Flow) FriendsNeeded() []Friend {
	var out []Friend
	for _, fr := range f.friends {
		if slices.ContainsFunc(fr.calls, func(c friendCall) bool { return c.adapted() }) {
			out = append(out, fr.Friend)
		}
	}
	slices.SortFunc(out, func(a, b Friend) int { return f.World.Before(a.Func, b.Func) })
	return out
}

// callFriends rewrites the calls: F(a, x, b) becomes x.F(a, b).
func (f *Flow) callFriends() {
	for _, fr := range f.friends {
		for _, c := range fr.calls {
			if c.adapted() {
				c.rewrite(f, fr)
			}
		}
	}
}

func (c *friendCall) rewrite(f *Flow, fr *friend) {
	arg := c.call.Args[fr.Index]
	c.file.ReplaceFunc(c.call.Fun.Pos(), c.call.Fun.End(), func() string {
		x := c.file.Render(arg)
		switch ast.Unparen(arg).(type) {
		case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr:
		default:
			x = "(" + x + ")"
		}
		return x + "." + fr.Func.Name()
	})
	switch {
	case fr.Index+1 < len(c.call.Args):
		c.file.Replace(arg.Pos(), c.call.Args[fr.Index+1].Pos(), "")
	case fr.Index > 0:
		c.file.Replace(c.call.Args[fr.Index-1].End(), arg.End(), "")
	default:
		c.file.Replace(arg.Pos(), arg.End(), "")
	}
	if sel, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr); ok {
		if id, ok := sel.X.(*ast.Ident); ok {
			f.lose(c.file, id)
		}
	}
}

// lose records that a mention of a package goes.
func (f *Flow) lose(file *code.File, id *ast.Ident) {
	if f.gone[file] == nil {
		f.gone[file] = map[*ast.Ident]bool{}
	}
	f.gone[file][id] = true
}
