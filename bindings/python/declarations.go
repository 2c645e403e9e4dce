package python

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// standard are the modules that annotations name.
const standard = "import dataclasses\nimport datetime\nimport enum\nimport fractions\nimport ipaddress\nimport typing\n\n"

// declarations are the module _types: dataclasses, enums and exceptions.
func (m *module) declarations() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\"\"\"The types of %s.\"\"\"\n\nfrom __future__ import annotations\n\n%s", m.c.Component, standard)
	b.WriteString("from ._runtime import ZERO_TIME, NIL_BYTES, Duration, Error, NilDict, NilList, Time, URL\n")
	for i := range m.c.Types {
		switch t := &m.c.Types[i]; {
		case m.types[t.ID] == "" || t.Kind == component.KindHandle:
		case t.Kind == component.KindStruct:
			m.dataclass(&b, t)
		default:
			m.enum(&b, t)
		}
	}
	for _, e := range m.errors {
		m.exception(&b, e)
	}
	return b.String()
}

// dataclass writes a struct. Its fields may be given by name or in order.
func (m *module) dataclass(b *strings.Builder, t *component.Type) {
	hashable := ""
	if m.isKey(t.ID) {
		hashable = "(unsafe_hash=True)"
	}
	fmt.Fprintf(b, "\n\n@dataclasses.dataclass%s\nclass %s:\n", hashable, m.types[t.ID])
	message := m.s.StructMessage(t.ID)
	var fields []string
	for i, f := range message.Fields {
		if doc := foreign.FieldDoc(t, f.Name); doc != "" {
			first, _, _ := strings.Cut(doc, "\n\n")
			fields = append(fields, fmt.Sprintf("``%s``: %s", m.fields[t.ID][i], strings.ReplaceAll(first, "\n", " ")))
		}
	}
	doc := docstring("    ", t.Doc, strings.Join(fields, "\n\n"))
	if doc == "" {
		doc = docstring("    ", m.types[t.ID]+" is "+string(t.ID)+".")
	}
	b.WriteString(doc)
	for i, f := range message.Fields {
		value := m.zero(f.Type)
		if factory, made := strings.CutSuffix(value, "()"); made {
			value = "dataclasses.field(default_factory=" + factory + ")"
			if m.isLater(f.Type) {
				value = "dataclasses.field(default_factory=lambda: " + factory + "())"
			}
		} else if strings.HasSuffix(value, ")") && value != "Duration(0)" {
			value = "dataclasses.field(default_factory=lambda: " + value + ")"
		}
		fmt.Fprintf(b, "    %s: %s = %s\n", m.fields[t.ID][i], m.annotation(f.Type), value)
	}
}

// isLater reports whether the type is a class that may be declared further down.
func (m *module) isLater(id component.TypeID) bool { return m.types[id] != "" }

// isKey reports whether maps have keys of the type.
func (m *module) isKey(id component.TypeID) bool {
	for i := range m.c.Types {
		if m.c.Types[i].Kind == component.KindMap && m.holds(m.c.Types[i].Key, id, 0) {
			return true
		}
	}
	return false
}

func (m *module) holds(in, id component.TypeID, depth int) bool {
	t := m.s.Type(in)
	if in == id || t == nil || depth > 8 {
		return in == id
	}
	for _, f := range t.Fields {
		if m.holds(f.Type, id, depth+1) {
			return true
		}
	}
	return t.Elem != "" && m.holds(t.Elem, id, depth+1)
}

// enum writes a declared number or string with named values. Others may come, too: in Go
// nothing keeps them out.
func (m *module) enum(b *strings.Builder, t *component.Type) {
	base, plain := "enum.IntEnum", "int"
	if t.Kind == component.KindString {
		base, plain = "str, enum.Enum", "str"
	}
	name := m.types[t.ID]
	fmt.Fprintf(b, "\n\nclass %s(%s):\n%s", name, base, docstring("    ", t.Doc, t.ConstantsDoc, "Values without a name are members, too."))
	names := newNames("name", "value", "mro", "_missing_", "encode", "format", "count", "index", "title", "lower", "upper", "real", "imag")
	for _, c := range t.Constants {
		member := names.Take(strings.ToUpper(foreign.Snake(strings.TrimPrefix(c.Name, t.Name))))
		value := c.Value
		if t.Kind == component.KindString {
			if s, err := strconv.Unquote(c.Value); err == nil {
				value = quote(s)
			}
		}
		if doc, _, _ := strings.Cut(c.Doc, "\n"); doc != "" {
			fmt.Fprintf(b, "    #: %s\n", doc)
		}
		fmt.Fprintf(b, "    %s = %s\n", member, value)
	}
	fmt.Fprintf(b, `
    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, %s):
            return None
        member = %s.__new__(cls, value)
        member._name_, member._value_ = str(value), value
        return member

    __str__ = %s
`, plain, plain, map[string]string{"int": "int.__repr__", "str": "str.__str__"}[plain])
}

