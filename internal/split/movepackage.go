package split

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// MovePackage gives a component of a configuration a package, by its folder: the pattern is
// added to its packages, and taken away from those of another component. Comments and
// layout stay. It returns an error if the layout of the file leaves no safe place; the
// result has been parsed again.
func MovePackage(content []byte, pattern, name string) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(content, byteOrderMark); ok {
		out, err := MovePackage(rest, pattern, name)
		return slices.Concat(byteOrderMark, out), err
	}
	before, problems := Parse(FileName, content)
	if err := Usage(problems); err != nil {
		return nil, err
	}
	want := *before
	want.Components = map[string]Component{}
	from := ""
	for n, c := range before.Components {
		if n != name && slices.Contains(c.Packages, pattern) {
			from = n
			c.Packages = slices.DeleteFunc(slices.Clone(c.Packages), func(p string) bool { return p == pattern })
			if len(c.Packages) == 0 {
				return nil, fmt.Errorf("component %s would have no packages left", n)
			}
		}
		if n == name {
			c.Packages = append(slices.Clone(c.Packages), pattern)
		}
		want.Components[n] = c
	}
	out := content
	for _, edit := range []struct {
		component string
		list      []string
	}{{from, want.Components[from].Packages}, {name, want.Components[name].Packages}} {
		if edit.component == "" {
			continue
		}
		e, ok := newEditor(out)
		if !ok {
			return nil, e.errUnsupportedLayout()
		}
		if out = e.setPackages(edit.component, edit.list); out == nil {
			return nil, e.errUnsupportedLayout()
		}
	}
	after, problems := Parse(FileName, out)
	want.spans, after.spans = nil, nil
	if Usage(problems) != nil || !reflect.DeepEqual(want, *after) {
		return nil, fmt.Errorf("its components aren't written in a way that can be changed")
	}
	return out, nil
}

// setPackages makes the packages of a component a list that has one more than before at its
// end, or one less.
func (e *editor) setPackages(name string, list []string) []byte {
	section, ok := mapping(e.value(e.root, "components")).(*ast.MappingNode)
	if !ok {
		return nil
	}
	entry, ok := mapping(e.value(section, name)).(*ast.MappingNode)
	if !ok {
		return nil
	}
	seq, ok := e.value(entry, "packages").(*ast.SequenceNode)
	if !ok || len(seq.Values) == 0 {
		return nil
	}
	if seq.IsFlowStyle {
		start := e.offset(seq.Start.Position.Line, seq.Start.Position.Column)
		end := e.offset(seq.End.Position.Line, seq.End.Position.Column) + 1
		return slices.Concat(e.content[:start], []byte("["+strings.Join(list, ", ")+"]"), e.content[end:])
	}
	first := seq.Values[0].GetToken().Position
	if len(list) > len(seq.Values) {
		line := e.lines.Offset(first.Line-1, 0)
		dash := e.content[line:e.offset(first.Line, first.Column)]
		return e.insertAfter(e.lastLine(seq), string(dash)+list[len(list)-1]+"\n")
	}
	for _, v := range seq.Values {
		if at := v.GetToken(); !slices.Contains(list, at.Value) {
			return slices.Concat(e.content[:e.lines.Offset(at.Position.Line-1, 0)], e.content[e.lines.Offset(at.Position.Line, 0):])
		}
	}
	return nil
}
