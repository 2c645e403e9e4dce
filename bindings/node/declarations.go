package node

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// shared are the classes that each package exports, and the modules that have them.
var shared = []struct{ module, names string }{
	{"$r", "Cancelled Deadline EndOfFile Exist GoError Invalid NotExist NotPermitted Panic Unsupported"},
	{"$v", "Complex Duration Rat Time Url"},
	{"$", "Typed"},
}

// classes are the module types: structs, enums and errors.
func (m *module) classes() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\"use strict\";\n// The types of %s.\n\nconst $ = require(\"./wire.cjs\");\nconst $v = require(\"./values.cjs\");\nconst $r = require(\"./runtime.cjs\");\nconst $freeze = Object.freeze;\nconst $t = exports;\n", m.c.Component)
	for _, t := range m.declared() {
		name := m.types[t.ID]
		if t.Kind != component.KindStruct {
			fmt.Fprintf(&b, "\n$t.%s = $freeze({\n", name)
			for _, c := range m.constants(t) {
				fmt.Fprintf(&b, "  %s: %s,\n", c.name, c.value)
			}
			b.WriteString("});\n")
			continue
		}
		fmt.Fprintf(&b, "\n$t.%s = class %s {\n", name, name)
		var names []string
		for i, f := range m.s.StructMessage(t.ID).Fields {
			field := m.fields[t.ID][i]
			fmt.Fprintf(&b, "  %s = %s;\n", field, m.zero(f.Type))
			names = append(names, quote(field))
		}
		b.WriteString("  constructor(init) {\n    if (init !== undefined) $.fill(this, init);\n  }\n};\n")
		fmt.Fprintf(&b, "$.withFields($t.%s, [%s]);\n", name, strings.Join(names, ", "))
	}
	for _, e := range m.errors {
		fmt.Fprintf(&b, "\n$t.%s = $r.named(class %s extends $r.GoError {}, [%s]);\n", e.class, e.class, quote(foreign.Identity(e.ErrorIdentity)))
	}
	return b.String()
}

// A constant is a named value of an enum.
type constant struct{ name, value, doc string }

// constants are the named values of a type, by their names without the type's.
func (m *module) constants(t *component.Type) []constant {
	var out []constant
	names := members()
	for _, c := range t.Constants {
		name := strings.TrimLeft(strings.TrimPrefix(c.Name, t.Name), "_")
		if name == "" {
			name = c.Name
		}
		value := c.Value
		switch n, err := strconv.ParseInt(value, 0, 64); {
		case t.Kind == component.KindString:
			s, err := strconv.Unquote(value)
			if err != nil {
				continue
			}
			value = quote(s)
		case m.isBig(t.Kind), err != nil, n > 1<<53-1, n < -(1<<53 - 1): // what no number is exactly
			value += "n"
		}
		out = append(out, constant{names.Take(foreign.UpperFirst(identifier(name))), value, c.Doc})
	}
	return out
}

// functions are the module index.
func (m *module) functions() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\"use strict\";\n\nconst $ = require(\"./wire.cjs\");\nconst $v = require(\"./values.cjs\");\nconst $r = require(\"./runtime.cjs\");\nconst $t = require(\"./types.cjs\");\nconst $c = require(\"./codec.cjs\");\nconst $l = $c.library;\nconst $w = $l.writer;\n")
	for _, t := range m.c.Handles() {
		m.handle(&b, t)
	}
	for _, x := range m.methods {
		if x.Handle == "" {
			m.function(&b, x)
		}
	}
	b.WriteString("\nmodule.exports = {\n")
	for _, s := range shared {
		for name := range strings.FieldsSeq(s.names) {
			fmt.Fprintf(&b, "  %s: %s.%s,\n", name, s.module, name)
		}
	}
	b.WriteString("  ...$t,\n")
	for _, name := range m.own() {
		fmt.Fprintf(&b, "  %s,\n", name)
	}
	b.WriteString("};\n")
	return b.String()
}

// own are the names that the module index declares.
func (m *module) own() []string {
	var names []string
	for _, t := range m.c.Handles() {
		names = append(names, m.types[t.ID])
	}
	for _, x := range m.methods {
		if x.Handle == "" {
			names = append(names, m.names[x.Name].async, m.names[x.Name].sync)
		}
	}
	return names
}

