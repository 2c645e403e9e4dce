package relocate

import (
	"go/ast"
	"go/build/constraint"
	"go/format"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// newFile writes a file of what it gains.
func (w *writer) newFile(out *output) []byte {
	var b strings.Builder
	from := out.parts[0].File
	b.WriteString(header(from))
	if doc := w.packageDoc(out); doc != "" {
		b.WriteString(doc)
	}
	b.WriteString("package " + out.name + "\n\n")
	b.WriteString(w.newImports(out))
	b.WriteString(w.decls(out))
	text := []byte(strings.ReplaceAll(b.String(), "\r\n", "\n"))
	if formatted, err := format.Source(text); err == nil {
		text = formatted
	}
	return code.LinesLike(from.Before, text)
}

var licence = regexp.MustCompile(`(?i)copyright|licen[cs]e|SPDX-`)

// header returns what stands above the package clause of a file and holds for a
// part of it, too: the licence and the build constraint.
func header(f *code.File) string {
	var b strings.Builder
	for _, g := range f.AST.Comments {
		if g.Pos() > f.AST.Package || g == f.AST.Doc {
			break
		}
		text := f.Source(g)
		isConstraint := slices.ContainsFunc(g.List, func(c *ast.Comment) bool { return constraint.IsGoBuild(c.Text) })
		if isConstraint || licence.MatchString(text) && !ast.IsGenerated(f.AST) {
			b.WriteString(text + "\n\n")
		}
	}
	return b.String()
}

// packageDoc writes the comment of a new package, in the first of its files that every build
// has, if there is one.
func (w *writer) packageDoc(out *output) string {
	if out.place == nil || out.place.Pkg != nil || strings.HasSuffix(out.rel, "_test.go") {
		return ""
	}
	var files, everywhere []string
	for _, other := range w.order {
		if other.place == out.place && other.file == nil && !strings.HasSuffix(other.rel, "_test.go") {
			files = append(files, other.rel)
			if !slices.ContainsFunc(other.parts, func(p *Part) bool { return p.File.Constrained() }) {
				everywhere = append(everywhere, other.rel)
			}
		}
	}
	if len(everywhere) > 0 {
		files = everywhere
	}
	if slices.Min(files) != out.rel {
		return ""
	}
	var names []string
	for _, u := range w.s.Units {
		if w.d.place(u) == out.place && !u.Test && u.Kind != Method && u.Kind != Blank && (len(w.want) == 0 || w.want[u]) {
			for _, n := range u.Names {
				if o := w.objectNamed(u, n); o != nil && ast.IsExported(w.newName(o)) {
					names = append(names, w.newName(o))
				}
			}
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) > 3:
		names = append(names[:3], "others")
	}
	list := names[0]
	if n := len(names); n > 1 {
		list = strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return "// Package " + out.name + " provides " + list + ".\n"
}

// objectNamed returns the object by which a unit declares a name.
func (p *Plan) objectNamed(u *Unit, name string) *Object {
	for _, part := range u.Parts {
		if o := p.s.object(part.File.Pkg.Types.Scope().Lookup(name)); o != nil && o.Unit == u {
			return o
		}
	}
	return nil
}

// decls writes the declarations that a file gains, in the order in which they
// stood, a blank line between them.
func (w *writer) decls(out *output) string {
	var texts []string
	repls := map[*code.File][]repl{}
	render := func(f *code.File, start, end int) string {
		if _, known := repls[f]; !known {
			repls[f] = w.repls(out, f)
		}
		return splice(f.Before, start, end, repls[f])
	}
	for i := 0; i < len(out.parts); {
		p := out.parts[i]
		if p.Gen == nil {
			texts = append(texts, render(p.File, p.start, p.end))
			i++
			continue
		}
		j := i
		for j < len(out.parts) && out.parts[j].Gen == p.Gen {
			j++
		}
		texts = append(texts, w.group(out.parts[i:j], render))
		i = j
	}
	return strings.Join(texts, "\n\n") + "\n"
}

// group writes specifications that stood in one group: the group itself where
// all of it goes, one declaration, or a smaller group.
func (w *writer) group(parts []*Part, render func(f *code.File, start, end int) string) string {
	f, g := parts[0].File, parts[0].Gen
	if len(parts) == len(w.partsOf(f, g)) {
		start := f.Offset(g.Pos())
		if g.Doc != nil {
			start = f.Offset(g.Doc.Pos())
		}
		return render(f, start, max(f.Offset(g.End()), commentBehind(f, g.End())))
	}
	if len(parts) > 1 {
		var b strings.Builder
		b.WriteString(g.Tok.String() + " (\n")
		for i, p := range parts {
			if i > 0 && blankBetween(f, parts[i-1].end, p.start) {
				b.WriteString("\n")
			}
			b.WriteString("\t" + render(f, p.start, p.end) + "\n")
		}
		return b.String() + ")"
	}
	p := parts[0]
	node := f.Offset(p.Node.Pos())
	return unindent(render(f, p.start, node)) + g.Tok.String() + " " + render(f, node, p.end)
}

func blankBetween(f *code.File, from, to int) bool {
	between := strings.ReplaceAll(string(f.Before[from:to]), "\r", "")
	return strings.Contains(between, "\n\n") || strings.Count(between, "\n") > 1
}

// unindent takes the indentation of a group from the lines of a comment.
func unindent(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, "\t")
	}
	return strings.Join(lines, "\n")
}
