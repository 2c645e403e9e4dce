package code

import (
	"cmp"
	"go/ast"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unweld/unweld/internal/crossing"
)

// ReturnsError reports whether the last result of fn is an error.
func ReturnsError(fn *types.Func) bool {
	rs := fn.Signature().Results()
	return rs.Len() > 0 && crossing.IsError(rs.At(rs.Len()-1).Type())
}

// TakesContext reports whether the first parameter of fn is a context.
func TakesContext(fn *types.Func) bool {
	ps := fn.Signature().Params()
	return ps.Len() > 0 && crossing.IsContext(ps.At(0).Type())
}

// Uses reports whether code mentions an object that is declared elsewhere.
func Uses(info *types.Info, n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && info.Uses[id] == obj
		return !found
	})
	return found
}

// IsEntry reports functions that the runtime or the go tool calls, whose
// signature is therefore theirs: main, init, tests, benchmarks, fuzz tests,
// examples and TestMain.
func IsEntry(d *Decl) bool {
	name := d.Func.Name.Name
	if d.Func.Recv != nil {
		return false
	}
	if name == "init" || name == "main" && d.File.Pkg.Pkg.Name == "main" {
		return true
	}
	return d.File.Test && testEntry(name)
}

// testEntry reports the names by which the go tool finds what to call in test
// files. TestMain is one of them.
func testEntry(name string) bool {
	for _, prefix := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if first, _ := utf8.DecodeRuneInString(rest); rest == "" || !unicode.IsLower(first) {
			return true
		}
	}
	return false
}

// Fixed returns why the declaration of a function can't change, or "": no Go
// code has it, a tool writes it, a directive or a file that this build leaves
// out mentions its name.
func (w *World) Fixed(fn *types.Func) string {
	if d := w.Decl(fn); d != nil {
		switch {
		case d.Func.Body == nil:
			return "it has no Go body"
		case d.File.Generated() && !w.Regenerates(d.File):
			return "it stands in a generated file"
		case Directive(d.Func):
			return "a directive ties it to its name"
		}
	}
	if file := w.IgnoredUse(fn); file != "" {
		return file + ", which this build leaves out, mentions it"
	}
	return ""
}

// Directive reports a comment that ties a function to its name or symbol.
func Directive(d *ast.FuncDecl) bool {
	if d.Doc == nil {
		return false
	}
	for _, c := range d.Doc.List {
		for _, prefix := range []string{"//go:linkname ", "//export ", "//go:wasmexport ", "//go:cgo_export_"} {
			if strings.HasPrefix(c.Text, prefix) {
				return true
			}
		}
	}
	return false
}

// Before compares objects by where they are declared: those of the module first,
// by file and place, then others by package and name.
func (w *World) Before(a, b types.Object) int {
	fa, fb := w.FileOf(a), w.FileOf(b)
	switch {
	case fa != nil && fb != nil:
		return cmp.Or(strings.Compare(fa.Rel, fb.Rel), cmp.Compare(fa.Offset(a.Pos()), fb.Offset(b.Pos())))
	case fa != nil:
		return -1
	case fb != nil:
		return 1
	}
	return cmp.Or(strings.Compare(spelled(a), spelled(b)), cmp.Compare(a.Pos(), b.Pos()))
}

// spelled writes an object with its package.
func spelled(obj types.Object) string {
	if fn, ok := obj.(*types.Func); ok {
		return fn.FullName()
	}
	return types.ObjectString(obj, (*types.Package).Path)
}

// FuncAround returns the declaration that a path goes through, nil for none.
func FuncAround(path []ast.Node) *ast.FuncDecl {
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}

// Mentions reports whether an identifier of a name stands in a node.
func Mentions(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}
