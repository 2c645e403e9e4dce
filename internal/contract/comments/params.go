package comments

import (
	"go/ast"
	"go/token"
)

// list returns what is said of each parameter or result in a list.
func (f *file) list(l *ast.FieldList) []string {
	if l == nil {
		return nil
	}
	said := make([]ast.CommentGroup, len(l.List))
	for _, g := range f.syntax.Comments {
		if l.Opening < g.Pos() && g.End() <= l.Closing {
			if i := f.about(l, g); i >= 0 {
				said[i].List = append(said[i].List, g.List...)
			}
		}
	}
	var out []string
	for i, field := range l.List {
		for range max(1, len(field.Names)) {
			out = append(out, Text(&said[i]))
		}
	}
	return out
}

// about returns which of the fields a comment between them is about, or -1: the
// one before it on its line, if nothing follows on the line or the comma stands
// behind the comment; or else the one after it, on its line or the next. What
// follows the opening parenthesis up to the end of the line is about the list.
func (f *file) about(l *ast.FieldList, g *ast.CommentGroup) int {
	fields, before, after := l.List, -1, -1
	for i, field := range fields {
		switch {
		case field.End() <= g.Pos():
			before = i
		case field.Pos() < g.Pos():
			return i // between a name and its type, or inside the type
		case after < 0:
			after = i
		}
	}
	if before >= 0 && f.line(fields[before].End()) == f.line(g.Pos()) {
		if after < 0 || f.line(fields[after].Pos()) > f.line(g.End()) || !commaBefore(g, fields[before].End(), fields[after].Pos()) {
			return before
		}
	}
	if after < 0 || before < 0 && f.line(l.Opening) == f.line(g.Pos()) && f.line(fields[after].Pos()) > f.line(g.End()) {
		return -1
	}
	if f.line(fields[after].Pos()) > f.line(g.End())+1 {
		return -1
	}
	return after
}

// commaBefore reports whether the comma between two fields stands before the
// comment that is between them, too. Syntax doesn't say where commas are, but
// gofmt writes "a int /* x */, b int" and "a int, /* x */ b int".
func commaBefore(g *ast.CommentGroup, end, next token.Pos) bool {
	return g.Pos()-end > next-g.End()
}

func (f *file) line(p token.Pos) int { return f.fset.PositionFor(p, false).Line }
