package component

import (
	"fmt"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/text"
)

// Form is how the rest of the program reaches a component.
type Form string

const (
	// FormType is a concrete type behind an interface: the composition root
	// constructs it and hands the interface to its consumers.
	FormType Form = "type"
	// FormFuncs is a package of functions: the contract is implemented by a
	// value held in a package variable of the component's own package, and the
	// generated code lives in that package too.
	FormFuncs Form = "funcs"
)

// A Contract is the Go interface that a component offers, with everything that
// a generator must know of the types that cross it. It is plain data without
// go/ast and go/types, so that it can be encoded and compared.
type Contract struct {
	Component string  `json:"component"`     // name in unweld.yaml: a lower-case identifier
	Package   Package `json:"package"`       // the package that declares the interface
	Name      string  `json:"name"`          // of the interface, for example Service
	Doc       string  `json:"doc,omitempty"` // of the interface; see Method.Doc
	Form      Form    `json:"form"`
	Var       string  `json:"var,omitempty"` // FormFuncs: the package variable that holds the implementation

	Methods []Method        `json:"methods"` // in source order
	Types   []Type          `json:"types"`   // every type that crosses, sorted by ID
	Errors  []ErrorIdentity `json:"errors"`  // sorted by package and name

	// Pinned says why the whole component must stay in the process that calls
	// it, or is empty. A component is pinned where an endpoint that can't
	// cross uses its state.
	Pinned   string    `json:"pinned,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
	Span     text.Span `json:"span"`
}

// Package names a Go package.
type Package struct {
	Path string `json:"path"` // import path
	Name string `json:"name"`
	Dir  string `json:"dir"` // relative to the module root, slash-separated; "." is the root
}

// A Method is an endpoint with its parameters and results.
type Method struct {
	Endpoint
	// Doc is the comment above the declaration, or else the one above the
	// method or function that implements it, without comment markers and
	// directives; paragraphs, including "Deprecated: ...", are separated by
	// blank lines. As every Doc in a contract it is for readers: nothing on
	// the wire, in unweld.lock or in the behaviour of a call depends on it.
	Doc      string  `json:"doc,omitempty"`
	Context  bool    `json:"context"` // the first parameter is a context.Context; it isn't in Params
	Params   []Param `json:"params"`
	Variadic bool    `json:"variadic"` // the last of Params is variadic; its Type is the slice
	Results  []Param `json:"results"`  // without the final error
	Error    bool    `json:"error"`    // the last result is an error; it isn't in Results

	// Directives are those in the comment of the declaration, without what all
	// begin with: "slow". A binding reads those that have its name.
	Directives []string `json:"directives,omitempty"`

	// Behind are the open interfaces among its parameters and results, in the
	// order in which they are found, with the types that the program stores in
	// them.
	Behind []Behind `json:"behind,omitempty"`

	// Nondeterministic are the places because of which a second execution with
	// the same arguments may have another result.
	Nondeterministic []Problem `json:"nondeterministic,omitempty"`
	Span             text.Span `json:"span"`
}

// A Param is a parameter or result.
type Param struct {
	Name string  `json:"name"` // may be empty or "_"
	Type TypeRef `json:"type"`
	// Doc is the comment in the parameter list, after the parameter or
	// directly before it.
	Doc string `json:"doc,omitempty"`
	// InOut, of a parameter: the method changes the memory that it refers to,
	// and the change is copied back into the caller's slice (as many elements
	// as it has), map or pointer.
	InOut bool `json:"inout,omitempty"`
	// Direction, of a stream, is the direction of its elements.
	Direction Direction `json:"direction,omitempty"`
}

// A TypeID is the key of a type in a contract and in unweld.lock. It is the
// canonical spelling of a TypeRef, "[]*example.com/shop/pricing.Quote". It is
// never parsed: the structure of a type is in its Type and its TypeRef.
type TypeID string

// Kind is the kind of a Type, like reflect.Kind.
type Kind string

// The kinds. The basic ones carry Go's own names.
const (
	KindBool       Kind = "bool"
	KindInt        Kind = "int"
	KindInt8       Kind = "int8"
	KindInt16      Kind = "int16"
	KindInt32      Kind = "int32"
	KindInt64      Kind = "int64"
	KindUint       Kind = "uint"
	KindUint8      Kind = "uint8"
	KindUint16     Kind = "uint16"
	KindUint32     Kind = "uint32"
	KindUint64     Kind = "uint64"
	KindFloat32    Kind = "float32"
	KindFloat64    Kind = "float64"
	KindComplex64  Kind = "complex64"
	KindComplex128 Kind = "complex128"
	KindString     Kind = "string"
	KindSlice      Kind = "slice"   // Elem; []byte is a slice of uint8
	KindArray      Kind = "array"   // Elem, Len
	KindMap        Kind = "map"     // Key, Elem
	KindPointer    Kind = "pointer" // Elem
	KindStruct     Kind = "struct"  // Fields
	KindUnion      Kind = "union"   // a sealed interface; Fields: its implementations, "Circle" and "*Circle"
	KindError      Kind = "error"   // the predeclared interface, inside a value
	KindExternal   Kind = "external"
	KindStream     Kind = "stream" // a parameter or result only: Stream; Elem and Key, or Methods with one element
	KindHandle     Kind = "handle" // a result, or a parameter that one comes back as: Methods, Lease
	KindAny        Kind = "any"    // an open interface; Fields: the registered types, "Circle" and "*Circle"
)

// A Type is a type that crosses a contract.
type Type struct {
	ID   TypeID  `json:"id"` // that of Ref
	Ref  TypeRef `json:"ref"`
	Kind Kind    `json:"kind"` // of the underlying type, or KindExternal

	// Package and Name are set for declared types (type Quote struct{...});
	// a type that isn't declared (a slice, a pointer) has neither.
	Package Package `json:"package,omitzero"`
	Name    string  `json:"name,omitempty"`
	Doc     string  `json:"doc,omitempty"` // of a declared type; see Method.Doc

	Elem   TypeID  `json:"elem,omitempty"`
	Key    TypeID  `json:"key,omitempty"`
	Len    int64   `json:"len,omitempty"`
	Fields []Field `json:"fields,omitempty"`

	// Stream is set for KindStream, Lease for KindHandle. Methods are those of
	// a handle, in source order, or the function itself of a callback, without
	// a name.
	Stream  *Stream  `json:"stream,omitempty"`
	Lease   *Lease   `json:"lease,omitempty"`
	Methods []Method `json:"methods,omitempty"`

	// Constants are the exported constants of a declared basic type in its own
	// package, sorted by value, then name.
	Constants []Constant `json:"constants,omitempty"`
	// ConstantsDoc is the comment above the groups that declare only constants
	// of this type.
	ConstantsDoc string `json:"constantsDoc,omitempty"`

	// Codec names the codec of a KindExternal type: "time", "binary"
	// (BinaryMarshaler and BinaryUnmarshaler), "text", "url", "netip.Addr",
	// "big.Int" and so on. time.Duration has none: it is an int64.
	Codec string    `json:"codec,omitempty"`
	Span  text.Span `json:"span,omitzero"`
}

// A Field is one field of a struct, in declaration order. Fields named "_" are
// left out; unexported fields are listed only where generated code can reach them,
// in its own package (FormFuncs) or because a binding carries ModeUnexported;
// elsewhere they make the type uncrossable.
type Field struct {
	Name     string `json:"name"` // for an embedded field, the type's name
	Type     TypeID `json:"type"`
	Embedded bool   `json:"embedded,omitempty"`
	// Unexported: only code in the type's package can name the field. In a
	// contract whose generated code is in another package, the methods that
	// need the field have ModeUnexported among their Needs.
	Unexported bool   `json:"unexported,omitempty"`
	Tag        string `json:"tag,omitempty"` // as reflect.StructTag has it
	Doc        string `json:"doc,omitempty"` // the comment above the field, or else on its line; see Method.Doc
}

// A Constant is an exported constant of a declared type.
type Constant struct {
	Name  string `json:"name"`
	Value string `json:"value"`         // exact, in Go syntax: 3, "open", true
	Doc   string `json:"doc,omitempty"` // the comment above the constant, or else on its line; see Method.Doc
}

// An ErrorIdentity is an error value or type that callers must be able to
// recognise across a link.
type ErrorIdentity struct {
	Package Package `json:"package"`
	Name    string  `json:"name"`              // ErrUnknownSKU, or the type's name
	Type    TypeID  `json:"type,omitempty"`    // the type of a typed error; empty for a sentinel
	Pointer bool    `json:"pointer,omitempty"` // the pointer type implements error
	Doc     string  `json:"doc,omitempty"`     // of the variable or type; see Method.Doc
}

// Back returns the indexes in Params of the in-out parameters.
func (m *Method) Back() []int {
	var back []int
	for i, p := range m.Params {
		if p.InOut {
			back = append(back, i)
		}
	}
	return back
}

// Reply returns what a reply carries: the results, followed by the in-out
// parameters, whose names are marked.
func (m *Method) Reply() []Param {
	out := slices.Clone(m.Results)
	for _, i := range m.Back() {
		p := m.Params[i]
		if p.Name == "" || p.Name == "_" {
			p.Name = fmt.Sprintf("p%d", i+1)
		}
		out = append(out, Param{Name: p.Name + "_after", Type: p.Type, Doc: p.Doc})
	}
	return out
}

// Type returns the type with the given ID, or nil.
func (c *Contract) Type(id TypeID) *Type {
	for i := range c.Types {
		if c.Types[i].ID == id {
			return &c.Types[i]
		}
	}
	return nil
}

// Unary returns the methods that cross as one request and one reply, with values.
func (c *Contract) Unary() []Method {
	return slices.DeleteFunc(c.Generated(), func(m Method) bool { return m.Streams() || m.Handles() })
}

// Generated returns the methods that cross by generated code: as one request and
// one reply, with streams beside them or without, and whatever is in them.
func (c *Contract) Generated() []Method {
	return slices.DeleteFunc(c.Remote(), func(m Method) bool { return !m.Generated() })
}

// Generated reports whether there is generated code by which the method crosses.
func (m *Method) Generated() bool {
	return m.Local == "" && !slices.ContainsFunc(m.Needs, ungenerated)
}

// Streams reports whether the method crosses with streams.
func (m *Method) Streams() bool {
	streams := func(p Param) bool { return p.Direction != "" }
	return m.Generated() && (slices.ContainsFunc(m.Params, streams) || slices.ContainsFunc(m.Results, streams))
}

// Handles reports whether the method crosses with handles.
func (m *Method) Handles() bool { return m.Generated() && slices.Contains(m.Needs, ModeHandle) }

// Handles returns the types of the handles that the methods which cross take and
// return, and those that the methods of handles do, sorted by ID.
func (c *Contract) Handles() []*Type {
	found := map[TypeID]*Type{}
	w := c.Walker(func(v Visit) bool {
		if v.Type != nil && v.Type.Kind == KindHandle {
			found[v.ID] = v.Type
		}
		return v.Type != nil
	})
	for _, m := range c.Generated() {
		w.Method(&m)
	}
	var out []*Type
	for _, id := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[id])
	}
	return out
}

// Ungenerated lists the modes of the method that no generated code knows.
func (m *Method) Ungenerated() []Mode {
	return slices.DeleteFunc(slices.Clone(m.Needs), func(n Mode) bool { return !ungenerated(n) })
}

func ungenerated(n Mode) bool {
	return !slices.Contains([]Mode{ModeStream, ModeAny, ModeHandle, ModeUnexported}, n)
}

// Fails reports whether callers of a method learn that a call failed: by an error,
// or because all that it returns is a stream that can say so.
func (c *Contract) Fails(m *Method) bool {
	if m.Error || len(m.Results) != 1 {
		return m.Error
	}
	t := c.Type(m.Results[0].Type.ID())
	return t != nil && t.Stream != nil && t.Stream.Fails
}

// Remote returns the methods that may cross a process.
func (c *Contract) Remote() []Method {
	var ms []Method
	for _, m := range c.Methods {
		if m.Local == "" {
			ms = append(ms, m)
		}
	}
	return ms
}
