package code

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// WellKnown reports a method that other packages look for by interface, as far as its
// declaration alone says.
func WellKnown(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains(wellKnown[d.Name.Name], WrittenShape(d.Type))
}

// WrittenShape spells the types of a signature as they are written, without names:
// (int, string) (error).
func WrittenShape(f *ast.FuncType) string {
	return writtenTuple(f.Params) + " " + writtenTuple(f.Results)
}

func writtenTuple(list *ast.FieldList) string {
	var all []string
	if list != nil {
		for _, f := range list.List {
			for range max(1, len(f.Names)) {
				all = append(all, writtenType(f.Type))
			}
		}
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// writtenType spells byte, rune and interface{} by their other names, as shapes have
// them.
func writtenType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		switch e.Name {
		case "byte":
			return "uint8"
		case "rune":
			return "int32"
		}
	case *ast.StarExpr:
		return "*" + writtenType(e.X)
	case *ast.ArrayType:
		if e.Len == nil {
			return "[]" + writtenType(e.Elt)
		}
	case *ast.InterfaceType:
		if e.Methods.NumFields() == 0 {
			return "any"
		}
	case *ast.FuncType:
		return "func" + WrittenShape(e)
	}
	return types.ExprString(e)
}
