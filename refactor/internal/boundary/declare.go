package boundary

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// declare writes the interface: beside the type or, at a consumer, before the first
// declaration that uses it.
func (m *maker) declare() {
	file, pos := m.place()
	file.InsertFunc(pos, func() string { return m.text(file) + "\n" })
}

// place finds where the interface goes.
func (m *maker) place() (*code.File, token.Pos) {
	if m.Home.Pkg.Path == m.Package.Pkg.Path {
		file := m.World.FileOf(m.Type.Obj())
		return file, startOf(declOf(file, m.Type.Obj().Pos()))
	}
	for _, file := range m.World.Files {
		if file.Test || file.Pkg.Pkg.Path != m.Home.Pkg.Path || file.Generated() {
			continue
		}
		if pos := m.flow.FirstIn(file); pos.IsValid() {
			return file, startOf(declOf(file, pos))
		}
	}
	for _, file := range m.World.Files {
		if !file.Test && file.Pkg.Pkg.Path == m.Home.Pkg.Path {
			return file, afterImports(file)
		}
	}
	return nil, token.NoPos
}

// declOf returns the declaration of a file that a position lies in.
func declOf(file *code.File, pos token.Pos) ast.Decl {
	for _, d := range file.AST.Decls {
		if d.Pos() <= pos && pos <= d.End() {
			return d
		}
	}
	return nil
}

// startOf returns where a declaration begins, its comment included.
func startOf(d ast.Decl) token.Pos {
	switch d := d.(type) {
	case *ast.GenDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	case *ast.FuncDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	}
	return d.Pos()
}

func afterImports(file *code.File) token.Pos {
	for _, d := range file.AST.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			return startOf(d)
		}
	}
	return file.AST.End()
}

// text writes the declaration of the interface.
func (m *maker) text(file *code.File) string {
	var b strings.Builder
	name := m.out.Interface.Name
	of := m.Type.Obj().Name()
	if m.Home.Pkg.Path != m.Package.Pkg.Path {
		of = m.Package.Pkg.Name + "." + of
	}
	fmt.Fprintf(&b, "// %s is what %s of %s.\n", name, m.users(), of)
	if m.Component != "" {
		fmt.Fprintf(&b, "//\n%s\n", component.Directive(component.ContractDirective, m.Component))
	}
	fmt.Fprintf(&b, "type %s%s interface {\n", name, m.params(file))
	method := func(fn *types.Func) {
		b.WriteString(m.comment(fn))
		fmt.Fprintf(&b, "\t%s%s\n", fn.Name(), m.signature(file, m.flow.Signature(fn)))
	}
	sealed := m.flow.SealedBy()
	for _, fn := range m.methods {
		if !slices.Contains(sealed, fn) {
			method(fn)
		}
	}
	for _, a := range m.fields {
		t := m.spell(file, m.flow.FieldType(a.Field))
		if a.Get != "" {
			fmt.Fprintf(&b, "\t// %s returns %s.\n\t%s() %s\n", a.Get, a.Field.Name(), a.Get, t)
		}
		if a.Set != "" {
			fmt.Fprintf(&b, "\t// %s sets %s.\n\t%s(%s)\n", a.Set, a.Field.Name(), a.Set, t)
		}
		if a.Ptr != "" {
			fmt.Fprintf(&b, "\t// %s returns the address of %s.\n\t%s() *%s\n", a.Ptr, a.Field.Name(), a.Ptr, t)
		}
	}
	for _, fr := range m.friends {
		fmt.Fprintf(&b, "\t// %s calls the function of this name.\n\t%s%s\n", fr.Func.Name(), fr.Func.Name(), m.signature(file, without(fr)))
	}
	if len(sealed) > 0 && len(sealed) < len(m.methods)+len(m.fields)+len(m.friends) {
		b.WriteString("\n")
	}
	for _, fn := range sealed {
		method(fn)
	}
	if m.inner != "" {
		why := "for what only this package can see of it"
		if !m.flow.ReachesIn() {
			why = "and is the method that no other type has"
		}
		fmt.Fprintf(&b, "\n\t// %s returns the %s %s.\n\t%s() *%s\n", m.inner, m.Type.Obj().Name(), why, m.inner, m.Type.Obj().Name())
	}
	b.WriteString("}\n")
	return b.String()
}

