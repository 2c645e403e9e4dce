package wrapdependency

import (
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
// its own, which holds a pointer to the original. Such a type can be extracted.
type held struct {
	obj     *types.TypeName
	missing map[string]string // methods that the wrapper doesn't have, and why
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
	w.held[obj] = &held{obj, map[string]string{}}
	return nil
}

// heldBy returns the held type that a pointer is to, or nil.
func (w *wrapper) heldBy(t types.Type) *held {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	named, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok {
		return nil
	}
	return w.held[named.Obj()]
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
func (h *%[1]s) it() *%[2]s {
	if h == nil {
		return nil
	}
	return h.original
}

`, name, original, w.dep.Path())
	set := types.NewMethodSet(types.NewPointer(h.obj.Type()))
	for sel := range set.Methods() {
		fn := sel.Obj().(*types.Func)
		if !fn.Exported() {
			continue
		}
		if why := w.unnameable(fn.Type()); why != "" {
			h.missing[fn.Name()] = why
		} else if why := w.hides(fn.Signature()); why != "" {
			h.missing[fn.Name()] = why
		} else {
			w.callable(fn, h)
		}
	}
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
			if h := pointer(n.X); h != nil && (n.Op == token.EQL || n.Op == token.NEQ) && pointer(n.Y) != nil {
				bad(n, "two values of %s are compared here: the wrapper's own would differ", h.obj.Name())
			}
		case *ast.MapType:
			if h := pointer(n.Key); h != nil {
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
		if w.held[obj] != nil && !pointed {
			bad(id, "a %s is held or made as a value here: only what a pointer leads to can be elsewhere", obj.Name())
		}
	case *types.Var:
		if owner := w.ownerOf(obj); owner != "" {
			bad(id, "%s.%s is a field: of a value that is elsewhere there are only the methods", owner, obj.Name())
		}
	case *types.Func:
		recv := obj.Signature().Recv()
		if recv == nil {
			return
		}
		t := recv.Type()
		if _, ok := t.(*types.Pointer); !ok {
			t = types.NewPointer(t)
		}
		if h := w.heldBy(t); h != nil && h.missing[obj.Name()] != "" {
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
