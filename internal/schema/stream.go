package schema

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// streams makes the messages of what crosses by the streams of a method.
func (b *builder) streams(m *Method, span text.Span) {
	add := func(f Field, result bool, index int) {
		if f.Form != Present {
			return
		}
		x := Stream{Result: result, Index: index, Place: f.Number, Type: f.Type}
		if f.Number > MaxPlace {
			b.problem("too-many-fields", m.Name, span, "put the other parameters into a struct", "%s of %s is a stream with a number above %d", f.Name, m.Name, MaxPlace)
		}
		if result {
			x.Place += ResultPlace
		}
		base := m.Name + exported(f.Name)
		if result {
			base = m.Name + "Result" + exported(f.Name)
		}
		t := b.s.Type(f.Type)
		switch {
		case len(t.Methods) > 0:
			x.Value = b.element(m, base+"Call", t.Methods[0].Params)
			x.Answer = b.element(m, base+"Answer", t.Methods[0].Results)
		case t.Elem != "":
			var parts []component.Param
			if t.Key != "" {
				parts = append(parts, component.Param{Name: "key", Type: b.s.Type(t.Key).Ref})
			}
			x.Value = b.element(m, base+"Element", append(parts, component.Param{Name: "value", Type: b.s.Type(t.Elem).Ref}))
		}
		m.Streams = append(m.Streams, x)
	}
	for i, f := range m.Request.Fields {
		add(f, false, i)
	}
	for i, f := range m.Reply.Fields {
		add(f, true, i)
	}
}

// element makes the message of an element, with the numbers of its parts in their
// order: another order is another shape of the stream, which the lock has.
func (b *builder) element(m *Method, name string, parts []component.Param) *Message {
	msg := &Message{Key: "element " + name, Kind: Element, Method: m.Name, Name: name}
	for i, p := range parts {
		part := p.Name
		if part == "" || part == "_" {
			part = fmt.Sprintf("v%d", i+1)
		}
		msg.Fields = append(msg.Fields, Field{Name: part, Number: i + 1, Type: p.Type.ID(), Form: b.s.FormOf(p.Type.ID())})
		b.reach(p.Type.ID())
	}
	b.s.byKey[msg.Key] = msg
	return msg
}

// streamShape is what the encoding of a stream's elements depends on.
func (b *builder) streamShape(t *component.Type) string {
	var parts []string
	add := func(id component.TypeID) { parts = append(parts, b.elementShape(id)) }
	if t.Key != "" {
		add(t.Key)
	}
	if t.Elem != "" {
		add(t.Elem)
	}
	for _, m := range t.Methods {
		for _, p := range m.Params {
			add(p.Type.ID())
		}
		parts = append(parts, "returns")
		for _, r := range m.Results {
			add(r.Type.ID())
		}
	}
	shape := "stream " + string(t.Stream.Form)
	if t.Stream.Closes {
		shape += " closed"
	}
	return shape + "<" + strings.Join(parts, ", ") + ">"
}
