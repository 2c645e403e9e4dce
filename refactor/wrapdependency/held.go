package wrapdependency

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A held is a type of the dependency that isn't an alias in the wrapper but a type of
// its own. It holds a pointer to the original, and can be extracted; or, where the
// original is a number, a text or a truth value, it is another type of the same, whose
// methods call functions of a second package that can be.
type held struct {
	obj     *types.TypeName
	data    bool
	missing map[string]string // methods that the wrapper doesn't have, and why
	fields  []*field          // for which the wrapper's own has methods
}

// given is a value of the wrapper's type as one of the original's.
func (w *wrapper) given(h *held, x string) string {
	if h.data {
		return w.original + "." + h.obj.Name() + "(" + x + ")"
	}
	return x + ".it()"
}

// taken is a value of the original's type as one of the wrapper's.
func (h *held) taken(x string) string {
	if h.data {
		return h.obj.Name() + "(" + x + ")"
	}
	return "hold" + h.obj.Name() + "(" + x + ")"
}

// holdData makes those of the package's types the wrapper's own that are data with
// methods.
func (w *wrapper) holdData() {
	for _, name := range w.dep.Scope().Names() {
		obj, ok := w.dep.Scope().Lookup(name).(*types.TypeName)
		if !ok || !obj.Exported() || obj.IsAlias() {
			continue
		}
		named := obj.Type().(*types.Named)
		if _, basic := named.Underlying().(*types.Basic); basic && named.NumMethods() > 0 && named.TypeParams().Len() == 0 {
			_ = w.hold(name) // an error stays an alias
		}
	}
}

// hold makes a type one of the wrapper's own, or says why it can't be.
func (w *wrapper) hold(name string) error {
	wrong := func(reason, hint string) error {
		return &component.UsageError{Object: w.dep.Path() + "." + name, Reason: reason, Hint: hint}
	}
	obj, ok := w.dep.Scope().Lookup(name).(*types.TypeName)
	if !ok || !obj.Exported() {
		return wrong("is no exported type", "name a type of the package")
	}
	named, ok := obj.Type().(*types.Named)
	switch {
	case !ok || obj.IsAlias() || types.IsInterface(named):
		return wrong("is not a type with methods of its own", "name the type that has them")
	case named.TypeParams().Len() > 0:
		return wrong("is generic", "wrap an instance of it by hand")
	case types.Implements(types.NewPointer(named), types.Universe.Lookup("error").Type().Underlying().(*types.Interface)):
		return wrong("is an error, which crosses as a value", "leave it an alias")
	}
	_, data := named.Underlying().(*types.Basic)
	w.held[obj] = &held{obj: obj, data: data, missing: map[string]string{}}
	return nil
}

// heldBy returns the held type that t is one of, or a pointer to one of; nil if none.
func (w *wrapper) heldBy(t types.Type) *held {
	t = types.Unalias(t)
	p, pointer := t.(*types.Pointer)
	if pointer {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	if h := w.held[named.Obj()]; h != nil && h.data != pointer {
		return h
	}
	return nil
}

// hides says where a type mentions a held one other than as a parameter or result of
// its own, or "".
func (w *wrapper) hides(sig *types.Signature) (why string) {
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			if w.heldBy(v.Type()) != nil {
				continue
			}
			mentioned(v.Type(), func(tn *types.TypeName) {
				if w.held[tn] != nil {
					why = "has " + tn.Name() + " inside of a parameter or result, where the wrapper's own can't stand for it"
				}
			})
		}
	}
	return why
}

// holder writes a type that holds the original, with the original's methods.
func (w *wrapper) holder(h *held) {
	name, original := h.obj.Name(), w.original+"."+h.obj.Name()
	fmt.Fprintf(&w.body, `// %[1]s holds a [%[3]s.%[1]s].
type %[1]s struct{ original *%[2]s }

func hold%[1]s(original *%[2]s) *%[1]s {
	if original == nil {
		return nil
	}
	return &%[1]s{original}
}

// it returns the original; that of nil is nil.
func (%[4]s *%[1]s) it() *%[2]s {
	if %[4]s == nil {
		return nil
	}
	return %[4]s.original
}

`, name, original, w.dep.Path(), w.receiver(name, nil))
	w.methods(h, func(fn *types.Func, s spelled, _ bool) {
		it := w.receiver(name, s.names)
		w.callable("("+it+" *"+name+") "+fn.Name(), w.dep.Path()+"."+name, it+".it()."+fn.Name(), fn, s)
	})
	w.accessors(h)
}

// methods calls write for the methods of a held type, and whether each needs a pointer.
func (w *wrapper) methods(h *held, write func(fn *types.Func, s spelled, pointer bool)) {
	byValue := types.NewMethodSet(h.obj.Type())
	for sel := range types.NewMethodSet(types.NewPointer(h.obj.Type())).Methods() {
		fn := sel.Obj().(*types.Func)
		if !fn.Exported() {
			continue
		}
		if why := cmp.Or(w.unnameable(fn.Type()), w.hides(fn.Signature())); why != "" {
			h.missing[fn.Name()] = why
			continue
		}
		write(fn, w.signature(fn.Signature()), byValue.Lookup(fn.Pkg(), fn.Name()) == nil)
	}
}

