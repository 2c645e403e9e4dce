package comments

import (
	"go/ast"
	"regexp"
	"strings"
	"unicode"
)

// Text returns what a comment says to people: without markers, without the
// column of stars that some block comments have, and without lines for tools
// (//go:noinline, //nolint:all). Paragraphs are kept apart by an empty line.
// It is valid UTF-8, and of control characters has only tabs and line ends.
func Text(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	var kept ast.CommentGroup
	for _, c := range g.List {
		if !forTools.MatchString(c.Text) {
			kept.List = append(kept.List, &ast.Comment{Slash: c.Slash, Text: unstarred(c.Text)})
		}
	}
	return strings.TrimSpace(printable(kept.Text()))
}

// forTools are lines to linters that ast.CommentGroup.Text takes for words.
var forTools = regexp.MustCompile(`^//(nolint($|[\s,:])| nolint($|[,:])|\s*#nosec($|\s))`)

// unstarred takes the stars off a block comment that has one at the beginning of
// each line.
func unstarred(comment string) string {
	if !strings.HasPrefix(comment, "/*") {
		return comment
	}
	lines := strings.Split(strings.TrimSuffix(strings.TrimPrefix(comment, "/*"), "*/"), "\n")
	for i, line := range lines {
		star, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "*")
		switch {
		case i == 0 && strings.HasPrefix(line, "*"): // "/**"
			lines[i] = line[1:]
		case i == 0:
		case ok:
			lines[i] = strings.TrimPrefix(star, " ")
		case strings.TrimSpace(line) != "" || i < len(lines)-1:
			return comment
		}
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
