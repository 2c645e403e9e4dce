package relocate

import (
	"bytes"
	"go/ast"
	"go/build/constraint"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/refactor/internal/code"
)

// destine finds the file that each part goes to.
func (w *writer) destine() {
	for _, at := range w.d.others() {
		w.main[at] = w.mainFile(at)
	}
	for _, f := range w.s.Files {
		if w.merge && len(w.s.parts[f]) == 0 {
			w.destineEmpty(f)
		}
		for _, part := range w.s.parts[f] {
			for _, at := range w.d.places(part.Unit) {
				if at != w.d.home {
					out := w.destination(part, at)
					out.parts = append(out.parts, part)
					w.dests[destKey{part, at}] = out
				}
			}
		}
	}
}

// destineEmpty moves a file without declarations, if there is more than a comment in
// it.
func (w *writer) destineEmpty(f *code.File) {
	if len(f.AST.Imports) == 0 && !bytes.Contains(f.Before, []byte("\n//go:")) {
		f.Delete()
		if doc := f.AST.Doc; doc != nil {
			w.note(w.s.World.Span(doc), "this comment of package "+w.s.Pkg.Pkg.Name+" goes")
		}
		return
	}
	to := w.d.others()[0]
	name := path.Base(f.Rel)
	for w.outputs[path.Join(to.Dir, name)] != nil || w.fileAt(path.Join(to.Dir, name)) != nil {
		name = otherName(name)
	}
	w.add(&output{rel: path.Join(to.Dir, name), path: to.Path, name: to.Name, place: to, file: f, whole: true})
}

// destination returns the file that a part goes to.
func (w *writer) destination(part *Part, at *Place) *output {
	f := part.File
	whole := w.fileGoesTo(f) == at && (f.AST.Doc == nil || w.merge)
	name := path.Base(f.Rel)
	switch {
	case whole || f.Test || constrained(f):
	case w.bySource:
		if at.Pkg == nil && (name == w.s.Pkg.Pkg.Name+".go" || name == "doc.go") {
			name = at.Name + ".go"
		}
	default:
		name = w.main[at]
	}
	if w.merge && whole && w.sameName(f, at) {
		name = w.fromPackage(f)
	}
	pkgPath, clause := at.pathFor(part.Unit), at.Name
	if part.Unit.External {
		clause += "_test"
	}
	for {
		rel := path.Join(at.Dir, name)
		out := w.outputs[rel]
		if there := w.fileAt(rel); out == nil && there != nil {
			out = w.outputOf(there)
		}
		switch {
		case out == nil:
			out = &output{rel: rel, path: pkgPath, name: clause, place: at}
			if whole {
				out.file, out.whole = f, true
			}
			return w.add(out)
		case out.name == clause && sameConstraint(out, f) && (out.file == f || !out.whole || bare(out.file)):
			if out.whole && out.file != f {
				out.whole, out.file = false, nil // it is written anew, with more in it
			}
			out.place = at
			return out
		}
		name = otherName(name)
	}
}

// sameName reports whether a file, or the one that it tests, has the name of one that is
// there.
func (w *writer) sameName(f *code.File, at *Place) bool {
	tested := strings.TrimSuffix(f.Rel, "_test.go") + ".go"
	return w.fileAt(path.Join(at.Dir, path.Base(f.Rel))) != nil || f.Test && w.fileAt(tested) != nil && w.fileAt(path.Join(at.Dir, path.Base(tested))) != nil
}

// fromPackage names a file that moves to where one has its name after its package, too:
// stream_client.go. Where the go command would take that for a constraint, and for the file
// that is called like the package, the name stays, and the code may go into the other file.
func (w *writer) fromPackage(f *code.File) string {
	base, pkg := path.Base(f.Rel), w.s.Pkg.Pkg.Name
	name := pkg + "_" + base
	if base == pkg+".go" || base == pkg+"_test.go" || constrainedName(name) != constrainedName(base) {
		return base
	}
	return name
}

// bare reports a file with nothing in it but a licence and declarations.
func bare(f *code.File) bool {
	for _, i := range f.AST.Imports {
		if i.Name != nil && i.Name.Name == "_" {
			return false
		}
	}
	for _, g := range f.AST.Comments {
		inside := slices.ContainsFunc(f.AST.Decls, func(d ast.Decl) bool {
			doc := docOf(d)
			return d.Pos() <= g.Pos() && g.Pos() < d.End() || doc == g
		})
		if g.Pos() > f.AST.Package && !inside && ownLine(f, g) {
			return false
		}
	}
	return !ast.IsGenerated(f.AST)
}

