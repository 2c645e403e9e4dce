package code

import (
	"regexp"
	"strings"
)

// toolLine matches lines of comments that are for tools: directives, linters'
// exceptions, markers and annotations. A second copy would be taken for a second
// declaration.
var toolLine = regexp.MustCompile(`^//([a-z0-9]+:[a-z0-9]|nolint\b|export |line |#nosec|\s*\+[a-zA-Z][\w:]*|\s*@[A-Z]\w*)`)

// toolRest matches the line from which on the rest of a comment is for a tool.
var toolRest = regexp.MustCompile(`^//\s*(swagger:\w+|Code generated )`)

// Comment returns the lines of a function's comment, without what is there for
// tools, to stand over a method of an interface that says the same.
func (d *Decl) Comment() []string {
	if d == nil || d.Func.Doc == nil {
		return nil
	}
	var out []string
	for _, c := range d.Func.Doc.List {
		if toolRest.MatchString(c.Text) {
			break
		}
		if toolLine.MatchString(c.Text) && !strings.HasPrefix(c.Text, "//unweld:") {
			continue
		}
		for line := range strings.SplitSeq(c.Text, "\n") {
			out = append(out, strings.TrimRight(line, "\r"))
		}
	}
	for len(out) > 0 && out[len(out)-1] == "//" {
		out = out[:len(out)-1]
	}
	return out
}
