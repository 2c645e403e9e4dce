package component

import (
	"slices"
	"strings"
)

// Mode is how a parameter or result crosses. What takes more of a binding than one
// request and one reply with values in them is carried by some bindings only.
type Mode string

// The modes that every binding carries.
const (
	ModeValue    Mode = "value"    // a copy
	ModeInOut    Mode = "inout"    // a copy, and what the method left of it travels back
	ModeUnion    Mode = "union"    // a copy, of one of the types behind a sealed interface
	ModeExternal Mode = "external" // a copy, by a codec that knows the type or by its own methods
)

// The modes that a binding carries if its traits say so.
const (
	// ModeStream: bytes, values or calls that go on until one side ends them: during
	// the call where a parameter is a stream, past its end where a result is one.
	ModeStream Mode = "stream"
	// ModeHandle: a result that is a contract of its own. What is behind it stays
	// with the component, for as long as its caller's lease lasts.
	ModeHandle Mode = "handle"
	// ModeAny: a value of an interface that anything may be behind, of one of the
	// types that the program is seen to put there.
	ModeAny Mode = "any"
	// ModeUnexported: a value with unexported fields of a type in the package of the
	// signature, where code that reaches them would have to stand.
	ModeUnexported Mode = "unexported"
)

// Modes are all modes, and Carried those of them that a binding carries if its
// traits say so.
var (
	Modes   = append([]Mode{ModeValue, ModeInOut, ModeUnion, ModeExternal}, Carried...)
	Carried = []Mode{ModeStream, ModeHandle, ModeAny, ModeUnexported}
)

// Plural is what a mode is called in a sentence about a binding.
func (m Mode) Plural() string {
	switch m {
	case ModeAny:
		return "values of registered types"
	case ModeUnexported:
		return "unexported fields"
	}
	return string(m) + "s"
}

// A Carrier is a binding that leads to another process, by the modes that it
// carries beside values.
type Carrier struct {
	Name  string
	Modes []Mode
}

// Carriers say what there is for a component to be reached by. The zero value
// carries values alone.
type Carriers struct {
	// Chosen are those that it will be reached by: what one of them doesn't carry
	// can't cross. Empty: it isn't known yet, and any of All will do.
	Chosen []Carrier
	All    []Carrier
}

// Lacks says why a mode can't cross, or "" if it can: "binding unix carries no
// streams".
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

// Instead is what to do about a mode that the chosen ones lack, or "" where none
// of all there are carries it.
func (c Carriers) Instead(m Mode) string {
	if names := c.carrying(m); len(names) > 0 {
		return "bind it to " + strings.Join(names, " or ") + ", which carries " + m.Plural()
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

// StreamForm is what a stream is in Go.
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

// StreamForms are all forms of streams.
var StreamForms = []StreamForm{StreamReader, StreamWriter, StreamReadWriter, StreamSeq, StreamSeq2, StreamChannel, StreamCallback}

// A Stream is what a type of KindStream is besides its elements, which are the
// type's Elem (V) and Key (K), or what the one of its Methods takes and gives.
type Stream struct {
	Form StreamForm `json:"form"`
	// Closes: it has a method Close, which ends it.
	Closes bool `json:"closes,omitempty"`
	// Fails: who takes the elements learns of it when the link fails half-way, as an
	// error. Where it is false, a stream that broke looks like one that ended, but
	// for the call's context and its error.
	Fails bool `json:"fails,omitempty"`
}

// Direction is the way that the elements of a stream go, as the component sees it.
type Direction string

// The directions.
const (
	In   Direction = "in"   // from the caller to the component
	Out  Direction = "out"  // from the component to the caller
	Both Direction = "both" // a connection, and a callback that answers
)

// A Lease says how long what is behind a handle is kept: until its caller gives it
// back, or is gone.
type Lease struct {
	// Release is the method by which the caller gives it back, Close; empty where
	// the contract has none, and only the caller's end tells.
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

// Direction returns the way that a parameter of type t, or a result, takes its
// elements; it is empty where t is no stream.
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
