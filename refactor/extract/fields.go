package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// fieldMethods are the methods that stand for a field where only the façade is known.
type fieldMethods struct {
	field    *types.Var
	get, set string
	uses     []retype.FieldUse
	through  string // a place that writes what the field leads to; "" for none
}

func (m *fieldMethods) reads() bool { return slices.ContainsFunc(m.uses, retype.FieldUse.Reads) }
func (m *fieldMethods) sets() bool  { return slices.ContainsFunc(m.uses, retype.FieldUse.Sets) }

// fieldUse adds the use of an exported field at the end of a path to those that methods
// are to stand for. It returns why none can.
func (j *job) fieldUse(h *handled, f *code.File, stack []ast.Node) (why string) {
	sel := stack[len(stack)-1].(*ast.SelectorExpr)
	s := f.Pkg.Info.Selections[sel]
	field := s.Obj().(*types.Var)
	switch {
	case !j.isPointer(s.Recv()):
		return " by its value, and not by a pointer to it"
	case f.Generated() || j.world.FileOf(j.target.typ.Obj()).Generated():
		return ", and a tool writes the code"
	case j.holds(field.Type()) && !j.isPointer(field.Type()):
		return ", which has others inside"
	}
	u, needs := retype.UseOfField(f, stack)
	if needs != "" {
		return ", whose value stays where the component is hosted: " + needs
	}
	if j.orders == nil {
		j.orders = reorder.New(j.world)
	}
	if o := j.orders.OvertakenBy(f, stack); o != nil && o.Sure {
		return ", which " + f.Source(o.Call.Fun) + " in the same statement may change before it is read"
	} else if o != nil {
		j.note(j.world.Span(sel), retype.OrderNote(field.Name(), f.Source(o.Call.Fun)))
	}
	m := j.methodsOf(h, field)
	if m == nil {
		return ", and the names of its methods are taken"
	}
	m.uses = append(m.uses, u)
	if retype.Through(f, stack) {
		m.through = j.world.Span(sel.Sel).String()
	}
	return ""
}

// methodsOf returns the methods that stand for a field, or nil where their names are
// taken.
func (j *job) methodsOf(h *handled, field *types.Var) *fieldMethods {
	for _, m := range h.fields {
		if m.field.Name() == field.Name() {
			return m
		}
	}
	taken := func(n string) bool {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(j.target.typ), true, j.target.pkg.Types, n)
		return obj != nil || j.world.IgnoredName(j.target.pkg.Types, n) != ""
	}
	name := field.Name()
	m := &fieldMethods{field: field, get: "Get" + name, set: "Set" + name}
	if taken(m.get) || taken(m.set) {
		if m.get, m.set = name+"Value", "Set"+name+"Value"; taken(m.get) || taken(m.set) {
			return nil
		}
	}
	h.fields = append(h.fields, m)
	return m
}

// fieldEndpoints makes endpoints of the methods that stand for fields, and rewrites the
// uses of these.
func (j *job) fieldEndpoints(h *handled) {
	for _, m := range h.fields {
		pkg := j.target.pkg.Types
		value := types.NewVar(token.NoPos, pkg, "", m.field.Type())
		if m.reads() {
			j.fieldEndpoint(h, m, m.get, "returns "+m.field.Name(), types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(value), false))
		}
		if m.sets() {
			j.fieldEndpoint(h, m, m.set, "sets "+m.field.Name(), types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewVar(token.NoPos, pkg, "value", m.field.Type())), nil, false))
		}
		for _, u := range m.uses {
			u.Rewrite(m.get, m.set, "")
		}
	}
}

// fieldEndpoint makes an endpoint of one method that stands for a field, or a resident
// where it can't cross.
func (j *job) fieldEndpoint(h *handled, m *fieldMethods, name, does string, sig *types.Signature) {
	fn := types.NewFunc(m.field.Pos(), j.target.pkg.Types, name, sig)
	e := endpointOf(fn, h.reserved()...)
	e.impl, e.doc = name, "// "+name+" "+does+"."
	e.fails = false
	if sig.Results().Len() > 0 && len(e.results) == 0 { // a field that is an error fails nothing
		e.results = []types.Type{m.field.Type()}
	}
	why := j.typesCross(fn, e)
	if why == "" && m.through != "" && name == m.get {
		why = m.through + " writes what it leads to"
	}
	if why != "" {
		h.resident = append(h.resident, e)
		j.note(j.world.SpanAt(m.field.Pos(), token.NoPos), name+" can't cross a process, so the component is pinned to the process that calls it: "+why)
		return
	}
	e.name = h.typ + name
	h.methods = append(h.methods, e)
}
