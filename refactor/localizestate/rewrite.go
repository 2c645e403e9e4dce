package localizestate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// rewrite makes all edits.
func (j *job) rewrite() {
	for _, d := range j.methods {
		j.moveMethod(d)
		if j.delegates(d) {
			d.File.Insert(d.Func.End(), j.delegate(d))
		}
	}
	for _, f := range j.shared.fields {
		for _, u := range f.uses {
			if !j.insideMoved(u.file, u.sel) {
				u.file.Insert(u.sel.Sel.Pos(), j.holder+".")
			}
			if f.called != f.name.Name {
				u.file.Replace(u.sel.Sel.Pos(), u.sel.Sel.End(), f.called)
			}
		}
	}
	for _, d := range j.methods {
		if j.delegates(d) {
			continue
		}
		for _, r := range j.world.Refs(d.Obj) {
			if sel := selector(r.Path); !j.insideMoved(r.File, sel) {
				r.File.Insert(sel.Sel.Pos(), j.holder+".")
			}
		}
	}
	for _, l := range j.shared.lits {
		j.rewriteLiteral(l)
	}
	j.rewriteStruct()
}

// delegates reports a method that leaves one of its name in the shared struct, which
// calls it: an interface of the module or another module may need it there.
func (j *job) delegates(d *code.Decl) bool {
	if members, _ := j.world.Class(d.Obj); len(members) > 1 {
		return true
	}
	p := j.shared.file.Pkg.Pkg
	return d.Obj.Exported() && j.shared.obj.Exported() && p.Name != "main" && !strings.Contains("/"+p.Path+"/", "/internal/")
}

// delegate writes the method that stays and calls the one that moved.
func (j *job) delegate(d *code.Decl) string {
	f, ft := d.File, d.Func.Type
	recv := f.Source(d.Func.Recv)
	name := d.Func.Recv.List[0].Names[0].Name
	var params, args []string
	n := 0
	for _, p := range ft.Params.List {
		names := []string{""}
		if len(p.Names) > 0 {
			names = nil
			for _, id := range p.Names {
				names = append(names, id.Name)
			}
		}
		for i, a := range names {
			if a == "" || a == "_" || a == name {
				n++
				names[i] = fmt.Sprintf("a%d", n)
			}
			if _, variadic := p.Type.(*ast.Ellipsis); variadic {
				args = append(args, names[i]+"...")
			} else {
				args = append(args, names[i])
			}
		}
		params = append(params, strings.Join(names, ", ")+" "+f.Source(p.Type))
	}
	results := ""
	if ft.Results != nil {
		results = " " + f.Source(ft.Results)
	}
	call := name + "." + j.holder + "." + d.Func.Name.Name + "(" + strings.Join(args, ", ") + ")"
	if ft.Results.NumFields() > 0 {
		call = "return " + call
	}
	doc := ""
	if d.Func.Doc != nil {
		doc = f.Source(d.Func.Doc) + "\n"
	}
	text := "\n\n" + doc + "func " + recv + " " + d.Func.Name.Name + "(" + strings.Join(params, ", ") + ")" + results
	if line := " { " + call + " }"; len(text)+len(line)-len(doc) < 100 {
		return text + line
	}
	return text + " {\n" + call + "\n}"
}

// insideMoved reports a selection of the receiver of a method that moves.
func (j *job) insideMoved(f *code.File, sel *ast.SelectorExpr) bool {
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	return slices.ContainsFunc(j.methods, func(d *code.Decl) bool {
		return d.File == f && f.Pkg.Info.Uses[id] == types.Object(d.Obj.Signature().Recv())
	})
}

// moveMethod gives a method the new struct as its receiver.
func (j *job) moveMethod(d *code.Decl) {
	f, recv := d.File, d.Func.Recv.List[0]
	typ := recv.Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
			continue
		case *ast.ParenExpr:
			typ = t.X
			continue
		}
		break
	}
	f.Replace(typ.Pos(), typ.End(), j.into)
	old := recv.Names[0]
	name := j.receiver(d, old.Name)
	if name == old.Name {
		return
	}
	f.Replace(old.Pos(), old.End(), name)
	obj := f.Pkg.Info.Defs[old]
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && f.Pkg.Info.Uses[id] == obj {
			f.Replace(id.Pos(), id.End(), name)
		}
		return true
	})
}

