package argument

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// All stands for Method.param: every argument that is changed is in-out.
const All = "all"

// Asked reports whether list, which holds Method.param or All, makes an
// argument in-out.
func Asked(list []string, method, param string) bool {
	return slices.Contains(list, All) || slices.Contains(list, method+"."+param)
}

// CantTravel says why an argument can't be in-out.
const CantTravel = "it can't travel back, being neither a slice nor a map nor a pointer"

// Travels reports whether an argument of type t can be in-out: its content can
// be replaced in place.
func Travels(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	}
	return false
}

// DeclaredInOut returns the in-out parameters named by the comment of a
// contract's method.
func DeclaredInOut(doc *ast.CommentGroup) []string {
	if doc == nil {
		return nil
	}
	var names []string
	for _, c := range doc.List {
		if args, ok := component.ParseDirective(c.Text, component.InOutDirective); ok {
			names = append(names, args...)
		}
	}
	return names
}

// InOutOf lists the in-out parameters that directives declare on the methods of
// a package's interfaces, without those that can't be in-out.
func InOutOf(files []*ast.File, info *types.Info) []component.InOut {
	var out []component.InOut
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					out = append(out, inOutOf(ts, info)...)
				}
			}
		}
	}
	return out
}

func inOutOf(ts *ast.TypeSpec, info *types.Info) []component.InOut {
	iface, ok := ts.Type.(*ast.InterfaceType)
	if !ok {
		return nil
	}
	var out []component.InOut
	for _, field := range iface.Methods.List {
		names := DeclaredInOut(field.Doc)
		if len(names) == 0 || len(field.Names) != 1 {
			continue
		}
		fn, ok := info.Defs[field.Names[0]].(*types.Func)
		if !ok || fn.Pkg() == nil {
			continue
		}
		of := component.Subject{Decl: component.DeclID{Pkg: fn.Pkg().Path(), Name: ts.Name.Name}, Member: fn.Name()}
		for i := range fn.Signature().Params().Len() {
			if name := ParameterName(fn, i); slices.Contains(names, name) && Travels(fn.Signature().Params().At(i).Type()) {
				out = append(out, component.InOut{Method: of, Param: i, Name: name})
			}
		}
	}
	return out
}
