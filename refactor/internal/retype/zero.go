package retype

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// zeros finds the struct types of which some value begins with a field at zero:
// a literal leaves it out, or the value is declared.
type zeros struct {
	fields map[code.Key]bool // that a literal leaves out
	types  map[code.Key]bool // that are made without a literal
}

// beginsZero reports whether a field holds nil in some value that nothing has
// stored in yet.
func (f *Flow) beginsZero(file *code.File, field *ast.Field, stack []ast.Node) bool {
	if f.zeros == nil {
		f.zeros = &zeros{map[code.Key]bool{}, map[code.Key]bool{}}
		for _, file := range f.World.Files {
			f.walkParts(file, func(n ast.Node, stack []ast.Node) { f.zeros.visit(f, file, n, stack) })
		}
	}
	for i := len(stack) - 1; i >= 0; i-- {
		ts, ok := stack[i].(*ast.TypeSpec)
		if !ok {
			continue
		}
		tn, ok := file.Pkg.Info.Defs[ts.Name].(*types.TypeName)
		if !ok || stack[i+1] != stack[len(stack)-3] || f.zeros.types[f.World.Key(tn)] {
			return true
		}
		return slices.ContainsFunc(field.Names, func(id *ast.Ident) bool {
			v := file.Pkg.Info.Defs[id]
			return v == nil || f.zeros.fields[f.World.Key(v)]
		})
	}
	return true
}

func (z *zeros) visit(f *Flow, file *code.File, n ast.Node, stack []ast.Node) {
	info := file.Pkg.Info
	switch n := n.(type) {
	case *ast.BlockStmt:
		f.stored(file, n.List)
	case *ast.CaseClause:
		f.stored(file, n.Body)
	case *ast.CommClause:
		f.stored(file, n.Body)
	case *ast.CompositeLit:
		z.literal(f, info, n)
		if _, slice := code.Under(info.TypeOf(n)).(*types.Slice); slice && len(n.Elts) > 0 && anyKeyed(n) {
			z.elements(f, info.TypeOf(n))
		}
	case *ast.CallExpr:
		if info.Types[ast.Unparen(n.Fun)].IsBuiltin() && len(n.Args) > 0 {
			switch name := builtin(n); {
			case name == "make" && len(n.Args) > 1 && !zeroConstant(info, n.Args[1]) && !f.full[n]:
				z.elements(f, info.TypeOf(n))
			case name == "clear":
				z.elements(f, info.TypeOf(n.Args[0]))
			}
		}
	case *ast.SliceExpr:
		if n.High != nil && !within(info, n.High, types.ExprString(n.X)) {
			z.elements(f, info.TypeOf(n))
		}
	case *ast.Ident:
		if tn, ok := info.Uses[n].(*types.TypeName); ok && !tn.IsAlias() && f.World.FileOf(tn) != nil && declares(stack) {
			if _, ok := tn.Type().Underlying().(*types.Struct); ok {
				z.types[f.World.Key(tn)] = true
			}
		}
	}
}

// elements records that a list has elements that nobody has stored.
func (z *zeros) elements(f *Flow, t types.Type) {
	for {
		s, ok := code.Under(t).(*types.Slice)
		if !ok {
			break
		}
		t = s.Elem()
	}
	if n := named(types.Unalias(t)); n != nil {
		z.types[f.World.Key(n.Origin().Obj())] = true
	}
}

// literal records the fields that a struct literal leaves out.
func (z *zeros) literal(f *Flow, info *types.Info, n *ast.CompositeLit) {
	t := info.TypeOf(n)
	if t == nil {
		return
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || len(n.Elts) > 0 && !keyed(n) {
		return
	}
	set := map[string]bool{}
	for _, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				set[id.Name] = true
			}
		}
	}
	for v := range st.Fields() {
		if !set[v.Name()] {
			z.fields[f.World.Key(v)] = true
		}
	}
}

func keyed(n *ast.CompositeLit) bool {
	_, ok := n.Elts[0].(*ast.KeyValueExpr)
	return ok
}

// declares reports whether the type name at the end of stack makes a value: all
// but pointers, literals, parameters, assertions and unnamed results do.
func declares(stack []ast.Node) bool {
	i := len(stack) - 2
	if sel, ok := stack[i].(*ast.SelectorExpr); ok && sel.Sel == stack[len(stack)-1] {
		i--
	}
	switch p := stack[i].(type) {
	case *ast.StarExpr, *ast.TypeAssertExpr, *ast.CaseClause, *ast.SelectorExpr:
		return false
	case *ast.CompositeLit:
		return false
	case *ast.ArrayType:
		return p.Len != nil // the elements of a list are what is stored in it
	case *ast.ValueSpec:
		return len(p.Values) == 0
	case *ast.Field:
		if i < 2 {
			return true
		}
		switch o := stack[i-2].(type) {
		case *ast.FuncDecl:
			return false // the receiver
		case *ast.FuncType:
			return o.Results == stack[i-1] && len(p.Names) > 0
		}
	}
	return true
}
