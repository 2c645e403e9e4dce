package python

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// keywords can't be names.
var keywords = strings.Fields(`False None True and as assert async await break class continue def del elif else except finally for from global
	if import in is lambda nonlocal not or pass raise return try while with yield`)

// builtins are used by the generated code.
var builtins = strings.Fields(`bool int float complex str bytes bytearray list dict tuple type len isinstance range Exception IndexError property super`)

// A module is the package being written.
type module struct {
	c       *component.Contract
	s       *schema.Schema
	methods []schema.Method // those that it has
	left    []string        // why others aren't there
	types   map[component.TypeID]string
	errors  []exception
	fields  map[component.TypeID][]string // names of the fields of structs
	names   map[string]string             // of functions, by endpoint
	scope   *foreign.Names                // of the package
}

// An exception is an error of the contract.
type exception struct {
	component.ErrorIdentity
	class string
}

// packageName is the name by which the package is imported.
func packageName(component string) string { return identifier(strings.ReplaceAll(component, "-", "_")) }

// identifier makes a name of Python of one of Go, whose letters and digits are nearly the
// same.
func identifier(name string) string {
	out := strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, name)
	if out == "" || unicode.IsDigit([]rune(out)[0]) {
		out = "_" + out
	}
	return out
}

func newNames(words ...string) *foreign.Names {
	return foreign.NewNames(identifier, slices.Concat(keywords, builtins, words)...)
}

func newModule(req *generate.Request) *module {
	m := &module{c: req.Contract, s: req.Schema, types: map[component.TypeID]string{}, fields: map[component.TypeID][]string{}, names: map[string]string{}}
	m.scope = newNames("aio", "annotations", "Error", "Panic", "Time", "Duration", "URL", "Deadline", "Cancelled", "dataclasses", "enum", "typing")
	m.methods, m.left = foreign.Endpoints(m.c, m.s)
	for _, x := range m.methods {
		if x.Handle == "" {
			m.names[x.Name] = m.scope.Take(foreign.Snake(x.Name))
		}
	}
	for i := range m.c.Types {
		m.name(&m.c.Types[i])
	}
	for _, t := range m.c.Handles() {
		m.types[t.ID] = m.scope.Take(foreign.UpperFirst(m.s.HandleName(t.ID)))
		names := newNames("release")
		for _, x := range m.methods {
			if x.Handle == t.ID {
				m.names[x.Name] = names.Take(foreign.Snake(m.s.HandleMethod(x).Name))
			}
		}
	}
	for _, e := range m.c.Errors {
		m.errors = append(m.errors, exception{e, m.scope.Take(foreign.ErrorName(e))})
	}
	return m
}

// classes are the names of the classes in the module _types.
func (m *module) classes() []string {
	var names []string
	for i := range m.c.Types {
		if t := &m.c.Types[i]; m.types[t.ID] != "" && t.Kind != component.KindHandle {
			names = append(names, m.types[t.ID])
		}
	}
	for _, e := range m.errors {
		names = append(names, e.class)
	}
	return names
}

// name gives a type the name of a class, if it is to be one.
func (m *module) name(t *component.Type) {
	switch {
	case t.Kind == component.KindStruct:
		message := m.s.StructMessage(t.ID)
		if message == nil {
			return // nothing that crosses has it
		}
		name := t.Name
		if name == "" {
			name = message.Name
		}
		if foreign.IsError(m.c, t.ID) {
			name += "Fields"
		}
		m.types[t.ID] = m.scope.Take(foreign.UpperFirst(name))
		names := newNames()
		for _, f := range message.Fields {
			m.fields[t.ID] = append(m.fields[t.ID], names.Take(foreign.Snake(f.Name)))
		}
	case foreign.IsEnum(t):
		m.types[t.ID] = m.scope.Take(foreign.UpperFirst(t.Name))
	}
}

// annotation is how Python writes a type.
func (m *module) annotation(id component.TypeID) string { return m.annotated(id, nil) }

// annotated is annotation within other types: one that holds itself has no end.
func (m *module) annotated(id component.TypeID, within []component.TypeID) string {
	t := m.s.Type(id)
	if name := m.types[id]; name != "" {
		if t.Kind == component.KindHandle {
			return name + " | None"
		}
		return name
	}
	if slices.Contains(within, id) {
		return "typing.Any"
	}
	within = append(slices.Clone(within), id)
	switch t.Kind {
	case component.KindBool:
		return "bool"
	case component.KindString:
		return "str"
	case component.KindFloat32, component.KindFloat64:
		return "float"
	case component.KindComplex64, component.KindComplex128:
		return "complex"
	case component.KindSlice, component.KindArray:
		if f := m.s.FormOf(id); f == schema.Bytes || f == schema.ByteArray {
			return "bytes"
		}
		if t.Kind == component.KindArray {
			return "tuple[" + m.annotated(t.Elem, within) + ", ...]"
		}
		return "list[" + m.annotated(t.Elem, within) + "]"
	case component.KindMap:
		return "dict[" + m.annotated(t.Key, within) + ", " + m.annotated(t.Elem, within) + "]"
	case component.KindPointer:
		return optional(m.annotated(t.Elem, within))
	case component.KindUnion, component.KindAny:
		return m.union(t, within)
	case component.KindError:
		return "Exception | None"
	case component.KindExternal:
		return externals[t.Codec].annotation
	}
	if id == foreign.DurationID {
		return "Duration"
	}
	return "int"
}

