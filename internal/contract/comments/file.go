package comments

import (
	"go/ast"
	"go/token"
)

// A file is the syntax of one file, with its declarations once they were asked
// for.
type file struct {
	fset     *token.FileSet
	syntax   *ast.File
	declared map[place][]*declaration
}

// A place is where a name is declared.
type place struct {
	line int
	name string
}

// A declaration is one declared name.
type declaration struct {
	file          *file
	column        int
	above, behind *ast.CommentGroup
	group         *ast.GenDecl  // in parentheses; of constants and variables
	signature     *ast.FuncType // of functions and methods
}

// index lists the declarations of a file, outside of function bodies.
func (f *file) index() {
	f.declared = map[place][]*declaration{}
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			f.add(d.Name, declaration{above: d.Doc, signature: d.Type})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				f.spec(d, spec)
			}
		}
	}
}

func (f *file) add(name *ast.Ident, d declaration) {
	at := f.fset.PositionFor(name.Pos(), false)
	d.file, d.column = f, at.Column
	key := place{at.Line, name.Name}
	f.declared[key] = append(f.declared[key], &d)
}

// spec adds what one line of a declaration declares. A comment above a
// declaration of one thing is about that, in parentheses or not.
func (f *file) spec(g *ast.GenDecl, spec ast.Spec) {
	above := func(own *ast.CommentGroup) *ast.CommentGroup {
		if own == nil && len(g.Specs) == 1 {
			return g.Doc
		}
		return own
	}
	switch s := spec.(type) {
	case *ast.TypeSpec:
		f.add(s.Name, declaration{above: above(s.Doc), behind: s.Comment})
		f.members(s.Type)
	case *ast.ValueSpec:
		d := declaration{above: above(s.Doc), behind: s.Comment}
		if len(g.Specs) > 1 {
			d.group = g
		}
		for _, name := range s.Names {
			f.add(name, d)
		}
		f.members(s.Type)
	}
}

// members adds the fields and methods in a type, of types inside it too.
func (f *file) members(t ast.Expr) {
	if t == nil {
		return
	}
	ast.Inspect(t, func(n ast.Node) bool {
		var list *ast.FieldList
		switch n := n.(type) {
		case *ast.StructType:
			list = n.Fields
		case *ast.InterfaceType:
			list = n.Methods
		default:
			return true
		}
		for _, m := range list.List {
			d := declaration{above: m.Doc, behind: m.Comment}
			d.signature, _ = m.Type.(*ast.FuncType)
			names := m.Names
			if embedded := embeddedName(m.Type); len(names) == 0 && embedded != nil {
				names = []*ast.Ident{embedded}
			}
			for _, name := range names {
				f.add(name, d)
			}
		}
		return true
	})
}

// embeddedName returns the name that an embedded field has, or nil.
func embeddedName(t ast.Expr) *ast.Ident {
	switch t := ast.Unparen(t).(type) {
	case *ast.Ident:
		return t
	case *ast.SelectorExpr:
		return t.Sel
	case *ast.StarExpr:
		return embeddedName(t.X)
	case *ast.IndexExpr:
		return embeddedName(t.X)
	case *ast.IndexListExpr:
		return embeddedName(t.X)
	}
	return nil
}
