package placement

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor/internal/code"
)

// TypeNames notes where the program sees the name of a type with its package: %T, %#v, gob,
// reflection. of returns the name of a type whose package changes, or ""; byPath says that the
// package's path is seen, and not only its name.
func TypeNames(w *code.World, of func(t types.Type, byPath bool) string) []change.Note {
	var notes []change.Note
	for _, f := range w.Files {
		notes = append(notes, typeNames(w, f, of)...)
	}
	return notes
}

func typeNames(w *code.World, f *code.File, of func(types.Type, bool) string) (notes []change.Note) {
	info := f.Pkg.Info
	f.Walk(func(n ast.Node, _ []ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		how, byPath := "", false
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if fn, ok := info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil {
				switch fn.FullName() {
				case "encoding/gob.Register":
					how, byPath = "gob writes the package's path with the type", true
				case "reflect.TypeOf":
					how, byPath = "reflection gives the package with the type", true
				}
			}
		}
		for _, arg := range call.Args {
			if v := info.Types[arg].Value; how == "" && v != nil && v.Kind() == constant.String {
				switch format := constant.StringVal(v); {
				case strings.Contains(format, "%T"):
					how = "%T prints the package with the type"
				case strings.Contains(format, "%#v"):
					how = "%#v prints the package with the type"
				}
			}
		}
		if how == "" {
			return
		}
		for _, arg := range call.Args {
			if name := of(info.TypeOf(arg), byPath); name != "" {
				notes = append(notes, change.Note{Span: w.Span(arg), Message: how + " " + name})
			}
		}
	})
	return notes
}

// PrintedTypes notes where a file prints a reflect.Type: with the name of the package of
// the type that it stands for, which may be pkg.
func PrintedTypes(w *code.World, f *code.File, pkg string) (notes []change.Note) {
	f.Walk(func(n ast.Node, _ []ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		fn := f.Callee(call)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "fmt" && fn.Pkg().Path() != "log" {
			return
		}
		for _, arg := range call.Args {
			if types.TypeString(f.Pkg.Info.TypeOf(arg), nil) == "reflect.Type" {
				notes = append(notes, change.Note{Span: w.Span(arg), Message: "this prints a reflect.Type: of a type of package " + pkg + ", with the name of the package"})
			}
		}
	})
	return notes
}

// PrintsType reports whether a file prints values with their types, by %T or %#v.
func PrintsType(f *code.File) bool {
	for lit := range ast.Preorder(f.AST) {
		if lit, ok := lit.(*ast.BasicLit); ok && lit.Kind == token.STRING && (strings.Contains(lit.Value, "%T") || strings.Contains(lit.Value, "%#v")) {
			return true
		}
	}
	return false
}

// NamedIn returns the named type that t is, points to or is a list of, or nil. A generic one is returned as it is declared.
func NamedIn(t types.Type) *types.Named {
	for range 4 {
		if t == nil {
			return nil
		}
		switch u := types.Unalias(t).(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Named:
			return u.Origin()
		default:
			return nil
		}
	}
	return nil
}
