package http

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// A table has a component's types as the run-time and the OpenAPI document show
// them.
type table struct {
	s         *schema.Schema
	contract  *component.Contract
	types     []*typ
	index     map[component.TypeID]int
	endpoints []endpoint
}

// An endpoint is a method with the indexes of the types of its parameters and
// results.
type endpoint struct {
	method         *component.Method
	request, reply int
	routes         []route
	streams        []stream
}

// A stream is a parameter or result whose elements cross one after another; see the
// fields of the same names in the run-time.
type stream struct {
	name                             string
	number, place, typ               int
	result, up, bytes, closes, fails bool
	upload                           bool
	doc                              string
}

// A typ is a type as the run-time knows it; see the fields of the same names there.
type typ struct {
	kind      string
	name      string
	bits      int
	elem, key int
	array     bool
	len       int64
	fields    []field
	values    []value

	of  *component.Type // nil for parameters and results
	doc string
}

type field struct {
	name         string
	number, typ  int
	omit, hidden bool
	doc          string
}

type value struct {
	name   string
	number int64
	doc    string
}

func newTable(s *schema.Schema) *table {
	t := &table{s: s, contract: s.Contract(), index: map[component.TypeID]int{}}
	for _, m := range s.Methods {
		i := slices.IndexFunc(t.contract.Methods, func(c component.Method) bool { return c.Name == m.Name })
		e := endpoint{method: &t.contract.Methods[i]}
		e.request = t.frame("the parameters of "+m.Name, m.Request, e.method.Params, paramNames(e.method.Params, "param"))
		e.reply = t.frame("the results of "+m.Name, m.Reply, e.method.Reply(), paramNames(e.method.Reply(), "result"))
		for _, x := range m.Streams {
			e.streams = append(e.streams, t.stream(&e, m.Name, x))
		}
		t.uploads(&e)
		t.endpoints = append(t.endpoints, e)
	}
	for i := range t.endpoints {
		t.endpoints[i].routes = t.routes(&t.endpoints[i])
	}
	return t
}

// frame adds the parameters or results of a method.
func (t *table) frame(what string, m *schema.Message, params []component.Param, names []string) int {
	at := len(t.types)
	f := &typ{kind: "Struct", name: what}
	t.types = append(t.types, f)
	for i, p := range m.Fields {
		f.fields = append(f.fields, field{name: names[i], number: p.Number, typ: t.fieldType(p), doc: params[i].Doc})
	}
	return at
}

// fieldType is the type of what is in a field of a request, a reply or an element: of a
// stream, whether there is one.
func (t *table) fieldType(f schema.Field) int {
	if f.Form == schema.Present {
		return t.present()
	}
	return t.typ(f.Type)
}

func (t *table) present() int {
	if i, ok := t.index[streamPresent]; ok {
		return i
	}
	t.index[streamPresent] = len(t.types)
	t.types = append(t.types, &typ{kind: "Bool"})
	return t.index[streamPresent]
}

// streamPresent is the index of the type of what says whether there is a stream. No
// type of a contract has such a name.
const streamPresent component.TypeID = " present"

// stream describes a stream of an endpoint.
func (t *table) stream(e *endpoint, method string, x schema.Stream) stream {
	of, frame := t.s.Type(x.Type).Stream, e.request
	if x.Result {
		frame = e.reply
	}
	f := t.types[frame].fields[x.Index]
	s := stream{name: f.name, number: f.number, place: x.Place, result: x.Result, doc: f.doc, bytes: of.Form == component.StreamReader}
	s.up = !x.Result || of.Form == component.StreamWriter || of.Form == component.StreamReadWriter
	s.closes = s.bytes && of.Closes
	if x.Value != nil && (x.Result || of.Form == component.StreamSeq || of.Form == component.StreamChannel) {
		s.typ = len(t.types)
		elements := &typ{kind: "Struct", name: "an element of " + f.name + " of " + method}
		t.types = append(t.types, elements)
		for _, p := range x.Value.Fields {
			elements.fields = append(elements.fields, field{name: camel(p.Name), number: p.Number, typ: t.fieldType(p)})
		}
		s.fails = of.Form == component.StreamSeq2 && t.types[elements.fields[1].typ].kind == "Error"
	}
	return s
}

