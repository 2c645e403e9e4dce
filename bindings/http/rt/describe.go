package http

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// A Component is what the binding must know of a component, beside what the
// link knows: its messages, with their names in JSON.
type Component struct {
	Name      string
	Names     string // identifies the names of fields
	Endpoints []Endpoint
	Types     []Type
	Document  fs.FS // holds the OpenAPI document, and nothing else
}

// An Endpoint is a method of the contract.
type Endpoint struct {
	Name           string // in Go
	Request, Reply int    // indexes of Component.Types
	Routes         []Route
	Streams        []Stream
}

// A Stream is a parameter or result of an endpoint whose elements cross one after
// another. In the request or reply is whether there is one.
type Stream struct {
	Name   string // in JSON
	Number int    // of the field in the request or reply
	Place  int    // among the streams of the call
	Up     bool   // the caller sends something besides its request
	Upload bool   // which may be the body of its request: nothing else is a stream
	Bytes  bool   // a reader
	Closes bool   // which the caller closes
	Type   int    // of the elements, unless they are bytes: a struct of one or two parts
	Fails  bool   // the second part is the error of an iterator
}

// A Route is a way to call an endpoint.
type Route struct {
	Method string
	Path   string // /orders/{id}
}

// Kind is what a value is in JSON.
type Kind uint8

// The kinds of values.
const (
	Bool Kind = iota + 1
	Int
	Uint
	Duration
	Float32
	Float64
	String
	Complex
	Time
	URL
	Text   // by MarshalText
	JSON   // by MarshalJSON
	Binary // by MarshalBinary or GobEncode
	Address
	AddressPort
	Prefix
	BigInt
	BigFloat
	BigRat
	Bytes
	ByteArray
	List // a slice or array
	Map
	Pointer
	Error
	Struct // also the parameters and the results of an endpoint
	Union  // a sealed interface
)

// A Type is a type of values. Types refer to each other by their indexes.
type Type struct {
	Kind   Kind
	Name   string  // in Go, for messages
	Bits   int     // of Int and Uint
	Elem   int     // of List, Map, Pointer
	Key    int     // of Map
	Array  bool    // List, Bytes: of a fixed length
	Len    int     // which is this
	Fields []Field // of Struct and Union
	Values []Value // of Int and Uint: those that have names
}

// A Field is a field of a struct, or one of the types behind an interface.
type Field struct {
	Name   string // in JSON
	Number int
	Type   int
	Omit   bool // left out where it is zero
	Hidden bool // only units see it
}

// A Value is a number with a name.
type Value struct {
	Name   string
	Number int64
}

var described struct {
	sync.RWMutex
	all []*Component
}

// Describe registers a component. Generated code calls it in an init function.
func Describe(c *Component) {
	described.Lock()
	defer described.Unlock()
	at, found := slices.BinarySearchFunc(described.all, c.Name, func(o *Component, name string) int { return strings.Compare(o.Name, name) })
	if found {
		described.all[at] = c
		return
	}
	described.all = slices.Insert(described.all, at, c)
}

// components lists what is described, by name.
func components() []*Component {
	described.RLock()
	defer described.RUnlock()
	return slices.Clone(described.all)
}

func componentNamed(name string) *Component {
	described.RLock()
	defer described.RUnlock()
	for _, c := range described.all {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func (c *Component) endpoint(name string) *Endpoint {
	for i := range c.Endpoints {
		if c.Endpoints[i].Name == name {
			return &c.Endpoints[i]
		}
	}
	return nil
}

// number reports whether lists of the kind are packed.
func (k Kind) number() bool {
	return k == Bool || k == Int || k == Uint || k == Duration || k == Float32 || k == Float64
}

// single reports whether a value of the kind is one field, left out when zero.
func (k Kind) single() bool {
	switch k {
	case Bytes, ByteArray, List, Map, Pointer, Error:
		return false
	}
	return true
}

// nullable reports whether null is a value of the type itself, so that a pointer
// to it needs brackets.
func (t *Type) nullable() bool {
	switch t.Kind {
	case Pointer, Map, Bytes, Union, Error, JSON:
		return true
	}
	return t.Kind == List && !t.Array
}

// keyed reports whether the type's values have a text that can be the name of a
// member.
func (t *Type) keyed() bool {
	switch t.Kind {
	case String, Bool, Int, Uint, Duration, Text, Address, AddressPort, Prefix:
		return true
	}
	return false
}

// The forms of elements of lists.
type elementForm uint8

const (
	packed elementForm = iota
	each
	nulled  // a message, or null
	wrapped // in a message of its own
)

func elementOf(types []Type, t *Type) elementForm {
	switch {
	case t.Kind.number():
		return packed
	case t.Kind.single():
		return each
	case t.Kind == Pointer && (types[t.Elem].Kind == Struct || types[t.Elem].Kind == Union):
		return nulled
	}
	return wrapped
}

// errorTypes are those of an error's tree; the first is a node.
var errorTypes = []Type{
	{Kind: Struct, Name: "error", Fields: []Field{
		{Name: "message", Number: 1, Type: 1},
		{Name: "sentinel", Number: 2, Type: 1, Omit: true},
		{Name: "type", Number: 3, Type: 1, Omit: true},
		{Name: "fields", Number: 4, Type: 2, Omit: true, Hidden: true},
		{Name: "wraps", Number: 5, Type: 3, Omit: true},
		{Name: "list", Number: 7, Type: 4, Omit: true},
		{Name: "is", Number: 8, Type: 5, Omit: true},
		{Name: "net", Number: 9, Type: 6, Omit: true},
		{Name: "nil", Number: 10, Type: 4, Omit: true},
	}},
	{Kind: String},
	{Kind: Bytes},
	{Kind: List, Elem: 0},
	{Kind: Bool},
	{Kind: List, Elem: 1},
	{Kind: Uint, Bits: 64},
}