// without returns the signature of a function without the parameter that becomes
// the receiver.
func without(fr retype.Friend) *types.Signature {
	sig := fr.Func.Signature()
	var vars []*types.Var
	for i := range sig.Params().Len() {
		if i != fr.Index {
			vars = append(vars, sig.Params().At(i))
		}
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(vars...), sig.Results(), sig.Variadic())
}

// users says who uses the type.
func (m *maker) users() string {
	switch {
	case m.Home.Pkg.Path != m.Package.Pkg.Path && m.Home.Pkg.Name != "main":
		return m.Home.Pkg.Name + " uses"
	case len(m.Consumers) == 1 && m.Consumers[0].Pkg.Name != "main":
		return m.Consumers[0].Pkg.Name + " uses"
	}
	return "the rest of the program uses"
}

// comment returns the comment of a method. That one can't cross is noted, and
// marked in the contract as soon as others do.
func (m *maker) comment(fn *types.Func) string {
	var b strings.Builder
	d := m.World.Decl(fn)
	for _, line := range d.Comment() {
		b.WriteString("\t" + line + "\n")
	}
	return b.String()
}

// local notes, in one line, which methods can't cross a process: why is a question of
// the step that lets the others.
func (m *maker) local() {
	if m.Local == nil {
		return
	}
	var stay []*types.Func
	for _, fn := range m.methods {
		if fn.Exported() && m.Local(fn) != "" {
			stay = append(stay, fn)
		}
	}
	if len(stay) > 0 {
		m.note(m.World.SpanAt(stay[0].Pos(), 0), listed(stay)+" can't cross a process; --step remote says why")
	}
}

// listed names functions, the first ones of many.
func listed(fns []*types.Func) string {
	const most = 5
	var names []string
	for _, fn := range fns[:min(len(fns), most)] {
		names = append(names, fn.Name())
	}
	last := names[len(names)-1]
	switch {
	case len(fns) > most:
		return strings.Join(names, ", ") + " and " + number(len(fns)-most, "other")
	case len(fns) > 1:
		return strings.Join(names[:len(names)-1], ", ") + " and " + last
	}
	return last
}

// signature writes a signature with the names of its parameters.
func (m *maker) signature(file *code.File, sig *types.Signature) string {
	results := sig.Results()
	switch out := m.tuple(file, results, false); {
	case results.Len() == 0:
		return "(" + m.tuple(file, sig.Params(), sig.Variadic()) + ")"
	case results.Len() == 1 && results.At(0).Name() == "":
		return "(" + m.tuple(file, sig.Params(), sig.Variadic()) + ") " + out
	default:
		return "(" + m.tuple(file, sig.Params(), sig.Variadic()) + ") (" + out + ")"
	}
}

// tuple writes parameters or results, those of one type together.
func (m *maker) tuple(file *code.File, ts *types.Tuple, variadic bool) string {
	var parts []string
	last, names := "", paramNames(ts)
	for i := range ts.Len() {
		v := ts.At(i)
		typ := m.spell(file, v.Type())
		if variadic && i == ts.Len()-1 {
			typ = "..." + m.spell(file, v.Type().Underlying().(*types.Slice).Elem())
		}
		switch {
		case names[i] == "":
			parts = append(parts, typ)
		case typ == last:
			parts[len(parts)-1] = strings.TrimSuffix(parts[len(parts)-1], " "+typ)
			parts = append(parts, names[i]+" "+typ)
		default:
			parts = append(parts, names[i]+" "+typ)
		}
		if last = typ; names[i] == "" {
			last = ""
		}
	}
	return strings.Join(parts, ", ")
}

// paramNames returns how parameters are called in an interface: a context that a
// method doesn't use is ctx there, and where only blanks are left there are no
// names.
func paramNames(ts *types.Tuple) []string {
	var names []string
	for v := range ts.Variables() {
		names = append(names, v.Name())
	}
	for i, name := range names {
		if name == "_" && crossing.IsContext(ts.At(i).Type()) && !slices.Contains(names, "ctx") {
			names[i] = "ctx"
		}
	}
	if !slices.ContainsFunc(names, func(n string) bool { return n != "_" }) {
		clear(names)
	}
	return names
}

