package relocate

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// An imported is one import of a file.
type imported struct {
	path, name string // the name by which the file knows it: "." and "_" too
	spec       *ast.ImportSpec
}

// existing lists the imports of the file that an output has its text from.
func (out *output) existing() []imported {
	if out.file == nil {
		return nil
	}
	var all []imported
	for _, s := range out.file.AST.Imports {
		i := imported{path: source.ImportPath(s), spec: s}
		switch n := out.file.Pkg.Info.PkgNameOf(s); {
		case s.Name != nil:
			i.name = s.Name.Name
		case n != nil:
			i.name = n.Name()
		default:
			i.name = path.Base(i.path)
		}
		all = append(all, i)
	}
	return all
}

// line writes the import of a need.
func (n *need) line(w *writer) string {
	quoted := strconv.Quote(n.path)
	if n.as == w.nameOf(n.path) {
		return quoted
	}
	return n.as + " " + quoted
}

// nameOf returns what a package calls itself.
func (w *writer) nameOf(importPath string) string {
	for _, at := range append(w.d.others(), w.d.home) {
		if at.Path == importPath {
			return at.Name
		}
	}
	for _, f := range w.s.World.Files {
		for _, p := range f.Pkg.Types.Imports() {
			if p.Path() == importPath {
				return p.Name()
			}
		}
	}
	return path.Base(importPath)
}

// missing lists the needs that the file doesn't import yet, by path.
func (w *writer) missing(out *output) []*need {
	var missing []*need
	for _, n := range out.needs {
		if !slices.ContainsFunc(out.existing(), func(i imported) bool { return i.path == n.path && i.name == n.as }) {
			missing = append(missing, n)
		}
	}
	slices.SortFunc(missing, func(a, b *need) int { return strings.Compare(a.path, b.path) })
	return missing
}

// importRepls edits the imports of a file: those that nothing mentions any more
// go, and what is missing is added.
func (w *writer) importRepls(out *output) []repl {
	f := out.file
	drop := w.unused(out)
	missing := w.missing(out)
	if len(drop) == 0 && len(missing) == 0 {
		return nil
	}
	var main *ast.GenDecl
	for _, d := range f.AST.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && len(g.Specs) > 0 && source.ImportPath(g.Specs[0].(*ast.ImportSpec)) != "C" && (main == nil || g.Lparen.IsValid() && !main.Lparen.IsValid()) {
			main = g
		}
	}
	var rs []repl
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		for spec := range drop {
			if source.ImportPath(spec) == w.s.Pkg.Pkg.Path {
				w.dropped[f] = spec
			}
		}
		b := w.blockOf(f, g)
		n := b.len()
		b.drop(drop)
		if g == main {
			for _, m := range missing {
				b.add(m.path, m.line(w), w.s.World.Snapshot.Module)
			}
		} else if n == b.len() {
			continue
		}
		rs = append(rs, b.repl())
	}
	if main == nil && len(missing) > 0 {
		b := &block{}
		for _, m := range missing {
			b.add(m.path, m.line(w), w.s.World.Snapshot.Module)
		}
		end := f.Offset(f.AST.Name.End())
		rs = append(rs, repl{end, end, "\n\n" + b.text()})
	}
	return rs
}

// unused lists the imports that the text of an output no longer mentions.
func (w *writer) unused(out *output) map[*ast.ImportSpec]bool {
	f := out.file
	changed := map[*ast.Ident]bool{}
	for _, u := range out.uses {
		if u.ref.File != f || u.ref.ID == nil || u.path == "." {
			continue
		}
		if q := u.ref.Qual; q != nil && u.path != w.d.home.pathFor(u.ref.Object.Unit) {
			if x, ok := q.X.(*ast.Ident); ok {
				changed[x] = true
			}
		}
		changed[u.ref.ID] = true
	}
	for _, i := range out.imports {
		if i.file == f && (i.path == out.path || i.sel == nil) {
			changed[i.id] = true // it is the file's own package now, or has a qualifier
		}
	}
	left, had := map[string]bool{}, map[string]bool{}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		key := ""
		switch obj := f.Pkg.Info.Uses[id].(type) {
		case nil:
			return true
		case *types.PkgName:
			key = obj.Name() + " " + obj.Imported().Path()
		default:
			if obj.Pkg() == nil || samePackage(f, obj) || obj.Parent() != obj.Pkg().Scope() {
				return true
			}
			key = ". " + obj.Pkg().Path()
		}
		had[key] = true
		part := w.s.at(f, f.Offset(id.Pos()))
		if changed[id] || part != nil && !w.standsIn(out, part) {
			return true
		}
		left[key] = true
		return true
	})
	drop := map[*ast.ImportSpec]bool{}
	for _, i := range out.existing() {
		key := i.name + " " + i.path
		wanted := out.needs[i.path] != nil && out.needs[i.path].as == i.name
		if i.name != "_" && i.path != "C" && had[key] && !left[key] && !wanted {
			drop[i.spec] = true
		}
	}
	return drop
}