// reexported is the module index for import.
func (m *module) reexported() string {
	var names []string
	for _, s := range shared {
		names = append(names, strings.Fields(s.names)...)
	}
	for _, t := range m.declared() {
		names = append(names, m.types[t.ID])
	}
	for _, e := range m.errors {
		names = append(names, e.class)
	}
	names = append(names, m.own()...)
	return "import $ from \"./index.cjs\";\n\nexport default $;\nexport const {\n  " + strings.Join(names, ",\n  ") + ",\n} = $;\n"
}

// params are the names of an endpoint's parameters, without the handle whose method it is.
func (m *module) params(x schema.Method) []string {
	params := x.Source.Params
	if x.Handle != "" {
		params = params[1:]
	}
	names := newNames(append(keywords, "options")...)
	var out []string
	for i, p := range params {
		name := p.Name
		if name == "" || name == "_" {
			name = fmt.Sprintf("p%d", i+1)
		}
		out = append(out, names.Take(foreign.Camel(name)))
	}
	return out
}

// handle writes the class of a value that stays in Go.
func (m *module) handle(b *strings.Builder, t *component.Type) {
	fmt.Fprintf(b, "\nclass %s extends $r.Handle {", m.types[t.ID])
	for _, x := range m.methods {
		if x.Handle == t.ID {
			m.function(b, x)
		}
	}
	if closes := m.closes(t); closes != "" {
		fmt.Fprintf(b, "\n  [$r.dispose]() {\n    this.%s();\n  }\n\n  async [$r.asyncDispose]() {\n    await this.%s();\n  }\n", m.names[closes].sync, m.names[closes].async)
	}
	b.WriteString("}\n")
}

// closes is the endpoint that ends a handle's value, if there is one.
func (m *module) closes(t *component.Type) string {
	if t.Lease == nil || t.Lease.Release == "" {
		return ""
	}
	for _, x := range m.methods {
		if x.Handle == t.ID && m.s.HandleMethod(x).Name == t.Lease.Release && len(m.params(x)) == 0 {
			return x.Name
		}
	}
	return ""
}

// function writes an endpoint's two functions, or methods of a handle.
func (m *module) function(b *strings.Builder, x schema.Method) {
	indent, keyword, args := "", "function ", []string{"$w"}
	params := m.params(x)
	if x.Handle != "" {
		indent, keyword, args = "  ", "", append(args, "this")
	}
	line := func(format string, args ...any) { fmt.Fprintf(b, indent+format+"\n", args...) }
	args = append(args, params...)
	given, numbers := foreign.Gives(x), ""
	if x.Request.Caller {
		args = append(args, "$first")
		numbers = fmt.Sprintf(", $first, %d", given)
	}
	list := strings.Join(append(params, "options"), ", ")
	for _, way := range []struct{ name, async, call string }{{m.names[x.Name].async, "async ", "start"}, {m.names[x.Name].sync, "", "call"}} {
		line("\n%s%s%s%s(%s) {", indent, way.async, keyword, way.name, list)
		if x.Request.Caller {
			first := "0"
			if given > 0 {
				first = fmt.Sprintf("$l.numbers(%d)", given)
			}
			line("  const $first = %s;", first)
		}
		line("  const $at = $w.i;")
		line("  let $results;")
		line("  try {")
		line("    $c.put_%s_request(%s);", x.Name, strings.Join(args, ", "))
		line("    $results = $l.%s(%d, $at, $c.parse_%s_reply, options%s);", way.call, x.ID, x.Name, numbers)
		line("  } finally {")
		line("    $w.reset($at);")
		line("  }")
		if way.async != "" {
			line("  $results = await $results;")
		}
		m.results(line, x, params)
		line("}")
	}
}

// results writes what a function does with what came back: arguments that Go changed are
// changed, and handles are objects.
func (m *module) results(line func(string, ...any), x schema.Method, params []string) {
	receiver := len(x.Source.Params) - len(params) // 1 of a handle's, whose first parameter is the handle
	for n, i := range x.Source.Back() {
		line("  $.takeBack(%s, $results[%d]);", params[i-receiver], len(x.Source.Results)+n)
	}
	var out []string
	given := 0
	for i := range x.Source.Results {
		expression := fmt.Sprintf("$results[%d]", i)
		if f := x.Reply.Fields[i]; f.Form == schema.Reference {
			expression = fmt.Sprintf("$l.taken(%s, %s, $first + %d)", m.types[f.Type], expression, given)
			given++
		}
		out = append(out, expression)
	}
	switch len(out) {
	case 0:
	case 1:
		line("  return %s;", out[0])
	default:
		line("  return [%s];", strings.Join(out, ", "))
	}
}
