package folder

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/generators"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/relocate"
)

// A repl replaces a range of a file.
type repl struct {
	start, end int
	text       string
}

// edit makes the edits of one Go file.
func (m *Move) edit(f *file) {
	var rs []repl
	add := func(pos, end token.Pos, text string) {
		rs = append(rs, repl{f.fset.PositionFor(pos, false).Offset, f.fset.PositionFor(end, false).Offset, text})
	}
	m.editImports(f, add)
	if path.Dir(f.rel) == m.from {
		m.editClause(f, add)
	}
	m.editDirectives(f, add)
	m.editOutputs(f, add)
	m.editExpected(f, add)
	m.editPaths(f, add)
	if len(rs) == 0 {
		return
	}
	slices.SortStableFunc(rs, func(a, b repl) int { return a.start - b.start })
	var out []byte
	at := 0
	for _, r := range rs {
		out = append(append(out, f.before[at:r.start]...), r.text...)
		at = r.end
	}
	f.after = code.FormatLike(f.before, append(out, f.before[at:]...))
}

// editImports changes import paths, and what the package is called where its name
// is another one.
func (m *Move) editImports(f *file, add func(pos, end token.Pos, text string)) {
	for _, spec := range f.syntax.Imports {
		was := source.ImportPath(spec)
		now := m.moved(was)
		target := now
		if now == "" {
			target = was
		}
		if from := m.pathOf(f); from != target && !relocate.Visible(from, target) && (now != "" || f.to != f.rel) {
			m.refuse(codeInternal, m.span(f, spec), fmt.Sprintf("%s may not import %s, which is internal", from, target), "choose a folder that may")
		}
		if now == "" {
			continue
		}
		text := strconv.Quote(now)
		if was == m.oldPath && spec.Name == nil && m.Name != m.Pkg.Pkg.Name {
			if uses, free := m.uses(f, spec); free {
				for _, id := range uses {
					add(id.Pos(), id.End(), m.Name)
				}
			} else {
				text = m.Pkg.Pkg.Name + " " + text
			}
		}
		if was == m.oldPath && spec.Name != nil && spec.Name.Name == m.Name {
			add(spec.Name.Pos(), spec.Path.Pos(), "")
		}
		add(spec.Path.Pos(), spec.Path.End(), text)
	}
}

// uses lists the mentions of the package by its name, and reports whether it can
// have the new one there.
func (m *Move) uses(f *file, spec *ast.ImportSpec) (uses []*ast.Ident, free bool) {
	if f.world == nil {
		return m.usesBySyntax(f)
	}
	free = true
	w := f.world
	var name *types.PkgName
	for _, s := range w.AST.Imports {
		if s.Path.Value == spec.Path.Value && s.Name == nil {
			name = w.Pkg.Info.PkgNameOf(s)
		} else if n := w.Pkg.Info.PkgNameOf(s); n != nil && n.Name() == m.Name {
			free = false
		}
	}
	if w.Pkg.Types.Scope().Lookup(m.Name) != nil {
		free = false
	}
	for _, pkg := range m.World.Packages { // tests in the package may declare the name
		if pkg.Pkg.Path == w.Pkg.Types.Path() && pkg.Types.Scope().Lookup(m.Name) != nil {
			free = false
		}
	}
	at := map[int]bool{}
	w.Walk(func(n ast.Node, _ []ast.Node) {
		id, ok := n.(*ast.Ident)
		if !ok || name == nil || w.Pkg.Info.Uses[id] != types.Object(name) {
			return
		}
		at[w.Offset(id.Pos())] = true
		if scope := w.Pkg.Types.Scope().Innermost(id.Pos()); scope != nil {
			if _, obj := scope.LookupParent(m.Name, id.Pos()); obj != nil {
				free = false
			}
		}
	})
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && at[f.fset.PositionFor(id.Pos(), false).Offset] {
			uses = append(uses, id)
		}
		return true
	})
	return uses, free
}

