package codegen

import (
	"fmt"

	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// parseFunc generates the function that reads a message's fields.
func (c *codec) parseFunc(m *schema.Message) {
	params, places := c.params(m)
	p := &codecReader{codec: c, depth: "m"}
	c.printf("// %s reads %s. A negative result is a fault.\n", c.parseName(m), c.describe(m))
	c.printf("func %s(s string, %s, m %s) int {\n", c.parseName(m), params, c.w("Mode"))
	if m.Recursive {
		p.depth = "m - 1"
		c.printf("if %s(m) { return %s }\n", c.w("Spent"), c.w("TooDeep"))
	}
	for _, f := range m.Fields {
		if p.isArray(f) {
			c.printf("n%d := 0\n", f.Number)
		}
	}
	c.printf("i := 0\nfor uint(i) < uint(len(s)) {\n")
	c.printf("tag := uint64(s[i])\nif tag < 0x80 {\ni++\n} else {\ntag, i = %s(s, i)\n}\nswitch tag {\n", c.w("Uvarint"))
	for i, f := range m.Fields {
		if f.Form == schema.Variant {
			p.variant(f, places[i])
		} else {
			p.field(f, places[i])
		}
	}
	if m.Caller {
		p.printf("case %s:\nvar t string\nt, i = %s(s, i)\n", tagValue(schema.CallerNumber, wire.TypeBytes), p.w("Message"))
		p.printf("if f := %s.ParseCaller(t, &v.Caller); f < 0 {\nreturn f\n}\n", p.runtime("handle"))
	}
	p.presence(m.Fields, places)
	unknown := fmt.Sprintf("i = %s(s, i, tag)", c.w("Skip"))
	if m.Kind == schema.Union { // a type that this side doesn't know
		unknown = "return " + c.w("Refused")
	}
	c.printf("default:\n%s\n}\n}\nreturn i\n}\n\n", unknown)
}

// A codecReader writes the body of a parse function.
type codecReader struct {
	*codec
	depth string
}

func (p *codecReader) isArray(f schema.Field) bool {
	return f.Form == schema.List && p.s.Type(f.Type).Kind == component.KindArray
}

func (p *codecReader) field(f schema.Field, x string) {
	t := p.s.Type(f.Type)
	wt := wire.TypeBytes
	switch f.Form {
	case schema.Single:
		wt = wireType(t.Kind)
	case schema.Present:
		wt = wire.TypeVarint
	case schema.Optional:
		wt = wireType(p.s.Type(t.Elem).Kind)
	}
	tags := tagValue(f.Number, wt)
	if f.Form == schema.List && p.s.Element(t.Elem) == schema.Packed {
		tags += ", " + tagValue(f.Number, wireType(p.s.Type(t.Elem).Kind))
	}
	p.printf("case %s:\n", tags)
	switch f.Form {
	case schema.Single:
		p.single(t, x)
	case schema.Optional:
		p.printf("if %s == nil {\n%s = new(%s)\n}\n", x, x, p.typeName(t.Elem))
		p.single(p.s.Type(t.Elem), "(*"+x+")")
	case schema.Boxed:
		p.printf("if %s == nil {\n%s = new(%s)\n}\n", x, x, p.typeName(t.Elem))
		p.message(p.s.BoxMessage(t.Elem), x)
	case schema.Bytes:
		p.printf("%s, i = %s(s, i)\n", x, p.w("Bytes"))
	case schema.ByteArray:
		p.printf("var t string\nt, i = %s(s, i)\nif i >= 0 && len(t) != len(%s) {\nreturn %s\n}\ncopy(%s[:], t)\n", p.w("Message"), x, p.w("TooMany"), x)
	case schema.List:
		p.list(t, f.Number, x)
	case schema.Map:
		p.mapping(t, f.Number, x)
	case schema.Present:
		p.printf("%s, i = %s(s, i)\n", x, p.w("Bool"))
	case schema.Reference:
		p.printf("var t string\nt, i = %s(s, i)\nif f := %s.ParseRef(t, &%s); f < 0 {\nreturn f\n}\n", p.w("Message"), p.runtime("handle"), x)
	case schema.ErrorTree:
		p.printf("var t string\nt, i = %s(s, i)\nif i < 0 {\nreturn i\n}\n", p.w("Message"))
		p.printf("var bad error\nif %s, bad = %s.Parse(t); bad != nil {\nreturn %s\n}\n", x, p.g.valueErrors(), p.w("Refused"))
	}
}

// single reads one value.
func (p *codecReader) single(t *component.Type, x string) {
	switch {
	case schema.IsNumber(t.Kind):
		p.number(t, "s", "i", x)
	case t.Kind == component.KindString:
		p.converted(t, x, "string", "Text", "(s, i, m)")
	case schema.IsMessage(t.Kind):
		p.message(p.s.StructMessage(t.ID), address(x))
	case t.Kind == component.KindExternal:
		p.external(t, x)
	default:
		p.printf("var t string\nvar c complex128\nt, i = %s(s, i)\n", p.w("Message"))
		p.printf("if f := %s(t, &c); f < 0 {\nreturn f\n}\n", p.w("DecodeComplex"))
		p.printf("%s = %s(c)\n", x, p.typeName(t.ID))
	}
}

// converted assigns what a function of wire returns, by way of a conversion if
// the type is declared.
func (p *codecReader) converted(t *component.Type, x, plain, function, args string) {
	if t.Name == "" {
		p.printf("%s, i = %s%s\n", x, p.w(function), args)
		return
	}
	p.printf("var t %s\nt, i = %s%s\n%s = %s(t)\n", plain, p.w(function), args, x, p.typeName(t.ID))
}

// number reads a number at offset i of s into x.
func (p *codecReader) number(t *component.Type, s, i, x string) {
	call := "(" + s + ", " + i + ")"
	switch {
	case t.Kind == component.KindInt64 && t.Name == "":
		p.printf("%s, %s = %s%s\n", x, i, p.w("Sint"), call)
	case t.Kind == component.KindUint64 && t.Name == "":
		p.printf("%s, %s = %s%s\n", x, i, p.w("Uvarint"), call)
	case schema.IsSigned(t.Kind):
		p.printf("%s, %s = %s[%s]%s\n", x, i, p.w("Int"), p.typeName(t.ID), call)
	case schema.IsUnsigned(t.Kind):
		p.printf("%s, %s = %s[%s]%s\n", x, i, p.w("Uint"), p.typeName(t.ID), call)
	default:
		function := map[component.Kind]string{component.KindBool: "Bool", component.KindFloat32: "Float32", component.KindFloat64: "Float64"}[t.Kind]
		if t.Name == "" {
			p.printf("%s, %s = %s%s\n", x, i, p.w(function), call)
			return
		}
		p.printf("var c %s\nc, %s = %s%s\n%s = %s(c)\n", t.Kind, i, p.w(function), call, x, p.typeName(t.ID))
	}
}

func (p *codecReader) external(t *component.Type, x string) {
	e := schema.Externals[t.Codec]
	if e.Via != "" {
		p.printf("i = %s(s, i, %s)\n", p.via("Unmarshal", e), address(x))
		return
	}
	mode := ""
	if e.Mode {
		mode = ", m"
	}
	p.printf("var t string\nt, i = %s(s, i)\n", p.w("Message"))
	p.printf("if f := %s(t, %s%s); f < 0 {\nreturn f\n}\n", p.w("Decode"+e.Body), address(x), mode)
}

// message reads a nested message.
func (p *codecReader) message(msg *schema.Message, args string) {
	p.printf("var t string\nt, i = %s(s, i)\n", p.w("Message"))
	p.nested(msg, args)
}

func (p *codecReader) nested(msg *schema.Message, args string) {
	p.printf("if f := %s(t, %s, %s); f < 0 {\nreturn f\n}\n", p.parseName(msg), args, p.depth)
}

func (p *codecReader) list(t *component.Type, number int, x string) {
	elem := p.s.Type(t.Elem)
	form := p.s.Element(t.Elem)
	array := t.Kind == component.KindArray
	switch {
	case form == schema.Packed:
		p.packed(t, elem, number, x)
	case array:
		p.printf("if n%d == len(%s) {\nreturn %s\n}\n", number, x, p.w("TooMany"))
		p.element(elem, form, fmt.Sprintf("%s[n%d]", x, number))
		p.printf("n%d++\n", number)
	default:
		p.run(number, func() { p.printf("if %s == nil {\n%s = make(%s, 0, n)\n}\n", x, x, p.typeName(t.ID)) }, func() { p.appended(elem, form, x) }, form == schema.Nullable, elem)
	}
}

// run reads all fields of one tag that follow each other, whose number is known
// beforehand.
func (p *codecReader) run(number int, grow, each func(), slab bool, elem *component.Type) {
	tags := tag(number, wire.TypeBytes)
	p.printf("n := %s(s, i, %s)\nif n == 0 {\nreturn %s\n}\n", p.w("Run"), tagString(tags), p.w("Truncated"))
	grow()
	if slab {
		p.printf("slab := make([]%s, n)\n", p.typeName(elem.Elem))
	}
	p.printf("for {\n")
	each()
	step := "i++"
	if len(tags) > 1 {
		step = fmt.Sprintf("i += %d", len(tags))
	}
	p.printf("if n--; n == 0 {\nbreak\n}\n%s\n}\n", step)
}

// appended reads an element at the end of a slice.
func (p *codecReader) appended(elem *component.Type, form schema.ElementForm, x string) {
	switch {
	case form == schema.Nullable:
		p.printf("var t string\nt, i = %s(s, i)\nif t == %s {\n%s = append(%s, nil)\n} else {\n", p.w("Message"), p.w("Null"), x, x)
		p.printf("e := &slab[n-1]\n")
		p.nested(p.s.StructMessage(elem.Elem), "e")
		p.printf("%s = append(%s, e)\n}\n", x, x)
	case elem.Kind == component.KindString:
		p.printf("var t string\nt, i = %s(s, i, m)\n%s = append(%s, %s)\n", p.w("Text"), x, x, convert(p.typeName(elem.ID), elem, elem.Kind, "t"))
	default:
		p.printf("%s = append(%s, *new(%s))\n", x, x, p.typeName(elem.ID))
		p.element(elem, form, fmt.Sprintf("%s[len(%s)-1]", x, x))
		if elem.Kind == component.KindExternal {
			p.printf("if i < 0 {\nreturn i\n}\n")
		}
	}
}

// element reads an element into its place.
func (p *codecReader) element(elem *component.Type, form schema.ElementForm, x string) {
	switch form {
	case schema.Each:
		p.single(elem, x)
	case schema.Wrapped:
		p.message(p.s.BoxMessage(elem.ID), "&"+x)
	case schema.Nullable:
		p.printf("var t string\nt, i = %s(s, i)\nif t != %s {\n%s = new(%s)\n", p.w("Message"), p.w("Null"), x, p.typeName(elem.Elem))
		p.nested(p.s.StructMessage(elem.Elem), x)
		p.printf("}\n")
	}
}

func (p *codecReader) packed(t, elem *component.Type, number int, x string) {
	p.printf("var t string\nt, i = %s(s, i, tag)\n", p.w("Elements"))
	if t.Kind == component.KindArray {
		p.printf("for j := 0; uint(j) < uint(len(t)); n%d++ {\nif n%d == len(%s) {\nreturn %s\n}\n", number, number, x, p.w("TooMany"))
		p.number(elem, "t", "j", fmt.Sprintf("%s[n%d]", x, number))
		p.printf("if j < 0 {\nreturn j\n}\n}\n")
		return
	}
	count := map[component.Kind]string{component.KindFloat32: "len(t)/4", component.KindFloat64: "len(t)/8"}[elem.Kind]
	if count == "" {
		count = p.w("Varints") + "(t)"
	}
	p.printf("if n := %s; %s == nil && n > 0 {\n%s = make(%s, 0, n)\n}\n", count, x, x, p.typeName(t.ID))
	p.printf("for j := 0; uint(j) < uint(len(t)); {\nvar e %s\n", p.typeName(elem.ID))
	p.number(elem, "t", "j", "e")
	p.printf("if j < 0 {\nreturn j\n}\n%s = append(%s, e)\n}\n", x, x)
}

func (p *codecReader) mapping(t *component.Type, number int, x string) {
	p.run(number, func() {
		p.printf("if %s == nil {\n%s = make(%s, n)\n}\n", x, x, p.typeName(t.ID))
	}, func() {
		p.printf("var key %s\nvar value %s\nvar t string\nt, i = %s(s, i)\n", p.typeName(t.Key), p.typeName(t.Elem), p.w("Message"))
		p.nested(p.s.EntryMessage(t.ID), "&key, &value")
		if p.s.HoldsInterface(t.Key) { // what is behind it needn't be comparable
			p.printf("if !%s(&key) {\nreturn %s\n}\n", p.w("Comparable"), p.w("Refused"))
		}
		p.printf("%s[key] = value\n", x)
	}, false, nil)
}

// presence reads the bits of slices and maps that are empty but not nil.
func (p *codecReader) presence(fields []schema.Field, places []string) {
	for number := wire.PresenceNumber(1); number > wire.MaxNumber; number-- {
		first := true
		for i, f := range fields {
			if !p.nullable(f) || wire.PresenceNumber(f.Number) != number {
				continue
			}
			if first {
				p.printf("case %s:\nvar bits uint64\nbits, i = %s(s, i)\n", tagValue(number, wire.TypeVarint), p.w("Uvarint"))
				first = false
			}
			p.printf("if bits&(1<<%d) != 0 && %s == nil {\n%s = %s{}\n}\n", (f.Number-1)%64, places[i], places[i], p.typeName(f.Type))
		}
	}
}
