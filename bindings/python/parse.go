package python

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// parse writes the function that reads a message between two offsets of b.
func (w *writer) parse(msg *schema.Message) {
	if msg.Kind == schema.Request && !w.both {
		return
	}
	w.line(0, "\n\ndef parse_%s(b, i, end):", w.messages[msg])
	if msg.Kind == schema.Union {
		w.line(1, "f0 = None")
	}
	for i, f := range msg.Fields {
		if msg.Kind != schema.Union {
			w.line(1, "f%d = %s", i, w.zero(f.Type))
		}
		if w.isArray(f) {
			w.line(1, "f%d, n%d = list(f%d), 0", i, i, i)
		}
	}
	w.line(1, "while i < end:")
	w.line(2, "tag, i = uvarint(b, i)")
	keyword := "if"
	for i, f := range msg.Fields {
		w.line(2, "%s tag %s:", keyword, w.tags(f))
		w.parseField(i, f)
		keyword = "elif"
	}
	if w.parsePresence(msg, keyword) {
		keyword = "elif"
	}
	unknown := "i = skip(b, i, end, tag)"
	if msg.Kind == schema.Union {
		unknown = `raise Malformed("a type that this version doesn't know")`
	}
	if keyword == "if" {
		w.line(2, "%s", unknown)
	} else {
		w.line(2, "else:")
		w.line(3, "%s", unknown)
	}
	w.line(1, "if i != end:")
	w.line(2, `raise Malformed("a field ends after its message")`)
	w.line(1, "return %s", w.made(msg))
}

// made is the expression of what was read.
func (w *writer) made(msg *schema.Message) string {
	var names []string
	for i, f := range msg.Fields {
		name := fmt.Sprintf("f%d", i)
		if w.isArray(f) {
			name = "tuple(" + name + ")"
		}
		names = append(names, name)
	}
	list := strings.Join(names, ", ")
	switch msg.Kind {
	case schema.Struct:
		return w.types[msg.Type] + "(" + list + ")"
	case schema.Union:
		return "f0"
	case schema.Box:
		return names[0]
	}
	if len(names) == 1 {
		list += ","
	}
	return "(" + list + ")"
}

func (w *writer) isArray(f schema.Field) bool {
	return f.Form == schema.List && w.s.Type(f.Type).Kind == component.KindArray
}

// tags is the condition that a tag is the field's.
func (w *writer) tags(f schema.Field) string {
	tags := foreign.Tags(w.s, f)
	if len(tags) > 1 {
		return fmt.Sprintf("in (%d, %d)", tags[0], tags[1])
	}
	return fmt.Sprintf("== %d", tags[0])
}

func (w *writer) parseField(i int, f schema.Field) {
	t := w.s.Type(f.Type)
	place := fmt.Sprintf("f%d", i)
	if f.Form == schema.Variant {
		w.parseVariant(f)
		return
	}
	switch f.Form {
	case schema.Single:
		w.parseSingle(3, t, place)
	case schema.Optional:
		w.parseSingle(3, w.s.Type(t.Elem), place)
	case schema.Boxed:
		w.parseMessage(3, w.s.BoxMessage(t.Elem), place)
	case schema.Bytes:
		w.line(3, "%s, i = raw(b, i, end)", place)
	case schema.ByteArray:
		w.line(3, "%s, i = raw(b, i, end)", place)
		w.line(3, "if len(%s) != %d:", place, t.Len)
		w.line(4, `raise Malformed("an array of another length")`)
	case schema.List:
		w.parseList(i, t)
	case schema.Map:
		w.line(3, "at, i = span(b, i, end)")
		w.line(3, "k, e = parse_%s(b, at, i)", w.messages[w.s.EntryMessage(f.Type)])
		w.line(3, "%s[k] = e", place)
	case schema.Reference:
		w.parseReference(place)
	case schema.ErrorTree:
		w.line(3, "at, i = span(b, i, end)")
		w.line(3, "%s = ERRORS.parse(b, at, i)", place)
	default:
		w.line(3, "i = skip(b, i, end, tag)")
	}
}

func (w *writer) parseMessage(indent int, msg *schema.Message, place string) {
	w.line(indent, "at, i = span(b, i, end)")
	w.line(indent, "%s = parse_%s(b, at, i)", place, w.messages[msg])
}

// parseReference reads which value of the component a handle is: bytes that name it.
func (w *writer) parseReference(place string) {
	w.line(3, "at, i = span(b, i, end)")
	w.line(3, "%s = parse_reference(b, at, i)", place)
}

