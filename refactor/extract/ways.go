package extract

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// ways finds how code that will only know the façade gets at the type itself by what the
// package declares, functions left out: by a method of another type that takes or
// returns it, a variable, a field, a type made of it, or one that embeds it. Methods and
// variables that can have façades go into h; the others are problems.
func (j *job) ways(h *handled) []component.Problem {
	first := map[code.Key]*ast.Ident{} // use
	objects := map[code.Key]types.Object{}
	inside := map[code.Key]bool{} // what the package itself uses
	for _, f := range j.world.Files {
		facing := j.facing(h, f)
		for id, obj := range f.Pkg.Info.Uses {
			if d := j.world.FileOf(obj); d == nil || j.facing(h, d) || !f.Has(id) {
				continue
			}
			key := j.world.Key(obj)
			if !facing {
				inside[key] = true
			} else if was := first[key]; was == nil || j.before(id, was) {
				first[key], objects[key] = id, obj
			}
		}
	}
	var ps []component.Problem
	for key, id := range first {
		if why := j.way(h, objects[key], inside[key]); why != "" {
			ps = append(ps, problem("needs-the-type", j.world.Span(id), id.Name+" leads past the façade to "+j.typeName()+": "+why, "let a function or a method return the "+h.typ+", or extract without --keep-signatures"))
		}
	}
	for _, f := range j.world.Files {
		if j.facing(h, f) {
			ps = append(ps, j.promotions(h, f)...)
		}
	}
	slices.SortFunc(ps, func(a, b component.Problem) int { return a.Span.Compare(b.Span) })
	slices.SortFunc(h.friends, func(a, b *endpoint) int { return j.world.Before(a.fn, b.fn) })
	return ps
}

func (j *job) before(a, b ast.Node) bool { return j.world.Span(a).Compare(j.world.Span(b)) < 0 }

// way returns how what the package declares, and others use, leads to the type itself, or
// "".
func (j *job) way(h *handled, obj types.Object, inside bool) string {
	switch obj := obj.(type) {
	case *types.TypeName:
		if j.isTarget(obj.Type()) && !obj.IsAlias() {
			return ""
		}
		if it, ok := obj.Type().Underlying().(*types.Interface); ok {
			for m := range it.Methods() {
				if j.leads(m.Signature(), 0) && j.madeByOthers(h, m) {
					return "its method " + m.Name() + " takes or returns it"
				}
			}
			return ""
		}
		if j.leads(obj.Type(), 0) {
			return "the type is made of it"
		}
	case *types.Func:
		recv := obj.Signature().Recv()
		if recv == nil || !j.leads(obj.Signature(), 0) || j.isTarget(recv.Type()) || j.isPointer(recv.Type()) {
			return ""
		}
		return j.friend(h, obj)
	case *types.Var:
		if !j.leads(obj.Type(), 0) || obj.IsField() && j.ownField(obj) {
			return ""
		}
		if !j.isPointer(obj.Type()) || inside {
			return "the package itself uses it, too"
		}
		if file := j.world.IgnoredUse(obj); file != "" {
			return file + ", which this build leaves out, uses it, too"
		}
		h.facades[j.world.Key(obj)] = true
	}
	return ""
}

// leads reports whether values of t hold the type, also by types of the package that are
// made of it, but for structs and interfaces, whose fields and methods are looked at by themselves.
func (j *job) leads(t types.Type, depth int) bool {
	if depth > 8 {
		return true
	}
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if j.isTarget(u) {
			return true
		}
		if j.opaque[j.world.Key(u.Obj())] {
			return false
		}
		for a := range u.TypeArgs().Types() {
			if j.leads(a, depth+1) {
				return true
			}
		}
		switch u.Underlying().(type) {
		case *types.Struct, *types.Interface, *types.Basic:
			return false
		}
		return u.Obj().Pkg() != nil && u.Obj().Pkg().Path() == j.target.pkg.Pkg.Path && j.leads(u.Underlying(), depth+1)
	case *types.Pointer:
		return j.leads(u.Elem(), depth+1)
	case *types.Slice:
		return j.leads(u.Elem(), depth+1)
	case *types.Array:
		return j.leads(u.Elem(), depth+1)
	case *types.Map:
		return j.leads(u.Key(), depth+1) || j.leads(u.Elem(), depth+1)
	case *types.Chan:
		return j.leads(u.Elem(), depth+1)
	case *types.Signature:
		return j.leads(u.Params(), depth+1) || j.leads(u.Results(), depth+1)
	case *types.Tuple:
		return slices.ContainsFunc(slices.Collect(u.Variables()), func(v *types.Var) bool { return j.leads(v.Type(), depth+1) })
	}
	return false
}

