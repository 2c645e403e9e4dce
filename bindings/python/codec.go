package python

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// A writer writes the functions of the module _codec.
type writer struct {
	*module
	strings.Builder
	messages map[*schema.Message]string
	both     bool // see Codec
}

// Codec returns the module _codec. Both: with what the other side writes and reads, too,
// for tests that send a frame through Python.
func Codec(req *generate.Request, both bool) []byte {
	return []byte(newModule(req).codec(both))
}

func (w *writer) line(indent int, format string, args ...any) {
	w.WriteString(strings.Repeat("    ", indent))
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// codec is the module _codec: for each message a function that writes it and one that
// reads it.
func (m *module) codec(both bool) string {
	messages := foreign.Messages(m.s, m.methods, m.c.Errors)
	w := &writer{module: m, messages: foreign.MessageNames(messages, identifier), both: both}
	w.line(0, `"""How values of %s are encoded."""`, m.c.Component)
	w.line(0, "")
	w.line(0, "from __future__ import annotations\n")
	w.line(0, "import fractions\n")
	w.line(0, "from ._runtime import (BOUNDS, NIL_BYTES, NULL, ZERO_TIME, Duration, Errors, Library, Malformed, NilBytes, NilDict, NilList, Time, URL, address,")
	w.line(0, "                       big_int, big_rat, decode_text, encode_text, float32, float64, integer, is_nil, is_zero_time, json_text, nanoseconds, parse_complex, parse_reference, parse_time,")
	w.line(0, "                       parse_url, put_bytes, put_complex, put_sint, put_text, put_time, put_url, put_uvarint, raw, read32, read64, read_address,")
	w.line(0, "                       read_big_int, read_big_rat, read_json, sint, skip, span, take_back, text, uvarint)")
	if names := m.classes(); len(names) > 0 {
		w.line(0, "from ._types import %s", strings.Join(names, ", "))
	}
	w.line(0, "\nERRORS = Errors()\nLIBRARY = Library(%q, ERRORS, %d)", m.c.Component, m.s.Keep)
	w.line(0, "\n\ndef call(endpoint, request, parse, timeout, token, first=0, gives=0):")
	w.line(1, "return LIBRARY.exchange(endpoint, request, parse, timeout, token, first, gives)")
	for _, msg := range messages {
		w.put(msg)
		w.parse(msg)
	}
	w.line(0, "")
	for _, e := range m.errors {
		w.register(e)
	}
	return w.String()
}

func tagOf(number, wireType int) string {
	var out strings.Builder
	out.WriteString(`b"`)
	for _, c := range wire.AppendUvarint(nil, uint64(number)<<3|uint64(wireType)) {
		fmt.Fprintf(&out, `\x%02x`, c)
	}
	return out.String() + `"`
}

// places are the expressions of a message's fields, where v is its value.
func (w *writer) places(msg *schema.Message) (params string, places []string) {
	switch msg.Kind {
	case schema.Struct:
		for _, name := range w.fields[msg.Type] {
			places = append(places, "v."+name)
		}
		return "v", places
	case schema.Box:
		return "v", []string{"v"}
	case schema.Entry:
		return "k, v", []string{"k", "v"}
	}
	var names []string
	for i := range msg.Fields {
		names = append(names, fmt.Sprintf("p%d", i))
	}
	return strings.Join(names, ", "), names
}

// put writes the function that appends a message to w.
func (w *writer) put(msg *schema.Message) {
	if msg.Kind == schema.Reply && !w.both {
		return
	}
	w.line(0, "")
	if msg.Kind == schema.Union {
		w.putUnion(msg)
		return
	}
	params, places := w.places(msg)
	if params != "" {
		params = ", " + params
	}
	if msg.Caller {
		params += ", first"
	}
	w.line(0, "\ndef put_%s(w%s):", w.messages[msg], params)
	if msg.Caller {
		w.line(1, "LIBRARY.put_caller(w, %s, first)", tagOf(schema.CallerNumber, wire.TypeBytes))
	}
	for i, f := range msg.Fields {
		w.line(1, "x = %s", places[i])
		w.putField(f)
	}
	w.presence(msg, places)
	if len(msg.Fields) == 0 {
		w.line(1, "pass")
	}
}

func (w *writer) putField(f schema.Field) {
	t := w.s.Type(f.Type)
	tag := tagOf(f.Number, wire.TypeBytes)
	switch f.Form {
	case schema.Single:
		w.putSingle(1, t, f.Number, false)
	case schema.Optional:
		w.line(1, "if x is not None:")
		w.putSingle(2, w.s.Type(t.Elem), f.Number, true)
	case schema.Boxed:
		w.line(1, "if x is not None:")
		w.putMessage(2, tag, w.s.BoxMessage(t.Elem), "x")
	case schema.Bytes:
		w.line(1, "if not is_nil(x, NilBytes):")
		w.line(2, "w += %s", tag)
		w.line(2, "put_bytes(w, x)")
	case schema.ByteArray:
		w.line(1, "if len(x) != %d:", t.Len)
		w.line(2, `raise ValueError("%d bytes are wanted, and not %%d" %% len(x))`, t.Len)
		w.line(1, "w += %s", tag)
		w.line(1, "put_bytes(w, x)")
	case schema.List:
		w.putList(t, f.Number)
	case schema.Map:
		w.line(1, "for k, e in (x or {}).items():")
		w.putMessage(2, tag, w.s.EntryMessage(f.Type), "k, e")
	case schema.Reference:
		w.line(1, "if x is not None:")
		w.line(2, "m = LIBRARY.reference(x, %q)", w.s.HandleName(f.Type))
		w.line(2, "w += %s", tag)
		w.line(2, "put_bytes(w, m)")
	case schema.ErrorTree:
		w.line(1, "if x is not None:")
		w.line(2, "m = bytearray()")
		w.line(2, "ERRORS.put(m, x)")
		w.line(2, "w += %s", tag)
		w.line(2, "put_bytes(w, m)")
	}
}

func (w *writer) putMessage(indent int, tag string, msg *schema.Message, args string) {
	w.line(indent, "m = bytearray()")
	w.line(indent, "put_%s(m, %s)", w.messages[msg], args)
	w.line(indent, "w += %s", tag)
	w.line(indent, "put_bytes(w, m)")
}

// putSingle writes the value x; always says that a zero one must be there too.
func (w *writer) putSingle(indent int, t *component.Type, number int, always bool) {
	tag := tagOf(number, foreign.WireType(t.Kind))
	when := func(condition string) int {
		if always {
			return indent
		}
		w.line(indent, "if %s:", condition)
		return indent + 1
	}
	switch {
	case schema.IsNumber(t.Kind):
		w.putNumber(indent, t, tag, always)
	case t.Kind == component.KindString:
		at := when("x")
		w.line(at, "w += %s", tag)
		w.line(at, "put_text(w, x)")
	case schema.IsMessage(t.Kind):
		msg := w.s.StructMessage(t.ID)
		if msg.Kind == schema.Union && !always {
			w.putMessage(when("x is not None"), tag, msg, "x")
			return
		}
		w.line(indent, "m = bytearray()")
		w.line(indent, "put_%s(m, x)", w.messages[msg])
		at := when("m")
		w.line(at, "w += %s", tag)
		w.line(at, "put_bytes(w, m)")
	case t.Kind == component.KindExternal:
		e := externals[t.Codec]
		condition := fmt.Sprintf("x is not None and x != %s", e.zero)
		if t.Codec == "time" {
			condition = "not is_zero_time(x)"
		}
		at := when(condition)
		if e.put != "" {
			w.line(at, "m = bytearray()")
			w.line(at, "%s(m, x)", e.put)
		} else {
			w.line(at, "m = %s(x)", e.write)
		}
		w.line(at, "w += %s", tag)
		w.line(at, "put_bytes(w, m)")
	default:
		w.line(indent, "x = complex(x)")
		at := when(`float64(x.real) + float64(x.imag) != bytes(16)`)
		w.line(at, "m = bytearray()")
		w.line(at, "put_complex(m, x)")
		w.line(at, "w += %s", tag)
		w.line(at, "put_bytes(w, m)")
	}
}

// putNumber writes the number x with its tag.
func (w *writer) putNumber(indent int, t *component.Type, tag string, always bool) {
	if foreign.IsFloat(t.Kind) {
		w.line(indent, "m = %s(x)", t.Kind)
		if !always {
			w.line(indent, "if m != bytes(len(m)):")
			indent++
		}
		w.line(indent, "w += %s + m", tag)
		return
	}
	w.line(indent, "x = %s", w.number(t, "x"))
	if !always {
		w.line(indent, "if x:")
		indent++
	}
	w.line(indent, "w += %s", tag)
	w.line(indent, "%s(w, x)", varint(t.Kind))
}

// number is the expression of x as an integer that the type can hold.
func (w *writer) number(t *component.Type, x string) string {
	if t.Kind == component.KindBool {
		return "1 if " + x + " else 0"
	}
	if t.ID == foreign.DurationID {
		x = "nanoseconds(" + x + ")"
	}
	return fmt.Sprintf("integer(%s, %q, *BOUNDS[%q])", x, t.Kind, t.Kind)
}

func varint(k component.Kind) string {
	if schema.IsSigned(k) {
		return "put_sint"
	}
	return "put_uvarint"
}

func (w *writer) putList(t *component.Type, number int) {
	elem, tag := w.s.Type(t.Elem), tagOf(number, wire.TypeBytes)
	if t.Kind == component.KindArray {
		w.line(1, "if len(x) != %d:", t.Len)
		w.line(2, `raise ValueError("%d elements are wanted, and not %%d" %% len(x))`, t.Len)
	}
	switch w.s.Element(t.Elem) {
	case schema.Packed:
		w.line(1, "if x:")
		w.line(2, "m = bytearray()")
		w.line(2, "for e in x:")
		switch {
		case foreign.IsFloat(elem.Kind):
			w.line(3, "m += %s(e)", elem.Kind)
		default:
			w.line(3, "%s(m, %s)", varint(elem.Kind), w.number(elem, "e"))
		}
		w.line(2, "w += %s", tag)
		w.line(2, "put_bytes(w, m)")
	case schema.Each:
		w.line(1, "for x in x or ():")
		w.putSingle(2, elem, number, true)
	case schema.Nullable:
		w.line(1, "for e in x or ():")
		w.line(2, "m = NULL if e is None else bytearray()")
		w.line(2, "if e is not None:")
		w.line(3, "put_%s(m, e)", w.messages[w.s.StructMessage(elem.Elem)])
		w.line(2, "w += %s", tag)
		w.line(2, "put_bytes(w, m)")
	case schema.Wrapped:
		w.line(1, "for e in x or ():")
		w.putMessage(2, tag, w.s.BoxMessage(elem.ID), "e")
	}
}

// presence writes the bits of slices and maps that are empty but not nil.
func (w *writer) presence(msg *schema.Message, places []string) {
	for number := wire.PresenceNumber(1); number > wire.MaxNumber; number-- {
		begun := false
		for i, f := range msg.Fields {
			if !foreign.Nullable(w.s, f) || wire.PresenceNumber(f.Number) != number {
				continue
			}
			if !begun {
				w.line(1, "bits = 0")
				begun = true
			}
			class := "NilList"
			if f.Form == schema.Map {
				class = "NilDict"
			}
			w.line(1, "if not %s and not is_nil(%s, %s):", places[i], places[i], class)
			w.line(2, "bits |= 1 << %d", (f.Number-1)%64)
		}
		if begun {
			w.line(1, "if bits:")
			w.line(2, "w += %s", tagOf(number, wire.TypeVarint))
			w.line(2, "put_uvarint(w, bits)")
		}
	}
}

// A variant is a type that may be behind an interface, as Python tells it from others.
type variant struct {
	schema.Field
	is   string // the condition
	rank int    // those with a lower one are asked first
}

// variants lists the types behind an interface in the order in which they are asked for.
// A type and the pointer to it are one in Python; a new value crosses as what the contract
// has first.
func (w *writer) variants(msg *schema.Message) []variant {
	var out []variant
	for _, f := range msg.Fields {
		t := w.s.Type(f.Type)
		if t.Kind == component.KindPointer {
			t = w.s.Type(t.Elem)
		}
		v := variant{Field: f, rank: 10}
		class := w.types[t.ID]
		switch {
		case class != "" && t.Kind == component.KindStruct:
			// Of a type and the pointer to it a value remembers which one it came as.
			first := slices.IndexFunc(msg.Fields, func(o schema.Field) bool { return w.types[foreign.Pointed(w.s, o.Type)] == class })
			v.is, v.rank = fmt.Sprintf("type(v) is %s and getattr(v, \"_variant_\", %d) == %d", class, msg.Fields[first].Number, f.Number), 0
		case class != "":
			v.is, v.rank = "type(v) is "+class, 0
		case t.ID == foreign.DurationID:
			v.is, v.rank = "type(v) is Duration", 0
		case t.Kind == component.KindBool:
			v.is, v.rank = "isinstance(v, bool)", 1
		case t.ID == "int":
			v.is, v.rank = "isinstance(v, int) and -1 << 63 <= v < 1 << 63", 2
		case schema.IsSigned(t.Kind) || schema.IsUnsigned(t.Kind):
			v.is, v.rank = fmt.Sprintf("isinstance(v, int) and BOUNDS[%q][0] <= v <= BOUNDS[%q][1]", t.Kind, t.Kind), 3
		case t.ID == "float64":
			v.is, v.rank = "isinstance(v, float)", 2
		case foreign.IsFloat(t.Kind):
			v.is, v.rank = "isinstance(v, float)", 3
		case t.Kind == component.KindString:
			v.is = "isinstance(v, str)"
		case w.s.FormOf(t.ID) == schema.Bytes || w.s.FormOf(t.ID) == schema.ByteArray:
			v.is = "isinstance(v, (bytes, bytearray))"
		case t.Kind == component.KindArray:
			v.is, v.rank = fmt.Sprintf("isinstance(v, tuple) and len(v) == %d", t.Len), 11
		case t.Kind == component.KindSlice:
			v.is, v.rank = "isinstance(v, list)", 11
		case t.Kind == component.KindMap:
			v.is, v.rank = "isinstance(v, dict)", 11
		case t.Kind == component.KindExternal && t.Codec == "time":
			v.is, v.rank = "isinstance(v, Time.__mro__[1])", 4
		case t.Kind == component.KindComplex64 || t.Kind == component.KindComplex128:
			v.is, v.rank = "isinstance(v, complex)", 5
		default:
			v.is, v.rank = "True", 20
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b variant) int { return a.rank - b.rank })
	return out
}

func (w *writer) putUnion(msg *schema.Message) {
	w.line(0, "\ndef put_%s(w, v):", w.messages[msg])
	w.line(1, "if v is None:")
	w.line(2, "return")
	for _, v := range w.variants(msg) {
		w.line(1, "if %s:", v.is)
		w.putMessage(2, tagOf(v.Number, wire.TypeBytes), w.s.VariantMessage(v.Type), "v")
		w.line(2, "return")
	}
	w.line(1, `raise TypeError("%%s isn't among the types that can be there" %% type(v).__name__)`)
}

// register tells the package's errors which classes they have.
func (w *writer) register(e exception) {
	name := foreign.Identity(e.ErrorIdentity)
	w.line(0, "ERRORS.classes[%q] = %s", name, e.class)
	t := w.s.Type(e.Type)
	if t == nil || t.Kind != component.KindStruct {
		return
	}
	msg := w.s.StructMessage(e.Type)
	w.line(0, "ERRORS.fields[%q] = lambda b, i, end: vars(parse_%s(b, i, end))", name, w.messages[msg])
}
