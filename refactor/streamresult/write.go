package streamresult

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/variant"
)

// write writes the variant beside each function, and in interfaces.
func (j *job) write(members []*types.Func) error {
	var first *refusal
	moved := false
	for _, m := range members {
		if spec := j.world.Spec(m); spec != nil {
			j.writeMethod(m, spec)
			continue
		}
		d := j.world.Decl(m)
		mk, r := makerOf(d)
		if r != nil {
			if m == j.fn || first == nil {
				first = r
			}
			if m == j.fn {
				return j.refused(r)
			}
			j.writeAround(d)
			continue
		}
		moved = true
		j.writeMaker(mk)
	}
	if !moved {
		return j.refused(first)
	}
	return nil
}

// A signature is how a variant is spelled beside one function.
type signature struct {
	head   string // func (s *Store)
	params string
	call   string // of the function, or of the variant, without its name
	self   string // s. or nothing
	elem   string
	list   string // the type of the list
	one    string // the name of an element
	all    string // the name of the list
	err    string
	yield  string
	seq    string // the type of the iterator
	fn     string // the type of yield
	used   naming.Names
	inner  naming.Names // those of the body
}

// spell spells the variant beside a declaration.
func (j *job) spell(d *code.Decl, inner naming.Names) *signature {
	f, sig := d.File, d.Obj.Signature()
	s := &signature{used: naming.Names{}, inner: inner}
	for _, spec := range f.AST.Imports {
		if p := f.Pkg.Info.PkgNameOf(spec); p != nil {
			s.used[p.Name()] = true
		}
	}
	named := func(list *ast.FieldList) {
		for _, field := range list.List {
			for _, id := range field.Names {
				s.used[id.Name] = true
			}
		}
	}
	named(d.Func.Type.Params)
	s.head = "func "
	if d.Func.Recv != nil {
		named(d.Func.Recv)
		recv := d.Func.Recv.List[0]
		name := ""
		if len(recv.Names) > 0 && recv.Names[0].Name != "_" {
			name = recv.Names[0].Name
		} else {
			name = s.used.Take(naming.Unexported(strings.TrimLeft(f.Source(recv.Type), "*"))[:1], "recv")
		}
		s.head += "(" + name + " " + f.Source(recv.Type) + ") "
		s.self = name + "."
	}
	s.arguments(f, d.Func.Type, sig)
	s.list, s.elem = f.Source(d.Func.Type.Results.List[0].Type), elemIn(f, d.Func.Type, sig)
	s.names(d.Func.Name.Name, elemOf(sig))
	for name := range s.used {
		inner[name] = true
	}
	for _, field := range d.Func.Type.Results.List {
		for _, id := range field.Names {
			inner[id.Name] = true
		}
	}
	s.yield = inner.Take("yield", "emit")
	s.seq = seqOf(f, d.Func, s.elem, sig)
	s.fn = "func(" + s.elem + ", error) bool"
	if sig.Results().Len() == 1 {
		s.fn = "func(" + s.elem + ") bool"
	}
	return s
}

// arguments spells the parameters, and passes them on.
func (s *signature) arguments(f *code.File, ft *ast.FuncType, sig *types.Signature) {
	var params, args []string
	i := 0
	for _, field := range ft.Params.List {
		for k := range max(1, len(field.Names)) {
			name := ""
			switch {
			case k < len(field.Names) && field.Names[k].Name != "_":
				name = field.Names[k].Name
			case crossing.IsContext(sig.Params().At(i).Type()):
				name = s.used.Take("ctx")
			default:
				name = s.used.Take("arg")
			}
			params = append(params, name+" "+f.Source(field.Type))
			args = append(args, name)
			i++
		}
	}
	if sig.Variadic() {
		args[len(args)-1] += "..."
	}
	s.params, s.call = "("+strings.Join(params, ", ")+")", "("+strings.Join(args, ", ")+")"
}

// names chooses what an element, the list and the error are called.
func (s *signature) names(fn string, elem types.Type) {
	one := "element"
	words := naming.Words(fn)
	if subject, ok := naming.Singular(naming.Unexported(words[len(words)-1])); ok {
		one = subject
	}
	t := elem
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		one = naming.Unexported(n.Obj().Name())
	}
	many, ok := naming.Plural(one)
	if !ok {
		many = "all" + naming.Exported(one)
	}
	s.one, s.all, s.err = s.used.Take(one, "element"), s.used.Take(many, "all"), s.used.Take("err", "failure")
}

// elemIn spells the type of the elements: as it is written or, where the list is of a type
// with a name, as the file can.
func elemIn(f *code.File, ft *ast.FuncType, sig *types.Signature) string {
	if a, ok := ft.Results.List[0].Type.(*ast.ArrayType); ok {
		return f.Source(a.Elt)
	}
	return f.Type(elemOf(sig))
}

// seqOf spells the type of the iterator.
func seqOf(f *code.File, at ast.Node, elem string, sig *types.Signature) string {
	iter := f.ImportAt(at.Pos(), "iter", "iter")
	if sig.Results().Len() == 2 {
		return iter + ".Seq2[" + elem + ", error]"
	}
	return iter + ".Seq[" + elem + "]"
}