// receiver names the receiver of a method that moves: by the first letter of its
// type, or as it was.
func (j *job) receiver(d *code.Decl, old string) string {
	name := naming.Unexported(j.into)[:1]
	if len(old) > 1 {
		name = naming.Unexported(j.into)
	}
	taken := token.IsKeyword(name)
	ast.Inspect(d.Func, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		taken = taken || ok && id.Name == name
		return !taken
	})
	if taken {
		return old
	}
	return name
}

// gives reports a literal that sets a field that moves.
func (j *job) gives(l literal) bool {
	if len(l.lit.Elts) == 0 {
		return false
	}
	if _, keyed := l.lit.Elts[0].(*ast.KeyValueExpr); !keyed {
		return true
	}
	return slices.ContainsFunc(l.lit.Elts, func(e ast.Expr) bool { return j.fieldOf(l, e) != nil })
}

// fieldOf returns the field that moves which an element of a literal sets, or nil.
func (j *job) fieldOf(l literal, e ast.Expr) *field {
	if kv, ok := e.(*ast.KeyValueExpr); ok {
		id, ok := kv.Key.(*ast.Ident)
		if !ok {
			return nil
		}
		return j.shared.field(j.world, l.file.Pkg.Info.Uses[id])
	}
	at := slices.Index(l.lit.Elts, e)
	for _, f := range j.shared.fields {
		if f.at == at {
			return f
		}
	}
	return nil
}

// rewriteLiteral puts the elements that move into a literal of the new struct, where
// the first of them stood.
func (j *job) rewriteLiteral(l literal) {
	if !j.gives(l) {
		return
	}
	f, elts := l.file, l.lit.Elts
	var moved []int
	for i, e := range elts {
		if j.fieldOf(l, e) != nil {
			moved = append(moved, i)
		}
	}
	if j.reorders(l, moved) {
		j.problem(l.lit, "the values of this literal would be made in another order", "assign the ones that call something to variables first")
		return
	}
	_, keyed := elts[0].(*ast.KeyValueExpr)
	typ := j.into
	if p := j.shared.obj.Pkg(); f.Pkg.Types.Path() != p.Path() {
		if !ast.IsExported(j.into) {
			j.problem(l.lit, j.into+" would be needed here, in another package, and isn't exported", "give the new struct an exported name")
			return
		}
		typ = f.Import(p.Path(), p.Name()) + "." + typ
	}
	first := elts[moved[0]]
	c := commentBehind(j.world, f, first)
	if c == nil {
		f.ReplaceFunc(first.Pos(), first.End(), func() string { return j.newLiteral(l, moved, typ, keyed) })
	} else {
		f.ReplaceFunc(first.Pos(), c.End(), func() string { return j.newLiteral(l, moved, typ, keyed) + "," })
	}
	for _, i := range moved[1:] {
		j.dropElement(f, elts, i)
	}
}

// newLiteral writes the literal of the new struct.
func (j *job) newLiteral(l literal, moved []int, typ string, keyed bool) string {
	f, elts := l.file, l.lit.Elts
	var parts []string
	lines, wide := false, ""
	for n, i := range moved {
		part := f.Render(elts[i])
		if kv, ok := elts[i].(*ast.KeyValueExpr); ok {
			part = j.fieldOf(l, kv).called + ": " + f.RenderWhole(kv.Value)
		} else if f.Pkg.Types.Path() != j.shared.obj.Pkg().Path() {
			part = j.fieldOf(l, elts[i]).called + ": " + part // go vet wants keys for what another package declares
		}
		parts = append(parts, part)
		wide += part + ","
		if c := commentBehind(j.world, f, elts[i]); c != nil {
			lines = true
			wide += " " + f.Source(c)
		}
		wide += "\n"
		lines = lines || n > 0 && line(j.world, elts[i].Pos()) != line(j.world, elts[moved[n-1]].Pos())
	}
	text := typ + "{" + strings.Join(parts, ", ") + "}"
	if lines {
		text = typ + "{\n" + wide + "}"
	}
	if keyed {
		return j.holder + ": " + text
	}
	return text
}

func line(w *code.World, pos token.Pos) int { return w.Fset.PositionFor(pos, false).Line }

