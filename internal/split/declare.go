package split

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/unweld/unweld/internal/text"
)

// Section returns the configuration with a section for components, adding it if
// there is none. Everything else is unchanged. With nil content it returns a
// new file.
func Section(content []byte) []byte {
	if content == nil {
		return []byte("version: 1\ncomponents:\n")
	}
	if rest, ok := bytes.CutPrefix(content, byteOrderMark); ok {
		return slices.Concat(byteOrderMark, Section(rest))
	}
	e, ok := newEditor(content)
	if !ok || e.value(e.root, "components") != nil {
		return content
	}
	version := e.value(e.root, "version")
	if version == nil || e.root.IsFlowStyle {
		return content
	}
	return e.insertAfter(e.lastLine(version), "components:\n")
}

// Declare adds a component's contract to a configuration and preserves comments
// and layout. A component without an entry gets one, with the packages of c, and
// without a contract if c has none. It
// returns an error if the layout of the file leaves no safe place; the result
// has been parsed again.
func Declare(content []byte, name string, c Component) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(content, byteOrderMark); ok {
		out, err := Declare(rest, name, c)
		return slices.Concat(byteOrderMark, out), err
	}
	before, problems := Parse(FileName, content)
	if err := Usage(problems); err != nil {
		return nil, err
	}
	want := *before
	want.Components = map[string]Component{name: {}}
	for n, c := range before.Components {
		want.Components[n] = c
	}
	entry := c
	if old, ok := before.Components[name]; ok {
		entry = old
		entry.Contract = c.Contract
	}
	want.Components[name] = entry
	e, ok := newEditor(content)
	if !ok {
		return nil, e.errUnsupportedLayout()
	}
	out := e.declare(name, c)
	after, problems := Parse(FileName, out)
	want.spans, after.spans = nil, nil
	if out == nil || Usage(problems) != nil || !reflect.DeepEqual(want, *after) {
		return nil, e.errUnsupportedLayout()
	}
	return out, nil
}

// An editor inserts text into a YAML file by the places of its nodes.
type editor struct {
	*decoder
	root *ast.MappingNode
}

func newEditor(content []byte) (*editor, bool) {
	e := &editor{decoder: &decoder{file: FileName, content: content, lines: text.NewLines(content)}}
	tree, err := parser.ParseBytes(content, 0)
	if err != nil || len(tree.Docs) != 1 {
		return e, false
	}
	switch body := tree.Docs[0].Body.(type) {
	case *ast.MappingNode:
		e.root = body
	case *ast.MappingValueNode:
		e.root = &ast.MappingNode{Start: body.Start, Values: []*ast.MappingValueNode{body}}
	}
	return e, e.root != nil
}

func (e *editor) errUnsupportedLayout() error {
	return fmt.Errorf("its components aren't written in a way that can be added to")
}

// value returns the value of a key, nil where there is no such key.
func (e *editor) value(m *ast.MappingNode, key string) ast.Node {
	for _, v := range m.Values {
		if v.Key.GetToken().Value == key {
			return v.Value
		}
	}
	return nil
}

// declare returns the new content, nil where there is no place.
func (e *editor) declare(name string, c Component) []byte {
	entry := name + ": {"
	if len(c.Packages) > 0 {
		entry += "packages: [" + strings.Join(c.Packages, ", ") + "], "
	}
	if c.Contract != "" {
		entry += "contract: " + c.Contract
	}
	entry = strings.TrimSuffix(entry, ", ") + "}"
	switch section := mapping(e.value(e.root, "components")).(type) {
	case *ast.NullNode:
		return e.insertAfter(e.keyLine(e.root, "components"), "  "+entry+"\n")
	case *ast.MappingNode:
		if old := e.value(section, name); old != nil {
			return e.addContract(mapping(old), c.Contract)
		}
		return e.add(section, entry)
	}
	return nil
}

// mapping makes a block mapping of one entry look like any other.
func mapping(n ast.Node) ast.Node {
	if v, ok := n.(*ast.MappingValueNode); ok {
		return &ast.MappingNode{Start: v.Start, Values: []*ast.MappingValueNode{v}}
	}
	return n
}

// add puts an entry behind the last one of a mapping.
func (e *editor) add(m *ast.MappingNode, entry string) []byte {
	if m.IsFlowStyle {
		return e.addFlow(m, entry)
	}
	return e.insertAfter(e.lastLine(m), e.indentation(m)+entry+"\n")
}

func (e *editor) addFlow(m *ast.MappingNode, entry string) []byte {
	end := e.offset(m.End.Position.Line, m.End.Position.Column)
	if len(m.Values) > 0 {
		end = len(bytes.TrimRight(e.content[:end], " "))
		entry = ", " + entry
	}
	return slices.Concat(e.content[:end], []byte(entry), e.content[end:])
}

func (e *editor) addContract(n ast.Node, contract string) []byte {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return nil
	}
	return e.add(m, "contract: "+contract)
}

// indentation is the white space before the first key of a block mapping.
func (e *editor) indentation(m *ast.MappingNode) string {
	return strings.Repeat(" ", m.Values[0].Key.GetToken().Position.Column-1)
}

func (e *editor) keyLine(m *ast.MappingNode, key string) int {
	for _, v := range m.Values {
		if v.Key.GetToken().Value == key {
			return v.Key.GetToken().Position.Line
		}
	}
	return 0
}

// lastLine is the last line on which something of a node stands.
func (e *editor) lastLine(n ast.Node) int {
	v := &lastLine{}
	ast.Walk(v, n)
	return v.line
}

type lastLine struct{ line int }

func (v *lastLine) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.CommentNode, *ast.CommentGroupNode:
		return nil
	case *ast.MappingNode:
		if n.End != nil {
			v.line = max(v.line, n.End.Position.Line)
		}
	case *ast.SequenceNode:
		if n.End != nil {
			v.line = max(v.line, n.End.Position.Line)
		}
	}
	if tk := n.GetToken(); tk != nil {
		v.line = max(v.line, tk.Position.Line+strings.Count(strings.TrimRight(tk.Value, "\n"), "\n"))
	}
	return v
}

// insertAfter puts whole lines behind the line with the given number, from 1.
func (e *editor) insertAfter(line int, lines string) []byte {
	at := e.lines.Offset(line, 0)
	if at > 0 && at <= len(e.content) && e.content[at-1] != '\n' {
		lines = "\n" + strings.TrimSuffix(lines, "\n")
	}
	return slices.Concat(e.content[:at], []byte(lines), e.content[at:])
}
