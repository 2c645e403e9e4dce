package source

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
)

// ParseFile parses a file like the function of package parser that is called so. Of a
// comment between /* and */ it keeps the carriage returns, which the parser takes out:
// with them, the comment ends where its End says, and places in its text are places in
// the file.
func ParseFile(fset *token.FileSet, name string, data []byte, mode parser.Mode) (*ast.File, error) {
	f, err := parser.ParseFile(fset, name, data, mode)
	if f == nil || bytes.IndexByte(data, '\r') < 0 {
		return f, err
	}
	for _, g := range f.Comments {
		for _, c := range g.List {
			if c.Text[1] != '*' {
				continue
			}
			start := fset.PositionFor(c.Pos(), false).Offset
			if n := bytes.Index(data[start:], []byte("*/")); n >= 0 {
				c.Text = string(data[start : start+n+len("*/")])
			}
		}
	}
	return f, err
}