// commentBehind returns the comment behind an element of a literal, at the end of its
// line, or nil.
func commentBehind(w *code.World, f *code.File, e ast.Expr) *ast.CommentGroup {
	for _, g := range f.AST.Comments {
		if g.Pos() > e.End() && line(w, g.Pos()) == line(w, e.End()) {
			if strings.Trim(string(f.Before[f.Offset(e.End()):f.Offset(g.Pos())]), ", \t") == "" {
				return g
			}
		}
	}
	return nil
}

// dropElement takes an element out of a literal, with its comma and, where it stands
// alone on a line, the line.
func (j *job) dropElement(f *code.File, elts []ast.Expr, i int) {
	start, end := f.Offset(elts[i].Pos()), f.Offset(elts[i].End())
	for k := end; k < len(f.Before); k++ {
		if c := f.Before[k]; c == ',' {
			end = k + 1
			break
		} else if c != ' ' && c != '\t' {
			break
		}
	}
	if c := commentBehind(j.world, f, elts[i]); c != nil {
		end = f.Offset(c.End())
	}
	from, to := start, end
	for from > 0 && (f.Before[from-1] == ' ' || f.Before[from-1] == '\t') {
		from--
	}
	for to < len(f.Before) && (f.Before[to] == ' ' || f.Before[to] == '\t' || f.Before[to] == '\r') {
		to++
	}
	switch {
	case from > 0 && f.Before[from-1] == '\n' && to < len(f.Before) && f.Before[to] == '\n':
		f.ReplaceRange(from, to+1, "")
	case to < len(f.Before) && f.Before[to] == '\n':
		f.ReplaceRange(start, end, "")
	default:
		f.ReplaceRange(start, to, "")
	}
}

// reorders reports whether values that call something would be made in another order.
func (j *job) reorders(l literal, moved []int) bool {
	last := moved[len(moved)-1]
	if last-moved[0]+1 == len(moved) {
		return false
	}
	calls := 0
	for i := moved[0]; i <= last; i++ {
		ast.Inspect(l.lit.Elts[i], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					calls++
				}
			case *ast.CallExpr:
				tv := l.file.Pkg.Info.Types[ast.Unparen(n.Fun)]
				if !tv.IsType() && !tv.IsBuiltin() {
					calls++
				}
			}
			return true
		})
	}
	return calls > 1
}

// rewriteStruct takes the fields out of the shared struct, puts the one that holds
// them where the first was, and declares the new struct after it.
func (j *job) rewriteStruct() {
	s := j.shared
	f := s.file
	held := j.holder + " " + j.into
	var body strings.Builder
	done := map[*ast.Field]bool{}
	for i, fl := range s.fields {
		text := ""
		if i == 0 {
			text = held
		}
		if done[fl.decl] {
			continue
		}
		done[fl.decl] = true
		body.WriteString(j.takeField(fl.decl, text))
	}
	doc := "// " + j.into + " is the part of " + s.obj.Name() + " that holds " + listed(s.called()) + ".\n"
	text := "\n\n" + doc + "type " + j.into + " struct {\n" + body.String() + "}"
	at := s.decl.End()
	for _, g := range f.AST.Comments {
		if g.Pos() > at && line(j.world, g.Pos()) == line(j.world, at) {
			at = g.End()
		}
	}
	f.Insert(at, text)
}

// takeField takes the names of a declaration that move out of it, puts text in its
// place or before it, and returns the declaration for the new struct.
func (j *job) takeField(d *ast.Field, text string) string {
	f := j.shared.file
	var stay, move []string
	for _, id := range d.Names {
		if j.shared.moves(j.world, f.Pkg.Info.Defs[id]) {
			move = append(move, j.shared.field(j.world, f.Pkg.Info.Defs[id]).called)
		} else {
			stay = append(stay, id.Name)
		}
	}
	out := strings.Join(move, ", ") + " " + f.Source(d.Type)
	from, to := d.Pos(), d.End()
	if d.Doc != nil {
		from = d.Doc.Pos()
		out = j.renamed(f.Source(d.Doc)) + "\n" + out
	}
	if d.Comment != nil {
		out += " " + j.renamed(f.Source(d.Comment))
	}
	if len(stay) > 0 {
		j.keepNames(d, stay, text)
		return out + "\n"
	}
	if d.Comment != nil {
		to = d.Comment.End()
	}
	if text != "" {
		f.Replace(from, to, text)
		return out + "\n"
	}
	start, end := f.Offset(from), f.Offset(to)
	for start > 0 && (f.Before[start-1] == ' ' || f.Before[start-1] == '\t' || f.Before[start-1] == ';') {
		start--
	}
	if end < len(f.Before) && f.Before[end] == '\r' {
		end++
	}
	if end < len(f.Before) && f.Before[end] == '\n' && start > 0 && f.Before[start-1] == '\n' {
		end++
	}
	f.ReplaceRange(start, end, "")
	return out + "\n"
}