func (j *job) doc(fn string, fails bool) string {
	if fails {
		return "// " + j.name + " hands out what " + fn + " returns, one by one. An error is the last that it\n// hands out."
	}
	return "// " + j.name + " hands out what " + fn + " returns, one by one."
}

// writeMethod adds the variant to an interface.
func (j *job) writeMethod(m *types.Func, spec *code.Spec) {
	elem := elemIn(spec.File, spec.Type, m.Signature())
	variant.InInterface(j.world, spec, j.doc(m.Name(), m.Signature().Results().Len() == 2), j.name+spec.File.Source(spec.Type.Params)+" "+seqOf(spec.File, spec.Type, elem, m.Signature()))
	j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(m.Pos(), m.Pos()), Message: "the interface gains " + j.name + ": a type of another module that is to satisfy it needs that, too"})
}

// writeAround writes a variant that calls the function.
func (j *job) writeAround(d *code.Decl) {
	s := j.spell(d, naming.Names{})
	fails := d.Obj.Signature().Results().Len() == 2
	var b strings.Builder
	b.WriteString("\n\n" + j.doc(d.Func.Name.Name, fails) + "\n" + s.head + j.name + s.params + " " + s.seq + " {\n\treturn func(" + s.yield + " " + s.fn + ") {\n")
	call := s.self + d.Func.Name.Name + s.call
	if fails {
		zero := d.File.Zero(elemOf(d.Obj.Signature()))
		b.WriteString("\t\t" + s.all + ", " + s.err + " := " + call + "\n\t\tif " + s.err + " != nil {\n\t\t\t" + s.yield + "(" + zero + ", " + s.err + ")\n\t\t\treturn\n\t\t}\n")
		b.WriteString("\t\tfor _, " + s.one + " := range " + s.all + " {\n\t\t\tif !" + s.yield + "(" + s.one + ", nil) {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n")
	} else {
		b.WriteString("\t\tfor _, " + s.one + " := range " + call + " {\n\t\t\tif !" + s.yield + "(" + s.one + ") {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n")
	}
	b.WriteString("\t}\n}")
	d.File.Insert(d.Func.End(), b.String())
}

// writeMaker moves the body of a function to the variant, and lets the function
// collect what that hands out.
func (j *job) writeMaker(m *maker) {
	s := j.spell(m.Decl, naming.In(m.File, m.Func.Body))
	m.keepNames(s)
	m.edit(s)
	f := m.File
	f.ReplaceFunc(m.Func.Body.Pos(), m.Func.Body.End(), func() string { return m.collecting(j.name, s) })
	f.InsertFunc(m.Func.End(), func() string {
		body := f.Render(m.Func.Body)
		return "\n\n" + j.doc(m.Func.Name.Name, m.fails) + "\n" + s.head + j.name + s.params + " " + s.seq + " {\n\treturn func(" + s.yield + " " + s.fn + ") " + strings.TrimRight(body, " \t\n") + "\n}"
	})
	j.noteMaker(m)
}

// keepNames lets what collects call the list, and its elements, as the function did.
func (m *maker) keepNames(s *signature) {
	s.all = m.list.Name()
	one := ""
	for _, a := range m.appends {
		var id *ast.Ident
		if len(a.values) == 1 {
			id, _ = ast.Unparen(a.values[0]).(*ast.Ident)
		}
		if id == nil || !m.declaresInside(id) || one != "" && one != id.Name {
			one = ""
			break
		}
		one = id.Name
	}
	if token.IsIdentifier(one) && types.Universe.Lookup(one) == nil && one != s.err {
		s.one = one
	}
	if s.one == s.all {
		s.one = "element"
	}
}

// declaresInside reports a variable that the function's body declares.
func (m *maker) declaresInside(id *ast.Ident) bool {
	v, ok := m.File.Pkg.Info.Uses[id].(*types.Var)
	return ok && m.Func.Body.Pos() < v.Pos() && v.Pos() < m.Func.Body.End()
}

// noteMaker notes what callers that need the list get otherwise than before.
func (j *job) noteMaker(m *maker) {
	for _, ret := range m.returns {
		errs := m.fails && (ret.err == nil || !m.isNil(ret.err))
		if errs && !ret.none && !m.partial && m.afterAppend(ret) {
			j.notes = append(j.notes, change.Note{Span: j.world.Span(ret), Message: "with an error from here " + m.Func.Name.Name + " returns no list now, as it does with others"})
		}
	}
	if m.reset != nil {
		j.notes = append(j.notes, change.Note{Span: j.world.Span(m.reset), Message: m.Func.Name.Name + m.resetTo()})
	}
}

// resetTo says what is returned where nothing was appended.
func (m *maker) resetTo() string {
	if m.value == nil {
		return " returns nil from here now, and not an empty list"
	}
	return " returns an empty list from here now, and not nil"
}