// spell writes a type in a file, importing what it must.
func (m *maker) spell(file *code.File, t types.Type) string {
	return types.TypeString(m.flow.Retyped(t, m.out.Interface), func(p *types.Package) string {
		if p.Path() == file.Pkg.Pkg.Path {
			return ""
		}
		return file.Import(p.Path(), p.Name())
	})
}

// writeAccessors writes the methods by which callers reach fields, after the last
// method of the type in its file.
func (m *maker) writeAccessors() {
	if len(m.fields)+len(m.friends) == 0 && m.inner == "" {
		return
	}
	file := m.World.FileOf(m.Type.Obj())
	at, recv := declOf(file, m.Type.Obj().Pos()).End(), strings.ToLower(m.Type.Obj().Name()[:1])
	for _, d := range file.AST.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || !m.receives(file, fn) {
			continue
		}
		at = fn.End()
		if names := fn.Recv.List[0].Names; len(names) == 1 && names[0].Name != "_" {
			recv = names[0].Name
		}
	}
	file.InsertFunc(at, func() string { return m.accessors(file, recv) })
}

func (m *maker) receives(file *code.File, fn *ast.FuncDecl) bool {
	t := file.Pkg.Info.TypeOf(fn.Recv.List[0].Type)
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj() == m.Type.Obj()
}

func (m *maker) accessors(file *code.File, recv string) string {
	var b strings.Builder
	typ := m.Type.Obj().Name() + m.receiverParams()
	for _, a := range m.fields {
		name, t := a.Field.Name(), m.spell(file, a.Field.Type())
		if a.Get != "" {
			fmt.Fprintf(&b, "\n\n// %s returns %s.\nfunc (%s *%s) %s() %s { return %s.%s }", a.Get, name, recv, typ, a.Get, t, recv, name)
		}
		if a.Set != "" {
			param := slices.IndexFunc([]string{"v", "value"}, func(s string) bool { return s != recv })
			v := []string{"v", "value"}[param]
			fmt.Fprintf(&b, "\n\n// %s sets %s.\nfunc (%s *%s) %s(%s %s) { %s.%s = %s }", a.Set, name, recv, typ, a.Set, v, t, recv, name, v)
		}
		if a.Ptr != "" {
			fmt.Fprintf(&b, "\n\n// %s returns the address of %s.\nfunc (%s *%s) %s() *%s { return &%s.%s }", a.Ptr, name, recv, typ, a.Ptr, t, recv, name)
		}
	}
	for _, fr := range m.friends {
		b.WriteString(m.forward(file, fr, recv))
	}
	if m.inner != "" {
		fmt.Fprintf(&b, "\n\n// %s returns the %s itself.\nfunc (%s *%s) %s() *%s { return %s }", m.inner, typ, recv, typ, m.inner, typ, recv)
	}
	return b.String()
}

// forward writes the method that calls a function with its receiver.
func (m *maker) forward(file *code.File, fr retype.Friend, recv string) string {
	sig := fr.Func.Signature()
	if slices.ContainsFunc(slices.Collect(sig.Params().Variables()), func(v *types.Var) bool { return v.Name() == recv && v != sig.Params().At(fr.Index) }) {
		recv = "self"
	}
	var vars []*types.Var
	var args []string
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		if i == fr.Index {
			args = append(args, recv)
			continue
		}
		name := v.Name()
		if name == "" || name == "_" {
			name = fmt.Sprintf("arg%d", i)
		}
		vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), name, v.Type()))
		if sig.Variadic() && i == sig.Params().Len()-1 {
			name += "..."
		}
		args = append(args, name)
	}
	head := m.signature(file, types.NewSignatureType(nil, nil, nil, types.NewTuple(vars...), unnamed(sig.Results()), sig.Variadic()))
	ret := "return "
	if sig.Results().Len() == 0 {
		ret = ""
	}
	name := fr.Func.Name()
	return fmt.Sprintf("\n\n// %s calls the function %s with the %s.\nfunc (%s *%s) %s%s { %s%s(%s) }", name, name, m.Type.Obj().Name(), recv, m.Type.Obj().Name(), name, head, ret, name, strings.Join(args, ", "))
}

// unnamed returns results without names.
func unnamed(ts *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range ts.Variables() {
		vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), "", v.Type()))
	}
	return types.NewTuple(vars...)
}
