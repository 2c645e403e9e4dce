package unbuilt

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// members records what p.Name means where the type of p is written, as that of a receiver
// or a parameter is, or follows from such: the field or method that this build has, if every
// build has the same.
func (r *resolver) members() {
	r.file.Walk(func(n ast.Node, _ []ast.Node) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || r.file.Pkg.Info.Uses[sel.Sel] != nil {
			return
		}
		if obj := r.member(sel, 0); obj != nil {
			r.file.Pkg.Info.Uses[sel.Sel] = obj
		}
	})
}

// member returns the field or method that a selector means, or nil where that isn't known.
func (r *resolver) member(sel *ast.SelectorExpr, depth int) types.Object {
	named := r.sameEverywhere(r.typeOf(sel.X, depth+1))
	if named == nil {
		return nil
	}
	obj, index, _ := types.LookupFieldOrMethod(named, true, named.Obj().Pkg(), sel.Sel.Name)
	if len(index) != 1 { // what is promoted may come from a type that another build has otherwise
		return nil
	}
	if fn, ok := obj.(*types.Func); ok && !r.methods[methodKey{keyOf(named.Obj()), fn.Name()}] {
		if f := r.world.FileOf(fn); f != nil && f.Constrained() {
			return nil // another build may have one that is promoted
		}
	}
	return obj
}

// maxSelected is how many selectors one behind the other are followed.
const maxSelected = 8

// typeOf returns the type of an expression where names alone tell it, or nil.
func (r *resolver) typeOf(e ast.Expr, depth int) types.Type {
	if depth > maxSelected {
		return nil
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.typeOf(e.X, depth)
	case *ast.StarExpr:
		return r.typeOf(e.X, depth)
	case *ast.Ident:
		if e.Obj != nil && !outermost(r.file, e) {
			field, ok := e.Obj.Decl.(*ast.Field)
			if !ok {
				return nil
			}
			return r.written(field.Type)
		}
		return typeOfVar(r.file.Pkg.Info.Uses[e])
	case *ast.SelectorExpr:
		if obj := r.file.Pkg.Info.Uses[e.Sel]; obj != nil {
			return typeOfVar(obj)
		}
		return typeOfVar(r.member(e, depth))
	}
	return nil
}

// typeOfVar returns the type of a variable or field, or nil.
func typeOfVar(obj types.Object) types.Type {
	if v, ok := obj.(*types.Var); ok && v.Type() != types.Typ[types.Invalid] {
		return v.Type()
	}
	return nil
}

// written returns the type that is written as T, *T or p.T, or nil.
func (r *resolver) written(e ast.Expr) types.Type {
	switch t := e.(type) {
	case *ast.ParenExpr:
		return r.written(t.X)
	case *ast.StarExpr:
		return r.written(t.X)
	case *ast.Ident, *ast.SelectorExpr:
		if tn, ok := declaredBy(r.file, t).(*types.TypeName); ok {
			return tn.Type()
		}
	}
	return nil
}

// sameEverywhere returns the type that t is or points to if this build declares it and no
// file that it leaves out does; nil otherwise.
func (r *resolver) sameEverywhere(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeArgs().Len() > 0 || named.TypeParams().Len() > 0 || r.twice[keyOf(named.Obj())] {
		return nil
	}
	return named
}

// A typeKey is a type of any variant of a package.
type typeKey struct{ pkg, name string }

func keyOf(tn *types.TypeName) (k typeKey) {
	if tn.Pkg() != nil {
		k.pkg = tn.Pkg().Path()
	}
	k.name = tn.Name()
	return k
}

// A methodKey is a method of a type.
type methodKey struct {
	typ  typeKey
	name string
}

// declaredThere notes what the files that this build leaves out declare besides, or in the
// place of, what it has.
func (a *adder) declaredThere(f *code.File) {
	for _, d := range f.AST.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if fn, ok := f.Pkg.Info.Defs[d.Name].(*types.Func); ok && d.Recv != nil {
				if named := receiverOf(fn); named != nil {
					a.methods[methodKey{keyOf(named.Obj()), d.Name.Name}] = true
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					if tn, ok := f.Pkg.Info.Defs[t.Name].(*types.TypeName); ok {
						a.twice[keyOf(tn)] = true
					}
				}
			}
		}
	}
}

func receiverOf(fn *types.Func) *types.Named {
	t := types.Unalias(fn.Signature().Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}
