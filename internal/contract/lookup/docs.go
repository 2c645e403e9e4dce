package lookup

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract/comments"
	"github.com/unweld/unweld/internal/source"
)

// commentsOf reads the comments of the module's packages, and of those that they
// lead to from their source on the disk.
func commentsOf(snap *source.Snapshot, pkgs []*source.Package) *comments.Reader {
	s := comments.Source{Parse: func(file string) (*token.FileSet, *ast.File) {
		return snap.Syntax(file, parser.ParseComments|parser.SkipObjectResolution)
	}}
	for _, p := range pkgs {
		s.Fset, s.Files = p.Fset, p.FilesOf
		s.Syntax = append(s.Syntax, p.Syntax...)
	}
	return comments.New(s)
}

// docsBehind gives the methods of a contract that have no comment there that of
// what answers them: of the method of an implementation in the contract's package,
// or, of a package of functions, of the function with the same name.
func (f *Finder) docsBehind(c *component.Contract, iface *types.Named) {
	scope := iface.Obj().Pkg().Scope()
	for i := range c.Methods {
		m := &c.Methods[i]
		if m.Doc != "" {
			continue
		}
		if fn, ok := scope.Lookup(m.Name).(*types.Func); ok && c.Form == component.FormFuncs {
			m.Doc = f.comments.Of(fn)
		}
		for _, name := range scope.Names() {
			tn, ok := scope.Lookup(name).(*types.TypeName)
			if m.Doc != "" || !ok || types.IsInterface(tn.Type()) || !implements(tn, iface) {
				continue
			}
			fn, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, tn.Pkg(), m.Name)
			m.Doc = f.comments.Of(fn)
		}
	}
}

func implements(tn *types.TypeName, iface *types.Named) bool {
	n, ok := tn.Type().(*types.Named)
	return ok && types.Implements(types.NewPointer(n), iface.Underlying().(*types.Interface))
}
