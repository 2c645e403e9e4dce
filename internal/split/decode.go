package split

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/unweld/unweld/internal/text"
)

// A decoder fills a Config from a YAML tree and keeps the place of each value.
// It is strict: an unknown key, a value of the wrong type and a merge key are
// problems, and each of them is reported, not only the first.
type decoder struct {
	file     string
	content  []byte // without the byte order mark
	mark     int    // its length
	lines    *text.Lines
	anchors  map[string]ast.Node
	open     []string  // anchors being followed, to stop a cycle
	alias    text.Span // of the outermost alias being followed: what it brings is reported there
	spans    map[string]text.Span
	problems []Problem
}

func runeLen(b []byte) int {
	_, n := utf8.DecodeRune(b)
	return n
}

func (d *decoder) decodeDocument(body ast.Node, cfg *Config) {
	ast.Walk(anchorVisitor{d}, body)
	d.decode(body, reflect.ValueOf(cfg).Elem(), "")
}

type anchorVisitor struct{ d *decoder }

func (v anchorVisitor) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
		v.d.anchors[a.Name.GetToken().Value] = a.Value
	}
	return v
}

// decode stores n in v, which is found at path.
func (d *decoder) decode(n ast.Node, v reflect.Value, path string) {
	switch x := n.(type) {
	case *ast.AnchorNode:
		d.decode(x.Value, v, path)
		return
	case *ast.AliasNode:
		d.decodeAlias(x, v, path)
		return
	case *ast.TagNode:
		d.decode(x.Value, v, path)
		return
	case *ast.NullNode:
		d.spans[path] = d.span(n)
		return // an empty value is the zero value
	}
	d.spans[path] = d.span(n)
	switch v.Kind() {
	case reflect.Struct:
		d.decodeStruct(n, v, path)
	case reflect.Map:
		d.decodeMap(n, v, path)
	case reflect.Slice:
		d.decodeSlice(n, v, path)
	case reflect.String:
		d.decodeString(n, v, path)
	case reflect.Int:
		d.decodeInt(n, v, path)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.wrongType(n, path, "true or false")
			return
		}
		v.SetBool(b.Value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem(), path)
	default:
		panic("split: unsupported kind in Config: " + v.Kind().String())
	}
}

func (d *decoder) decodeAlias(a *ast.AliasNode, v reflect.Value, path string) {
	name := a.Value.GetToken().Value
	target, ok := d.anchors[name]
	switch {
	case !ok:
		d.problem(d.span(a), "config-syntax", fmt.Sprintf("alias *%s has no anchor", name), fmt.Sprintf("define it with &%s", name))
	case slices.Contains(d.open, name):
		d.problem(d.span(a), "config-syntax", fmt.Sprintf("alias *%s contains itself", name), "")
	default:
		if len(d.open) == 0 {
			d.alias = d.span(a)
		}
		d.open = append(d.open, name)
		d.decode(target, v, path)
		if d.open = d.open[:len(d.open)-1]; len(d.open) == 0 {
			d.alias = text.Span{}
		}
	}
}

// entries returns the key and value nodes of a mapping, or a problem.
func (d *decoder) entries(n ast.Node, path string) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	d.wrongType(n, path, "a mapping of keys to values")
	return nil
}

func (d *decoder) wrongType(n ast.Node, path, want string) {
	what := path
	if what == "" {
		what = "the file"
	}
	d.problem(d.span(n), "config-type", fmt.Sprintf("%s must be %s, not %s", what, want, nodeKind(n)), "")
}

func nodeKind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "a string"
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	case *ast.BoolNode:
		return "a boolean"
	}
	return strings.ToLower(n.Type().String())
}

// key returns the text of a mapping key; merge keys and complex keys are refused.
func (d *decoder) key(e *ast.MappingValueNode) (string, bool) {
	switch k := e.Key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	}
	d.problem(d.span(e.Key), "config-syntax", "merge keys and complex keys aren't supported here", "write the entries out")
	return "", false
}

func (d *decoder) decodeStruct(n ast.Node, v reflect.Value, path string) {
	fields := yamlFields(v.Type())
	for _, e := range d.entries(n, path) {
		name, ok := d.key(e)
		if !ok {
			continue
		}
		i := slices.IndexFunc(fields, func(f yamlField) bool { return f.name == name })
		if i < 0 {
			d.unknownKey(e, name, path, fields)
			continue
		}
		sub := join(path, name)
		d.decode(e.Value, v.Field(fields[i].index), sub)
		d.spans[sub+"#key"] = d.span(e.Key)
	}
}

func (d *decoder) unknownKey(e *ast.MappingValueNode, name, path string, fields []yamlField) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	message := fmt.Sprintf("unknown key %q", name)
	if path != "" {
		message += " in " + path
	}
	hint := "the keys here are " + strings.Join(names, ", ")
	if near := Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.problem(d.span(e.Key), "config-unknown-key", message, hint)
}

func (d *decoder) decodeMap(n ast.Node, v reflect.Value, path string) {
	m := reflect.MakeMap(v.Type())
	for _, e := range d.entries(n, path) {
		name, ok := d.key(e)
		if !ok {
			continue
		}
		sub := join(path, name)
		elem := reflect.New(v.Type().Elem()).Elem()
		d.decode(e.Value, elem, sub)
		d.spans[sub+"#key"] = d.span(e.Key)
		m.SetMapIndex(reflect.ValueOf(name), elem)
	}
	v.Set(m)
}

func (d *decoder) decodeSlice(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrongType(n, path, "a list")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, e := range seq.Values {
		d.decode(e, s.Index(i), fmt.Sprintf("%s.%d", path, i))
	}
	v.Set(s)
}

func (d *decoder) decodeString(n ast.Node, v reflect.Value, path string) {
	switch s := n.(type) {
	case *ast.StringNode:
		v.SetString(s.Value)
	case *ast.LiteralNode:
		v.SetString(s.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		v.SetString(n.GetToken().Value)
	default:
		d.wrongType(n, path, "a string")
	}
}

func (d *decoder) decodeInt(n ast.Node, v reflect.Value, path string) {
	i, ok := n.(*ast.IntegerNode)
	if ok {
		switch x := i.Value.(type) {
		case int64:
			v.SetInt(x)
			return
		case uint64:
			if x <= 1<<31 {
				v.SetInt(int64(x))
				return
			}
		}
	}
	d.wrongType(n, path, "a whole number")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

type yamlField struct {
	name  string
	index int
}

// yamlFields lists the keys of a struct of the configuration, in order.
func yamlFields(t reflect.Type) []yamlField {
	var fs []yamlField
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" {
			fs = append(fs, yamlField{name, i})
		}
	}
	return fs
}

// Nearest returns the one of names that name is most likely a misspelling of,
// or "".
func Nearest(name string, names []string) string {
	best, dist := "", 1+max(1, len(name)/3)
	for _, n := range names {
		if k := editDistance(strings.ToLower(name), strings.ToLower(n)); k < dist {
			best, dist = n, k
		}
	}
	return best
}

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours that lead from a to b.
func editDistance(a, b string) int {
	prev2, prev := []int(nil), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur := make([]int, len(b)+1)
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j+1]+1, cur[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cur[j+1] = min(cur[j+1], prev2[j-1]+1)
			}
		}
		prev2, prev = prev, cur
	}
	return prev[len(b)]
}
