package injectglobal

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// declarations writes the struct and the function that makes the value, as far as
// there are any, for the file of the first variable.
func (j *job) declarations() string {
	f := j.set.all[0].file
	var parts []string
	if j.shape.named != "" {
		parts = append(parts, j.structType(f))
	}
	if j.needsMaker() {
		parts = append(parts, j.makerFunc(f))
	}
	return strings.Join(parts, "\n\n")
}

// needsMaker reports whether a function makes the value. Without it the one place
// that makes it says how.
func (j *job) needsMaker() bool {
	if j.shape.make == "" {
		return false
	}
	if j.set.pkg.Pkg.Name != "main" || j.shape.kind == byStruct || len(j.roots) != 1 {
		return true
	}
	v, r := j.set.all[0], j.roots[0]
	return r.decl.File != v.from() || j.shape.kind == byPointer || len(identifiers(v.value(), r.decl.Func)) > 0
}

// identifiers returns the names in e that are declared in fn, too.
func identifiers(e ast.Expr, fn *ast.FuncDecl) []string {
	mentioned := map[string]bool{}
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			mentioned[id.Name] = true
		}
		return true
	})
	var out []string
	for _, field := range fn.Type.Params.List {
		for _, id := range field.Names {
			if mentioned[id.Name] {
				out = append(out, id.Name)
			}
		}
	}
	return out
}

// structType writes the struct that holds the variables.
func (j *job) structType(f *code.File) string {
	first := j.set.all[0]
	if j.shape.kind == byPointer {
		doc := renamed(docOf(first), first.obj.Name(), j.shape.named)
		if doc == "" {
			doc = "// " + j.shape.named + " is shared by what uses it.\n"
		}
		return doc + "type " + j.shape.named + " " + j.structSource(f, first)
	}
	var b strings.Builder
	doc := j.shape.named + " holds " + j.holds()
	if j.holds() == j.shape.named {
		doc = j.shape.named + " is what package " + j.set.pkg.Pkg.Name + " keeps"
	}
	b.WriteString("// " + doc + ".\ntype " + j.shape.named + " struct {\n")
	for _, v := range j.aligned() {
		b.WriteString(docOf(v) + v.field + " " + j.fieldType(f, v))
		if c := v.spec.Comment; c != nil && v.decl.Lparen.IsValid() {
			b.WriteString(" " + v.file.Source(c))
		}
		b.WriteString("\n")
	}
	return b.String() + "}"
}

// aligned lists the variables as the struct has them: first those that sync/atomic uses
// as 64 bits, since on 32-bit platforms they have to be at a multiple of 8 bytes, as a
// variable is and the beginning of a struct.
func (j *job) aligned() []*variable {
	out := slices.Clone(j.set.all)
	slices.SortStableFunc(out, func(a, b *variable) int { return cmp.Compare(b.atomic64(), a.atomic64()) })
	return out
}

// atomic64 is 1 for a variable whose address is given to atomic.AddInt64 and its like,
// otherwise 0.
func (v *variable) atomic64() int {
	for _, u := range v.uses {
		for i := u.at - 1; i >= 0; i-- {
			call, ok := u.path[i].(*ast.CallExpr)
			if !ok {
				continue
			}
			if fn := u.file.Callee(call); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Signature().Recv() == nil && strings.HasSuffix(fn.Name(), "64") {
				return 1
			}
			break
		}
	}
	return 0
}

// holds says what the struct has in it.
func (j *job) holds() string {
	var data, locks []string
	for _, v := range j.set.all {
		if isLock(v.obj.Type()) {
			locks = append(locks, v.field)
		} else {
			data = append(data, v.field)
		}
	}
	switch {
	case len(data) == 0:
		return listed(locks)
	case len(locks) == 0:
		return listed(data)
	}
	return listed(data) + ", guarded by " + listed(locks)
}

func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// fieldType spells the type of a variable as it is written, where that can be.
func (j *job) fieldType(f *code.File, v *variable) string {
	if v.spec.Type != nil && v.file == f {
		j.bring(f, v.file, v.spec.Type)
		return f.Source(v.spec.Type)
	}
	return f.Type(v.obj.Type())
}