// uploads finds out whether plain callers can send an endpoint's stream as the body of their
// request: it is the only one, of bytes or of single values, and what is beside it can be in a query.
func (t *table) uploads(e *endpoint) {
	if len(e.streams) != 1 {
		return
	}
	s := &e.streams[0]
	values := s.typ > 0 && len(t.types[s.typ].fields) == 1
	s.upload = !s.result && (s.bytes || values) && t.queryable(e, []string{s.name})
}

// unitsOnly is a stream that keeps plain callers from an endpoint, or nil.
func (e *endpoint) unitsOnly() *stream {
	if s := e.up(); s != nil && !s.upload {
		return s
	}
	return nil
}

// uploaded is the stream that a plain caller sends as the body of its request, or nil.
func (e *endpoint) uploaded() *stream {
	if len(e.streams) == 1 && e.streams[0].upload {
		return &e.streams[0]
	}
	return nil
}

// up is a stream that an endpoint needs its caller to send, or nil.
func (e *endpoint) up() *stream {
	for i := range e.streams {
		if e.streams[i].up {
			return &e.streams[i]
		}
	}
	return nil
}

// typ returns the index of a type, which is added if need be.
func (t *table) typ(id component.TypeID) int {
	if i, ok := t.index[id]; ok {
		return i
	}
	of := t.s.Type(id)
	at := len(t.types)
	t.index[id] = at
	d := &typ{of: of, name: of.Name, doc: of.Doc}
	t.types = append(t.types, d)
	if d.name == "" {
		d.name = string(id)
	}
	switch of.Kind {
	case component.KindSlice, component.KindArray:
		d.array, d.len = of.Kind == component.KindArray, of.Len
		switch t.s.FormOf(id) {
		case schema.Bytes:
			d.kind = "Bytes"
		case schema.ByteArray:
			d.kind = "ByteArray"
		default:
			d.kind = "List"
			d.elem = t.typ(of.Elem)
		}
	case component.KindMap:
		d.kind = "Map"
		d.key = t.typ(of.Key)
		d.elem = t.typ(of.Elem)
	case component.KindPointer:
		d.kind = "Pointer"
		d.elem = t.typ(of.Elem)
	case component.KindStruct:
		d.kind = "Struct"
		t.structure(d)
	case component.KindUnion, component.KindAny:
		d.kind = "Union"
		t.union(d)
	case component.KindError:
		d.kind = "Error"
	case component.KindExternal:
		d.kind = externals[of.Codec]
	default:
		t.basic(d)
	}
	return at
}

// externals are the kinds of types that have an encoding of their own.
var externals = map[string]string{
	"time": "Time", "url": "URL", "text": "Text", "binary": "Binary", "gob": "Binary", "json": "JSON", "protobuf": "Binary",
	"netip.Addr": "Address", "netip.AddrPort": "AddressPort", "netip.Prefix": "Prefix",
	"big.Int": "BigInt", "big.Float": "BigFloat", "big.Rat": "BigRat",
}

func (t *table) structure(d *typ) {
	names, tags := fieldNames(d.of.Fields)
	for i, f := range t.s.StructMessage(d.of.ID).Fields {
		d.fields = append(d.fields, field{name: names[i], number: f.Number, typ: t.typ(f.Type), omit: tags[i].omit, hidden: tags[i].hidden, doc: d.of.Fields[i].Doc})
	}
}

func (t *table) union(d *typ) {
	names := variantNames(d.of)
	for i, f := range t.s.StructMessage(d.of.ID).Fields {
		d.fields = append(d.fields, field{name: names[i], number: f.Number, typ: t.typ(f.Type)})
	}
}

// basic describes a type of Go's own, or one declared as such.
func (t *table) basic(d *typ) {
	bits := map[component.Kind]int{component.KindInt8: 8, component.KindInt16: 16, component.KindInt32: 32, component.KindUint8: 8, component.KindUint16: 16, component.KindUint32: 32}
	k := d.of.Kind
	switch {
	case k == component.KindInt64 && d.of.Ref.Path == "time" && d.of.Name == "Duration":
		d.kind = "Duration"
		return
	case schema.IsSigned(k):
		d.kind, d.bits = "Int", 64
	case schema.IsUnsigned(k):
		d.kind, d.bits = "Uint", 64
	case k == component.KindComplex64 || k == component.KindComplex128:
		d.kind = "Complex"
		return
	default:
		d.kind = map[component.Kind]string{component.KindBool: "Bool", component.KindFloat32: "Float32", component.KindFloat64: "Float64", component.KindString: "String"}[k]
		return
	}
	if bits[k] > 0 {
		d.bits = bits[k]
	}
	if d.of.Name == "" {
		return
	}
	names := valueNames(d.of)
	for i, c := range d.of.Constants {
		n, err := strconv.ParseInt(c.Value, 10, 64)
		if err != nil { // beyond what has a name
			d.values = nil
			return
		}
		d.values = append(d.values, value{names[i], n, c.Doc})
	}
}