// ownField reports a field of the type.
func (j *job) ownField(v *types.Var) bool {
	st, ok := j.target.typ.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if j.world.Key(f) == j.world.Key(v) {
			return true
		}
	}
	return false
}

// friend lets a method of another type that takes or returns the type have façades. It
// returns why it can't.
func (j *job) friend(h *handled, fn *types.Func) string {
	decl := j.world.Decl(fn)
	if decl == nil {
		return "an interface has it"
	}
	e := newEndpoint(decl, h.reserved()...)
	fn = decl.Obj
	recv := fn.Signature().Recv().Type()
	why := cmp.Or(j.cantRename(decl), j.unreachable(e), j.heldElsewhere(fn))
	if why == "" && fn.Signature().RecvTypeParams().Len() > 0 {
		why = "its type has type parameters"
	}
	members, _ := j.world.Class(fn)
	for _, m := range members {
		if spec := j.world.Spec(m); spec != nil && !j.facing(h, spec.File) {
			why = cmp.Or(why, "an interface of the package has it")
		}
	}
	if why != "" {
		return why
	}
	for _, c := range []string{naming.Unexported(fn.Name()), naming.Unexported(fn.Name()) + "Local", "local" + fn.Name()} {
		obj, _, _ := types.LookupFieldOrMethod(recv, true, fn.Pkg(), c)
		if obj == nil && c != fn.Name() && j.world.IgnoredName(fn.Pkg(), c) == "" {
			e.impl = c
			break
		}
	}
	if e.impl == "" {
		return "there is no name for the method that does its work"
	}
	h.friends = append(h.friends, e)
	j.note(j.world.Span(decl.Func.Name), fn.Name()+" hands a "+h.typ+" over, so the component is pinned to the process that calls it")
	return ""
}

// promotions finds what is selected in a file by way of a field of another type of the
// package that embeds the type.
func (j *job) promotions(h *handled, f *code.File) (ps []component.Problem) {
	for sel, s := range f.Pkg.Info.Selections {
		if !f.Has(sel) {
			continue
		}
		t := s.Recv()
		for _, i := range s.Index()[:len(s.Index())-1] {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			st, ok := t.Underlying().(*types.Struct)
			if !ok {
				break
			}
			v := st.Field(i)
			t = v.Type()
			d := j.world.FileOf(v)
			switch {
			case !j.isTarget(t) && !j.isPointer(t):
				continue
			case d != nil && !j.facing(h, d):
				ps = append(ps, problem("needs-the-type", j.world.Span(sel.Sel), sel.Sel.Name+" leads past the façade to "+j.typeName()+": another type of the package embeds it", "extract without --keep-signatures"))
			case s.Kind() == types.FieldVal:
				ps = append(ps, problem("exported-field", j.world.Span(sel.Sel), "this uses the field "+sel.Sel.Name+" of "+j.typeName()+" by way of a type that embeds it", "name the "+h.typ+" where the field is used"))
			}
			break
		}
	}
	slices.SortFunc(ps, func(a, b component.Problem) int { return a.Span.Compare(b.Span) })
	return ps
}

// hiddenUse reports whether a test file of the package uses something unexported that
// leads to the type.
func (j *job) hiddenUse(f *code.File) bool {
	for id, obj := range f.Pkg.Info.Uses {
		d := j.world.FileOf(obj)
		if d == nil || d.Test || !f.Has(id) || d.Pkg.Pkg.Path != j.target.pkg.Pkg.Path || obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Var:
			if obj.Parent() == nil && !obj.IsField() {
				continue
			}
		case *types.Func, *types.TypeName:
		default:
			continue
		}
		if j.leads(obj.Type(), 0) {
			return true
		}
	}
	return false
}

// facadeHeld reports whether the name of the type at the end of a path is that of a
// variable or a field which only code uses that knows the façade.
func (j *job) facadeHeld(h *handled, f *code.File, stack []ast.Node) bool {
	if len(stack) < 3 {
		return false
	}
	if _, ok := stack[len(stack)-2].(*ast.StarExpr); !ok {
		return false
	}
	var names []*ast.Ident
	switch n := stack[len(stack)-3].(type) {
	case *ast.ValueSpec:
		if len(n.Values) > 0 {
			return false
		}
		names = n.Names
	case *ast.Field:
		names = n.Names
	}
	return len(names) > 0 && !slices.ContainsFunc(names, func(id *ast.Ident) bool {
		obj := f.Pkg.Info.Defs[id]
		return obj == nil || !h.facades[j.world.Key(obj)]
	})
}