// structSource is how the struct without a name of a variable is written.
func (j *job) structSource(f *code.File, v *variable) string {
	if v.spec.Type != nil {
		j.bring(f, v.file, v.spec.Type)
		return v.file.Source(v.spec.Type)
	}
	if lit, ok := v.value().(*ast.CompositeLit); ok && lit.Type != nil {
		j.bring(f, v.from(), lit.Type)
		return v.from().Source(lit.Type)
	}
	return f.Type(v.obj.Type())
}

// remark returns the comment above the statement of init that gives a variable its
// value, with its line end, or "".
func (v *variable) remark() string {
	if v.init == nil {
		return ""
	}
	f := v.init.file
	from, to := f.Offset(above(f, v.init.stmt)), f.Offset(v.init.stmt.Pos())
	var lines []string
	for line := range strings.Lines(string(f.Before[from:to])) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// makerFunc writes the function that makes the value.
func (j *job) makerFunc(f *code.File) string {
	first := j.set.all[0]
	what := j.shape.named
	if what == "" {
		what = words(j.subject().obj.Name())
	}
	b := "// " + j.shape.make + " returns a new " + what + ".\n"
	result := j.typeIn(f)
	if j.shape.named == "" {
		if doc := docOf(first); doc != "" {
			b += "//\n" + doc
		}
	}
	b += "func " + j.shape.make + "() " + result + " {\n"
	switch j.shape.kind {
	case byStruct:
		return b + "return &" + j.shape.named + j.fieldValues(f) + "\n}"
	case byPointer:
		return b + j.pointerBody(f, first) + "\n}"
	}
	j.bring(f, first.from(), first.value())
	return b + first.remark() + "return " + first.from().Source(first.value()) + "\n}"
}

// words is what a value is called in a sentence.
func words(name string) string { return naming.Unexported(strings.TrimLeft(name, "_")) }

// pointerBody writes what makes a pointer to a variable's initial value.
func (j *job) pointerBody(f *code.File, v *variable) string {
	e := v.value()
	name := j.shape.named
	if e == nil {
		return "return &" + name + "{}"
	}
	j.bring(f, v.from(), e)
	remark := v.remark()
	lit, ok := e.(*ast.CompositeLit)
	switch {
	case ok && name != "" && lit.Type != nil:
		return remark + "return &" + name + string(v.from().Before[v.from().Offset(lit.Lbrace):v.from().Offset(lit.End())])
	case ok:
		return remark + "return &" + v.from().Source(lit)
	}
	local := naming.Unexported(v.obj.Name())
	return remark + local + " := " + v.from().Source(e) + "\nreturn &" + local
}

// fieldValues writes the literal of the struct, after its type.
func (j *job) fieldValues(f *code.File) string {
	var lines []string
	for _, v := range j.set.all {
		if e := v.value(); e != nil {
			j.bring(f, v.from(), e)
			lines = append(lines, v.remark()+v.field+": "+v.from().Source(e))
		}
	}
	if len(lines) < 2 && !strings.Contains(strings.Join(lines, ""), "\n") {
		return "{" + strings.Join(lines, "") + "}"
	}
	return "{\n" + strings.Join(lines, ",\n") + ",\n}"
}

// bring imports into f what code that comes from another file, or goes and comes
// back, mentions.
func (j *job) bring(f, from *code.File, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		p, ok := from.Pkg.Info.Uses[id].(*types.PkgName)
		if !ok {
			return true
		}
		if name := f.Import(p.Imported().Path(), p.Imported().Name()); name != id.Name {
			j.problem(codeBound, nodeIn{from, id}, "this package has another name in "+f.Rel+", where its value would be made: "+name, "give the two imports one name")
		}
		return true
	})
}

// docOf returns the comment above a variable, with its line end, or "".
func docOf(v *variable) string {
	doc := v.spec.Doc
	if doc == nil && !v.decl.Lparen.IsValid() {
		doc = v.decl.Doc
	}
	if doc == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range doc.List {
		b.WriteString(c.Text + "\n")
	}
	return b.String()
}

// renamed is a comment about another name.
func renamed(doc, from, to string) string {
	if rest, ok := strings.CutPrefix(doc, "// "+from+" "); ok {
		return "// " + to + " " + rest
	}
	return doc
}

