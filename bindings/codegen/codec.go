package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// codec generates what writes and reads the values of the contract: a pair of
// functions for each message, and around them one pair for each request, reply
// and typed error.
func (g *generator) codec() ([]generate.File, error) {
	c := &codec{file: g.file("codec"), s: g.schema}
	c.link() // imports first, so that their names don't depend on what follows
	for _, m := range g.schema.Methods {
		c.frame(g.requestName(m.Name), "P", m, "Request", m.Request)
		c.frame(g.replyName(m.Name), "R", m, "Reply", m.Reply)
		for _, x := range m.Streams {
			for _, e := range []*schema.Message{x.Value, x.Answer} {
				if e != nil {
					c.element(e)
				}
			}
		}
	}
	for _, e := range g.contract.Errors {
		if e.Type != "" {
			c.typedError(e)
		}
	}
	for _, m := range c.own() {
		c.appendFunc(m)
		c.parseFunc(m)
	}
	f, err := c.finish()
	if err != nil {
		return nil, err
	}
	values, err := g.values()
	return append([]generate.File{f}, values...), err
}

// A codec is the file being generated.
type codec struct {
	*file
	s    *schema.Schema
	wire string // the name of the wire package, once it is used
}

// w returns the name of a function of the wire package.
func (c *codec) w(name string) string {
	c.wire = c.runtime("wire")
	return c.wire + "." + name
}

// via returns the name of the function that writes (AppendMarshaled) or reads (Unmarshal)
// values by a codec of their own.
func (c *codec) via(function string, e schema.External) string {
	if e.From != "" {
		return c.runtime(e.From) + "." + function + e.Via
	}
	return c.w(function + e.Via)
}

func (c *codec) link() {
	if name := c.g.valueErrors(); name != "" {
		c.printf("// %s writes and reads the errors inside of values.\nvar %s *%s.Errors\n\n", name, name, c.runtime("link"))
	}
}

// frame generates the type that holds the parameters or results of a method,
// and the functions that write and read it as the body of a call.
func (c *codec) frame(name, prefix string, m schema.Method, what string, msg *schema.Message) {
	c.printf("// %s holds the %s of %s.\ntype %s struct {\n", name, map[string]string{"P": "parameters", "R": "results"}[prefix], m.Name, name)
	for i, f := range msg.Fields {
		typ := "bool"
		switch f.Form {
		case schema.Present:
		case schema.Reference:
			typ = c.runtime("handle") + ".Ref"
		default:
			typ = c.typeName(f.Type)
		}
		c.printf("%s%d %s // %s\n", prefix, i, typ, f.Name)
	}
	if msg.Caller {
		c.printf("Caller %s.Caller\n", c.runtime("handle"))
	}
	c.printf("}\n\n")
	c.appendFunc(msg)
	c.printf("func %s(frame string, v *%s) error {\n", c.g.decodeName(m.Name, what), name)
	c.printf("return %s(%s(frame, v, %s(frame)))\n}\n\n", c.w("Fault"), c.parseName(msg), c.w("ModeOf"))
	c.parseFunc(msg)
}

// element generates the type of what crosses by a stream, and the functions that
// write and read it.
func (c *codec) element(msg *schema.Message) {
	name := c.g.elementName(msg)
	c.printf("// %s is what crosses by a stream of %s.\ntype %s struct {\n", name, msg.Method, name)
	for i, f := range msg.Fields {
		c.printf("E%d %s // %s\n", i, c.typeName(f.Type), f.Name)
	}
	c.printf("}\n\n")
	c.appendFunc(msg)
	c.printf("func %s(frame string, v *%s) error {\n", c.g.decodeName(msg.Name, ""), name)
	c.printf("return %s(%s(frame, v, %s(frame)))\n}\n\n", c.w("Fault"), c.parseName(msg), c.w("ModeOf"))
	c.parseFunc(msg)
}

// elementName is the type of what crosses by a stream.
func (g *generator) elementName(msg *schema.Message) string { return g.ident(frameName(msg.Name)) }

// errorName is what the codec of a typed error is named after.
func (g *generator) errorName(e component.ErrorIdentity) string {
	for _, o := range g.contract.Errors {
		if o.Type != "" && o.Name == e.Name && o.Package.Path != e.Package.Path {
			// The package's name may repeat too; its path doesn't.
			return upperFirst(strings.Map(func(r rune) rune {
				if r == '/' || r == '.' || r == '-' || r == '~' || r == '+' {
					return '_'
				}
				return r
			}, e.Package.Path)) + "_" + e.Name
		}
	}
	return e.Name
}

