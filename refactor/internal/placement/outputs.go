package placement

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
)

var (
	output    = regexp.MustCompile(`(?i)^//[[:space:]]*(unordered )?output:`) // as go/doc has it
	qualified = regexp.MustCompile(`\b([\pL_][\pL\pN_]*)\.([\pL_][\pL\pN_]*)`)
)

// An Output is a type with its package in what an example says that it prints.
type Output struct {
	Comment    *ast.Comment
	Start, End token.Pos
	Pkg, Type  string
}

// Outputs returns what the examples of a file say that they print in the form PKG.TYPE,
// where seen says that they print a type with its package. span returns where something
// of the file is.
func Outputs(f *ast.File, seen []change.Note, span func(ast.Node) text.Span) (all []Output) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(fn.Name.Name, "Example") || !within(seen, span(fn)) {
			continue
		}
		for _, group := range f.Comments {
			if group.Pos() < fn.Pos() || group.End() > fn.End() || !output.MatchString(group.List[0].Text) {
				continue
			}
			for _, c := range group.List {
				for _, at := range qualified.FindAllStringSubmatchIndex(c.Text, -1) {
					all = append(all, Output{c, c.Pos() + token.Pos(at[0]), c.Pos() + token.Pos(at[1]), c.Text[at[2]:at[3]], c.Text[at[4]:at[5]]})
				}
			}
		}
	}
	return all
}

// within reports whether one of the notes is about something inside a range.
func within(notes []change.Note, span text.Span) bool {
	return slices.ContainsFunc(notes, func(n change.Note) bool {
		return n.Span.File == span.File && n.Span.Start >= span.Start && n.Span.End <= span.End
	})
}

// Literals returns where string literals of a file have the form PKG.TYPE, but for examples
// and the literals of imports and tags, which are no text, and for what goes over lines,
// which is more than a message.
func Literals(f *ast.File) (all []Output) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return !strings.HasPrefix(n.Name.Name, "Example")
		case *ast.ImportSpec, *ast.StructType:
			return false
		case *ast.BasicLit:
			if n.Kind != token.STRING || strings.Contains(n.Value, "\n") || strings.Contains(n.Value, `\n`) {
				return false
			}
			for _, at := range qualified.FindAllStringSubmatchIndex(n.Value, -1) {
				all = append(all, Output{nil, n.Pos() + token.Pos(at[0]), n.Pos() + token.Pos(at[1]), n.Value[at[2]:at[3]], n.Value[at[4]:at[5]]})
			}
		}
		return true
	})
	return all
}
