package retype

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A got is a use of an unexported field in T's package that a method of T stands for which
// returns the field.
type got struct {
	slot *slot
	use  FieldUse
	by   string // the method
}

// getsBy lets a method that T has, and that returns a field, stand for reading it. It
// reports whether there is one.
func (f *Flow) getsBy(file *code.File, src *slot, field *types.Var, stack []ast.Node) bool {
	sel := stack[len(stack)-1].(*ast.SelectorExpr)
	if stmt, _ := setter(sel, stack); field.Exported() || stmt != nil || plain(file, sel, stack) != "" || locks(field.Type(), 0) || !f.Grow || !f.Accessors || file.Generated() || src.value {
		return false
	}
	fn := f.getterOf(field)
	if fn == nil || f.hidden(fn) != "" {
		return false
	}
	before, why := f.overtaken(file, stack)
	if why != "" {
		src.keep(why, f.World.Span(sel.X))
		return true
	}
	f.need(src, fn, f.World.Span(sel.X))
	f.got = append(f.got, got{src, FieldUse{File: file, Sel: sel, before: before}, fn.Name()})
	return true
}

// getterOf returns an exported method of T that does nothing but return a field, or nil.
func (f *Flow) getterOf(field *types.Var) *types.Func {
	for m := range f.Type.Methods() {
		sig := m.Signature()
		if !m.Exported() || sig.Params().Len() != 0 || sig.Results().Len() != 1 || !types.Identical(sig.Results().At(0).Type(), field.Type()) {
			continue
		}
		d := f.World.Decl(m)
		if d == nil || d.Func.Body == nil || len(d.Func.Body.List) != 1 {
			continue
		}
		ret, ok := d.Func.Body.List[0].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 {
			continue
		}
		sel, ok := ast.Unparen(ret.Results[0]).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		info := d.File.Pkg.Info
		id, ok := ast.Unparen(sel.X).(*ast.Ident)
		if s := info.Selections[sel]; ok && s != nil && s.Kind() == types.FieldVal && f.World.Key(s.Obj()) == f.World.Key(field) && info.Uses[id] == types.Object(d.Obj.Signature().Recv()) {
			return m
		}
	}
	return nil
}

// getBy rewrites the uses.
func (f *Flow) getBy() {
	for _, g := range f.got {
		if g.slot.reached {
			f.noteOrder(g.use)
			g.use.Rewrite(g.by, "", "")
		}
	}
}
