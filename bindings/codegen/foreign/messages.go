package foreign

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// DurationID is the type time.Duration, a number with constants that is no enum.
const DurationID = "time.Duration"

// Endpoints returns the endpoints that a package has, and for each that it leaves out a
// phrase with its name and the reason.
func Endpoints(c *component.Contract, s *schema.Schema) (methods []schema.Method, left []string) {
	for _, x := range s.Methods {
		if len(x.Streams) > 0 {
			left = append(left, x.Name+" has streams")
			continue
		}
		methods = append(methods, x)
	}
	for _, x := range c.Methods {
		if x.Local != "" {
			left = append(left, x.Name+": "+x.Local)
		}
	}
	return methods, left
}

// Messages lists the messages that the methods and errors of a package need, in the order
// of the schema, requests and replies last.
func Messages(s *schema.Schema, methods []schema.Method, errors []component.ErrorIdentity) []*schema.Message {
	found := map[*schema.Message]bool{}
	var visit func(*schema.Message)
	var visitType func(component.TypeID, map[component.TypeID]bool)
	visitType = func(id component.TypeID, seen map[component.TypeID]bool) {
		t := s.Type(id)
		if t == nil || seen[id] {
			return
		}
		seen[id] = true
		for _, msg := range []*schema.Message{s.StructMessage(id), s.BoxMessage(id), s.EntryMessage(id)} {
			visit(msg)
		}
		visitType(t.Elem, seen)
		visitType(t.Key, seen)
	}
	visit = func(msg *schema.Message) {
		if msg == nil || found[msg] {
			return
		}
		found[msg] = true
		for _, f := range msg.Fields {
			visitType(f.Type, map[component.TypeID]bool{})
			if msg.Kind == schema.Union {
				visit(s.VariantMessage(f.Type))
			}
		}
	}
	for _, x := range methods {
		visit(x.Request)
		visit(x.Reply)
	}
	for _, e := range errors {
		if e.Type != "" {
			visitType(e.Type, map[component.TypeID]bool{})
		}
	}
	var out []*schema.Message
	for _, msg := range s.Messages {
		if found[msg] {
			out = append(out, msg)
		}
	}
	return out
}

// MessageNames gives each message the name that its functions have in a codec: Draw_request,
// 3_Point. Identifier makes a name of the language of one of Go.
func MessageNames(messages []*schema.Message, identifier func(string) string) map[*schema.Message]string {
	names := map[*schema.Message]string{}
	for i, msg := range messages {
		switch msg.Kind {
		case schema.Request:
			names[msg] = msg.Method + "_request"
		case schema.Reply:
			names[msg] = msg.Method + "_reply"
		default:
			names[msg] = fmt.Sprintf("%d_%s", i, identifier(msg.Name))
		}
	}
	return names
}

// WireType is how a value of the kind is encoded as a field of its own.
func WireType(k component.Kind) int {
	switch {
	case k == component.KindFloat32:
		return wire.TypeFixed32
	case k == component.KindFloat64:
		return wire.TypeFixed64
	case schema.IsNumber(k):
		return wire.TypeVarint
	}
	return wire.TypeBytes
}

// Tags are the tags that a field of a message may have.
func Tags(s *schema.Schema, f schema.Field) []int {
	t, wt := s.Type(f.Type), wire.TypeBytes
	switch f.Form {
	case schema.Single:
		wt = WireType(t.Kind)
	case schema.Optional:
		wt = WireType(s.Type(t.Elem).Kind)
	case schema.List:
		if s.Element(t.Elem) == schema.Packed { // old writers have each element by itself
			return []int{f.Number<<3 | wire.TypeBytes, f.Number<<3 | WireType(s.Type(t.Elem).Kind)}
		}
	}
	return []int{f.Number<<3 | wt}
}

// Nullable reports whether an empty value of the field differs from a nil one, and the nil
// one is an absent field.
func Nullable(s *schema.Schema, f schema.Field) bool {
	k := s.Type(f.Type).Kind
	return (f.Form == schema.List || f.Form == schema.Map) && (k == component.KindSlice || k == component.KindMap)
}

// Pointed is the type that a pointer leads to, or the type itself.
func Pointed(s *schema.Schema, id component.TypeID) component.TypeID {
	if t := s.Type(id); t.Kind == component.KindPointer {
		return t.Elem
	}
	return id
}

// Gives is how many handles a call may return.
func Gives(x schema.Method) int {
	n := 0
	for _, f := range x.Reply.Fields {
		if f.Form == schema.Reference {
			n++
		}
	}
	return n
}

// IsFloat reports whether k is a floating point number.
func IsFloat(k component.Kind) bool {
	return k == component.KindFloat32 || k == component.KindFloat64
}

// IsEnum reports whether the type is a declared number or string with named values.
func IsEnum(t *component.Type) bool {
	number := schema.IsNumber(t.Kind) && !IsFloat(t.Kind) && t.Kind != component.KindBool
	return len(t.Constants) > 0 && (number || t.Kind == component.KindString) && t.ID != DurationID
}

// IsError reports whether the type is that of an error of the contract.
func IsError(c *component.Contract, id component.TypeID) bool {
	return slices.ContainsFunc(c.Errors, func(e component.ErrorIdentity) bool { return e.Type == id })
}

// FieldDoc is the comment of a struct's field.
func FieldDoc(t *component.Type, name string) string {
	for _, f := range t.Fields {
		if f.Name == name {
			return f.Doc
		}
	}
	return ""
}

// ErrorName is what the class of an error is called: ErrNoHost is NoHostError.
func ErrorName(e component.ErrorIdentity) string {
	name := strings.TrimPrefix(e.Name, "Err")
	if !strings.HasSuffix(name, "Error") {
		name += "Error"
	}
	return name
}

// Identity is an error's name on the wire.
func Identity(e component.ErrorIdentity) string {
	name := e.Package.Path + "." + e.Name
	if e.Pointer {
		name = "*" + name
	}
	return name
}

// UpperFirst makes the first letter of a name a capital.
func UpperFirst(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}
