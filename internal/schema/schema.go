// Package schema turns a contract into the messages of the wire format: which
// message each type becomes, how each field is encoded, and under which number.
// The numbers are stored in unweld.lock and never change once assigned.
package schema

import (
	"github.com/unweld/unweld/internal/component"
)

// MaxNumber is the highest field number of a message. Higher ones are reserved;
// see PresenceNumber. The run-time package wire has the same limit.
const MaxNumber = 1920

// CallerNumber is the number of the field in a request with the name of its caller.
const CallerNumber = 2017

// PresenceNumber returns the number of the reserved field that holds the
// presence bit of field n.
func PresenceNumber(n int) int { return 2047 - (n-1)/64 }

// A Schema is what both sides of a link must agree on. It is immutable and safe
// for concurrent use.
type Schema struct {
	Component string
	Methods   []Method   // those that may cross, in the contract's order; then those of handles
	Keep      int        // the ID of the endpoint by which callers say which handles they have; 0: there are none
	KeepName  string     // its name
	Messages  []*Message // sorted by key; requests and replies are last, by method
	Lock      *Lock      // to be committed

	contract *component.Contract
	byKey    map[string]*Message
	handles  map[component.TypeID]string // see HandleName
}

// A Method is an endpoint with its messages.
type Method struct {
	Name           string
	ID             int // stable; 1 and up
	Request, Reply *Message
	Streams        []Stream // among its parameters and results, in order

	// Source is the method of the contract. Of a handle's method it is what crosses:
	// the handle is its first parameter.
	Source component.Method
	// Handle is the handle whose method it is; empty: it is one of the contract.
	Handle component.TypeID
}

// A Stream is a parameter or result of a method whose elements cross one after
// another. In the request or reply stands only whether there is one.
type Stream struct {
	Result bool
	Index  int // of the parameter or result
	// Place tells the streams of a method apart on the wire: the number of the
	// parameter, or from ResultPlace on of the result.
	Place  int
	Type   component.TypeID
	Value  *Message // an element, or what a callback is called with; nil: bytes
	Answer *Message // what a callback returns; nil: it is none
}

// ResultPlace is added to the number of a result; MaxPlace is the highest number of
// a parameter or result that is a stream.
const (
	ResultPlace = 64
	MaxPlace    = ResultPlace - 1
)

// MessageKind is what a message represents.
type MessageKind uint8

// The kinds of messages.
const (
	Struct  MessageKind = iota // a struct type
	Box                        // a value that needs a message of its own: field 1
	Entry                      // a map entry: key 1, value 2
	Request                    // the parameters of a method
	Reply                      // the results of a method
	Union                      // an interface: one field, for the type that it holds; none if it is nil
	Element                    // what crosses by a stream: an element, or a call of a callback or its results
)

// A Message is one message of the schema.
type Message struct {
	Key    string // unique
	Kind   MessageKind
	Type   component.TypeID // Struct, Box: the Go type; Entry: the map's
	Method string           // Request, Reply, Element
	Name   string           // in the .proto file
	Fields []Field          // in declaration order

	Reserved []int // numbers of removed fields
	// Caller: a request that says, in the field CallerNumber, whom the handles in it
	// and in the reply belong to.
	Caller bool
	// Recursive: it can contain itself, so its depth is limited.
	Recursive bool
	// Fallible: encoding can fail, because the message is recursive or
	// contains an error or a value that is encoded by its own methods.
	Fallible bool
}

// A Field is one field of a message.
type Field struct {
	Name   string // in Go: of a struct field or a parameter
	Number int
	Type   component.TypeID
	Form   Form
}

// Form is how a value is encoded as a field of a message.
type Form uint8

// The forms.
const (
	// Single is one field, left out when zero: scalars, text, values with an
	// external codec, structs and interfaces (as a message).
	Single    Form = iota
	Optional       // pointer to a Single: present unless nil
	Boxed          // pointer to anything else: a Box, present unless nil
	Bytes          // []byte: present unless nil
	ByteArray      // [N]byte
	List           // slice or array, see Schema.Element
	Map            // repeated Entry
	ErrorTree      // the error interface
	Variant        // of a Union: the VariantMessage, always present; of a pointer, Null if it is nil
	Reference      // a handle: which value it is
	Present        // of a stream: whether there is one, as a bool; its elements cross apart
)

