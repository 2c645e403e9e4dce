package extract

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// opaqueTypes finds the function types of the package that take the type, as those of options
// do, and whose values others only hand on: these never see what such a function is given, so
// it may be what does the work.
func (j *job) opaqueTypes(h *handled) {
	j.opaque = map[code.Key]bool{}
	scope := j.target.pkg.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || !tn.Exported() {
			continue
		}
		if _, isFunc := tn.Type().Underlying().(*types.Signature); isFunc && j.leads(tn.Type(), 0) && j.handedOn(h, tn) {
			j.opaque[j.world.Key(tn)] = true
			if !j.unseen() {
				j.note(j.world.SpanAt(tn.Pos(), 0), tn.Name()+" is a function of what does the work from now on: this module only hands it on, other modules could call one or make one of their own")
			}
		}
	}
}

// handedOn reports whether all code that knows the façade neither calls values of a function
// type, nor makes them of its own functions, nor takes them for another type.
func (j *job) handedOn(h *handled, tn *types.TypeName) bool {
	only := true
	for _, f := range j.world.Files {
		if !only || !j.facing(h, f) {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			switch n := n.(type) {
			case *ast.TypeSpec:
				only = only && (n.Assign.IsValid() || !j.isOf(tn, f.Pkg.Info.TypeOf(n.Type)))
			case *ast.CallExpr:
				only = only && (!j.isOf(tn, f.Pkg.Info.TypeOf(n.Fun)) || f.Pkg.Info.Types[n.Fun].IsType())
			}
			if e, ok := n.(ast.Expr); ok {
				only = only && j.keepsType(f, e, stack, tn)
			}
		})
	}
	return only
}

// keepsType reports whether a value goes to a place of a function type only if it has that
// type, and a value of it to no place of another type, interfaces left out.
func (j *job) keepsType(f *code.File, e ast.Expr, stack []ast.Node, tn *types.TypeName) bool {
	tv := f.Pkg.Info.Types[e]
	if !tv.IsValue() || tv.IsNil() {
		return true
	}
	place, to := f.Destination(stack)
	if place != code.Typed {
		return true
	}
	if j.isOf(tn, tv.Type) {
		return j.isOf(tn, to) || types.IsInterface(to)
	}
	return !j.isOf(tn, to)
}

// isOf reports whether t is what tn declares, in any variant of its package.
func (j *job) isOf(tn *types.TypeName, t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == tn.Name() && n.Obj().Pkg() != nil && j.world.Key(n.Origin().Obj()) == j.world.Key(tn)
}

// madeByOthers reports whether values that code which will only know the façade makes may be
// meant to fit an interface with a method that takes or returns the type: the type itself has
// a method of the name, or something of that code has. Whoever calls the method is looked at
// by itself.
func (j *job) madeByOthers(h *handled, m *types.Func) bool {
	if own, _, _ := types.LookupFieldOrMethod(types.NewPointer(j.target.typ), true, m.Pkg(), m.Name()); own != nil {
		return true
	}
	if !m.Exported() {
		return false
	}
	for _, f := range j.world.Files {
		if !j.facing(h, f) {
			continue
		}
		for id, obj := range f.Pkg.Info.Defs {
			fn, ok := obj.(*types.Func)
			if ok && f.Has(id) && id.Name == m.Name() && fn.Signature().Recv() != nil && j.leads(fn.Signature(), 0) {
				return true
			}
		}
	}
	return false
}
