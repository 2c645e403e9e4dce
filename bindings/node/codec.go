package node

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// A writer writes the functions of the module codec.
type writer struct {
	*module
	strings.Builder
	messages map[*schema.Message]string
	both     bool // see Codec
}

// Codec returns the module codec. Both: with what the other side writes and reads, too, for
// tests that send a frame through JavaScript.
func Codec(req *generate.Request, both bool) []byte {
	return []byte(newModule(req).codec(both))
}

// Types returns the module types.
func Types(req *generate.Request) []byte { return []byte(newModule(req).classes()) }

func (w *writer) line(indent int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// codec is the module codec: for each message a function that writes it and one that reads
// it.
func (m *module) codec(both bool) string {
	messages := foreign.Messages(m.s, m.methods, m.c.Errors)
	w := &writer{module: m, messages: foreign.MessageNames(messages, identifier), both: both}
	w.line(0, `"use strict";`)
	w.line(0, "// How values of %s are encoded.\n", m.c.Component)
	w.line(0, `const $ = require("./wire.cjs");`)
	w.line(0, `const $v = require("./values.cjs");`)
	w.line(0, `const $t = require("./types.cjs");`)
	w.line(0, `const { Library } = require("./runtime.cjs");`)
	w.line(0, "\nconst { BOUNDS } = $;")
	w.line(0, "const library = new Library(%s, %d);", quote(m.c.Component), m.s.Keep)
	var exported []string
	for _, msg := range messages {
		if msg.Kind != schema.Reply || both {
			w.put(msg)
			exported = append(exported, "put_"+w.messages[msg])
		}
		if msg.Kind != schema.Request || both {
			w.parse(msg)
			exported = append(exported, "parse_"+w.messages[msg])
		}
	}
	w.line(0, "")
	for _, e := range m.errors {
		fields := ""
		if t := m.s.Type(e.Type); t != nil && t.Kind == component.KindStruct {
			fields = ", parse_" + w.messages[m.s.StructMessage(e.Type)]
		}
		w.line(0, "library.errors.add(%s, $t.%s%s);", quote(foreign.Identity(e.ErrorIdentity)), e.class, fields)
	}
	w.line(0, "\nmodule.exports = { %s };", strings.Join(append([]string{"library"}, exported...), ", "))
	return w.String()
}

func tagOf(number, wireType int) int { return number<<3 | wireType }

// tagLength is how many bytes a tag takes.
func tagLength(tag int) int { return len(wire.AppendUvarint(nil, uint64(tag))) }

// places are the expressions of a message's fields, where v is its value, and what they are
// called where one is wrong.
func (w *writer) places(msg *schema.Message) (params string, places, labels []string) {
	switch msg.Kind {
	case schema.Struct:
		for _, name := range w.fields[msg.Type] {
			places, labels = append(places, "v."+name), append(labels, w.types[msg.Type]+"."+name)
		}
		return "v", places, labels
	case schema.Box:
		return "v", []string{"v"}, []string{"an element"}
	case schema.Entry:
		return "k, v", []string{"k", "v"}, []string{"a key", "a value"}
	}
	for i, f := range msg.Fields {
		places, labels = append(places, fmt.Sprintf("p%d", i)), append(labels, foreign.Camel(f.Name))
	}
	return strings.Join(places, ", "), places, labels
}

// put writes the function that appends a message to w.
func (w *writer) put(msg *schema.Message) {
	if msg.Kind == schema.Union {
		w.putUnion(msg)
		return
	}
	params, places, labels := w.places(msg)
	if params != "" {
		params = ", " + params
	}
	if msg.Caller {
		params += ", first"
	}
	w.line(0, "\nfunction put_%s(w%s) {", w.messages[msg], params)
	if msg.Caller {
		w.line(1, "library.putCaller(w, %d, first);", tagOf(schema.CallerNumber, wire.TypeBytes))
	}
	for i, f := range msg.Fields {
		if msg.Kind == schema.Request && !w.optional(f) {
			w.line(1, "$.given(%s, %s);", places[i], quote(labels[i]))
		}
		w.putField(f, places[i], quote(labels[i]))
	}
	w.presence(msg, places)
	w.line(0, "}")
}

// optional reports whether nil can be given for a parameter.
func (w *writer) optional(f schema.Field) bool {
	k := w.s.Type(f.Type).Kind
	return f.Form != schema.Single && f.Form != schema.ByteArray && k != component.KindArray || k == component.KindUnion || k == component.KindAny
}

func (w *writer) putField(f schema.Field, place, label string) {
	t := w.s.Type(f.Type)
	tag := tagOf(f.Number, wire.TypeBytes)
	there := fmt.Sprintf("if (%s !== undefined && %s !== null) {", place, place)
	switch f.Form {
	case schema.Single:
		w.putSingle(1, t, f.Number, false, place, label)
	case schema.Optional:
		w.line(1, "%s", there)
		w.putSingle(2, w.s.Type(t.Elem), f.Number, true, place, label)
		w.line(1, "}")
	case schema.Boxed:
		w.line(1, "%s", there)
		w.putMessage(2, tag, w.s.BoxMessage(t.Elem), place)
		w.line(1, "}")
	case schema.Bytes:
		w.line(1, "if (!$.isNil(%s)) {", place)
		w.line(2, "w.tag(%d);", tag)
		w.line(2, "w.bytes(%s, %s);", place, label)
		w.line(1, "}")
	case schema.ByteArray:
		w.line(1, "if (%s !== undefined) {", place)
		w.line(2, "$.sized(%s, %d, %s);", place, t.Len, label)
		w.line(2, "w.tag(%d);", tag)
		w.line(2, "w.bytes(%s, %s);", place, label)
		w.line(1, "}")
	case schema.List:
		w.line(1, "%s", there)
		w.putList(t, f.Number, place, label)
		w.line(1, "}")
	case schema.Map:
		w.line(1, "%s", there)
		w.line(2, "for (const [k, e] of $.entries(%s, %v, %s)) {", place, w.s.Type(t.Key).Kind == component.KindString, label)
		w.putMessage(3, tag, w.s.EntryMessage(f.Type), "k, e")
		w.line(2, "}")
		w.line(1, "}")
	case schema.Reference:
		w.line(1, "%s", there)
		w.line(2, "const at = w.open(%d);", tag)
		w.line(2, "library.putReference(w, %s, %s);", place, quote(w.types[f.Type]))
		w.line(2, "w.close(at);")
		w.line(1, "}")
	case schema.ErrorTree:
		w.line(1, "%s", there)
		w.line(2, "const at = w.open(%d);", tag)
		w.line(2, "library.errors.put(w, %s);", place)
		w.line(2, "w.close(at);")
		w.line(1, "}")
	}
}

// putMessage writes a message, of which the function that writes it gets args.
func (w *writer) putMessage(indent, tag int, msg *schema.Message, args string) {
	w.line(indent, "const at = w.open(%d);", tag)
	w.line(indent, "put_%s(w, %s);", w.messages[msg], args)
	w.line(indent, "w.close(at);")
}

// putSingle writes one value; always says that a zero one must be there too.
func (w *writer) putSingle(indent int, t *component.Type, number int, always bool, place, label string) {
	tag := tagOf(number, foreign.WireType(t.Kind))
	when := func(condition string, body func(indent int)) {
		if always {
			condition = ""
		} else {
			condition = "if (" + condition + ") "
		}
		w.line(indent, "%s{", condition)
		body(indent + 1)
		w.line(indent, "}")
	}
	switch {
	case schema.IsNumber(t.Kind):
		zero := map[bool]string{true: "0n", false: "0"}[w.isBig(t.Kind)]
		condition := fmt.Sprintf("%s !== %s && %s !== undefined", place, zero, place)
		if foreign.IsFloat(t.Kind) {
			condition = fmt.Sprintf("!Object.is(%s, 0) && %s !== undefined", place, place)
		} else if t.Kind == component.KindBool {
			condition = fmt.Sprintf("%s !== false && %s !== undefined", place, place)
		}
		when(condition, func(indent int) {
			w.line(indent, "w.tag(%d);", tag)
			w.line(indent, "%s;", w.number(t, place, label))
		})
	case t.Kind == component.KindString:
		when(fmt.Sprintf(`%s !== "" && %s !== undefined`, place, place), func(indent int) {
			w.line(indent, "w.tag(%d);", tag)
			w.line(indent, "w.text(%s, %s);", place, label)
		})
	case t.Kind == component.KindStruct:
		when(place+" !== undefined", func(indent int) {
			w.line(indent, "const at = w.open(%d);", tag)
			w.line(indent, "put_%s(w, $.struct(%s, $t.%s, %s));", w.messages[w.s.StructMessage(t.ID)], place, w.types[t.ID], label)
			if always {
				w.line(indent, "w.close(at);")
			} else {
				w.line(indent, "w.drop(at, %d);", tagLength(tag))
			}
		})
	case schema.IsMessage(t.Kind):
		when(fmt.Sprintf("%s !== undefined && %s !== null", place, place), func(indent int) { w.putMessage(indent, tag, w.s.StructMessage(t.ID), place) })
	default: // external, or complex
		codec := "$v.complex"
		if t.Kind == component.KindExternal {
			codec = "$v." + externals[t.Codec].codec
		}
		when(fmt.Sprintf("!%s.zero(%s)", codec, place), func(indent int) {
			w.line(indent, "const at = w.open(%d);", tag)
			w.line(indent, "%s.put(w, %s, %s);", codec, place, label)
			w.line(indent, "w.close(at);")
		})
	}
}

// number is the statement that writes a number.
func (w *writer) number(t *component.Type, place, label string) string {
	switch {
	case t.Kind == component.KindBool:
		return fmt.Sprintf("w.uvarint($.bool(%s, %s) ? 1 : 0)", place, label)
	case foreign.IsFloat(t.Kind):
		return fmt.Sprintf("w.%s($.%s(%s, %s))", t.Kind, t.Kind, place, label)
	case t.ID == foreign.DurationID:
		return fmt.Sprintf("w.bigSint($.bigInteger($v.nanoseconds(%s, %s), BOUNDS.bigint64, %s))", place, label, label)
	}
	method := map[bool]string{true: "sint", false: "uvarint"}[schema.IsSigned(t.Kind)]
	if w.isBig(t.Kind) {
		return fmt.Sprintf("w.big%s($.bigInteger(%s, BOUNDS.big%s, %s))", foreign.UpperFirst(method), place, t.Kind, label)
	}
	return fmt.Sprintf("w.%s($.integer(%s, BOUNDS.%s, %s))", method, place, t.Kind, label)
}

func (w *writer) putList(t *component.Type, number int, place, label string) {
	elem, tag := w.s.Type(t.Elem), tagOf(number, wire.TypeBytes)
	w.line(2, "const l = $.list(%s, %s);", place, label)
	if t.Kind == component.KindArray {
		w.line(2, "$.sized(l, %d, %s);", t.Len, label)
	}
	switch w.s.Element(t.Elem) {
	case schema.Packed:
		w.line(2, "if (l.length > 0) {")
		w.line(3, "const at = w.open(%d);", tag)
		w.line(3, "for (let n = 0; n < l.length; n++) %s;", w.number(elem, "l[n]", label))
		w.line(3, "w.close(at);")
		w.line(2, "}")
		return
	case schema.Each:
		w.line(2, "for (let n = 0; n < l.length; n++) {")
		w.line(3, "const e = l[n];")
		if elem.Kind == component.KindUnion || elem.Kind == component.KindAny {
			w.putMessage(3, tag, w.s.StructMessage(elem.ID), "e")
		} else {
			w.putSingle(3, elem, number, true, "e", label)
		}
	case schema.Nullable:
		msg := w.s.StructMessage(elem.Elem)
		value := "e"
		if msg.Kind == schema.Struct {
			value = fmt.Sprintf("$.struct(e, $t.%s, %s)", w.types[elem.Elem], label)
		}
		w.line(2, "for (let n = 0; n < l.length; n++) {")
		w.line(3, "const e = l[n];")
		w.line(3, "if (e === null || e === undefined) {")
		w.line(4, "w.null(%d);", tag)
		w.line(4, "continue;")
		w.line(3, "}")
		w.putMessage(3, tag, msg, value)
	case schema.Wrapped:
		w.line(2, "for (let n = 0; n < l.length; n++) {")
		w.putMessage(3, tag, w.s.BoxMessage(elem.ID), "l[n]")
	}
	w.line(2, "}")
}

// presence writes the bits of slices and maps that are empty but not nil.
func (w *writer) presence(msg *schema.Message, places []string) {
	w.byPresence(msg, func(number int, fields []int) {
		w.line(1, "{")
		w.line(2, "let lo = 0, hi = 0;")
		for _, i := range fields {
			half, bit := bitOf(msg.Fields[i])
			w.line(2, "if ($.isEmpty(%s)) %s |= %d;", places[i], half, bit)
		}
		w.line(2, "w.bits(%d, lo, hi);", tagOf(number, wire.TypeVarint))
		w.line(1, "}")
	})
}

// byPresence calls f for each field with presence bits that a message needs, and the
// indexes of the fields that have a bit there.
func (w *writer) byPresence(msg *schema.Message, f func(number int, fields []int)) {
	if msg.Kind == schema.Union {
		return
	}
	for number := wire.PresenceNumber(1); number > wire.MaxNumber; number-- {
		var fields []int
		for i, field := range msg.Fields {
			if foreign.Nullable(w.s, field) && wire.PresenceNumber(field.Number) == number {
				fields = append(fields, i)
			}
		}
		if len(fields) > 0 {
			f(number, fields)
		}
	}
}

// bitOf is the bit of a field in its presence number, of which JavaScript has two halves.
func bitOf(f schema.Field) (half string, bit int32) {
	n := (f.Number - 1) % 64
	return map[bool]string{true: "lo", false: "hi"}[n < 32], int32(uint32(1) << (n % 32))
}