// usesBySyntax is uses for a file without types: the new name must not occur in
// it.
func (m *Move) usesBySyntax(f *file) (uses []*ast.Ident, free bool) {
	free = true
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil && x.Name == m.Pkg.Pkg.Name {
				uses = append(uses, x)
			}
		case *ast.Ident:
			if n.Name == m.Name {
				free = false
			}
		}
		return true
	})
	return uses, free
}

// editClause changes the package clause, its import comment, and the first words of
// the package comment.
func (m *Move) editClause(f *file, add func(pos, end token.Pos, text string)) {
	old, suffix := f.syntax.Name.Name, ""
	if strings.HasSuffix(old, "_test") && old != m.Pkg.Pkg.Name {
		old, suffix = strings.TrimSuffix(old, "_test"), "_test"
	}
	if old != m.Pkg.Pkg.Name {
		return // a program of its own, which go build ignores
	}
	if m.Name != old {
		add(f.syntax.Name.Pos(), f.syntax.Name.End(), m.Name+suffix)
		m.editDoc(f, add)
	}
	for _, g := range f.syntax.Comments {
		line := func(p token.Pos) int { return f.fset.PositionFor(p, false).Line }
		if c := g.List[0]; line(c.Pos()) == line(f.syntax.Name.Pos()) && c.Pos() > f.syntax.Name.End() {
			if i := strings.Index(c.Text, strconv.Quote(m.oldPath)); i >= 0 && strings.HasPrefix(c.Text, "// import ") {
				start := c.Pos() + token.Pos(i)
				add(start, start+token.Pos(len(m.oldPath)+2), strconv.Quote(m.newPath))
			}
		}
	}
}

// packageDoc is how the comment of a package begins.
var packageDoc = regexp.MustCompile(`^(?://|/\*)\s*Package ([\pL_][\pL\pN_]*)`)

func (m *Move) editDoc(f *file, add func(pos, end token.Pos, text string)) {
	if f.syntax.Doc == nil {
		return
	}
	for _, c := range f.syntax.Doc.List {
		if at := packageDoc.FindStringSubmatchIndex(c.Text); at != nil && c.Text[at[2]:at[3]] == m.Pkg.Pkg.Name {
			add(c.Pos()+token.Pos(at[2]), c.Pos()+token.Pos(at[3]), m.Name)
		}
	}
}

// editDirectives changes what go:linkname says of the package, and the paths and names
// by which go:generate means what moves.
func (m *Move) editDirectives(f *file, add func(pos, end token.Pos, text string)) {
	for _, g := range f.syntax.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//go:linkname ") {
				if i := strings.LastIndex(c.Text, " "+m.oldPath+"."); i >= 0 {
					start := c.Pos() + token.Pos(i+1)
					add(start, start+token.Pos(len(m.oldPath)), m.newPath)
				}
			}
		}
	}
	tf := f.fset.File(f.syntax.FileStart)
	for _, d := range generators.Read(f.rel, f.syntax.Name.Name, f.before) {
		if now := d.Retarget(path.Dir(f.to), m.shift()); now != d.Line {
			start := tf.Pos(d.Span.Start)
			add(start, start+token.Pos(len(d.Line)), now)
		}
	}
}

// shift says where what directives name goes.
func (m *Move) shift() generators.Shift {
	return generators.Shift{
		Path: func(rel string) string {
			if rel == m.from || strings.HasPrefix(rel, m.from+"/") {
				return m.To + strings.TrimPrefix(rel, m.from)
			}
			return rel
		},
		Import: func(importPath string) string { return cmp.Or(m.moved(importPath), importPath) },
		Exists: func(rel string) bool {
			_, err := os.Stat(m.World.Snapshot.Abs(rel))
			return err == nil
		},
		Clause: func(dir, name string) string {
			if dir == m.from && name == m.Pkg.Pkg.Name {
				return m.Name
			}
			return name
		},
	}
}