// collecting spells the body of the function that collects.
func (m *maker) collecting(name string, s *signature) string {
	value := ""
	if m.value != nil {
		value = m.File.Source(m.value)
		if m.sized != nil {
			value = m.withoutLength(m.value)
		}
		if m.needsBody(m.value) {
			value = "make(" + s.list + ", 0)" // how long it gets isn't known here
		}
	}
	var b strings.Builder
	b.WriteString("{\n")
	switch {
	case value == "" && m.named:
	case value == "":
		b.WriteString("\tvar " + s.all + " " + s.list + "\n")
	case m.named:
		b.WriteString("\t" + s.all + " = " + value + "\n")
	default:
		b.WriteString("\t" + s.all + " := " + value + "\n")
	}
	call := s.self + name + s.call
	if m.fails {
		left := "nil"
		if m.partial {
			left = s.all
		}
		b.WriteString("\tfor " + s.one + ", " + s.err + " := range " + call + " {\n\t\tif " + s.err + " != nil {\n\t\t\treturn " + left + ", " + s.err + "\n\t\t}\n\t\t" + s.all + " = append(" + s.all + ", " + s.one + ")\n\t}\n\treturn " + s.all + ", nil\n}")
	} else {
		b.WriteString("\tfor " + s.one + " := range " + call + " {\n\t\t" + s.all + " = append(" + s.all + ", " + s.one + ")\n\t}\n\treturn " + s.all + "\n}")
	}
	return b.String()
}

// needsBody reports an expression that mentions what the body declares.
func (m *maker) needsBody(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			obj := m.File.Pkg.Info.Uses[id]
			found = found || obj != nil && m.Func.Body.Pos() < obj.Pos() && obj.Pos() < m.Func.Body.End()
		}
		return !found
	})
	return found
}

// edit changes the body: what it appended it yields.
func (m *maker) edit(s *signature) {
	f := m.File
	if m.init != nil && (len(m.appends) == 0 || m.appends[0].Stmt != m.init) {
		start, end := f.Lines(m.init)
		f.ReplaceRange(start, end, "")
	}
	for _, a := range m.appends {
		if m.sized == nil || a.Stmt != m.sized.stmt {
			m.editAppend(s, a, a.Stmt, "")
		}
	}
	if m.sized != nil {
		m.editSized(s)
	}
	if v := m.namedErr; v != nil && v.Name() != "_" && m.saysError(v) {
		f.Insert(m.Func.Body.Lbrace+1, "\nvar "+v.Name()+" error")
	}
	last := m.Func.Body.List[len(m.Func.Body.List)-1]
	for _, ret := range m.returns {
		m.editReturn(s, ret, ast.Stmt(ret.ReturnStmt) == last)
	}
}

// saysError reports whether the body has a use of the error that the signature names.
func (m *maker) saysError(v *types.Var) bool {
	implied := slices.ContainsFunc(m.returns, func(l *leave) bool { return len(l.Results) == 0 })
	return implied || code.Uses(m.File.Pkg.Info, m.Func.Body, v)
}

// editAppend yields what a statement put into the list. Then what follows.
func (m *maker) editAppend(s *signature, a *emission, at ast.Node, then string) {
	f := m.File
	nilErr := ""
	if m.fails {
		nilErr = ", nil"
	}
	f.ReplaceFunc(at.Pos(), at.End(), func() string {
		if a.all != nil {
			return "for _, " + s.one + " := range " + f.Render(a.all) + " {\nif !" + s.yield + "(" + s.one + nilErr + ") {\nreturn\n}\n}" + then
		}
		var out []string
		for _, e := range a.values {
			out = append(out, "if !"+s.yield+"("+f.Render(e)+nilErr+") {\nreturn\n}")
		}
		return strings.Join(out, "\n") + then
	})
}

func (m *maker) editReturn(s *signature, ret *leave, last bool) {
	f := m.File
	leave := "\nreturn"
	if last {
		leave = ""
	}
	if ret.last != nil {
		m.editAppend(s, ret.last, ret, leave)
		return
	}
	if !m.fails || ret.err != nil && m.isNil(ret.err) {
		if last {
			start, end := f.Lines(ret)
			f.ReplaceRange(start, end, "")
			return
		}
		f.Replace(ret.Pos(), ret.End(), "return")
		return
	}
	zero := f.Zero(m.elem)
	f.ReplaceFunc(ret.Pos(), ret.End(), func() string {
		err := ""
		if ret.err != nil {
			err = f.Render(ret.err)
		} else {
			err = m.namedErr.Name()
		}
		switch {
		case m.certain(ret):
			return s.yield + "(" + zero + ", " + err + ")" + leave
		case ret.err == nil || isIdent(ret.err):
			return "if " + err + " != nil {\n" + s.yield + "(" + zero + ", " + err + ")\n}" + leave
		}
		return "if " + s.err + " := " + err + "; " + s.err + " != nil {\n" + s.yield + "(" + zero + ", " + s.err + ")\n}" + leave
	})
}

func isIdent(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.Ident)
	return ok
}
