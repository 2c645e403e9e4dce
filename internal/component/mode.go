package component

import (
	"slices"
	"strings"
)

// Mode is how a parameter or result crosses. Some modes need more than a
// request and a reply with values; only some bindings carry those.
type Mode string

// The modes that every binding carries.
const (
	ModeValue    Mode = "value"    // a copy
	ModeInOut    Mode = "inout"    // a copy, and the copy that the method changed is copied back
	ModeUnion    Mode = "union"    // a copy of one of the implementations of a sealed interface
	ModeExternal Mode = "external" // a copy, encoded by a codec for the type or by its own methods
)

// The modes that only some bindings carry, as their traits say.
const (
	// ModeStream: bytes, values or calls that continue until one side ends
	// them. As a parameter a stream lasts as long as the call; as a result,
	// longer.
	ModeStream Mode = "stream"
	// ModeHandle: a result that is a contract itself, or a parameter as which one
	// comes back. Its value stays with the component for as long as the caller's
	// lease lasts.
	ModeHandle Mode = "handle"
	// ModeAny: a value of an open interface, of one of the types that the
	// program is seen to store in it.
	ModeAny Mode = "any"
	// ModeUnexported: a value with unexported fields, of a type of the module; the
	// code that encodes it must be in the type's package.
	ModeUnexported Mode = "unexported"
)

// Modes are all modes. Carried are those that only some bindings carry, as
// their traits say. Neither must be changed.
var (
	Modes   = append([]Mode{ModeValue, ModeInOut, ModeUnion, ModeExternal}, Carried...)
	Carried = []Mode{ModeStream, ModeHandle, ModeAny, ModeUnexported}
)

// Plural names the mode in a sentence about a binding: "streams".
func (m Mode) Plural() string {
	switch m {
	case ModeAny:
		return "values of registered types"
	case ModeUnexported:
		return "unexported fields"
	}
	return string(m) + "s"
}

// A Carrier is a binding that reaches another process, with the modes that it
// carries in addition to those that every binding carries.
type Carrier struct {
	Name  string
	Modes []Mode
}

// Carriers are the bindings by which a component can be reached. The zero value
// carries values only.
type Carriers struct {
	// Chosen are the component's bindings: a mode crosses only if all of them
	// carry it. Empty: they aren't chosen yet, and it is enough if one of All
	// carries it.
	Chosen []Carrier
	All    []Carrier
}

// Lacks returns why a mode can't cross, for example "binding unix carries no
// streams", or "" if it can.
func (c Carriers) Lacks(m Mode) string {
	if len(c.Chosen) == 0 {
		if len(c.carrying(m)) == 0 {
			return "no binding carries " + m.Plural()
		}
		return ""
	}
	for _, b := range c.Chosen {
		if !slices.Contains(b.Modes, m) {
			return "binding " + b.Name + " carries no " + m.Plural()
		}
	}
	return ""
}

// Instead returns a hint for a mode that the chosen bindings lack, or "" where
// no binding carries it.
func (c Carriers) Instead(m Mode) string {
	if names := c.carrying(m); len(names) > 0 {
		last := len(names) - 1
		list := names[last]
		if last > 0 {
			list = strings.Join(names[:last], ", ") + " or " + list
		}
		return "bind it to " + list + ", which carries " + m.Plural()
	}
	return ""
}

func (c Carriers) carrying(m Mode) []string {
	var names []string
	for _, b := range c.All {
		if slices.Contains(b.Modes, m) {
			names = append(names, b.Name)
		}
	}
	return names
}

// StreamForm is the Go type by which a stream is expressed.
type StreamForm string

// The forms of streams.
const (
	StreamReader     StreamForm = "reader"     // Read, of bytes
	StreamWriter     StreamForm = "writer"     // Write, of bytes
	StreamReadWriter StreamForm = "readwriter" // Read and Write
	StreamSeq        StreamForm = "seq"        // func(yield func(V) bool), as iter.Seq is
	StreamSeq2       StreamForm = "seq2"       // func(yield func(K, V) bool), as iter.Seq2 is
	StreamChannel    StreamForm = "channel"    // <-chan V
	StreamCallback   StreamForm = "callback"   // func(...), called by the component
)

// StreamForms lists all forms of streams.
var StreamForms = []StreamForm{StreamReader, StreamWriter, StreamReadWriter, StreamSeq, StreamSeq2, StreamChannel, StreamCallback}

// A Stream describes a type of KindStream. The types of its elements are the
// type's Elem (V) and Key (K), or the parameters and results of its one method.
type Stream struct {
	Form StreamForm `json:"form"`
	// Closes: it has a method Close, which ends it.
	Closes bool `json:"closes,omitempty"`
	// Fails: the receiver of the elements gets an error when the link fails
	// midway. Where it is false, a broken stream looks like one that ended,
	// except for the call's context and error.
	Fails bool `json:"fails,omitempty"`
}

// Direction is the direction of a stream's elements, from the component's point
// of view.
type Direction string

// The directions.
const (
	In   Direction = "in"   // from the caller to the component
	Out  Direction = "out"  // from the component to the caller
	Both Direction = "both" // a bidirectional stream, or a callback with results
)

// A Lease says how long the value of a handle is kept by the component: until its
// callers release it, don't refer to it any more, or aren't heard of.
type Lease struct {
	// Release is the method by which the caller releases it: Close. It is
	// empty where the contract has none.
	Release string `json:"release,omitempty"`
}

// Mode returns how a parameter or result of the contract crosses.
func (c *Contract) Mode(p Param) Mode {
	t := c.Type(p.Type.ID())
	switch {
	case p.InOut:
		return ModeInOut
	case t == nil:
		return ModeValue
	}
	switch t.Kind {
	case KindStream:
		return ModeStream
	case KindHandle:
		return ModeHandle
	case KindUnion:
		return ModeUnion
	case KindAny:
		return ModeAny
	case KindExternal:
		return ModeExternal
	}
	return ModeValue
}

// Direction returns the direction of the elements of a parameter or result of
// type t, or "" where t isn't a stream.
func (t *Type) Direction(result bool) Direction {
	if t.Stream == nil {
		return ""
	}
	out := result
	switch t.Stream.Form {
	case StreamReadWriter:
		return Both
	case StreamCallback:
		if len(t.Methods) > 0 && (len(t.Methods[0].Results) > 0 || t.Methods[0].Error) {
			return Both
		}
		return Out
	case StreamWriter: // the other side takes what is written
		out = !result
	}
	if out {
		return Out
	}
	return In
}