// ownLine reports a comment that stands on lines of its own.
func ownLine(f *code.File, g *ast.CommentGroup) bool {
	at := f.Offset(g.Pos())
	line := f.Before[strings.LastIndexByte(string(f.Before[:at]), '\n')+1 : at]
	return strings.TrimSpace(string(line)) == ""
}

// otherName makes another name of that of a file, which says the same to the go
// command.
func otherName(name string) string {
	stem := strings.TrimSuffix(name, ".go")
	test := strings.HasSuffix(stem, "_test")
	stem = strings.TrimSuffix(stem, "_test")
	first, rest, _ := strings.Cut(stem, "_")
	stem = first + "2"
	if rest != "" {
		stem += "_" + rest
	}
	if test {
		stem += "_test"
	}
	return stem + ".go"
}

func (w *writer) fileAt(rel string) *code.File {
	for _, f := range w.s.World.Files {
		if f.Rel == rel {
			return f
		}
	}
	return nil
}

// sameConstraint reports whether a file may take what stands under the build
// constraint of another.
func sameConstraint(out *output, f *code.File) bool {
	switch {
	case out.file != nil:
		return constraintOf(out.file) == constraintOf(f)
	case len(out.parts) > 0:
		return constraintOf(out.parts[0].File) == constraintOf(f)
	}
	return true
}

// constraintOf returns the build constraint of a file, or "".
func constraintOf(f *code.File) string {
	for _, g := range f.AST.Comments {
		if g.Pos() > f.AST.Package {
			break
		}
		for _, c := range g.List {
			if constraint.IsGoBuild(c.Text) {
				return c.Text
			}
		}
	}
	return ""
}

// constrained reports whether a file isn't part of every build.
func constrained(f *code.File) bool {
	if constraintOf(f) != "" {
		return true
	}
	return constrainedName(path.Base(f.Rel))
}

// constrainedName reports whether the go command takes a file's name for a constraint.
func constrainedName(name string) bool {
	stem := strings.TrimSuffix(name, ".go")
	_, rest, _ := strings.Cut(strings.TrimSuffix(stem, "_test"), "_")
	for element := range strings.SplitSeq(rest, "_") {
		if slices.Contains(systems, element) {
			return true
		}
	}
	return false
}

// systems are the words in a file's name that the go command takes for a
// constraint.
var systems = strings.Fields("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos " +
	"386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm")

// mainFile names the file for what doesn't move with its whole file: after the
// type that moves, or as the file that it comes from.
func (w *writer) mainFile(at *Place) string {
	var first *Unit
	for _, u := range w.s.Units {
		if !u.Test && w.d.place(u) == at && (w.want[u] || first == nil || !w.want[first] && u.Kind == Type && first.Kind != Type) {
			if first == nil || !w.want[first] {
				first = u
			}
		}
	}
	if first == nil {
		return at.Name + ".go"
	}
	if first.Kind == Type {
		return w.typeFile(first.Name(), at)
	}
	from := path.Base(first.Parts[0].File.Rel)
	if from == w.s.Pkg.Pkg.Name+".go" || from == path.Base(w.d.home.Dir)+".go" || from == "doc.go" || from == "main.go" || from == "util.go" {
		return at.Name + ".go"
	}
	return from
}

// typeFile names a file after a type, as the files around are named.
func (w *writer) typeFile(typ string, at *Place) string {
	flat := strings.ToLower(typ)
	snake := snakeCase(typ)
	for element := range strings.SplitSeq(snake, "_") {
		if slices.Contains(systems, element) || element == "test" {
			return flat + ".go"
		}
	}
	underscores := 0
	for _, f := range w.s.World.Files {
		if dir := path.Dir(f.Rel); dir != at.Dir && dir != w.d.home.Dir || f.Test || constrained(f) {
			continue
		}
		if strings.Contains(path.Base(f.Rel), "_") {
			underscores++
		}
	}
	if underscores > 0 {
		return snake + ".go"
	}
	return flat + ".go"
}

