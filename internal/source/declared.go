package source

import (
	"go/ast"
	"go/token"
)

// Declared looks for a type that a file declares at its outermost level, by
// syntax alone. kind is what the type plainly is and an interface isn't, such as
// "a struct"; it is empty where the type is, or may be, an interface.
func Declared(f *ast.File, name string) (kind string, found bool) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			if t := s.(*ast.TypeSpec); t.Name.Name == name {
				return noInterface(t.Type), true
			}
		}
	}
	return "", false
}

func noInterface(e ast.Expr) string {
	switch ast.Unparen(e).(type) {
	case *ast.StructType:
		return "a struct"
	case *ast.MapType:
		return "a map"
	case *ast.ArrayType:
		return "an array or slice"
	case *ast.StarExpr:
		return "a pointer"
	case *ast.FuncType:
		return "a function type"
	case *ast.ChanType:
		return "a channel"
	}
	return ""
}
