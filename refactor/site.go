package refactor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// A Site is a place in a file at which refactorings are offered: a cursor, a
// selection, or a diagnostic. The file may have errors. It was parsed, and not
// type-checked; its syntax is shared and must not be changed.
type Site struct {
	Span   text.Span
	Fset   *token.FileSet
	Syntax *ast.File
	// Codes are the names of the problems that the editor shows at the place.
	Codes []string
}

// NewSite parses the file that span lies in. It returns nil where the file has
// no package clause.
func NewSite(content []byte, span text.Span, codes []string) *Site {
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, span.File, content, parser.SkipObjectResolution|parser.ParseComments)
	if f == nil || f.Name == nil || f.Name.Name == "" || f.Name.Name == "_" {
		return nil
	}
	return &Site{Span: span, Fset: fset, Syntax: f, Codes: codes}
}

// At returns another place in the same file, with its own codes. The nil Site has
// none.
func (s *Site) At(span text.Span, codes []string) *Site {
	if s == nil {
		return nil
	}
	return &Site{Span: span, Fset: s.Fset, Syntax: s.Syntax, Codes: codes}
}

// Test reports whether the place is in a test file.
func (s *Site) Test() bool {
	const suffix = "_test.go"
	n := len(s.Span.File)
	return n >= len(suffix) && s.Span.File[n-len(suffix):] == suffix
}

// Dir returns the folder of the file as targets spell it: ./pricing, or ./ for
// the module's root.
func (s *Site) Dir() string {
	dir := path.Dir(s.Span.File)
	if dir == "." {
		return "./"
	}
	return "./" + dir
}

// Target spells declarations of the file's package as targets name them: ./pricing.F
// for one, ./pricing.{F,G} for several. A method is named as Type.Method.
func (s *Site) Target(names ...string) string {
	if len(names) == 1 {
		return s.Dir() + "." + names[0]
	}
	return s.Dir() + ".{" + strings.Join(names, ",") + "}"
}

// Covers reports whether the place begins between two positions of the file.
func (s *Site) Covers(pos, end token.Pos) bool {
	return pos.IsValid() && end.IsValid() && s.offset(pos) <= s.Span.Start && s.Span.Start <= s.offset(end)
}

func (s *Site) offset(pos token.Pos) int { return s.Fset.PositionFor(pos, false).Offset }

// PackageClause reports whether the place is the package clause.
func (s *Site) PackageClause() bool { return s.Covers(s.Syntax.Package, s.Syntax.Name.End()) }

// Import returns the import at the place, or nil.
func (s *Site) Import() *ast.ImportSpec {
	for _, i := range s.Syntax.Imports {
		if s.Covers(i.Pos(), i.End()) {
			return i
		}
	}
	return nil
}

// Type returns the type whose name is declared at the place, or nil.
func (s *Site) Type() *ast.TypeSpec {
	for _, d := range s.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			ts, ok := spec.(*ast.TypeSpec)
			if !ok || ts.Name == nil {
				continue
			}
			from := ts.Pos()
			if !g.Lparen.IsValid() {
				from = g.Pos()
			}
			if s.Covers(from, ts.Name.End()) {
				return ts
			}
		}
	}
	return nil
}

// Func returns the function or method whose signature is at the place, or nil.
func (s *Site) Func() *ast.FuncDecl {
	for _, d := range s.Syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && s.Covers(f.Pos(), f.Type.End()) {
			return f
		}
	}
	return nil
}

// Selected returns the top-level declarations that a selection touches; none
// where the place is a cursor.
func (s *Site) Selected() []ast.Decl {
	if s.Span.End <= s.Span.Start {
		return nil
	}
	var out []ast.Decl
	for _, d := range s.Syntax.Decls {
		if s.offset(d.Pos()) < s.Span.End && s.Span.Start < s.offset(d.End()) {
			out = append(out, d)
		}
	}
	return out
}

// SpanOf returns the range of a node of the file.
func (s *Site) SpanOf(n ast.Node) text.Span {
	p := s.Fset.PositionFor(n.Pos(), false)
	return text.Span{File: s.Span.File, Start: p.Offset, End: s.offset(n.End()), Line: p.Line, Col: p.Column}
}

// Names returns the name at the place, after what it is selected from where
// that is a name, too; none where no name stands there.
func (s *Site) Names() []*ast.Ident {
	var out []*ast.Ident
	ast.Inspect(s.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if s.Covers(n.Sel.Pos(), n.Sel.End()) {
				out = []*ast.Ident{n.Sel}
				if x, ok := n.X.(*ast.Ident); ok {
					out = []*ast.Ident{x, n.Sel}
				}
				return false
			}
		case *ast.Ident:
			if s.Covers(n.Pos(), n.End()) {
				out = []*ast.Ident{n}
			}
		}
		return true
	})
	return out
}
