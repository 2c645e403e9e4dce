package node

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// parse writes the function that reads a message between where r is and end.
func (w *writer) parse(msg *schema.Message) {
	w.line(0, "\nfunction parse_%s(r, end) {", w.messages[msg])
	places, value := w.read(msg)
	for i, f := range msg.Fields {
		switch {
		case msg.Kind == schema.Union:
		case w.isArray(f):
			w.line(1, "let n%d = 0;", i)
		case f.Form == schema.List || f.Form == schema.Map:
			w.line(1, "let l%d = null;", i)
		}
	}
	w.line(1, "while (r.i < end) {")
	w.line(2, "const tag = r.uvarint();")
	w.line(2, "switch (tag) {")
	for i, f := range msg.Fields {
		w.parseField(msg, i, f, places[i])
	}
	w.parsePresence(msg, places)
	w.line(3, "default:")
	if msg.Kind == schema.Union {
		w.line(4, `throw new $.Malformed("a type that this version doesn't know");`)
	} else {
		w.line(4, "r.skip(tag, end);")
	}
	w.line(2, "}")
	w.line(1, "}")
	w.line(1, "return r.over(end, %s);", value)
	w.line(0, "}")
}

// read declares what a message is read into: the places of its fields, and what is
// returned at last.
func (w *writer) read(msg *schema.Message) (places []string, value string) {
	switch msg.Kind {
	case schema.Struct:
		w.line(1, "const v = new $t.%s();", w.types[msg.Type])
		for _, name := range w.fields[msg.Type] {
			places = append(places, "v."+name)
		}
		return places, "v"
	case schema.Union:
		w.line(1, "let f = null;")
		for range msg.Fields {
			places = append(places, "f")
		}
		return places, "f"
	}
	for i, f := range msg.Fields {
		places = append(places, fmt.Sprintf("f%d", i))
		w.line(1, "let f%d = %s;", i, w.zero(f.Type))
	}
	if msg.Kind == schema.Box {
		return places, places[0]
	}
	return places, "[" + strings.Join(places, ", ") + "]"
}

func (w *writer) isArray(f schema.Field) bool {
	return f.Form == schema.List && w.s.Type(f.Type).Kind == component.KindArray
}

func (w *writer) parseField(msg *schema.Message, i int, f schema.Field, place string) {
	t := w.s.Type(f.Type)
	tags := foreign.Tags(w.s, f)
	if f.Form == schema.List {
		w.parseList(i, t, tags, place)
		return
	}
	w.line(3, "case %d: {", tags[0])
	switch f.Form {
	case schema.Single:
		w.parseSingle(4, t, place)
	case schema.Optional:
		w.parseSingle(4, w.s.Type(t.Elem), place)
	case schema.Boxed:
		w.parseMessage(4, w.s.BoxMessage(t.Elem), place)
	case schema.Bytes:
		w.line(4, "%s = r.bytes(end);", place)
	case schema.ByteArray:
		w.line(4, "%s = r.bytes(end);", place)
		w.line(4, "if (%s.length !== %d) throw new $.Malformed(\"an array of another length\");", place, t.Len)
	case schema.Map:
		w.line(4, "const [k, e] = parse_%s(r, r.span(end));", w.messages[w.s.EntryMessage(f.Type)])
		w.line(4, "(l%d ??= %s = new Map()).set(k, e);", i, place)
	case schema.Reference:
		w.line(4, "%s = r.bytes(end);", place)
		w.line(4, "if (%s.length === 0) %s = null;", place, place)
	case schema.ErrorTree:
		w.line(4, "%s = library.errors.parse(r, r.span(end));", place)
	case schema.Variant:
		w.parseVariant(msg, i)
	default:
		w.line(4, "r.skip(tag, end);")
	}
	w.line(4, "break;")
	w.line(3, "}")
}

func (w *writer) parseMessage(indent int, msg *schema.Message, place string) {
	w.line(indent, "%s = parse_%s(r, r.span(end));", place, w.messages[msg])
}

// parseSingle reads one value.
func (w *writer) parseSingle(indent int, t *component.Type, place string) {
	switch {
	case schema.IsNumber(t.Kind):
		w.line(indent, "%s = %s;", place, w.readNumber(t))
	case t.Kind == component.KindString:
		w.line(indent, "%s = r.text(end);", place)
	case schema.IsMessage(t.Kind):
		w.parseMessage(indent, w.s.StructMessage(t.ID), place)
	case t.Kind == component.KindExternal:
		w.line(indent, "%s = $v.%s.read(r, r.span(end));", place, externals[t.Codec].codec)
	default:
		w.line(indent, "%s = $v.complex.read(r, r.span(end));", place)
	}
}

// readNumber is the expression of a number that is read.
func (w *writer) readNumber(t *component.Type) string {
	method := map[bool]string{true: "sint", false: "uvarint"}[schema.IsSigned(t.Kind)]
	switch {
	case t.Kind == component.KindBool:
		return "r.uvarint() !== 0"
	case foreign.IsFloat(t.Kind):
		return fmt.Sprintf("r.%s()", t.Kind)
	case t.ID == foreign.DurationID:
		return "new $v.Duration(r.bigSint())"
	case w.isBig(t.Kind):
		return "r.big" + foreign.UpperFirst(method) + "()"
	}
	return "r." + method + "()"
}

func (w *writer) parseList(i int, t *component.Type, tags []int, place string) {
	elem := w.s.Type(t.Elem)
	add := fmt.Sprintf("(l%d ??= %s = []).push(%%s);", i, place)
	if t.Kind == component.KindArray {
		add = fmt.Sprintf("%s[$.next(n%d++, %d)] = %%s;", place, i, t.Len)
	}
	w.line(3, "case %d: {", tags[0])
	switch w.s.Element(t.Elem) {
	case schema.Packed:
		w.line(4, "const to = r.span(end);")
		w.line(4, "while (r.i < to) "+add, w.readNumber(elem))
		w.line(4, "r.over(to);")
		w.line(4, "break;")
		w.line(3, "}")
		w.line(3, "case %d: {", tags[1])
		w.line(4, add, w.readNumber(elem))
	case schema.Each:
		w.line(4, "let e;")
		w.parseSingle(4, elem, "e")
		w.line(4, add, "e")
	case schema.Nullable:
		w.line(4, "const to = r.span(end);")
		w.line(4, add, fmt.Sprintf("r.isNull(to) ? r.pass(to) : parse_%s(r, to)", w.messages[w.s.StructMessage(elem.Elem)]))
	case schema.Wrapped:
		w.line(4, add, fmt.Sprintf("parse_%s(r, r.span(end))", w.messages[w.s.BoxMessage(elem.ID)]))
	}
	w.line(4, "break;")
	w.line(3, "}")
}

// parsePresence reads the bits of slices and maps that are empty but not nil.
func (w *writer) parsePresence(msg *schema.Message, places []string) {
	w.byPresence(msg, func(number int, fields []int) {
		w.line(3, "case %d: {", tagOf(number, wire.TypeVarint))
		w.line(4, "r.long();")
		for _, i := range fields {
			half, bit := bitOf(msg.Fields[i])
			empty := "[]"
			if msg.Fields[i].Form == schema.Map {
				empty = "new Map()"
			}
			w.line(4, "if ((r.%s & %d) !== 0) l%d ??= %s = %s;", half, bit, i, places[i], empty)
		}
		w.line(4, "break;")
		w.line(3, "}")
	})
}
