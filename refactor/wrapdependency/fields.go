package wrapdependency

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// A field is one of a held type's. The wrapper's own type has methods for it, by which the
// module's code reads and sets it.
type field struct {
	name     string
	typ      types.Type
	get, set string
	uses     []retype.FieldUse
}

func (f *field) reads() bool { return slices.ContainsFunc(f.uses, retype.FieldUse.Reads) }
func (f *field) sets() bool  { return slices.ContainsFunc(f.uses, retype.FieldUse.Sets) }

// fields notes the uses of held types' fields in a file for which methods can stand. The
// others remain, and are reasons to refuse.
func (w *wrapper) fields(f *code.File, orders *reorder.Analysis) {
	f.Walk(func(n ast.Node, stack []ast.Node) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		s := f.Pkg.Info.Selections[sel]
		if s == nil || s.Kind() != types.FieldVal || len(s.Index()) != 1 || !s.Obj().Exported() {
			return
		}
		h, v := w.heldBy(s.Recv()), s.Obj().(*types.Var)
		if h == nil || h.data || f.Generated() || w.unnameable(v.Type()) != "" || w.holds(v.Type()) || retype.Through(f, stack) || orders.OvertakenBy(f, stack) != nil {
			return
		}
		u, why := retype.UseOfField(f, stack)
		if why != "" {
			return
		}
		if m := h.methodsOf(v); m != nil {
			m.uses = append(m.uses, u)
			w.byMethod[sel.Sel] = true
		}
	})
}

// holds reports whether a type mentions a held one: a method would return the original.
func (w *wrapper) holds(t types.Type) (found bool) {
	mentioned(t, func(tn *types.TypeName) { found = found || w.held[tn] != nil })
	return found
}

// methodsOf returns the methods that stand for a field, or nil where their names are taken.
func (h *held) methodsOf(v *types.Var) *field {
	for _, f := range h.fields {
		if f.name == v.Name() {
			return f
		}
	}
	f := &field{name: v.Name(), typ: v.Type(), get: "Get" + v.Name(), set: "Set" + v.Name()}
	for _, name := range []string{f.get, f.set} {
		if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(h.obj.Type()), true, h.obj.Pkg(), name); obj != nil {
			return nil
		}
	}
	h.fields = append(h.fields, f)
	return f
}

// accessors writes the methods that stand for fields, and has the module's code call them.
func (w *wrapper) accessors(h *held) {
	slices.SortFunc(h.fields, func(a, b *field) int { return strings.Compare(a.name, b.name) })
	for _, f := range h.fields {
		name := h.obj.Name()
		it := w.receiver(name, []string{"value"})
		if f.reads() {
			fmt.Fprintf(&w.body, "// %s returns %s.\nfunc (%s *%s) %[1]s() %[5]s { return %[3]s.it().%[2]s }\n\n", f.get, f.name, it, name, w.spell(f.typ))
		}
		if f.sets() {
			fmt.Fprintf(&w.body, "// %s sets %s.\nfunc (%s *%s) %[1]s(value %[5]s) { %[3]s.it().%[2]s = value }\n\n", f.set, f.name, it, name, w.spell(f.typ))
		}
		for _, u := range f.uses {
			u.Rewrite(f.get, f.set, "")
		}
	}
}
