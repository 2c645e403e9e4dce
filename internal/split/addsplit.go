package split

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// AddSplit adds a split to a configuration and preserves comments and layout. With
// nil content it returns a new file. A name that is taken, a split that says more
// than which components and endpoints run in which unit, and a layout that leaves no safe place
// are errors; the result has been parsed again.
func AddSplit(content []byte, name string, s Split) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(content, byteOrderMark); ok {
		out, err := AddSplit(rest, name, s)
		return slices.Concat(byteOrderMark, out), err
	}
	if content == nil {
		content = []byte("version: 1\n")
	}
	before, problems := Parse(FileName, content)
	if err := Usage(problems); err != nil {
		return nil, err
	}
	if _, taken := before.Splits[name]; taken {
		return nil, fmt.Errorf("it has a split %s already", name)
	}
	want := *before
	want.Splits = map[string]Split{name: s}
	maps.Copy(want.Splits, before.Splits)
	e, ok := newEditor(content)
	if !ok {
		return nil, errNoPlaceForSplit
	}
	out := e.addSplit(name, s)
	after, problems := Parse(FileName, out)
	if err := Usage(problems); out != nil && err != nil {
		return nil, err // the split itself is wrong
	}
	want.spans, after.spans = nil, nil
	if out == nil || !reflect.DeepEqual(want, *after) {
		return nil, errNoPlaceForSplit
	}
	return out, nil
}

var errNoPlaceForSplit = errors.New("its splits aren't written in a way that can be added to")

// addSplit returns the new content, nil where there is no place.
func (e *editor) addSplit(name string, s Split) []byte {
	switch section := mapping(e.value(e.root, "splits")).(type) {
	case nil:
		if e.root.IsFlowStyle {
			return nil
		}
		return e.insertAfter(e.lastLine(e.root), "splits:\n"+splitLines("  ", name, s))
	case *ast.NullNode:
		return e.insertAfter(e.keyLine(e.root, "splits"), splitLines("  ", name, s))
	case *ast.MappingNode:
		if section.IsFlowStyle {
			return nil
		}
		return e.insertAfter(e.lastLine(section), splitLines(e.indentation(section), name, s))
	}
	return nil
}

// splitLines writes a split.
func splitLines(indent, name string, s Split) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s:\n%s  units:\n", indent, name, indent)
	for _, unit := range slices.Sorted(maps.Keys(s.Units)) {
		var items, keys []string
		for _, c := range s.Units[unit].Components {
			if c == "*" {
				c = `"*"`
			}
			items = append(items, c)
		}
		if len(items) > 0 {
			keys = append(keys, "components: ["+strings.Join(items, ", ")+"]")
		}
		if endpoints := s.Units[unit].Endpoints; len(endpoints) > 0 {
			keys = append(keys, "endpoints: ["+strings.Join(endpoints, ", ")+"]")
		}
		fmt.Fprintf(&b, "%s    %s: {%s}\n", indent, unit, strings.Join(keys, ", "))
	}
	return b.String()
}