// snakeCase writes HTTPServer as http_server.
func snakeCase(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// write makes the edits of one output, or its content.
func (w *writer) write(out *output) {
	switch {
	case out.file == nil:
		w.Created[out.rel] = w.newFile(out)
	case out.whole:
		f := out.file
		rs := append(w.repls(out, f), w.importRepls(out)...)
		rs = append(rs, repl{f.Offset(f.AST.Name.Pos()), f.Offset(f.AST.Name.End()), out.name})
		if doc := f.AST.Doc; doc != nil {
			rs = append(rs, widen(f.Before, f.Offset(doc.Pos()), f.Offset(doc.End())))
			w.note(w.s.World.Span(doc), "this comment of package "+w.s.Pkg.Pkg.Name+" goes: "+out.place.Path+" has its own")
		}
		sortRepls(rs)
		w.Created[out.rel] = code.FormatLike(f.Before, []byte(splice(f.Before, 0, len(f.Before), rs)))
		f.Delete()
	default:
		w.editFile(out)
	}
}

// editFile edits a file that stays where it is.
func (w *writer) editFile(out *output) {
	f := out.file
	cuts := w.cuts(f)
	if w.emptied(f, out) {
		f.Delete()
		return
	}
	for _, r := range append(w.repls(out, f), w.importRepls(out)...) {
		if !slices.ContainsFunc(cuts, func(c repl) bool { return c.start <= r.start && r.end <= c.end }) {
			f.ReplaceRange(r.start, r.end, r.text)
		}
	}
	for _, c := range cuts {
		f.ReplaceRange(c.start, c.end, "")
	}
	if len(out.parts) > 0 {
		text := w.decls(out)
		if len(f.Before) > 0 && f.Before[len(f.Before)-1] != '\n' {
			text = "\n" + text
		}
		f.ReplaceRange(len(f.Before), len(f.Before), "\n"+text)
	}
}

// emptied reports whether nothing is left in a file that would be missed.
func (w *writer) emptied(f *code.File, out *output) bool {
	parts := w.s.parts[f]
	if len(parts) == 0 || len(out.parts) > 0 || f.AST.Doc != nil || slices.ContainsFunc(parts, func(p *Part) bool { return !w.gone(p.Unit) }) {
		return false
	}
	for _, i := range f.AST.Imports {
		if i.Name != nil && i.Name.Name == "_" {
			return false
		}
	}
	return true
}

// cuts returns the ranges of a file that leave it.
func (w *writer) cuts(f *code.File) []repl {
	var cuts []repl
	for _, d := range f.AST.Decls {
		g, group := d.(*ast.GenDecl)
		parts := w.partsOf(f, d)
		if len(parts) == 0 {
			continue
		}
		all := !slices.ContainsFunc(parts, func(p *Part) bool { return !w.gone(p.Unit) })
		if group && g.Lparen.IsValid() && all {
			start := f.Offset(g.Pos())
			if g.Doc != nil {
				start = f.Offset(g.Doc.Pos())
			}
			cuts = append(cuts, widen(f.Before, start, max(f.Offset(g.End()), commentBehind(f, g.End()))))
			continue
		}
		for _, p := range parts {
			if w.gone(p.Unit) {
				cuts = append(cuts, widen(f.Before, p.start, p.end))
			}
		}
	}
	return cuts
}

// partsOf lists the parts that a declaration consists of.
func (w *writer) partsOf(f *code.File, d ast.Decl) []*Part {
	var out []*Part
	for _, p := range w.s.parts[f] {
		if p.Node == d || p.Gen == d {
			out = append(out, p)
		}
	}
	return out
}

// widen makes a range take its whole lines, and blank lines that would be left
// over.
func widen(content []byte, start, end int) repl {
	lineStart := start
	for lineStart > 0 && (content[lineStart-1] == ' ' || content[lineStart-1] == '\t') {
		lineStart--
	}
	lineEnd := end
	for lineEnd < len(content) && strings.IndexByte(" \t\r;", content[lineEnd]) >= 0 {
		lineEnd++
	}
	if lineStart > 0 && content[lineStart-1] != '\n' || lineEnd < len(content) && content[lineEnd] != '\n' {
		return repl{start, end, ""}
	}
	lineEnd = min(lineEnd+1, len(content))
	blankBefore := lineStart >= 2 && strings.HasSuffix(strings.ReplaceAll(string(content[max(0, lineStart-3):lineStart]), "\r", ""), "\n\n")
	opening := strings.HasSuffix(strings.TrimRight(string(content[:lineStart]), " \t\r\n"), "(")
	for blankBefore || opening || lineStart == 0 {
		next := lineEnd
		for next < len(content) && (content[next] == '\r' || content[next] == ' ' || content[next] == '\t') {
			next++
		}
		if next >= len(content) || content[next] != '\n' {
			break
		}
		lineEnd = next + 1
	}
	if rest := strings.TrimLeft(string(content[lineEnd:min(len(content), lineEnd+8)]), " \t"); strings.HasPrefix(rest, ")") && blankBefore {
		lineStart = len(strings.TrimRight(string(content[:lineStart]), " \t\r\n"))
		lineStart += strings.IndexByte(string(content[lineStart:]), '\n') + 1
	}
	return repl{lineStart, lineEnd, ""}
}

func sortRepls(rs []repl) {
	slices.SortStableFunc(rs, func(a, b repl) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
}