// typedError generates the functions that link.TypedError takes. Writing can
// only fail by panicking, upon which the error crosses without its fields.
func (c *codec) typedError(e component.ErrorIdentity) {
	name := c.g.errorName(e)
	typ, arg, result := c.typeName(e.Type), "&v", "v"
	param := typ
	if e.Pointer {
		param, arg, result = "*"+typ, "v", "&v"
	}
	t := c.s.Type(e.Type)
	c.printf("func %s(b []byte, v %s) []byte {\n", c.g.encodeName(name, "Error"), param)
	msg := c.s.StructMessage(e.Type)
	switch {
	case t.Kind == component.KindExternal:
		c.printf("b, err := %s(b, %s)\n", c.via("AppendMarshaled", schema.Externals[t.Codec]), arg)
		c.printf("if err != nil { panic(err) }\nreturn b\n}\n\n")
	default:
		if msg == nil {
			msg = c.s.BoxMessage(e.Type)
		}
		if msg.Fallible {
			c.printf("b, err := %s(b, %s, %s)\nif err != nil { panic(err) }\nreturn b\n}\n\n", c.appendName(msg), arg, c.w("MaxDepth"))
		} else {
			c.printf("return %s(b, %s)\n}\n\n", c.appendName(msg), arg)
		}
	}
	c.printf("func %s(frame string) (%s, error) {\nvar v %s\n", c.g.decodeName(name, "Error"), param, typ)
	if t.Kind == component.KindExternal {
		c.printf("err := %s(%s(frame, 0, &v))\nreturn %s, err\n}\n\n", c.w("Fault"), c.via("Unmarshal", schema.Externals[t.Codec]), result)
		return
	}
	c.printf("err := %s(%s(frame, &v, %s(frame)))\nreturn %s, err\n}\n\n", c.w("Fault"), c.parseName(msg), c.w("ModeOf"), result)
}

// isFrame reports whether a message is the body of a call, which stands in no other
// message.
func isFrame(m *schema.Message) bool {
	return m.Kind == schema.Request || m.Kind == schema.Reply || m.Kind == schema.Element
}

// appendName is the function that appends a message's fields.
func (c *codec) appendName(m *schema.Message) string {
	switch m.Kind {
	case schema.Request:
		return c.g.encodeName(m.Method, "Request")
	case schema.Reply:
		return c.g.encodeName(m.Method, "Reply")
	case schema.Element:
		return c.g.encodeName(m.Name, "")
	}
	return c.messageName("append", m)
}

func (c *codec) parseName(m *schema.Message) string { return c.messageName("parse", m) }

// params returns the parameters that stand for a message's value, and the
// expression of each field's.
func (c *codec) params(m *schema.Message) (params string, places []string) {
	switch m.Kind {
	case schema.Struct:
		for _, f := range m.Fields {
			places = append(places, "v."+f.Name)
		}
		return "v *" + c.typeName(m.Type), places
	case schema.Box:
		return "v *" + c.typeName(m.Type), []string{"(*v)"}
	case schema.Union:
		return "v *" + c.typeName(m.Type), slices.Repeat([]string{"(*v)"}, len(m.Fields))
	case schema.Entry:
		return fmt.Sprintf("k *%s, v *%s", c.typeName(m.Fields[0].Type), c.typeName(m.Fields[1].Type)), []string{"(*k)", "(*v)"}
	}
	prefix, name := "P", c.g.requestName(m.Method)
	if m.Kind == schema.Reply {
		prefix, name = "R", c.g.replyName(m.Method)
	} else if m.Kind == schema.Element {
		prefix, name = "E", c.g.elementName(m)
	}
	for i := range m.Fields {
		places = append(places, fmt.Sprintf("v.%s%d", prefix, i))
	}
	return "v *" + name, places
}

// describe says what a message stands for.
func (c *codec) describe(m *schema.Message) string {
	switch m.Kind {
	case schema.Struct, schema.Union:
		return c.typeName(m.Type)
	case schema.Box:
		return "the message around a " + c.typeName(m.Type)
	case schema.Entry:
		return "an entry of a " + c.typeName(m.Type)
	case schema.Request:
		return "the parameters of " + m.Method
	case schema.Element:
		return "what crosses by a stream of " + m.Method
	}
	return "the results of " + m.Method
}

// address returns the address of a place, without &*.
func address(place string) string {
	if !strings.HasPrefix(place, "(*") {
		return "&" + place
	}
	open := 0
	for i, r := range place {
		switch r {
		case '(':
			open++
		case ')':
			open--
		}
		if open == 0 && i < len(place)-1 {
			return "&" + place // (*v)[i]
		}
	}
	return place[len("(*") : len(place)-1]
}

// nullable reports whether an empty value of the field differs from a nil one,
// and the nil one is an absent field.
func (c *codec) nullable(f schema.Field) bool {
	k := c.s.Type(f.Type).Kind
	return (f.Form == schema.List || f.Form == schema.Map) && (k == component.KindSlice || k == component.KindMap)
}

// tag returns the bytes of a field's tag.
func tag(number int, wireType int) []byte {
	return wire.AppendUvarint(nil, uint64(number)<<3|uint64(wireType))
}

// tagList spells a tag as arguments of append.
func tagList(t []byte) string {
	var parts []string
	for _, x := range t {
		parts = append(parts, fmt.Sprintf("0x%02x", x))
	}
	return strings.Join(parts, ", ")
}

// tagValue spells a tag as a case.
func tagValue(number, wireType int) string {
	return fmt.Sprintf("0x%02x", number<<3|wireType)
}

// tagString spells a tag as a string literal.
func tagString(t []byte) string {
	var out strings.Builder
	for _, x := range t {
		fmt.Fprintf(&out, `\x%02x`, x)
	}
	return `"` + out.String() + `"`
}

// wireType returns the wire type of a scalar that isn't written as bytes.
func wireType(k component.Kind) int {
	switch k {
	case component.KindFloat32:
		return wire.TypeFixed32
	case component.KindFloat64:
		return wire.TypeFixed64
	}
	if schema.IsNumber(k) {
		return wire.TypeVarint
	}
	return wire.TypeBytes
}
