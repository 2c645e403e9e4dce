package codegen

import (
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// union appends the one field of the type that is behind an interface, and
// ends the function. Nil has no field.
func (a *codecWriter) union(m *schema.Message) {
	a.printf("switch x := (*v).(type) {\ncase nil:\n")
	for _, f := range m.Fields {
		a.printf("case %s:\n", a.typeName(f.Type))
		if !a.pointed(f) {
			a.message(f.Number, a.s.VariantMessage(f.Type), "&x")
			continue
		}
		null := wire.AppendText(tag(f.Number, wire.TypeBytes), wire.Null)
		a.printf("if x == nil {\nb = append(b, %s)\n} else {\n", tagList(null))
		a.message(f.Number, a.s.VariantMessage(f.Type), "x")
		a.printf("}\n")
	}
	unknown := "UnknownVariant"
	if a.s.Type(m.Type).Kind == component.KindAny {
		unknown = "UnregisteredType"
	}
	a.printf("default:\nreturn b, %s(x)\n}\nreturn b, nil\n}\n\n", a.w(unknown))
}

// variant reads the value behind an interface.
func (p *codecReader) variant(f schema.Field, x string) {
	msg := p.s.VariantMessage(f.Type)
	p.printf("case %s:\nvar e %s\n", tagValue(f.Number, wire.TypeBytes), p.typeName(f.Type))
	if p.pointed(f) {
		p.printf("var t string\nt, i = %s(s, i)\nif t != %s {\n", p.w("Message"), p.w("Null"))
		p.printf("e = new(%s)\n", p.typeName(p.s.Type(f.Type).Elem))
		p.nested(msg, "e")
		p.printf("}\n")
	} else {
		p.message(msg, "&e")
	}
	p.printf("%s = e\n", x)
}

// pointed reports whether a variant is a pointer that is written as the struct it
// points to.
func (c *codec) pointed(f schema.Field) bool {
	return c.s.Type(f.Type).Kind == component.KindPointer && c.s.VariantMessage(f.Type).Kind == schema.Struct
}
