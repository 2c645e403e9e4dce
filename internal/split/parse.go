package split

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// FileName is the name of the configuration file in the root of a module.
const FileName = "unweld.yaml"

// byteOrderMark may stand at the beginning of a YAML file, as editors on Windows
// write it. It is no part of the first line.
var byteOrderMark = []byte("\xef\xbb\xbf")

// Parse parses a configuration. It returns all problems, sorted, each with its
// line and column, and a Config with everything that could be understood. A
// Config with an Error among its problems must not be used; see Usage.
func Parse(file string, content []byte) (*Config, []Problem) {
	mark := len(content) - len(bytes.TrimPrefix(content, byteOrderMark))
	content = content[mark:]
	d := &decoder{
		file:    file,
		mark:    mark,
		lines:   text.NewLines(content),
		content: content,
		anchors: map[string]ast.Node{},
		spans:   map[string]text.Span{},
	}
	cfg := &Config{spans: d.spans}
	if !utf8.Valid(content) {
		d.problem(text.Span{File: file, Line: 1, Col: 1}, "config-syntax", "the file isn't UTF-8", "save it as UTF-8")
		return cfg, d.problems
	}
	tree, err := parser.ParseBytes(content, 0)
	switch {
	case err != nil:
		d.syntaxError(err)
	case len(tree.Docs) > 1:
		d.problem(d.span(tree.Docs[1].Body), "config-syntax", "more than one document in the file", "remove the second --- and what follows")
	case len(tree.Docs) == 1 && !isEmpty(tree.Docs[0].Body):
		d.decodeDocument(tree.Docs[0].Body, cfg)
		d.validate(cfg)
	default:
		d.problem(text.Span{File: file, Line: 1, Col: 1}, "config-version", "the file is empty", `start with the line "version: 1", or run: unweld init`)
	}
	return cfg, component.SortProblems(d.problems)
}

// Usage returns the errors among problems as one *component.UsageError, which
// names the first position and lists the others, or nil if there are none.
func Usage(problems []Problem) error {
	var all []Problem
	for _, p := range problems {
		if p.Severity == component.Error {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(all[0].Message)
	for _, p := range all[1:] {
		b.WriteString("\n\t" + p.AtPlace())
		if p.Hint != "" {
			fmt.Fprintf(&b, " (%s)", p.Hint)
		}
	}
	return &component.UsageError{Object: all[0].Span.String(), Reason: b.String(), Hint: all[0].Hint, Problems: all}
}

func isEmpty(n ast.Node) bool {
	switch n.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode, *ast.CommentNode:
		return true
	}
	return false
}

func (d *decoder) problem(span text.Span, code, message, hint string) {
	d.problems = append(d.problems, Problem{
		Code: code, Severity: component.Error, Span: span, Message: message, Hint: hint,
	})
}

func (d *decoder) syntaxError(err error) {
	span := text.Span{File: d.file, Line: 1, Col: 1}
	message := err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		message = e.GetMessage()
		if tk := e.GetToken(); tk != nil {
			span = d.tokenSpan(tk)
		}
	}
	hint := "correct the YAML; docs/unweld.schema.json describes the format"
	if strings.Contains(message, "already defined") {
		hint = "remove one of the two entries"
	} else if strings.Contains(message, "\t") {
		message = "a tab can't start a line's indentation"
		hint = "indent with spaces"
	}
	d.problem(span, "config-syntax", message, hint)
}

func (d *decoder) span(n ast.Node) text.Span {
	if len(d.open) > 0 {
		return d.alias
	}
	if n == nil || n.GetToken() == nil {
		return text.Span{File: d.file, Line: 1, Col: 1}
	}
	// The token of a block mapping is the first colon; its place is its first key.
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return d.span(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return d.span(n.Key)
	}
	return d.tokenSpan(n.GetToken())
}

func (d *decoder) tokenSpan(tk *token.Token) text.Span {
	start := d.offset(tk.Position.Line, tk.Position.Column)
	line, col := d.lines.Position(start)
	end := min(start+len(tk.Value), len(d.content))
	if i := strings.IndexByte(string(d.content[start:end]), '\n'); i >= 0 {
		end = start + i
	}
	return text.Span{File: d.file, Start: d.mark + start, End: d.mark + end, Line: line, Col: col}
}

// offset converts the scanner's line and column, which counts runes, to bytes:
// the scanner's own offset counts runes as well.
func (d *decoder) offset(line, col int) int {
	pos := d.lines.Offset(line-1, 0)
	for range col - 1 {
		if pos >= len(d.content) || d.content[pos] == '\n' {
			break
		}
		pos += runeLen(d.content[pos:])
	}
	return min(pos, len(d.content))
}