// removeVariables takes the declarations away and puts what is made instead in the
// place of the first.
func (j *job) removeVariables() {
	text := j.declarations()
	done := map[*ast.GenDecl]bool{}
	j.removeInits()
	for _, v := range j.set.all {
		if done[v.decl] {
			continue
		}
		done[v.decl] = true
		j.removeFrom(v.file, v.decl, text)
		text = ""
	}
}

// removeInits takes away the statements of init functions that set the variables, and
// the functions that did nothing else.
func (j *job) removeInits() {
	gone := map[*ast.FuncDecl]int{}
	for _, v := range j.set.all {
		if v.init != nil {
			gone[v.init.decl]++
		}
	}
	for _, v := range j.set.all {
		switch in := v.init; {
		case in == nil:
		case gone[in.decl] < len(in.decl.Body.List):
			j.cut(in.file, above(in.file, in.stmt), in.stmt.End(), "")
		case gone[in.decl] > 0:
			from := in.decl.Pos()
			if in.decl.Doc != nil {
				from = in.decl.Doc.Pos()
			}
			j.cut(in.file, from, in.decl.End(), "")
			gone[in.decl] = 0
		}
	}
}

// removeFrom takes variables out of a declaration; text goes in its place or after it.
func (j *job) removeFrom(f *code.File, d *ast.GenDecl, text string) {
	gone := map[*ast.ValueSpec][]int{}
	whole := true
	for _, s := range d.Specs {
		spec := s.(*ast.ValueSpec)
		for i := range spec.Names {
			if slices.ContainsFunc(j.set.all, func(v *variable) bool { return v.spec == spec && v.i == i }) {
				gone[spec] = append(gone[spec], i)
			}
		}
		whole = whole && len(gone[spec]) == len(spec.Names)
	}
	if whole {
		from, to := d.Pos(), d.End()
		if d.Doc != nil {
			from = d.Doc.Pos()
		}
		if c := lineComment(d); c != nil {
			to = c.End()
		}
		j.cut(f, from, to, text)
		return
	}
	for _, s := range d.Specs {
		if spec := s.(*ast.ValueSpec); len(gone[spec]) == len(spec.Names) {
			from, to := spec.Pos(), spec.End()
			if spec.Doc != nil {
				from = spec.Doc.Pos()
			}
			if spec.Comment != nil {
				to = spec.Comment.End()
			}
			j.cut(f, from, to, "")
		} else if len(gone[spec]) > 0 {
			keep(f, spec, gone[spec])
		}
	}
	if text != "" {
		f.Insert(d.End(), "\n\n"+text)
	}
}

// lineComment is the comment behind the only spec of a declaration.
func lineComment(d *ast.GenDecl) *ast.CommentGroup {
	if d.Lparen.IsValid() || len(d.Specs) != 1 {
		return nil
	}
	return d.Specs[0].(*ast.ValueSpec).Comment
}

// keep writes a declaration of several names without some of them.
func keep(f *code.File, spec *ast.ValueSpec, gone []int) {
	var names, values []string
	for i, id := range spec.Names {
		if slices.Contains(gone, i) {
			continue
		}
		names = append(names, id.Name)
		if len(spec.Values) > 0 {
			values = append(values, f.Source(spec.Values[i]))
		}
	}
	f.Replace(spec.Names[0].Pos(), spec.Names[len(spec.Names)-1].End(), strings.Join(names, ", "))
	if len(values) > 0 {
		f.Replace(spec.Values[0].Pos(), spec.Values[len(spec.Values)-1].End(), strings.Join(values, ", "))
	}
}

// cut replaces a range by text; without text, its lines go, too.
func (j *job) cut(f *code.File, from, to token.Pos, text string) {
	start, end := f.Offset(from), f.Offset(to)
	if text == "" {
		for start > 0 && (f.Before[start-1] == ' ' || f.Before[start-1] == '\t') {
			start--
		}
		if end < len(f.Before) && f.Before[end] == '\r' {
			end++
		}
		if end < len(f.Before) && f.Before[end] == '\n' {
			end++
		}
		if strings.HasSuffix(string(f.Before[:start]), "\n\n") && end < len(f.Before) && f.Before[end] == '\n' {
			end++
		}
	}
	f.ReplaceRange(start, end, text)
}
