package extract

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A literal makes a value of the type where only its façade will be known, without a
// constructor: &T{F: x}, an element {F: x} of a list of *T, or new(T).
type literal struct {
	file   *code.File
	node   ast.Expr // all of it
	values map[*types.Var]ast.Expr
	lines  bool // it stands on several lines
}

// literal adds a literal of the type, or a call of new, at the end of a path to those that
// a constructor is to stand for. It returns why none can.
func (h *handled) literal(j *job, f *code.File, stack []ast.Node) (why string) {
	l := literal{file: f, values: map[*types.Var]ast.Expr{}}
	switch n := stack[len(stack)-1].(type) {
	case *ast.CallExpr:
		l.node = n
	case *ast.CompositeLit:
		l.node = n
		if j.isTarget(f.Pkg.Info.TypeOf(n)) {
			addr, ok := stack[len(stack)-2].(*ast.UnaryExpr)
			if !ok || addr.Op != token.AND {
				return "a literal makes a " + h.typ + " that is no pointer"
			}
			l.node = addr
		}
		if why := h.elements(j, &l, n); why != "" {
			return why
		}
		l.lines = j.world.SpanAt(n.Lbrace, n.Rbrace).Line != j.world.SpanAt(n.Rbrace, n.Rbrace).Line
	}
	if n := h.fieldsSet(l); n > mostFields {
		return fmt.Sprintf("literals give a %s %d fields, more than a constructor should have parameters", h.typ, n)
	}
	if f.Generated() {
		return "a literal in generated code makes a " + h.typ
	}
	h.literals = append(h.literals, l)
	return ""
}

// mostFields is how many parameters the constructor that stands for literals may have.
const mostFields = 8

// fieldsSet returns how many fields literals set, with one more literal.
func (h *handled) fieldsSet(more literal) int {
	set := map[*types.Var]bool{}
	for _, l := range append(slices.Clone(h.literals), more) {
		for f := range l.values {
			set[f] = true
		}
	}
	return len(set)
}

// elements finds the values that a literal gives to fields.
func (h *handled) elements(j *job, l *literal, n *ast.CompositeLit) (why string) {
	st := j.target.typ.Underlying().(*types.Struct)
	last, ordered, calls := -1, true, false
	for i, e := range n.Elts {
		var field *types.Var
		value := e
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			field, _ = l.file.Pkg.Info.Uses[asIdent(kv.Key)].(*types.Var)
			value = kv.Value
		} else if i < st.NumFields() {
			field = st.Field(i)
		}
		at := -1
		for k := range st.NumFields() {
			if field != nil && j.world.Key(st.Field(k)) == j.world.Key(field) {
				field, at = st.Field(k), k
			}
		}
		switch {
		case at < 0 || !field.Exported():
			return "a literal makes a " + h.typ + " without a constructor"
		case j.holds(field.Type()) && !j.isPointer(field.Type()):
			return "a literal gives a " + h.typ + " others inside " + field.Name()
		}
		ordered, last = ordered && at > last, at
		calls = calls || acts(l.file, value)
		l.values[field] = value
	}
	if !ordered && calls {
		return "a literal makes a " + h.typ + " and gives it values in another order than its fields have, and to make one of them does something"
	}
	return ""
}

// acts reports whether to evaluate an expression may do, or depend on, more than its
// variables say: it calls, receives or may panic.
func acts(f *code.File, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			tv := f.Pkg.Info.Types[n.Fun]
			found = found || !tv.IsType()
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.IndexExpr, *ast.StarExpr, *ast.SliceExpr, *ast.TypeAssertExpr:
			found = true
		}
		return !found
	})
	return found
}

