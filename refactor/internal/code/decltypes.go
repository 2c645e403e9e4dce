package code

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/source"
)

// A DeclQuery asks for the top-level declarations in which a type occurs: that of an
// expression, of what is declared or used, or of a field that a literal sets without its
// name.
type DeclQuery struct {
	Has   func(types.Type) bool  // which types
	Calls func(*types.Func) bool // or which functions of other modules, mentioned there; nil for none
}

// DeclsWith answers several queries, each with a set of its own. The packages that are
// looked at are those of which in reports true.
func (w *World) DeclsWith(in func(*types.Package) bool, queries ...DeclQuery) []map[ast.Decl]bool {
	out := make([]map[ast.Decl]bool, len(queries))
	for i := range out {
		out[i] = map[ast.Decl]bool{}
	}
	known := map[types.Type]uint{} // which queries ask for it, a bit for each
	asked := func(t types.Type) uint {
		bits, ok := known[t]
		if !ok {
			for i, q := range queries {
				if q.Has(t) {
					bits |= 1 << i
				}
			}
			known[t] = bits
		}
		return bits
	}
	for _, p := range w.Packages {
		if in(p.Types) {
			w.declsWith(p, queries, asked, out)
		}
	}
	return out
}

func (w *World) declsWith(p *source.Package, queries []DeclQuery, asked func(types.Type) uint, out []map[ast.Decl]bool) {
	at := declAt(p)
	look := func(n ast.Node, t types.Type) {
		if _, basic := t.(*types.Basic); basic || t == nil {
			return
		}
		bits := asked(t)
		if bits == 0 {
			return
		}
		d := at(n.Pos())
		for i := range out {
			if bits&(1<<i) != 0 {
				out[i][d] = true
			}
		}
	}
	for e, tv := range p.Info.Types {
		look(e, tv.Type)
		if lit, ok := e.(*ast.CompositeLit); ok {
			for _, t := range unkeyed(lit, tv.Type) {
				look(e, t)
			}
		}
	}
	for id, obj := range p.Info.Defs {
		if obj != nil {
			look(id, obj.Type())
		}
	}
	for id, obj := range p.Info.Uses {
		look(id, obj.Type())
		fn, ok := obj.(*types.Func)
		for i, q := range queries {
			if ok && q.Calls != nil && q.Calls(fn) && w.FileOf(fn.Origin()) == nil {
				out[i][at(id.Pos())] = true
			}
		}
	}
	for n, obj := range p.Info.Implicits {
		look(n, obj.Type())
	}
	for id, inst := range p.Info.Instances {
		look(id, inst.Type)
		for t := range inst.TypeArgs.Types() {
			look(id, t)
		}
	}
}

// declAt returns a function that gives the declaration of a package that a place is in;
// nil for one outside of any.
func declAt(p *source.Package) func(token.Pos) ast.Decl {
	var decls []ast.Decl
	for _, f := range p.Syntax {
		decls = append(decls, f.Decls...)
	}
	slices.SortFunc(decls, func(a, b ast.Decl) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return func(pos token.Pos) ast.Decl {
		i, found := slices.BinarySearchFunc(decls, pos, func(d ast.Decl, pos token.Pos) int { return cmp.Compare(d.Pos(), pos) })
		switch {
		case found:
			return decls[i]
		case i == 0:
			return nil
		}
		return decls[i-1]
	}
}

// unkeyed returns the types of the fields that a literal of a struct sets without their
// names.
func unkeyed(lit *ast.CompositeLit, t types.Type) []types.Type {
	if len(lit.Elts) == 0 || t == nil {
		return nil
	}
	if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); keyed {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok { // &T in a list is left out
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var out []types.Type
	for v := range st.Fields() {
		out = append(out, v.Type())
	}
	return out
}
