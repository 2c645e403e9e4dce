package codegen

import (
	"fmt"

	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// appendFunc generates the function that appends a message's fields.
func (c *codec) appendFunc(m *schema.Message) {
	params, places := c.params(m)
	a := &codecWriter{codec: c, mode: "m"}
	if isFrame(m) {
		a.mode = c.w("MaxDepth")
	}
	if a.depth = a.mode; m.Recursive {
		a.depth = "m - 1"
	}
	c.printf("// %s appends %s.\n", c.appendName(m), c.describe(m))
	switch {
	case m.Fallible && isFrame(m):
		c.printf("func %s(b []byte, %s) (_ []byte, err error) {\n", c.appendName(m), params)
	case m.Fallible:
		c.printf("func %s(b []byte, %s, m %s) (_ []byte, err error) {\n", c.appendName(m), params, c.w("Mode"))
	default:
		c.printf("func %s(b []byte, %s) []byte {\n", c.appendName(m), params)
	}
	if m.Recursive {
		c.printf("if err := %s(b, m); err != nil { return b, err }\n", c.w("Within"))
	}
	if m.Kind == schema.Union {
		a.union(m)
		return
	}
	for i, f := range m.Fields {
		a.field(f, places[i])
	}
	if m.Caller {
		a.printf("{\n")
		a.open(schema.CallerNumber)
		a.printf("b = %s.AppendCaller(b, v.Caller)\n", a.runtime("handle"))
		a.close()
		a.printf("}\n")
	}
	a.presence(m.Fields, places)
	if m.Fallible {
		c.printf("return b, nil\n}\n\n")
	} else {
		c.printf("return b\n}\n\n")
	}
}

// A codecWriter writes the body of an append function.
type codecWriter struct {
	*codec
	mode  string // how deep this message may nest
	depth string // how deep those in it may
}

func (a *codecWriter) field(f schema.Field, x string) {
	t := a.s.Type(f.Type)
	switch f.Form {
	case schema.Single:
		a.single(t, f.Number, x, false)
	case schema.Optional:
		a.printf("if %s != nil {\n", x)
		a.single(a.s.Type(t.Elem), f.Number, "(*"+x+")", true)
		a.printf("}\n")
	case schema.Boxed:
		a.printf("if %s != nil {\n", x)
		a.message(f.Number, a.s.BoxMessage(t.Elem), x)
		a.printf("}\n")
	case schema.Bytes:
		a.printf("if %s != nil {\nb = %s(append(b, %s), %s)\n}\n", x, a.w("AppendBytes"), bytesTag(f.Number), x)
	case schema.ByteArray:
		a.printf("b = %s(append(b, %s), %s[:])\n", a.w("AppendBytes"), bytesTag(f.Number), x)
	case schema.List:
		a.list(a.s.Type(t.Elem), f.Number, x)
	case schema.Map:
		a.printf("for key, value := range %s {\n", x)
		a.message(f.Number, a.s.EntryMessage(f.Type), "&key, &value")
		a.printf("}\n")
	case schema.Present:
		a.printf("if %s {\nb = append(b, %s, 1)\n}\n", x, tagList(tag(f.Number, wire.TypeVarint)))
	case schema.Reference:
		a.printf("if %s != (%s.Ref{}) {\n", x, a.runtime("handle"))
		a.open(f.Number)
		a.printf("b = %s.AppendRef(b, %s)\n", a.runtime("handle"), x)
		a.close()
		a.printf("}\n")
	case schema.ErrorTree:
		a.printf("if %s != nil {\n", x)
		a.open(f.Number)
		a.printf("b = %s.Append(b, %s)\n", a.g.valueErrors(), x)
		a.close()
		a.printf("}\n")
	}
}

func bytesTag(number int) string { return tagList(tag(number, wire.TypeBytes)) }

// single appends one value; always says that a zero one must be there too.
func (a *codecWriter) single(t *component.Type, number int, x string, always bool) {
	tags := tagList(tag(number, wireType(t.Kind)))
	switch {
	case t.Kind == component.KindBool && !always:
		a.printf("if %s {\nb = append(b, %s, 1)\n}\n", x, tags)
	case schema.IsNumber(t.Kind):
		a.unless(always, a.nonZero(t, x), func() {
			a.printf("b = %s\n", a.number(t, "append(b, "+tags+")", x))
		})
	case t.Kind == component.KindString:
		a.unless(always, x+` != ""`, func() { a.text(t, number, x) })
	case schema.IsMessage(t.Kind):
		a.structure(t, number, x, always)
	case t.Kind == component.KindExternal:
		a.external(t, number, x, always)
	default:
		x = convert("complex128", t, component.KindComplex128, x)
		a.unless(always, fmt.Sprintf("!%s(%s)", a.w("IsZeroComplex"), x), func() {
			a.open(number)
			a.printf("b = %s(b, %s)\n", a.w("AppendComplex"), x)
			a.close()
		})
	}
}

// unless writes body, within a condition unless it always applies.
func (a *codecWriter) unless(always bool, condition string, body func()) {
	if !always {
		a.printf("if %s {\n", condition)
	}
	body()
	if !always {
		a.printf("}\n")
	}
}

// nonZero is the condition under which a number is written. Of floats it looks
// at the bits, for minus zero.
func (a *codecWriter) nonZero(t *component.Type, x string) string {
	switch t.Kind {
	case component.KindFloat64:
		return fmt.Sprintf("%s(%s) != 0", a.w("Bits64"), convert("float64", t, t.Kind, x))
	case component.KindFloat32:
		return fmt.Sprintf("%s(%s) != 0", a.w("Bits32"), convert("float32", t, t.Kind, x))
	}
	return x + " != 0"
}

// convert writes a conversion where the type isn't the plain one.
func convert(to string, t *component.Type, plain component.Kind, x string) string {
	if t.Name == "" && t.Kind == plain {
		return x
	}
	return to + "(" + x + ")"
}

// number returns the expression that appends a number without a tag.
func (a *codecWriter) number(t *component.Type, b, x string) string {
	switch {
	case t.Kind == component.KindBool:
		return fmt.Sprintf("%s(%s, %s)", a.w("AppendBool"), b, convert("bool", t, t.Kind, x))
	case schema.IsSigned(t.Kind):
		return fmt.Sprintf("%s(%s, %s)", a.w("AppendSint"), b, convert("int64", t, component.KindInt64, x))
	case schema.IsUnsigned(t.Kind):
		return fmt.Sprintf("%s(%s, %s)", a.w("AppendUvarint"), b, convert("uint64", t, component.KindUint64, x))
	case t.Kind == component.KindFloat32:
		return fmt.Sprintf("%s(%s, %s)", a.w("AppendFloat32"), b, convert("float32", t, t.Kind, x))
	}
	return fmt.Sprintf("%s(%s, %s)", a.w("AppendFloat64"), b, convert("float64", t, t.Kind, x))
}

func (a *codecWriter) text(t *component.Type, number int, x string) {
	x = convert("string", t, t.Kind, x)
	if tags := tag(number, wire.TypeBytes); len(tags) == 1 {
		a.printf("b = %s(b, %s, %s)\n", a.w("AppendField"), tagList(tags), x)
	} else {
		a.printf("b = %s(append(b, %s), %s)\n", a.w("AppendText"), tagList(tags), x)
	}
}

// structure appends a nested message, and takes it back if it is empty and
// needn't be there.
func (a *codecWriter) structure(t *component.Type, number int, x string, always bool) {
	msg := a.s.StructMessage(t.ID)
	if always {
		a.message(number, msg, address(x))
		return
	}
	if msg.Kind == schema.Union {
		a.printf("if %s != nil {\n", x)
		a.message(number, msg, address(x))
		a.printf("}\n")
		return
	}
	a.printf("{\n") // a scope for at
	defer a.printf("}\n")
	if msg.Recursive {
		a.message(number, msg, address(x))
		return
	}
	a.open(number)
	a.call(msg, address(x))
	a.printf("if len(b) == at {\nb = b[:at-%d]\n} else {\nb = %s(b, at)\n}\n", len(tag(number, wire.TypeBytes))+1, a.w("Close"))
}

func (a *codecWriter) external(t *component.Type, number int, x string, always bool) {
	e := schema.Externals[t.Codec]
	switch {
	case e.Via != "":
		a.unless(always, fmt.Sprintf("!%s(%s)", a.w("IsZero"), address(x)), func() {
			a.printf("if b, err = %s(append(b, %s), %s); err != nil {\nreturn b, err\n}\n",
				a.via("AppendMarshaled", e), bytesTag(number), address(x))
		})
	case e.Mode: // by reference
		a.unless(always, fmt.Sprintf("%s != (%s{})", x, a.typeName(t.ID)), func() {
			a.open(number)
			a.printf("b = %s(b, %s)\n", a.w("Append"+e.Body), address(x))
			a.close()
		})
	default:
		a.unless(always, fmt.Sprintf("%s != (%s{})", x, a.typeName(t.ID)), func() {
			a.open(number)
			a.printf("b = %s(b, %s)\n", a.w("Append"+e.Body), x)
			a.close()
		})
	}
}

func (a *codecWriter) list(elem *component.Type, number int, x string) {
	form := a.s.Element(elem.ID)
	if form == schema.Packed {
		a.packed(elem, number, x)
		return
	}
	a.printf("for i := range %s {\n", x)
	item := x + "[i]"
	switch form {
	case schema.Each:
		a.single(elem, number, item, true)
	case schema.Nullable:
		null := wire.AppendText(tag(number, wire.TypeBytes), wire.Null)
		a.printf("if %s == nil {\nb = append(b, %s)\ncontinue\n}\n", item, tagList(null))
		a.message(number, a.s.StructMessage(elem.Elem), item)
	case schema.Wrapped:
		a.message(number, a.s.BoxMessage(elem.ID), "&"+item)
	}
	a.printf("}\n")
}

// packed appends a list of numbers. Those of one size need no patching.
func (a *codecWriter) packed(elem *component.Type, number int, x string) {
	size := map[component.Kind]int{component.KindBool: 1, component.KindFloat32: 4, component.KindFloat64: 8}[elem.Kind]
	a.printf("if len(%s) > 0 {\n", x)
	if size > 0 {
		a.printf("b = %s(append(b, %s), uint64(len(%s))*%d)\n", a.w("AppendUvarint"), bytesTag(number), x, size)
	} else {
		a.printf("b = append(b, %s, 0)\nat := len(b)\n", bytesTag(number))
	}
	a.printf("for _, x := range %s {\nb = %s\n}\n", x, a.number(elem, "b", "x"))
	if size == 0 {
		a.printf("b = %s(b, at)\n", a.w("Close"))
	}
	a.printf("}\n")
}

// message appends a nested message that must be there.
func (a *codecWriter) message(number int, msg *schema.Message, args string) {
	if msg.Recursive {
		a.printf("b = %s(append(b, %s), %s)\nat := len(b)\n", a.w("Reserve"), bytesTag(number), a.mode)
		a.call(msg, args)
		a.printf("b = %s(b, at, %s)\n", a.w("CloseReserved"), a.mode)
		return
	}
	a.open(number)
	a.call(msg, args)
	a.close()
}

// open starts a nested message, in a block that holds nothing else.
func (a *codecWriter) open(number int) {
	a.printf("b = append(b, %s, 0)\nat := len(b)\n", bytesTag(number))
}

func (a *codecWriter) close() { a.printf("b = %s(b, at)\n", a.w("Close")) }

func (a *codecWriter) call(msg *schema.Message, args string) {
	if msg.Fallible {
		a.printf("if b, err = %s(b, %s, %s); err != nil {\nreturn b, err\n}\n", a.appendName(msg), args, a.depth)
	} else {
		a.printf("b = %s(b, %s)\n", a.appendName(msg), args)
	}
}

// presence appends the bits of slices and maps that are empty but not nil.
func (a *codecWriter) presence(fields []schema.Field, places []string) {
	for number := wire.PresenceNumber(1); number > wire.MaxNumber; number-- {
		var bits []string
		for i, f := range fields {
			if a.nullable(f) && wire.PresenceNumber(f.Number) == number {
				bits = append(bits, fmt.Sprintf("if len(%s) == 0 && %s != nil {\np |= 1 << %d\n}\n", places[i], places[i], (f.Number-1)%64))
			}
		}
		if len(bits) == 0 {
			continue
		}
		a.printf("{\nvar p uint64\n")
		for _, s := range bits {
			a.printf("%s", s)
		}
		a.printf("if p != 0 {\nb = %s(append(b, %s), p)\n}\n}\n", a.w("AppendUvarint"), tagList(tag(number, wire.TypeVarint)))
	}
}