// newImports writes the imports of a new file, in the groups of the file that
// most of it comes from.
func (w *writer) newImports(out *output) string {
	if len(out.needs) == 0 {
		return ""
	}
	from := out.parts[0].File
	b := &block{}
	for _, d := range from.AST.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			other := w.blockOf(from, g)
			b.items = append(b.items, other.items...)
			if len(other.items) > 0 && len(b.items) > len(other.items) {
				b.items[len(b.items)-len(other.items)].apart = true
			}
		}
	}
	have := map[string]bool{}
	var items []item
	apart := false
	for _, i := range b.items {
		apart = apart || i.apart
		if i.spec == nil {
			continue
		}
		n := out.needs[i.path]
		if n == nil || have[i.path] || i.spec.Name != nil && i.spec.Name.Name == "_" {
			continue
		}
		have[i.path] = true
		items = append(items, item{text: n.line(w), path: i.path, apart: apart && len(items) > 0})
		apart = false
	}
	b.items = items
	var paths []string
	for p := range out.needs {
		if !have[p] {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	for _, p := range paths {
		b.add(p, out.needs[p].line(w), w.s.World.Snapshot.Module)
	}
	return b.text() + "\n\n"
}

// A block is the content of an import declaration.
type block struct {
	items      []item
	paren      bool
	start, end int // of the declaration, without its doc comment
	content    []byte
}

// An item is a line of it, with its comments.
type item struct {
	text  string
	path  string
	spec  *ast.ImportSpec // nil for a comment of its own, and for what is added
	apart bool            // a blank line stands before it
}

func (b *block) len() int { return len(b.items) }

// blockOf reads an import declaration.
func (w *writer) blockOf(f *code.File, g *ast.GenDecl) *block {
	b := &block{paren: g.Lparen.IsValid(), start: f.Offset(g.Pos()), end: f.Offset(g.End()), content: f.Before}
	at := b.start
	if b.paren {
		at = f.Offset(g.Lparen) + 1
	}
	for i, s := range g.Specs {
		spec := s.(*ast.ImportSpec)
		start, end := f.Offset(spec.Pos()), max(f.Offset(spec.End()), commentBehind(f, spec.End()))
		if spec.Doc != nil && b.paren {
			start = f.Offset(spec.Doc.Pos())
		}
		b.comments(f, at, start)
		apart := i > 0 && blankBetween(f, at, start)
		if i > 0 && len(b.items) > i {
			apart = apart && strings.TrimSpace(string(f.Before[at:start])) == ""
		}
		b.items = append(b.items, item{text: string(f.Before[start:end]), path: source.ImportPath(spec), spec: spec, apart: apart})
		at = end
		if !b.paren {
			b.end = max(b.end, end)
		}
	}
	if b.paren {
		b.comments(f, at, f.Offset(g.Rparen))
	}
	return b
}

// comments adds the comments between two imports that belong to neither.
func (b *block) comments(f *code.File, from, to int) {
	for _, g := range f.AST.Comments {
		if start, end := f.Offset(g.Pos()), f.Offset(g.End()); b.paren && from <= start && end <= to {
			b.items = append(b.items, item{text: string(f.Before[start:end]), apart: len(b.items) > 0 && blankBetween(f, from, start)})
		}
	}
}

func (b *block) drop(specs map[*ast.ImportSpec]bool) {
	apart := false
	var kept []item
	for _, i := range b.items {
		apart = apart || i.apart
		if i.spec != nil && specs[i.spec] {
			continue
		}
		i.apart = apart && len(kept) > 0
		apart = false
		kept = append(kept, i)
	}
	b.items = kept
}

// add puts an import among its like, in order.
func (b *block) add(importPath, line, module string) {
	kind := kindOf(importPath, module)
	group := func(i item) int { return kindOf(i.path, module) }
	last, first := -1, -1
	for i, it := range b.items {
		if it.path == "" || group(it) != kind {
			continue
		}
		if first < 0 {
			first = i
		}
		if it.path < importPath {
			last = i
		}
	}
	if last < 0 && first < 0 && kind == local {
		// Without imports of the module, those of others are what is nearest.
		for i, it := range b.items {
			if it.path != "" && group(it) == foreign {
				if first < 0 {
					first = i
				}
				if it.path < importPath {
					last = i
				}
			}
		}
	}
	it := item{text: line, path: importPath}
	switch {
	case last >= 0:
		b.items = slices.Insert(b.items, last+1, it)
	case first >= 0:
		it.apart = b.items[first].apart
		b.items[first].apart = false
		b.items = slices.Insert(b.items, first, it)
	case kind == std && len(b.items) > 0:
		b.items[0].apart = true
		b.items = slices.Insert(b.items, 0, it)
	default:
		it.apart = len(b.items) > 0
		b.items = append(b.items, it)
	}
}

const (
	std = iota
	foreign
	local
)

// kindOf sorts import paths as people group them.
func kindOf(importPath, module string) int {
	first, _, _ := strings.Cut(importPath, "/")
	switch {
	case module != "" && (importPath == module || strings.HasPrefix(importPath, module+"/")):
		return local
	case !strings.Contains(first, "."):
		return std
	}
	return foreign
}

// text writes the declaration.
func (b *block) text() string {
	if len(b.items) == 1 && !b.paren && !strings.Contains(b.items[0].text, "\n") {
		return "import " + b.items[0].text
	}
	var s strings.Builder
	s.WriteString("import (\n")
	for _, i := range b.items {
		if i.apart {
			s.WriteString("\n")
		}
		s.WriteString("\t" + i.text + "\n")
	}
	return s.String() + ")"
}

// repl puts the block in the place of the declaration that it was read from.
func (b *block) repl() repl {
	if len(b.items) == 0 {
		return widen(b.content, b.start, b.end)
	}
	return repl{b.start, b.end, b.text()}
}
