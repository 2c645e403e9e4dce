package prune

import (
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// Comments removes comments from a Go file, except those that readers and tools
// need: directives, the preambles of import "C", everything before the package
// clause, and the first sentence of the documentation of the package and its
// exported types, variables and constants. The declarations named in whole keep all of their
// comments.
func Comments(src []byte, whole []string) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := &commented{src: src, at: func(p token.Pos) int { return fset.Position(p).Offset }, docs: map[*ast.CommentGroup]string{}}
	c.file(f, whole)
	out := slices.Clone(src)
	for _, g := range slices.Backward(f.Comments) {
		out = c.shorten(out, g)
	}
	return format.Source(out)
}

// A commented file and what is to stay of its comments.
type commented struct {
	src   []byte
	at    func(token.Pos) int
	docs  map[*ast.CommentGroup]string // what replaces documentation
	whole []span                       // where comments stay as they are
}

func (c *commented) file(f *ast.File, whole []string) {
	c.whole = append(c.whole, span{0, c.at(f.Package)})
	if f.Doc != nil {
		c.whole[0].end = c.at(f.Doc.Pos())
		c.docs[f.Doc] = synopsis(f.Doc)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && ast.IsExported(name) {
				name = receiver(d.Recv.List[0].Type)
			}
			c.declaration(d, d.Doc, []string{name}, whole)
		case *ast.GenDecl:
			c.general(d, whole)
		}
	}
}

func (c *commented) general(d *ast.GenDecl, whole []string) {
	var all []string
	for _, s := range d.Specs {
		names, doc := specNames(s), (*ast.CommentGroup)(nil)
		switch s := s.(type) {
		case *ast.ImportSpec:
			if importPath(s) == "C" {
				c.whole = append(c.whole, span{c.start(d, d.Doc), c.at(s.End())}, span{c.start(s, s.Doc), c.at(s.End())})
			}
		case *ast.TypeSpec:
			doc = s.Doc
		case *ast.ValueSpec:
			doc = s.Doc
		}
		all = append(all, names...)
		if d.Lparen.IsValid() {
			c.declaration(s, doc, names, whole)
		}
	}
	if d.Lparen.IsValid() {
		c.document(d.Doc, all)
	} else {
		c.declaration(d, d.Doc, all, whole)
	}
}

// declaration notes what stays of the comments of one, with names of the package level.
func (c *commented) declaration(n ast.Node, doc *ast.CommentGroup, names, whole []string) {
	if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(whole, name) }) {
		end := c.at(n.End())
		for end < len(c.src) && c.src[end] != '\n' {
			end++
		}
		c.whole = append(c.whole, span{c.start(n, doc), end})
		return
	}
	if _, ok := n.(*ast.FuncDecl); !ok {
		c.document(doc, names)
	}
}

func (c *commented) document(doc *ast.CommentGroup, names []string) {
	if doc != nil && slices.ContainsFunc(names, ast.IsExported) {
		c.docs[doc] = synopsis(doc)
	}
}

func (c *commented) start(n ast.Node, doc *ast.CommentGroup) int {
	if doc != nil {
		return c.at(doc.Pos())
	}
	return c.at(n.Pos())
}

// synopsis is the first sentence of a comment, as a comment.
func synopsis(g *ast.CommentGroup) string {
	text := new(doc.Package).Synopsis(g.Text())
	if text == "" {
		return ""
	}
	return "// " + strings.TrimSuffix(text, ":") + "\n"
}

// directive matches the comments that tools read.
var directive = regexp.MustCompile(`^//([a-z0-9]+:[a-z0-9]|line |export |extern |nolint|\s*\+build )`)

// shorten replaces a group of comments by what stays of it.
func (c *commented) shorten(out []byte, g *ast.CommentGroup) []byte {
	start, end := c.at(g.Pos()), c.at(g.End())
	if slices.ContainsFunc(c.whole, func(s span) bool { return s.start <= start && end <= s.end }) {
		return out
	}
	kept := c.docs[g]
	for _, one := range g.List {
		if directive.MatchString(one.Text) {
			kept += one.Text + "\n"
		}
	}
	lines := strings.Contains(string(c.src[start:end]), "\n") || strings.HasPrefix(g.List[0].Text, "//")
	for start > 0 && (c.src[start-1] == ' ' || c.src[start-1] == '\t') {
		start--
	}
	switch {
	case start == 0 || c.src[start-1] == '\n': // the lines are the comments' alone, if nothing follows
		if end < len(c.src) && c.src[end] == '\n' {
			end++
		}
	case kept != "":
		kept = " " + strings.TrimSuffix(kept, "\n")
	case lines && (end == len(c.src) || c.src[end] != '\n'):
		kept = "\n" // it ended a line of code
	default:
		kept = " "
	}
	return slices.Replace(out, start, end, []byte(kept)...)
}
