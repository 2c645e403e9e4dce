package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A closure is a function of a User file that is used as a value where the type is
// given. Where the function takes the interface, a literal that takes the type and
// calls it stands in its place.
type closure struct {
	file *code.File
	expr ast.Expr
	sig  *types.Signature // of the place
	own  *types.Signature // of the function
}

// closes records that a function goes to a place of a function type, if a literal
// can stand for it there, and reports that.
func (f *Flow) closes(file *code.File, e ast.Expr, dst types.Type) bool {
	fn := function(file, e)
	sig, ok := dst.Underlying().(*types.Signature)
	if !ok || fn == nil || !f.Annotate || fn.Signature().Recv() != nil || fn.Signature().TypeParams().Len() > 0 || sig.Variadic() || file.Generated() || f.Role(file) != User {
		return false
	}
	d := f.World.Decl(fn)
	if d == nil || d.Func.Body == nil || f.Role(d.File) != User || looksAtCallers(d) {
		return false
	}
	ps, own := sig.Params(), fn.Signature().Params()
	for i := range ps.Len() {
		if f.holds(ps.At(i).Type()) && !f.isPointer(ps.At(i).Type()) {
			return false
		}
	}
	for v := range fn.Signature().Results().Variables() {
		if f.holds(v.Type()) {
			return false
		}
	}
	for i := range ps.Len() {
		if f.isPointer(ps.At(i).Type()) {
			from, to := f.slotOfPointer(ps.At(i).Type()), f.slotOfPointer(own.At(i).Type())
			addEdge(from, to)
			to.nilFrom = append(to.nilFrom, from)
		}
	}
	f.closures = append(f.closures, closure{file, e, sig, fn.Signature()})
	return true
}

// function returns the function that an expression names, or nil.
func function(file *code.File, e ast.Expr) *types.Func {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if sel, isSel := ast.Unparen(e).(*ast.SelectorExpr); isSel {
		id, ok = sel.Sel, true
	}
	if !ok {
		return nil
	}
	fn, _ := file.Pkg.Info.Uses[id].(*types.Func)
	return fn
}

// close writes the literals.
func (f *Flow) close(to Interface) {
	for _, c := range f.closures {
		differs := false
		for i := range c.sig.Params().Len() {
			if t := c.sig.Params().At(i).Type(); f.isPointer(t) {
				differs = differs || f.slotOfPointer(t).reached != f.slotOfPointer(c.own.Params().At(i).Type()).reached
			}
		}
		if differs {
			c.file.ReplaceFunc(c.expr.Pos(), c.expr.End(), func() string { return c.text(f, to) })
		}
	}
}

// text is the literal.
func (c *closure) text(f *Flow, to Interface) string {
	spell := func(t types.Type) string { return c.file.Type(f.Retyped(t, to)) }
	used := map[string]bool{c.file.Source(c.expr): true}
	var params, args, results []string
	for i := range c.sig.Params().Len() {
		name := c.own.Params().At(i).Name()
		if name == "" || name == "_" || used[name] || token.IsKeyword(name) {
			name = "arg" + strconv.Itoa(i)
		}
		used[name] = true
		params = append(params, name+" "+spell(c.sig.Params().At(i).Type()))
		args = append(args, name)
	}
	for v := range c.sig.Results().Variables() {
		results = append(results, spell(v.Type()))
	}
	out := strings.Join(results, ", ")
	if len(results) > 1 {
		out = "(" + out + ")"
	}
	call := c.file.Source(c.expr) + "(" + strings.Join(args, ", ") + ")"
	if len(results) > 0 {
		return "func(" + strings.Join(params, ", ") + ") " + out + " { return " + call + " }"
	}
	return "func(" + strings.Join(params, ", ") + ") { " + call + " }"
}