func optional(annotation string) string {
	if strings.HasSuffix(annotation, "| None") || annotation == "typing.Any" {
		return annotation
	}
	return annotation + " | None"
}

func (m *module) union(t *component.Type, within []component.TypeID) string {
	var names []string
	for _, f := range t.Fields {
		name := strings.TrimSuffix(m.annotated(f.Type, within), " | None")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if slices.Contains(names, "typing.Any") {
		return "typing.Any"
	}
	return strings.Join(append(names, "None"), " | ")
}

// zero is the value that a variable of the type has in Go, where nothing was written.
func (m *module) zero(id component.TypeID) string {
	t := m.s.Type(id)
	if t.Kind == component.KindStruct {
		return m.types[id] + "()"
	}
	if name := m.types[id]; name != "" && t.Kind != component.KindHandle {
		if t.Kind == component.KindString {
			return name + `("")`
		}
		return name + "(0)"
	}
	switch t.Kind {
	case component.KindBool:
		return "False"
	case component.KindString:
		return `""`
	case component.KindFloat32, component.KindFloat64:
		return "0.0"
	case component.KindComplex64, component.KindComplex128:
		return "0j"
	case component.KindSlice:
		if m.s.FormOf(id) == schema.Bytes {
			return "NIL_BYTES"
		}
		return "NilList()"
	case component.KindArray:
		if m.s.FormOf(id) == schema.ByteArray {
			return fmt.Sprintf("bytes(%d)", t.Len)
		}
		return fmt.Sprintf("tuple(%s for _ in range(%d))", m.zero(t.Elem), t.Len)
	case component.KindMap:
		return "NilDict()"
	case component.KindPointer, component.KindUnion, component.KindAny, component.KindError, component.KindHandle:
		return "None"
	case component.KindExternal:
		return externals[t.Codec].zero
	}
	if id == foreign.DurationID {
		return "Duration(0)"
	}
	return "0"
}

// An external is how Python has a type that is encoded as a whole.
type external struct {
	annotation, zero string
	// write and read convert to bytes and from them; of a message, put and parse do.
	write, read string
	put, parse  string
}

var externals = map[string]external{
	"time":           {annotation: "datetime.datetime", zero: "ZERO_TIME", put: "put_time", parse: "parse_time"},
	"url":            {annotation: "URL | str", zero: "URL()", put: "put_url", parse: "parse_url"},
	"text":           {annotation: "str", zero: `""`, write: "encode_text", read: "decode_text"},
	"binary":         {annotation: "bytes", zero: `b""`, write: "bytes", read: "bytes"},
	"gob":            {annotation: "bytes", zero: `b""`, write: "bytes", read: "bytes"},
	"protobuf":       {annotation: "bytes", zero: `b""`, write: "bytes", read: "bytes"},
	"json":           {annotation: "typing.Any", zero: "None", write: "json_text", read: "read_json"},
	"netip.Addr":     {annotation: "ipaddress.IPv4Address | ipaddress.IPv6Address | None", zero: "None", write: "address", read: "read_address"},
	"netip.AddrPort": {annotation: "bytes", zero: `b""`, write: "bytes", read: "bytes"},
	"netip.Prefix":   {annotation: "bytes", zero: `b""`, write: "bytes", read: "bytes"},
	"big.Int":        {annotation: "int", zero: "0", write: "big_int", read: "read_big_int"},
	"big.Float":      {annotation: "bytes", zero: `b""`, write: "bytes", read: "bytes"},
	"big.Rat":        {annotation: "fractions.Fraction", zero: "fractions.Fraction(0)", write: "big_rat", read: "read_big_rat"},
}

// docstring writes a text as a docstring.
func docstring(indent string, paragraphs ...string) string {
	text := foreign.Comment(strings.NewReplacer(`\`, `\\`, `"""`, `\"\"\"`, "\r", ""), paragraphs...)
	if text == "" {
		return ""
	}
	if strings.HasSuffix(text, `"`) {
		text += " "
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 && line != "" {
			lines[i] = strings.TrimRightFunc(indent+line, unicode.IsSpace)
		}
	}
	end := ""
	if len(lines) > 1 {
		end = "\n" + indent
	}
	return indent + `"""` + strings.Join(lines, "\n") + end + `"""` + "\n"
}