// renamed writes the fields in a comment as they are called now.
func (j *job) renamed(comment string) string {
	for _, f := range j.shared.fields {
		if f.called != f.name.Name {
			comment = regexp.MustCompile(`\b`+regexp.QuoteMeta(f.name.Name)+`\b`).ReplaceAllString(comment, f.called)
		}
	}
	return comment
}

// keepNames writes a declaration of several fields without the ones that move. Text is
// the field that stands for them, or "".
func (j *job) keepNames(d *ast.Field, stay []string, text string) {
	f := j.shared.file
	if text == "" {
		f.Replace(d.Names[0].Pos(), d.Names[len(d.Names)-1].End(), strings.Join(stay, ", "))
		return
	}
	before := 0
	for before < len(d.Names) && !j.shared.moves(j.world, f.Pkg.Info.Defs[d.Names[before]]) {
		before++
	}
	typ := " " + f.Source(d.Type)
	var lines []string
	if before > 0 {
		lines = append(lines, strings.Join(stay[:before], ", ")+typ)
	}
	lines = append(lines, text)
	if len(stay) > before {
		lines = append(lines, strings.Join(stay[before:], ", ")+typ)
	}
	sep := "\n"
	if line(j.world, j.shared.spec.Fields.Opening) == line(j.world, j.shared.spec.Fields.Closing) {
		sep = "; "
	}
	f.Replace(d.Names[0].Pos(), d.Type.End(), strings.Join(lines, sep))
}

func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// say notes who still reaches into the new struct, and what other modules miss.
func (j *job) say() {
	for _, d := range j.methods {
		left := ""
		if j.delegates(d) {
			left = ", and " + j.shared.obj.Name() + " has one that calls it"
		}
		j.notes = append(j.notes, change.Note{Span: j.world.Span(d.Func.Name), Message: d.Obj.Name() + " is a method of " + j.into + " now" + left})
	}
	reaches := map[*ast.FuncDecl]int{}
	for _, f := range j.shared.fields {
		for _, u := range f.uses {
			d := funcAround(u.path)
			if d != nil && !u.file.Test && !slices.ContainsFunc(j.methods, func(m *code.Decl) bool { return m.Func == d }) {
				reaches[d]++
			}
		}
	}
	for d, n := range reaches {
		j.notes = append(j.notes, change.Note{Span: j.world.Span(d.Name), Message: fmt.Sprintf("%s still reaches into %s: %s", d.Name.Name, j.into, places(n))})
	}
	j.semver()
}

// semver notes what other modules miss.
func (j *job) semver() {
	if p := j.shared.file.Pkg.Pkg; p.Name == "main" || strings.Contains("/"+p.Path+"/", "/internal/") || !j.shared.obj.Exported() {
		return
	}
	var gone []string
	for _, f := range j.shared.fields {
		if f.obj.Exported() {
			gone = append(gone, f.name.Name)
		}
	}
	for _, d := range j.methods {
		if d.Obj.Exported() && !j.delegates(d) {
			gone = append(gone, d.Obj.Name())
		}
	}
	if len(gone) > 0 {
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(j.shared.obj.Pos(), j.shared.obj.Pos()), Message: j.shared.obj.Name() + " no longer has " + strings.Join(gone, ", ") + ": for other modules that is a new major version"})
	}
}

func places(n int) string {
	if n == 1 {
		return "1 place"
	}
	return fmt.Sprintf("%d places", n)
}

func funcAround(path []ast.Node) *ast.FuncDecl {
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}
