package prune

import (
	"go/ast"
	"go/format"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A span is a range of offsets in a file.
type span struct{ start, end int }

// print returns a file with the units that stay; nil if there is nothing left.
func (p *pruner) print(f *file) ([]byte, error) {
	gone, left := map[ast.Node]bool{}, false
	for _, u := range p.units {
		if u.file == f {
			left = left || u.stays
			if !u.stays {
				gone[u.node] = true
			}
		}
	}
	switch {
	case len(gone) == 0:
		return f.src, nil
	case !left && f.syntax.Doc == nil && !slices.ContainsFunc(f.syntax.Imports, func(s *ast.ImportSpec) bool { return forEffect(s) }):
		return nil, nil
	}
	p.unusedImports(f, gone)
	var cuts []span
	end := f.syntax.Name.End()
	for _, d := range f.syntax.Decls {
		cuts = append(cuts, p.cutDecl(f, end, d, gone)...)
		end = d.End()
	}
	out := slices.Clone(f.src)
	for _, c := range slices.Backward(cuts) {
		out = slices.Delete(out, c.start, c.end)
	}
	return format.Source(out)
}

// cutDecl returns what goes of a declaration. after is the end of what stands
// before it.
func (p *pruner) cutDecl(f *file, after token.Pos, d ast.Decl, gone map[ast.Node]bool) []span {
	g, ok := d.(*ast.GenDecl)
	switch {
	case gone[d]:
		return []span{p.whole(f, after, d)}
	case !ok:
		return nil
	case len(g.Specs) > 0 && !slices.ContainsFunc(g.Specs, func(s ast.Spec) bool { return !gone[s] }):
		return []span{p.whole(f, after, d)}
	}
	var cuts []span
	end := g.Lparen + 1
	for _, s := range g.Specs {
		if gone[s] {
			cuts = append(cuts, p.whole(f, end, s))
		}
		end = s.End()
	}
	return cuts
}

// whole is the extent of a node with the comments before it, behind what ends at
// after, and beside it.
func (p *pruner) whole(f *file, after token.Pos, n ast.Node) span {
	return span{p.offset(p.lineEnd(f, after)), p.offset(p.lineEnd(f, n.End()))}
}

// lineEnd is the end of the comments that begin in the line of pos, after it, or
// pos itself.
func (p *pruner) lineEnd(f *file, pos token.Pos) token.Pos {
	line := p.fset.Position(pos).Line
	for _, c := range f.syntax.Comments {
		if c.Pos() >= pos && p.fset.Position(c.Pos()).Line == line {
			return c.List[0].End()
		}
	}
	return pos
}

func (p *pruner) offset(pos token.Pos) int { return p.fset.Position(pos).Offset }

// unusedImports adds the imports that nothing uses which stays.
func (p *pruner) unusedImports(f *file, gone map[ast.Node]bool) {
	before, after := map[string]bool{}, map[string]bool{}
	for _, d := range f.syntax.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			qualifiers(n, before)
			return true
		})
		ast.Inspect(d, func(n ast.Node) bool {
			if n != nil && gone[n] {
				return false
			}
			qualifiers(n, after)
			return true
		})
	}
	for _, spec := range f.syntax.Imports {
		used := func(names map[string]bool) bool {
			return slices.ContainsFunc(importNames(spec), func(n string) bool { return names[n] })
		}
		if !forEffect(spec) && used(before) && !used(after) {
			gone[spec] = true
		}
	}
}

// qualifiers notes x of a selector x.y.
func qualifiers(n ast.Node, into map[string]bool) {
	if s, ok := n.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			into[x.Name] = true
		}
	}
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value)
	return p
}

// forEffect reports whether an import counts without being mentioned.
func forEffect(spec *ast.ImportSpec) bool {
	return spec.Name != nil && (spec.Name.Name == "_" || spec.Name.Name == ".")
}

// importNames are the names that an import may have in its file. Without one of
// its own it has that of the package, which stands in the path in some way.
func importNames(spec *ast.ImportSpec) []string {
	if spec.Name != nil {
		return []string{spec.Name.Name}
	}
	dir, base := path.Split(importPath(spec))
	names := append(strings.FieldsFunc(base, func(r rune) bool { return r == '.' || r == '-' }), base)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		_, base = path.Split(path.Clean(dir))
		names = append(names, base)
	}
	return names
}