func (w *writer) parseVariant(f schema.Field) {
	w.line(3, "at, i = span(b, i, end)")
	w.line(3, "f0 = None if b[at:i] == NULL else parse_%s(b, at, i)", w.messages[w.s.VariantMessage(f.Type)])
	if t := w.s.Type(foreign.Pointed(w.s, f.Type)); t.Kind == component.KindStruct {
		w.line(3, "if f0 is not None:")
		w.line(4, "f0._variant_ = %d", f.Number)
	}
}

// parseSingle reads one value at i.
func (w *writer) parseSingle(indent int, t *component.Type, place string) {
	switch {
	case schema.IsNumber(t.Kind):
		w.parseNumber(indent, t, place, "i")
	case t.Kind == component.KindString:
		w.line(indent, "%s, i = text(b, i, end)", place)
		w.named(indent, t, place)
	case schema.IsMessage(t.Kind):
		w.parseMessage(indent, w.s.StructMessage(t.ID), place)
	case t.Kind == component.KindExternal:
		e := externals[t.Codec]
		if e.parse != "" {
			w.line(indent, "at, i = span(b, i, end)")
			w.line(indent, "%s = %s(b, at, i)", place, e.parse)
			return
		}
		w.line(indent, "s, i = raw(b, i, end)")
		w.line(indent, "%s = %s(s)", place, e.read)
	default:
		w.line(indent, "at, i = span(b, i, end)")
		w.line(indent, "%s = parse_complex(b, at, i)", place)
	}
}

// parseNumber reads a number at an offset of b.
func (w *writer) parseNumber(indent int, t *component.Type, place, at string) {
	read := "uvarint"
	switch {
	case schema.IsSigned(t.Kind):
		read = "sint"
	case t.Kind == component.KindFloat32:
		read = "read32"
	case t.Kind == component.KindFloat64:
		read = "read64"
	}
	w.line(indent, "%s, %s = %s(b, %s)", place, at, read, at)
	if t.Kind == component.KindBool {
		w.line(indent, "%s = %s != 0", place, place)
	}
	w.named(indent, t, place)
}

// named makes what was read a value of its class, if it has one.
func (w *writer) named(indent int, t *component.Type, place string) {
	if name := w.types[t.ID]; name != "" {
		w.line(indent, "%s = %s(%s)", place, name, place)
	} else if t.ID == foreign.DurationID {
		w.line(indent, "%s = Duration(%s)", place, place)
	}
}

func (w *writer) parseList(i int, t *component.Type) {
	elem, place, array := w.s.Type(t.Elem), fmt.Sprintf("f%d", i), t.Kind == component.KindArray
	add := func(indent int) {
		if !array {
			w.line(indent, "%s.append(e)", place)
			return
		}
		w.line(indent, "if n%d == %d:", i, t.Len)
		w.line(indent+1, `raise Malformed("an array of another length")`)
		w.line(indent, "%s[n%d] = e", place, i)
		w.line(indent, "n%d += 1", i)
	}
	switch w.s.Element(t.Elem) {
	case schema.Packed:
		w.line(3, "at, to = i, i + 1")
		w.line(3, "if tag & 7 == 2:")
		w.line(4, "at, to = span(b, i, end)")
		w.line(3, "while at < to:")
		w.parseNumber(4, elem, "e", "at")
		add(4)
		w.line(3, "i = at")
	case schema.Each:
		w.parseSingle(3, elem, "e")
		add(3)
	case schema.Nullable:
		w.line(3, "at, i = span(b, i, end)")
		w.line(3, "e = None if b[at:i] == NULL else parse_%s(b, at, i)", w.messages[w.s.StructMessage(elem.Elem)])
		add(3)
	case schema.Wrapped:
		w.parseMessage(3, w.s.BoxMessage(elem.ID), "e")
		add(3)
	}
}

// parsePresence reads the bits of slices and maps that are empty but not nil, and reports
// whether there are any.
func (w *writer) parsePresence(msg *schema.Message, keyword string) bool {
	any := false
	for number := wire.PresenceNumber(1); number > wire.MaxNumber; number-- {
		begun := false
		for i, f := range msg.Fields {
			if msg.Kind == schema.Union || !foreign.Nullable(w.s, f) || wire.PresenceNumber(f.Number) != number {
				continue
			}
			if !begun {
				w.line(2, "%s tag == %d:", keyword, number<<3|wire.TypeVarint)
				w.line(3, "bits, i = uvarint(b, i)")
				begun, any, keyword = true, true, "elif"
			}
			empty := "[]"
			if f.Form == schema.Map {
				empty = "{}"
			}
			w.line(3, "if bits >> %d & 1 and not f%d:", (f.Number-1)%64, i)
			w.line(4, "f%d = %s", i, empty)
		}
	}
	return any
}
