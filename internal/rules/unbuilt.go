package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// usesIn lists what a file uses of the given packages, and where nothing of an
// import is named, the import. Never says that no build has the file. A file that
// isn't type-checked tells what it names through its imports, and no more.
func (c checker) usesIn(pkg, file string, paths []string) (us []packageUse, never bool) {
	fset, f := c.Snapshot.Syntax(file, parser.ParseComments)
	if f == nil {
		return nil, false
	}
	from := pkg
	if strings.HasSuffix(f.Name.Name, "_test") && strings.HasSuffix(file, "_test.go") {
		from += "_test"
	}
	for _, spec := range f.Imports {
		to := source.ImportPath(spec)
		if !slices.Contains(paths, to) {
			continue
		}
		u := packageUse{Evidence: component.Evidence{Kind: "import", From: from, To: to, FromPkg: pkg, Decl: component.DeclID{Pkg: to}, Span: c.Snapshot.Span(fset, spec.Pos(), spec.End())},
			toPkg: to, from: c.owner[pkg], to: c.owner[to]}
		named := c.selections(fset, f, c.importName(spec, to), u)
		if len(named) == 0 {
			named = []packageUse{u}
		}
		us = append(us, named...)
	}
	return us, source.NeverBuilt(f)
}

// importName returns the name by which a file knows an import.
func (c checker) importName(spec *ast.ImportSpec, importPath string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	if sum := c.summaries[importPath]; sum != nil {
		return sum.Package.Name
	}
	return path.Base(importPath)
}

// selections lists the declarations that name.X refers to in a file, each with
// the declaration that it stands in.
func (c checker) selections(fset *token.FileSet, f *ast.File, name string, imported packageUse) []packageUse {
	var us []packageUse
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			// The parser resolves what the file itself declares; the rest are imports.
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && x.Obj == nil {
				u := imported
				u.Kind, u.From, u.To = "use", imported.From+"."+declName(d), u.toPkg+"."+sel.Sel.Name
				u.Decl.Name = sel.Sel.Name
				u.Span = c.Snapshot.Span(fset, sel.Sel.Pos(), sel.Sel.End())
				us = append(us, u)
			}
			return true
		})
	}
	return us
}

// declName is the name of a declaration: methods go with their type.
func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if recv := source.Receiver(d); recv != "" {
			return recv
		}
		return d.Name.Name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				return spec.Name.Name
			case *ast.ValueSpec:
				return spec.Names[0].Name
			}
		}
	}
	return "_"
}
