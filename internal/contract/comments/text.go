package comments

import (
	"go/ast"
	"regexp"
	"strings"
	"unicode"
)

// Text returns the text of a comment for readers: without comment markers,
// without the column of stars of some block comments, and without directives
// for tools (//go:noinline, //nolint:all). Paragraphs are separated by a blank
// line. The text is valid UTF-8 and has no control characters but tabs and
// newlines.
func Text(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	var kept ast.CommentGroup
	for _, c := range g.List {
		if !toolDirective.MatchString(c.Text) {
			kept.List = append(kept.List, &ast.Comment{Slash: c.Slash, Text: plain(c.Text)})
		}
	}
	return strings.TrimSpace(printable(kept.Text()))
}

// toolDirective are lines to linters that ast.CommentGroup.Text takes for words.
var toolDirective = regexp.MustCompile(`^//(nolint($|[\s,:])| nolint($|[,:])|\s*#nosec($|\s))`)

// plain takes away from a block comment what its lines begin with for looks: a
// star each, or the same indentation.
func plain(comment string) string {
	inside, ok := strings.CutPrefix(comment, "/*")
	if !ok {
		return comment
	}
	lines := strings.Split(strings.TrimSuffix(inside, "*/"), "\n")
	lines[0] = strings.TrimPrefix(lines[0], "*") // "/**"
	stars, indent := true, -1
	for i, line := range lines[1:] {
		left := strings.TrimLeft(line, " \t")
		if left == "" && i == len(lines)-2 { // before the end
			continue
		}
		stars = stars && strings.HasPrefix(left, "*")
		if n := len(line) - len(left); left != "" && (indent < 0 || n < indent) {
			indent = n
		}
	}
	for i, line := range lines[1:] {
		if left := strings.TrimLeft(line, " \t"); stars {
			line = strings.TrimPrefix(strings.TrimPrefix(left, "*"), " ")
		} else {
			line = line[min(max(indent, 0), len(line)-len(left)):]
		}
		lines[i+1] = line
	}
	return "/*" + strings.Join(lines, "\n") + "*/"
}

// printable makes line ends of what ends a line anywhere, and leaves out other
// control characters.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\v\f\r\u0085\u2028\u2029", r):
			return '\n'
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
