package extract

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

// offerIn lists what could be extracted at span of a file: the struct type
// whose name or method stands there, or the whole package at its clause.
func offerIn(_ *source.Snapshot, content []byte, span text.Span) []refactor.Request {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, span.File, content, parser.SkipObjectResolution)
	if f == nil || err != nil && f.Name == nil {
		return nil
	}
	dir := "./" + path.Dir(span.File)
	if path.Dir(span.File) == "." {
		dir = "./"
	}
	covers := func(pos, end token.Pos) bool {
		return fset.Position(pos).Offset <= span.Start && span.Start <= fset.Position(end).Offset
	}
	if covers(f.Package, f.Name.End()) && f.Name.Name != "main" {
		return both(dir, f.Name.Name, "package "+f.Name.Name)
	}
	for _, d := range f.Decls {
		if name := structAt(d, covers); name != "" {
			return both(dir+"."+name, f.Name.Name, name)
		}
	}
	return nil
}

// structAt returns the name of the exported type that d declares, or has as
// its receiver, on the line of span.
func structAt(d ast.Decl, covers func(pos, end token.Pos) bool) string {
	if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
		for _, s := range g.Specs {
			ts := s.(*ast.TypeSpec)
			if _, ok := ts.Type.(*ast.StructType); ok && ts.Name.IsExported() && covers(g.Pos(), ts.Name.End()) {
				return ts.Name.Name
			}
		}
	}
	return ""
}

func both(target, name, label string) []refactor.Request {
	return []refactor.Request{
		{Title: "Extract " + label + " as a component", Target: target, Name: name},
		{Title: "Extract " + label + " as a component, keeping all signatures", Target: target, Name: name, Flags: map[string]string{keepSignatures: "true"}},
	}
}
