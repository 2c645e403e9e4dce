package engine

import (
	"go/ast"
	"go/build/constraint"
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
func (rc ruleChecker) usesIn(pkg, file string, paths []string) (us []packageUse, never bool) {
	fset, f := rc.s.snap.Syntax(file, parser.ParseComments)
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
		u := packageUse{Evidence: component.Evidence{Kind: "import", From: from, To: to, FromPkg: pkg, Decl: component.DeclID{Pkg: to}, Span: rc.s.snap.Span(fset, spec.Pos(), spec.End())},
			toPkg: to, from: rc.component[pkg], to: rc.component[to]}
		named := rc.selections(fset, f, rc.importName(spec, to), u)
		if len(named) == 0 {
			named = []packageUse{u}
		}
		us = append(us, named...)
	}
	return us, neverBuilt(f)
}

// importName returns the name by which a file knows an import.
func (rc ruleChecker) importName(spec *ast.ImportSpec, importPath string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	if sum := rc.summary(importPath); sum != nil {
		return sum.Package.Name
	}
	return path.Base(importPath)
}

// selections lists the declarations that name.X refers to in a file, each with
// the declaration that it stands in.
func (rc ruleChecker) selections(fset *token.FileSet, f *ast.File, name string, imported packageUse) []packageUse {
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
				u.Span = rc.s.snap.Span(fset, sel.Sel.Pos(), sel.Sel.End())
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
		if d.Recv == nil || len(d.Recv.List) == 0 {
			return d.Name.Name
		}
		name := "_"
		ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && name == "_" {
				name = id.Name
			}
			return true
		})
		return name
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

// neverBuilt reports whether a file's build line wants the tag that is never set
// by convention: such a file is a program of its own, for go run.
func neverBuilt(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() > f.Package || !constraint.IsGoBuild(c.Text) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			return err == nil && wantsIgnore(expr)
		}
	}
	return false
}

func wantsIgnore(e constraint.Expr) bool {
	switch e := e.(type) {
	case *constraint.TagExpr:
		return e.Tag == "ignore"
	case *constraint.AndExpr:
		return wantsIgnore(e.X) || wantsIgnore(e.Y)
	case *constraint.OrExpr:
		return wantsIgnore(e.X) && wantsIgnore(e.Y)
	}
	return false
}
