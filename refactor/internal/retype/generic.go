package retype

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Generic reports whether the interface has the type parameters of T.
func (f *Flow) Generic() bool { return f.Instance == nil && f.Type.TypeParams().Len() > 0 }

// instantiate makes the instance of T that the interface is about: the one that was
// asked for, or T of its own type parameters. Without type parameters it is T.
func (f *Flow) instantiate() {
	f.self = cmp.Or(f.Instance, f.Type)
	if f.Generic() {
		f.self = instance(f.Type, slices.Collect(f.Type.TypeParams().TypeParams())...)
	}
}

// instance returns T of some type arguments.
func instance[T types.Type](t *types.Named, args ...T) *types.Named {
	var list []types.Type
	for _, a := range args {
		list = append(list, a)
	}
	out, err := types.Instantiate(nil, t, list, false)
	if err != nil {
		return t // only validation fails, and there is none
	}
	return out.(*types.Named)
}

// Signature returns the signature of a method of T as the interface has it: in terms
// of T's own type parameters, or of the arguments of the one instance.
func (f *Flow) Signature(m *types.Func) *types.Signature {
	if f.self != f.Type {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.self), true, m.Pkg(), m.Name())
		if fn, ok := obj.(*types.Func); ok {
			return fn.Signature()
		}
	}
	return m.Signature()
}

// FieldType returns the type of a field of T, in the same terms.
func (f *Flow) FieldType(v *types.Var) types.Type {
	if f.self != f.Type {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.self), true, v.Pkg(), v.Name())
		if own, ok := obj.(*types.Var); ok {
			return own.Type()
		}
	}
	return v.Type()
}

// link makes the places of instances those of what they are instances of: where a
// generic type or function has *T with its own parameters in it, the type checker
// makes other types for each instance.
func (f *Flow) link(pkgs []*source.Package) {
	if f.Type.TypeParams().Len() == 0 {
		return
	}
	seen := map[*types.Named]bool{}
	var named func(t types.Type)
	named = func(t types.Type) {
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			if t.TypeArgs().Len() == 0 || seen[t] {
				return
			}
			seen[t] = true
			f.linked(t.Origin().Underlying(), t.Underlying())
			for i := range t.NumMethods() {
				f.linked(t.Method(i).Origin().Signature(), t.Method(i).Signature())
			}
			for a := range t.TypeArgs().Types() {
				named(a)
			}
		case *types.Pointer:
			named(t.Elem())
		case *types.Slice:
			named(t.Elem())
		case *types.Array:
			named(t.Elem())
		case *types.Chan:
			named(t.Elem())
		case *types.Map:
			named(t.Key())
			named(t.Elem())
		}
	}
	named(f.self)
	for _, p := range pkgs {
		if !f.knows(p.Types) {
			continue
		}
		for _, e := range f.inOrder(p, f.concerns().linked) {
			if id, ok := e.(*ast.Ident); ok {
				if fn, ok := p.Info.Uses[id].(*types.Func); ok {
					if inst, ok := p.Info.Instances[id]; ok {
						f.linked(fn.Signature(), inst.Type)
					}
				}
			}
			if t := p.Info.TypeOf(e); t != nil {
				named(t)
			}
		}
	}
}

// inOrder returns the expressions of some declarations of a package, outer ones before
// those in them.
func (f *Flow) inOrder(p *source.Package, in map[ast.Decl]bool) []ast.Expr {
	var out []ast.Expr
	for _, syntax := range p.Syntax {
		for _, d := range syntax.Decls {
			if !wholly && !in[d] {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					out = append(out, e)
				}
				return true
			})
		}
	}
	return out
}

// linked gives the pointers to T in an instance the slots that they have in what it
// is an instance of.
func (f *Flow) linked(origin, instance types.Type) {
	f.pairs(origin, instance, map[[2]types.Type]bool{}, func(a, b types.Type) {
		if s := f.byType[a]; s != nil && f.byType[b] == nil {
			f.byType[b] = s
		}
	})
}

// otherInstance keeps the type where it is another instance than the one that the
// interface is about.
func (f *Flow) otherInstance(s *slot) {
	if f.Instance == nil || s.typ == nil {
		return
	}
	if p, ok := types.Unalias(s.typ).(*types.Pointer); ok && code.Canon(p.Elem()) != code.Canon(f.Instance) {
		s.keep("it is another instance of the type", s.span)
	}
}

// arguments writes the type arguments that the interface has where *T is t; "" where
// it has none.
func (f *Flow) arguments(file *code.File, t types.Type) string {
	if !f.Generic() {
		return ""
	}
	return f.argumentList(file, t)
}

// argumentList writes the type arguments of *T in brackets; "" where it has none.
func (f *Flow) argumentList(file *code.File, t types.Type) string {
	var out []string
	for _, a := range f.argumentsOf(t) {
		out = append(out, file.Type(a))
	}
	if len(out) == 0 {
		return ""
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (f *Flow) argumentsOf(t types.Type) []types.Type {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok {
		return nil
	}
	return slices.Collect(n.TypeArgs().Types())
}

// unwritable reports whether a file can't write the type arguments of *T: one of them
// isn't exported from where it is declared.
func (f *Flow) unwritable(file *code.File, t types.Type) bool {
	return f.Generic() && slices.ContainsFunc(f.argumentsOf(t), func(a types.Type) bool {
		found := false
		walkNames(a, func(tn *types.TypeName) {
			found = found || tn.Pkg() != nil && tn.Pkg().Path() != file.Pkg.Pkg.Path && (!tn.Exported() || tn.Parent() != tn.Pkg().Scope() || !code.Visible(tn.Pkg().Path(), file.Pkg.Pkg.Path))
		})
		return found
	})
}

// walkNames visits the declared types that a type is made of.
func walkNames(t types.Type, visit func(*types.TypeName)) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		visit(t.Obj())
		for a := range t.TypeArgs().Types() {
			walkNames(a, visit)
		}
	case *types.Pointer:
		walkNames(t.Elem(), visit)
	case *types.Slice:
		walkNames(t.Elem(), visit)
	case *types.Array:
		walkNames(t.Elem(), visit)
	case *types.Chan:
		walkNames(t.Elem(), visit)
	case *types.Map:
		walkNames(t.Key(), visit)
		walkNames(t.Elem(), visit)
	case *types.Signature:
		for _, ts := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range ts.Variables() {
				walkNames(v.Type(), visit)
			}
		}
	case *types.Struct:
		for v := range t.Fields() {
			walkNames(v.Type(), visit)
		}
	}
}

// standIn returns a type that stands for the interface in signatures that are
// written, at a place where *T is t.
func (f *Flow) standIn(to Interface, t types.Type) types.Type {
	obj := f.standIns[to]
	if obj == nil {
		obj = types.NewNamed(types.NewTypeName(0, types.NewPackage(to.Path, to.Package), to.Name, nil), types.NewInterfaceType(nil, nil), nil)
		if f.Generic() {
			var params []*types.TypeParam
			for p := range f.Type.TypeParams().TypeParams() {
				params = append(params, types.NewTypeParam(types.NewTypeName(0, p.Obj().Pkg(), p.Obj().Name(), nil), types.Universe.Lookup("any").Type()))
			}
			obj.SetTypeParams(params)
		}
		f.standIns[to] = obj
	}
	if !f.Generic() {
		return obj
	}
	return instance(obj, f.argumentsOf(t)...)
}