// ElementForm is how the elements of a list are encoded.
type ElementForm uint8

// The forms of elements.
const (
	Packed   ElementForm = iota // numbers and booleans, in one field
	Each                        // a Single for each
	Nullable                    // pointer to a struct or interface: its message, or Null
	Wrapped                     // a Box for each
)

// Type returns the contract's type with the given ID.
func (s *Schema) Type(id component.TypeID) *component.Type { return s.contract.Type(id) }

// Contract returns what the schema was built from.
func (s *Schema) Contract() *component.Contract { return s.contract }

// StructMessage returns the message of a struct or interface type.
func (s *Schema) StructMessage(id component.TypeID) *Message { return s.byKey[structKey(id)] }

// BoxMessage returns the Box of a type.
func (s *Schema) BoxMessage(id component.TypeID) *Message { return s.byKey[boxKey(id)] }

// EntryMessage returns the message of the entries of a map type.
func (s *Schema) EntryMessage(id component.TypeID) *Message { return s.byKey[entryKey(id)] }

// VariantMessage returns the message that encodes a type behind an interface.
func (s *Schema) VariantMessage(id component.TypeID) *Message {
	if plain := s.variant(id); plain != "" {
		return s.StructMessage(plain)
	}
	return s.BoxMessage(id)
}

// variant returns the struct that id is or points to, or nothing.
func (s *Schema) variant(id component.TypeID) component.TypeID {
	t := s.Type(id)
	if t.Kind == component.KindPointer {
		t = s.Type(t.Elem)
	}
	if t.Kind == component.KindStruct {
		return t.ID
	}
	return ""
}

// IsMessage reports whether values of the kind are encoded as a message of
// their own type.
func IsMessage(k component.Kind) bool { return k == component.KindStruct || isInterface(k) }

// isInterface reports whether the values of the kind are one of several types:
// those of a sealed interface, or those registered for an open one.
func isInterface(k component.Kind) bool { return k == component.KindUnion || k == component.KindAny }

// FormOf returns how a value of the type is encoded as a field.
func (s *Schema) FormOf(id component.TypeID) Form {
	t := s.Type(id)
	switch t.Kind {
	case component.KindSlice:
		if s.isByte(t.Elem) {
			return Bytes
		}
		return List
	case component.KindArray:
		if s.isByte(t.Elem) {
			return ByteArray
		}
		return List
	case component.KindMap:
		return Map
	case component.KindError:
		return ErrorTree
	case component.KindStream:
		return Present
	case component.KindHandle:
		return Reference
	case component.KindPointer:
		if s.Type(t.Elem).Kind != component.KindPointer && s.FormOf(t.Elem) == Single {
			return Optional
		}
		return Boxed
	}
	return Single
}

// Element returns how the elements of a list type are encoded.
func (s *Schema) Element(id component.TypeID) ElementForm {
	t := s.Type(id)
	switch {
	case IsNumber(t.Kind):
		return Packed
	case s.FormOf(id) == Single:
		return Each
	case t.Kind == component.KindPointer && IsMessage(s.Type(t.Elem).Kind):
		return Nullable
	}
	return Wrapped
}

// isByte reports whether id is the predeclared byte: a declared type with that
// underlying type doesn't convert slice to slice.
func (s *Schema) isByte(id component.TypeID) bool {
	t := s.Type(id)
	return t.Kind == component.KindUint8 && t.Name == ""
}

// IsNumber reports whether lists of values of the kind are packed.
func IsNumber(k component.Kind) bool {
	return k == component.KindBool || IsSigned(k) || IsUnsigned(k) ||
		k == component.KindFloat32 || k == component.KindFloat64
}

// IsSigned reports whether k is a signed integer.
func IsSigned(k component.Kind) bool {
	switch k {
	case component.KindInt, component.KindInt8, component.KindInt16, component.KindInt32, component.KindInt64:
		return true
	}
	return false
}

// IsUnsigned reports whether k is an unsigned integer.
func IsUnsigned(k component.Kind) bool {
	switch k {
	case component.KindUint, component.KindUint8, component.KindUint16, component.KindUint32, component.KindUint64:
		return true
	}
	return false
}

func structKey(id component.TypeID) string { return "struct " + string(id) }
func boxKey(id component.TypeID) string    { return "box " + string(id) }
func entryKey(id component.TypeID) string  { return "entry " + string(id) }
