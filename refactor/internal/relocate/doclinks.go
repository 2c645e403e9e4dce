package relocate

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// docLink is what go doc takes for a link: [Name], [*Name], [Name.Method],
// [pkg.Name].
var docLink = regexp.MustCompile(`\[\*?([\pL_][\pL\pN_]*)(\.[\pL_][\pL\pN_]*)?(\.[\pL_][\pL\pN_]*)?\]`)

// docLinks keeps links in comments leading to what they led to.
func (w *writer) docLinks(out *output, f *code.File, add func(start, end token.Pos, text string)) {
	ours := slices.Contains(w.s.Files, f) && f.Pkg.Types.Path() == w.s.Pkg.Pkg.Path
	name := w.importName(f)
	if !ours && name == "" {
		return
	}
	for _, g := range f.AST.Comments {
		for _, c := range g.List {
			if !strings.Contains(c.Text, "[") || !w.commentIn(out, f, c) {
				continue
			}
			for _, m := range docLink.FindAllStringSubmatchIndex(c.Text, -1) {
				if before := c.Text[m[0]-1]; before != ' ' && before != '(' && before != '\t' && before != '"' {
					continue // an index, in code that was commented out
				}
				words := strings.Split(c.Text[m[2]:m[1]-1], ".")
				qualified := !ours
				if qualified && (words[0] != name || len(words) < 2) {
					continue
				}
				first := 0
				if qualified {
					first = 1
				}
				u := w.s.byName[words[first]]
				if u == nil || len(words)-first > 2 {
					continue
				}
				text := w.linkTo(out, f, u, words[first:], qualified)
				add(c.Pos()+token.Pos(m[2]), c.Pos()+token.Pos(m[1]-1), text)
			}
		}
	}
}

// linkTo writes a link to something that a unit declares, as it is from an output.
func (w *writer) linkTo(out *output, f *code.File, u *Unit, words []string, qualified bool) string {
	words = slices.Clone(words)
	if o := w.objectNamed(u, words[0]); o != nil {
		words[0] = w.newName(o)
	}
	link := strings.Join(words, ".")
	target := w.d.place(u).Path
	if target == out.path {
		return link
	}
	if n := out.needs[target]; n != nil {
		return n.as + "." + link
	}
	for _, i := range out.existing() {
		if i.path == target && i.name != "_" && i.name != "." && (target != w.s.Pkg.Pkg.Path || w.dropped[f] == nil) {
			return i.name + "." + link
		}
	}
	return target + "." + link
}

// importName is what a file calls the package, or "".
func (w *writer) importName(f *code.File) string {
	for _, spec := range f.AST.Imports {
		if source.ImportPath(spec) == w.s.Pkg.Pkg.Path {
			if n := f.Pkg.Info.PkgNameOf(spec); n != nil && n.Name() != "_" {
				return n.Name()
			}
		}
	}
	return ""
}

// commentIn reports whether a comment will be in an output.
func (w *writer) commentIn(out *output, f *code.File, c *ast.Comment) bool {
	part := w.s.at(f, f.Offset(c.Pos()))
	if part == nil {
		return out.file == f
	}
	return w.standsIn(out, part)
}