// constructor declares the function that stands for literals, and has them call it.
func (j *job) constructor(h *handled) {
	if len(h.literals) == 0 {
		return
	}
	st := j.target.typ.Underlying().(*types.Struct)
	var fields []*types.Var
	var params []*types.Var
	var avoid []string
	for f := range st.Fields() {
		if slices.ContainsFunc(h.literals, func(l literal) bool { return l.values[f] != nil }) {
			fields = append(fields, f)
			types.TypeString(f.Type(), func(p *types.Package) string { avoid = append(avoid, p.Name()); return "" })
		}
	}
	for _, f := range fields {
		name := naming.Unexported(f.Name())
		if token.IsKeyword(name) || types.Universe.Lookup(name) != nil {
			name += "Value"
		}
		params = append(params, types.NewVar(f.Pos(), f.Pkg(), name, f.Type()))
	}
	obj := j.target.typ.Obj()
	name := j.freeName("New"+h.typ, "New"+h.typ+"With", "Make"+h.typ)
	result := types.NewVar(token.NoPos, obj.Pkg(), "", types.NewPointer(j.target.typ))
	fn := types.NewFunc(obj.Pos(), obj.Pkg(), name, types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(result), false))
	j.named[name] = true
	e := endpointOf(fn, append(avoid, h.reserved()...)...)
	e.doc = "// " + name + " returns a " + h.typ
	if len(fields) > 0 {
		e.doc += " with the fields that it is given"
	}
	e.doc += "."
	e.impl = j.freeName(naming.Unexported(name), naming.Unexported(name)+"Local")
	j.named[e.impl] = true
	h.made = &made{e, fields}
	if why := cmp.Or(j.typesCross(fn, e), j.outlived(h, fn, e)); why != "" {
		h.locals = append(h.locals, e)
		j.note(j.world.SpanAt(obj.Pos(), token.NoPos), name+" can't cross a process, so the component is pinned to the process that calls it: "+why)
	} else {
		h.makers = append(h.makers, e)
	}
	for _, l := range h.literals {
		l.file.ReplaceFunc(l.node.Pos(), l.node.End(), func() string { return l.call(obj.Pkg(), name, fields) })
	}
	j.note(j.world.SpanAt(obj.Pos(), token.NoPos), name+" stands for the literals that make a "+h.typ+" outside of the package")
}

// made is the constructor that stands for literals, and the fields that it sets.
type made struct {
	*endpoint
	fields []*types.Var
}

// call spells the call that stands for a literal.
func (l literal) call(pkg *types.Package, name string, fields []*types.Var) string {
	if pkg.Path() != l.file.Pkg.Pkg.Path {
		name = l.file.Import(pkg.Path(), pkg.Name()) + "." + name
	}
	var args []string
	for _, f := range fields {
		if v := l.values[f]; v != nil {
			args = append(args, l.file.RenderWhole(v))
			continue
		}
		args = append(args, l.file.Zero(f.Type()))
	}
	if l.lines && len(args) > 1 {
		return name + "(\n" + strings.Join(args, ",\n") + ",\n)"
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// writeMade writes the function that does the work of the constructor that stands for
// literals, and the methods that stand for fields, after the type.
func (j *job) writeMade(h *handled) {
	if h.made == nil && len(h.fields) == 0 {
		return
	}
	f := j.world.FileOf(j.target.typ.Obj())
	spell := func(t types.Type) string {
		if j.isPointer(t) {
			return "*" + h.impl
		}
		return f.Type(t)
	}
	f.InsertFunc(j.afterMethods(f), func() string {
		var b strings.Builder
		if e := h.made; e != nil {
			var sets []string
			for i, p := range e.params {
				sets = append(sets, e.fields[i].Name()+": "+p.name)
			}
			b.WriteString("\n\nfunc " + e.impl + "(" + e.paramList(spell, "") + ") *" + h.impl + " { return &" + h.impl + "{" + strings.Join(sets, ", ") + "} }")
		}
		for _, a := range h.fields {
			name, t := a.field.Name(), spell(a.field.Type())
			if a.reads() {
				b.WriteString("\n\nfunc (v *" + h.impl + ") " + a.get + "() " + t + " { return v." + name + " }")
			}
			if a.sets() {
				b.WriteString("\n\nfunc (v *" + h.impl + ") " + a.set + "(value " + t + ") { v." + name + " = value }")
			}
		}
		return b.String()
	})
}

// afterMethods returns where the last method of the type in a file ends, or its
// declaration.
func (j *job) afterMethods(f *code.File) token.Pos {
	at := token.NoPos
	for _, d := range f.AST.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if at == token.NoPos && d.Pos() <= j.target.typ.Obj().Pos() && j.target.typ.Obj().Pos() < d.End() {
				at = d.End()
			}
		case *ast.FuncDecl:
			if d.Recv != nil {
				if t := f.Pkg.Info.TypeOf(d.Recv.List[0].Type); t != nil && (j.isTarget(t) || j.isPointer(t)) {
					at = d.End()
				}
			}
		}
	}
	return at
}