// quote writes a string as Python does.
func quote(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&out, `\x%02x`, c)
		default:
			out.WriteByte(c)
		}
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD") + `"`
}

// exception writes an error of the contract.
func (m *module) exception(b *strings.Builder, e exception) {
	fmt.Fprintf(b, "\n\nclass %s(Error):\n%s", e.class, docstring("    ", e.Doc, fmt.Sprintf("%s.%s in Go.", e.Package.Path, e.Name)))
	if t := m.s.Type(e.Type); t != nil && t.Kind == component.KindStruct {
		message := m.s.StructMessage(e.Type)
		b.WriteString("\n")
		for i, f := range message.Fields {
			fmt.Fprintf(b, "    %s: %s\n", m.fields[e.Type][i], m.annotation(f.Type))
		}
	}
}

// functions are the module __init__.
func (m *module) functions() string {
	var b strings.Builder
	b.WriteString(m.moduleDoc())
	b.WriteString("\nfrom __future__ import annotations\n\n" + standard)
	b.WriteString("from . import _codec\nfrom ._runtime import Cancelled, Deadline, Duration, Error, Handle as _Handle, NotExecuted, Panic, Time, URL\n")
	exported := []string{"Cancelled", "Deadline", "Duration", "Error", "NotExecuted", "Panic", "Time", "URL"}
	imported := m.classes()
	if len(imported) > 0 {
		fmt.Fprintf(&b, "from ._types import %s\n", strings.Join(imported, ", "))
	}
	for _, t := range m.c.Handles() {
		m.handle(&b, t)
		exported = append(exported, m.types[t.ID])
	}
	for _, x := range m.methods {
		if x.Handle == "" {
			m.function(&b, x)
			exported = append(exported, m.names[x.Name])
		}
	}
	fmt.Fprintf(&b, "\n\n__all__ = [%s]\n", quoted(append(imported, exported...)))
	return b.String()
}

func quoted(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, quote(n))
	}
	return strings.Join(out, ", ")
}

func (m *module) moduleDoc() string {
	left := ""
	if len(m.left) > 0 {
		left = "What is only there in Go:\n\n- " + strings.Join(m.left, "\n- ")
	}
	return docstring("", m.c.Doc, fmt.Sprintf("%s calls the Go code of %s in this process.", packageName(m.c.Component), m.c.Package.Path), left)
}

// A signature is how Python declares an endpoint.
type signature struct {
	params []string // names
	list   string   // as they are declared
	pass   string   // as they are passed on
	result string
}

func (m *module) signatureOf(x schema.Method) signature {
	var s signature
	names := newNames("timeout", "_token", "w", "r", "first", "self", "_codec")
	var declared, pass []string
	params := x.Source.Params
	if x.Handle != "" {
		params = params[1:]
	}
	for i, p := range params {
		name := p.Name
		if name == "" || name == "_" {
			name = fmt.Sprintf("p%d", i+1)
		}
		name = names.Take(foreign.Snake(name))
		s.params = append(s.params, name)
		if x.Source.Variadic && i == len(params)-1 {
			declared, pass = append(declared, "*"+name+": "+m.annotation(m.s.Type(p.Type.ID()).Elem)), append(pass, "*"+name)
			continue
		}
		declared, pass = append(declared, name+": "+m.annotation(p.Type.ID())), append(pass, name)
	}
	if !x.Source.Variadic {
		declared = append(declared, "*")
	}
	s.list = strings.Join(append(declared, "timeout: float | None = None"), ", ")
	s.pass = strings.Join(append(pass, "timeout=timeout"), ", ")
	var results []string
	for _, r := range x.Source.Results {
		results = append(results, m.annotation(r.Type.ID()))
	}
	switch len(results) {
	case 0:
		s.result = "None"
	case 1:
		s.result = results[0]
	default:
		s.result = "tuple[" + strings.Join(results, ", ") + "]"
	}
	return s
}

// handle writes the class of a value that stays in Go.
func (m *module) handle(b *strings.Builder, t *component.Type) {
	fmt.Fprintf(b, "\n\nclass %s(_Handle):\n%s", m.types[t.ID], docstring("    ", t.Doc, "The value is in Go. It is let go when nothing refers to this object any more, or at the end of a with statement."))
	for _, x := range m.methods {
		if x.Handle == t.ID {
			m.function(b, x)
		}
	}
	if t.Lease == nil || t.Lease.Release == "" {
		return
	}
	for _, x := range m.methods {
		if x.Handle == t.ID && m.s.HandleMethod(x).Name == t.Lease.Release && m.names[x.Name] != "_close" {
			fmt.Fprintf(b, "\n    def __exit__(self, *_):\n        self.%s()\n", m.names[x.Name])
		}
	}
}

// function writes an endpoint as a function, or as a method of a handle.
func (m *module) function(b *strings.Builder, x schema.Method) {
	s, indent := m.signatureOf(x), ""
	line := func(format string, args ...any) { fmt.Fprintf(b, indent+"    "+format+"\n", args...) }
	own := ""
	if x.Handle != "" {
		indent, own = "    ", "self, "
		b.WriteString("\n")
	} else {
		b.WriteString("\n\n")
	}
	inner := strings.Replace(s.list, "timeout: float | None = None", "timeout: float | None = None, _token: int = 0", 1)
	fmt.Fprintf(b, indent+"def %s(%s%s) -> %s:\n%s", m.names[x.Name], own, inner, s.result, docstring(indent+"    ", m.methodDoc(x)))
	line("w = bytearray()")
	args := []string{"w"}
	if x.Handle != "" {
		args = append(args, "self")
	}
	args = append(args, s.params...)
	given := foreign.Gives(x)
	call := fmt.Sprintf("_codec.call(%d, w, _codec.parse_%s_reply, timeout, _token", x.ID, x.Name)
	if x.Request.Caller {
		line("first = _codec.LIBRARY.first(%d)", given)
		args = append(args, "first")
		call += fmt.Sprintf(", first, %d", given)
	}
	line("_codec.put_%s_request(%s)", x.Name, strings.Join(args, ", "))
	line("r = %s)", call)
	back := x.Source.Back()
	receiver := len(x.Source.Params) - len(s.params) // 1 of a handle's, whose first parameter is the handle
	for n, i := range back {
		line("_codec.take_back(%s, r[%d])", s.params[i-receiver], len(x.Source.Results)+n)
	}
	results := m.results(x)
	switch len(results) {
	case 0:
	case 1:
		line("return %s", results[0])
	default:
		line("return %s", strings.Join(results, ", "))
	}
}

// results are the expressions of what an endpoint returns. A handle that comes from Go is
// an object here.
func (m *module) results(x schema.Method) []string {
	var out []string
	given := 0
	for i := range x.Source.Results {
		expression := fmt.Sprintf("r[%d]", i)
		if f := x.Reply.Fields[i]; f.Form == schema.Reference {
			expression = fmt.Sprintf("_codec.LIBRARY.taken(%s, %s, first + %d)", m.types[f.Type], expression, given)
			given++
		}
		out = append(out, expression)
	}
	return out
}

// methodDoc is the comment of an endpoint with those of its parameters and results.
func (m *module) methodDoc(x schema.Method) string {
	doc := x.Source.Doc
	var names []string
	for _, r := range x.Source.Results {
		if r.Name != "" && r.Name != "_" {
			names = append(names, foreign.Snake(r.Name))
		}
	}
	if len(names) > 1 && len(names) == len(x.Source.Results) {
		doc += "\n\nReturns (" + strings.Join(names, ", ") + ")."
	}
	return strings.TrimSpace(doc)
}

// coroutines are the module aio.
func (m *module) coroutines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\"\"\"The functions of %s as coroutines.\n\nEach runs in a thread of the loop's executor. If its task is cancelled, so is the call.\n\"\"\"\n\n", packageName(m.c.Component))
	b.WriteString("from __future__ import annotations\n\n" + standard + "from . import _codec as _codec_\nimport " + packageName(m.c.Component) + " as _sync\n")
	b.WriteString("from ._runtime import Duration, Time, URL\nfrom ._types import *\nfrom . import *\n\n#: later(handle.method, ...) calls a method of a handle as a coroutine.\nlater = _codec_.LIBRARY.later\n")
	for _, x := range m.methods {
		if x.Handle != "" {
			continue
		}
		s, name := m.signatureOf(x), m.names[x.Name]
		fmt.Fprintf(&b, "\n\nasync def %s(%s) -> %s:\n%s    return await _codec_.LIBRARY.later(_sync.%s, %s)\n", name, s.list, s.result, docstring("    ", m.methodDoc(x)), name, s.pass)
	}
	return b.String()
}
