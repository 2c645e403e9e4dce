package foreign

import (
	"slices"
	"strings"
	"unicode"
)

// Comment joins the paragraphs of a comment, those without words left out. Escape replaces
// what the language would take for something else; characters that no source may have go.
func Comment(escape *strings.Replacer, paragraphs ...string) string {
	text := strings.Join(slices.DeleteFunc(paragraphs, func(s string) bool { return strings.TrimSpace(s) == "" }), "\n\n")
	text = escape.Replace(strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(text))
}