// dataHolder writes a type of the same data as the original's. Its methods call functions
// of the inner package, each with the value before the other parameters, which can cross.
func (w *wrapper) dataHolder(h *held) {
	name := h.obj.Name()
	fmt.Fprintf(&w.body, "// %[1]s is a [%[2]s.%[1]s] whose methods call package %[4]s.\ntype %[1]s %[3]s.%[1]s\n\n", name, w.dep.Path(), w.original, w.inner.name)
	w.methods(h, func(fn *types.Func, s spelled, pointer bool) {
		it, doc, function := w.receiver(name, s.names), w.dep.Path()+"."+name, name+fn.Name()
		if pointer { // it changes the value where that is
			w.callable("("+it+" *"+name+") "+fn.Name(), doc, "(*"+w.original+"."+name+")("+it+")."+fn.Name(), fn, s)
			return
		}
		if w.dep.Scope().Lookup(function) != nil {
			h.missing[fn.Name()] = "would be the function " + function + ", and the package has one of that name"
			return
		}
		s.args = append([]string{w.given(h, it)}, s.args...)
		w.callable("("+it+" "+name+") "+fn.Name(), doc, w.useInner()+"."+function, fn, s)
		called := w.inner.signature(fn.Signature())
		called.params = append([]string{it + " " + w.inner.original + "." + name}, called.params...)
		w.inner.callable(function, doc, it+"."+fn.Name(), fn, called)
	})
}

// heldMisuse returns the places of a file where a held type is used as a wrapper
// can't be.
func (w *wrapper) heldMisuse(world *code.World, f *code.File) (problems []component.Problem) {
	bad := func(n ast.Node, format string, args ...any) {
		problems = append(problems, component.Problem{Code: "not-in-wrapper", Severity: component.Error, Span: world.Span(n),
			Message: fmt.Sprintf(format, args...), Hint: "get it from a function of " + w.dep.Path() + " and use its methods"})
	}
	if len(w.held) == 0 {
		return nil
	}
	info := f.Pkg.Info
	pointer := func(e ast.Expr) *held {
		if t := info.TypeOf(e); t != nil {
			return w.heldBy(t)
		}
		return nil
	}
	pointed := map[ast.Node]bool{}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StarExpr:
			if tv := info.Types[n]; tv.IsType() && w.heldBy(tv.Type) != nil {
				pointed[n.X] = true
				if sel, ok := n.X.(*ast.SelectorExpr); ok {
					pointed[sel.Sel] = true
				}
			} else if tv.IsValue() && pointer(n.X) != nil {
				bad(n, "a %s is copied here: only what a pointer leads to can be elsewhere", pointer(n.X).obj.Name())
			}
		case *ast.BinaryExpr:
			if h := pointer(n.X); h != nil && !h.data && (n.Op == token.EQL || n.Op == token.NEQ) && pointer(n.Y) != nil {
				bad(n, "two values of %s are compared here: the wrapper's own would differ", h.obj.Name())
			}
		case *ast.MapType:
			if h := pointer(n.Key); h != nil && !h.data {
				bad(n, "%s is the key of a map here: the wrapper's own would differ", h.obj.Name())
			}
		case *ast.TypeAssertExpr:
			if n.Type != nil && pointer(n.Type) != nil {
				bad(n, "%s is asserted here: what the original made is no %s of the wrapper", pointer(n.Type).obj.Name(), pointer(n.Type).obj.Name())
			}
		case *ast.CaseClause:
			if i := slices.IndexFunc(n.List, func(e ast.Expr) bool { return info.Types[e].IsType() && pointer(e) != nil }); i >= 0 {
				bad(n.List[i], "%s is a case here: what the original made is no %[1]s of the wrapper", pointer(n.List[i]).obj.Name())
			}
		case *ast.Ident:
			w.heldIdent(f, n, pointed[n], bad)
		}
		return true
	})
	return problems
}

// heldIdent looks at a mention of a held type, or of one of its fields and methods.
func (w *wrapper) heldIdent(f *code.File, id *ast.Ident, pointed bool, bad func(ast.Node, string, ...any)) {
	switch obj := f.Pkg.Info.Uses[id].(type) {
	case *types.TypeName:
		if h := w.held[obj]; h != nil && !h.data && !pointed {
			bad(id, "a %s is held or made as a value here: only what a pointer leads to can be elsewhere", obj.Name())
		}
	case *types.Var:
		if owner := w.ownerOf(obj); owner != "" && !w.byMethod[id] {
			bad(id, "%s.%s is a field: of a value that is elsewhere there are only the methods", owner, obj.Name())
		}
	case *types.Func:
		recv := obj.Signature().Recv()
		if recv == nil {
			return
		}
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		named, ok := t.(*types.Named)
		if !ok {
			return
		}
		if h := w.held[named.Obj()]; h != nil && h.missing[obj.Name()] != "" {
			bad(id, "%s.%s %s", h.obj.Name(), obj.Name(), h.missing[obj.Name()])
		}
	}
}

// ownerOf returns the held type that a variable is a field of, or "".
func (w *wrapper) ownerOf(v *types.Var) string {
	if !v.IsField() {
		return ""
	}
	for obj := range w.held {
		if st, ok := obj.Type().Underlying().(*types.Struct); ok {
			for field := range st.Fields() {
				if field == v {
					return obj.Name()
				}
			}
		}
	}
	return ""
}

// heldNames lists the held types.
func (w *wrapper) heldNames() []*held {
	var all []*held
	for _, h := range w.held {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b *held) int { return strings.Compare(a.obj.Name(), b.obj.Name()) })
	return all
}