// description is the file that registers the component with the run-time.
func (t *table) description(req *generate.Request, document string) (generate.File, error) {
	e := codegen.Extend(req, "http")
	embed := e.Use("embed", "embed")
	rt := e.Runtime("http")
	types := t.literal(rt)
	sum := sha256.Sum256([]byte(types))
	e.Printf("//go:embed %s\nvar %s %s.FS\n\n", path.Base(document), e.Ident("openAPI"), embed)
	e.Printf("func init() {\n%s.Describe(&%s.Component{\nName: %q,\nNames: %q,\nDocument: %s,\n", rt, rt, t.contract.Component, hex.EncodeToString(sum[:8]), e.Ident("openAPI"))
	e.Printf("Endpoints: []%s.Endpoint{\n", rt)
	for _, p := range t.endpoints {
		e.Printf("{Name: %q, Request: %d, Reply: %d, Routes: []%s.Route{", p.method.Name, p.request, p.reply, rt)
		for _, r := range p.routes {
			e.Printf("{Method: %q, Path: %q},", r.method, r.path)
		}
		e.Printf("}%s},\n", p.streamLiterals(rt))
	}
	e.Printf("},\n%s})\n}\n", types)
	return e.Finish()
}

// streamLiterals spells the streams of an endpoint, if it has any.
func (e *endpoint) streamLiterals(rt string) string {
	if len(e.streams) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, ", Streams: []%s.Stream{", rt)
	for _, s := range e.streams {
		fmt.Fprintf(&b, "{Name: %q, Number: %d, Place: %d", s.name, s.number, s.place)
		for _, p := range []struct {
			name string
			is   bool
		}{{"Up", s.up}, {"Upload", s.upload}, {"Bytes", s.bytes}, {"Closes", s.closes}, {"Fails", s.fails}} {
			if p.is {
				fmt.Fprintf(&b, ", %s: true", p.name)
			}
		}
		if s.typ > 0 {
			fmt.Fprintf(&b, ", Type: %d", s.typ)
		}
		b.WriteString("},")
	}
	b.WriteString("}")
	return b.String()
}

// literal spells the types, for the run-time package of the given name.
func (t *table) literal(rt string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Types: []%s.Type{\n", rt)
	for i, d := range t.types {
		fmt.Fprintf(&b, "%d: {Kind: %s.%s", i, rt, d.kind)
		named := d.kind == "Struct" || d.kind == "Union" || d.kind == "Text" || d.kind == "JSON" || d.array
		for _, p := range []struct {
			name string
			is   bool
			v    any
		}{{"Name", named, strconv.Quote(d.name)}, {"Bits", d.bits > 0, d.bits}, {"Elem", d.kind == "List" || d.kind == "Map" || d.kind == "Pointer", d.elem}, {"Key", d.kind == "Map", d.key},
			{"Array", d.array, d.array}, {"Len", d.array, d.len}} {
			if p.is {
				fmt.Fprintf(&b, ", %s: %v", p.name, p.v)
			}
		}
		if len(d.fields) > 0 {
			fmt.Fprintf(&b, ", Fields: []%s.Field{\n", rt)
			for _, f := range d.fields {
				fmt.Fprintf(&b, "{Name: %q, Number: %d, Type: %d", f.name, f.number, f.typ)
				if f.omit {
					b.WriteString(", Omit: true")
				}
				if f.hidden {
					b.WriteString(", Hidden: true")
				}
				b.WriteString("},\n")
			}
			b.WriteString("}")
		}
		if len(d.values) > 0 {
			fmt.Fprintf(&b, ", Values: []%s.Value{", rt)
			for _, v := range d.values {
				fmt.Fprintf(&b, "{Name: %q, Number: %d},", v.name, v.number)
			}
			b.WriteString("}")
		}
		b.WriteString("},\n")
	}
	b.WriteString("},\n")
	return b.String()
}
