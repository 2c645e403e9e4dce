package link

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Errors cross a process as a tree. A node is one of
//
//   - a sentinel: a registered value, which arrives as that very value;
//   - a typed error: a value of a registered type, with its fields;
//   - an opaque error: its message, its Go type for people, what it wraps, which
//     sentinels its method Is accepts, and what its methods Timeout and Temporary
//     say.
//
// So errors.Is and errors.As find on the caller's side what they would have
// found on the callee's, and Error() gives the same text.

// The fields of a node. Every node carries its message, for peers that don't
// know the name.
const (
	nodeMessage  = 1
	nodeSentinel = 2
	nodeType     = 3
	nodePayload  = 4
	nodeChild    = 5
	// 6 was the Go type, which nothing could be told by.
	nodeMulti = 7  // wraps a list (Unwrap() []error), even of one
	nodeIs    = 8  // repeated: a sentinel that the error's own method Is accepts
	nodeNet   = 9  // what Timeout and Temporary say, and that there are such methods
	nodeNil   = 10 // a typed error that is a nil pointer
	nodeHome  = 11 // which error of which process it was: see errhome.go
)

// The bits of nodeNet.
const (
	netMethods = 1 << iota
	netTimeout
	netTemporary
)

// Bounds of a tree, for odd errors here and hostile ones from outside.
const (
	maxErrorDepth = 32
	maxErrorNodes = 256
	maxErrorBytes = 1 << 20
)

// An ErrorIdentity is an error value or type that keeps its identity across a
// link: errors.Is and errors.As give the same result on both sides.
type ErrorIdentity struct {
	name   string
	value  error // a sentinel
	encode func(b []byte, err error) ([]byte, bool)
	decode func(src string) (error, error)
	zero   error // of a type: its zero value, which for pointers is nil
}

// Sentinel registers an error value under its full name,
// "example.com/shop/pricing.ErrUnknownSKU".
func Sentinel(name string, value error) ErrorIdentity {
	return ErrorIdentity{name: name, value: value}
}

// TypedError registers an error type, with the codec of its fields.
func TypedError[E error](name string, encode func(b []byte, err E) []byte, decode func(src string) (E, error)) ErrorIdentity {
	var zero E
	return ErrorIdentity{
		name: name,
		zero: zero,
		encode: func(b []byte, err error) (out []byte, ok bool) {
			e, ok := err.(E)
			ok = ok && (isNil(err) || try(func() { out = encode(b, e) }) == nil)
			return out, ok
		},
		decode: func(src string) (error, error) {
			e, err := decode(src)
			if err != nil {
				return nil, err
			}
			return e, nil
		},
	}
}

// Errors are the errors that a component's callers can recognise. It is
// immutable and safe for concurrent use.
type Errors struct {
	ids    []ErrorIdentity
	homing bool // what is sent may come back
}

// NewErrors returns a registry of ids and of the errors that the run-time knows
// itself (context, io, io/fs, link).
func NewErrors(ids ...ErrorIdentity) *Errors {
	for _, known := range knownSentinels() {
		ids = append(ids, Sentinel(known.name, known.value))
	}
	return &Errors{ids: ids}
}

// named returns the first identity of that name, or none.
func (e *Errors) named(name string) ErrorIdentity {
	for _, id := range e.ids {
		if id.name == name {
			return id
		}
	}
	return ErrorIdentity{}
}

// Append appends the encoded tree of err, which must not be nil, to b.
func (e *Errors) Append(b []byte, err error) []byte {
	nodes, start := 0, len(b)
	b = e.appendNode(b, err, 0, &nodes)
	if len(b)-start > maxErrorBytes {
		text := message(err)
		b = appendStringField(b[:start], nodeMessage, text[:min(len(text), maxErrorBytes/2)])
	}
	return b
}

func (e *Errors) appendNode(b []byte, err error, depth int, nodes *int) []byte {
	*nodes++
	b = appendStringField(b, nodeMessage, message(err))
	for _, id := range e.ids {
		if id.value != nil && same(err, id.value) {
			return appendStringField(b, nodeSentinel, id.name)
		}
	}
	b = e.appendHome(b, err)
	for _, id := range e.ids {
		if id.encode == nil {
			continue
		}
		if payload, ok := id.encode(nil, err); ok {
			b = appendStringField(b, nodeType, id.name)
			if isNil(err) {
				return appendVarintField(b, nodeNil, 1)
			}
			return appendStringField(b, nodePayload, string(payload))
		}
	}
	if name, payload := fieldsOf(err); name != "" {
		b = appendStringField(b, nodeType, name)
		b = appendStringField(b, nodePayload, string(payload))
		return e.appendChildren(b, err, depth, nodes)
	}
	b = e.appendBehaviour(b, err)
	return e.appendChildren(b, err, depth, nodes)
}

// appendBehaviour appends what the methods of an opaque error say.
func (e *Errors) appendBehaviour(b []byte, err error) []byte {
	if x, ok := err.(interface{ Is(error) bool }); ok {
		for _, id := range e.ids {
			if id.value != nil && ask(func() bool { return x.Is(id.value) }) {
				b = appendStringField(b, nodeIs, id.name)
			}
		}
	}
	if x, ok := err.(netError); ok {
		bits := uint64(netMethods)
		if ask(x.Timeout) {
			bits |= netTimeout
		}
		if ask(x.Temporary) {
			bits |= netTemporary
		}
		b = appendVarintField(b, nodeNet, bits)
	}
	return b
}

// isNil reports whether an error is a nil pointer, which its methods may well make
// sense of.
func isNil(err error) bool {
	v := reflect.ValueOf(err)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// try runs code of an error of the user's, which may panic: a typed nil pointer,
// for one. It returns what the code panicked with.
func try(f func()) (panicked any) {
	defer func() { panicked = recover() }()
	f()
	return nil
}

func ask(f func() bool) (yes bool) {
	try(func() { yes = f() })
	return yes
}

// appendChildren appends what an error wraps.
func (e *Errors) appendChildren(b []byte, err error, depth int, nodes *int) []byte {
	if depth >= maxErrorDepth || *nodes >= maxErrorNodes {
		return b
	}
	children, multi := unwrap(err)
	if multi {
		b = appendVarintField(b, nodeMulti, 1)
	}
	for _, child := range children {
		if child != nil && *nodes < maxErrorNodes {
			b = appendStringField(b, nodeChild, string(e.appendNode(nil, child, depth+1, nodes)))
		}
	}
	return b
}

func message(err error) (s string) {
	if v := try(func() { s = err.Error() }); v != nil {
		s = fmt.Sprintf("%T (its Error method panicked: %v)", err, v)
	}
	return s
}

// same is err == value, also of types that can't be compared.
func same(err, value error) bool { return ask(func() bool { return err == value }) }

func unwrap(err error) (children []error, multi bool) {
	try(func() {
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			if child := x.Unwrap(); child != nil {
				children = []error{child}
			}
		case interface{ Unwrap() []error }:
			children, multi = x.Unwrap(), true
		}
	})
	return children, multi
}

// Parse decodes a tree that Append encoded. parsed is the error; bad is set
// where src is malformed.
func (e *Errors) Parse(src string) (parsed error, bad error) {
	if len(src) > maxErrorBytes {
		return nil, ErrTooLarge
	}
	nodes := 0
	return e.parseNode(src, 0, &nodes)
}

type node struct {
	message, sentinel, typ, payload, home string
	multi, null                           bool
	net                                   uint64
	is                                    []error // registered here
	children                              []error
}

func (e *Errors) parseNode(src string, depth int, nodes *int) (error, error) {
	if *nodes++; depth > maxErrorDepth || *nodes > maxErrorNodes {
		return nil, errors.New("error tree too deep or too large")
	}
	var n node
	for src != "" {
		field, v, s, rest, err := readField(src)
		if err != nil {
			return nil, err
		}
		src = rest
		switch field {
		case nodeMessage:
			n.message = strings.Clone(s)
		case nodeSentinel:
			n.sentinel = s
		case nodeType:
			n.typ = s
		case nodePayload:
			n.payload = s
		case nodeHome:
			n.home = s
		case nodeMulti:
			n.multi = v != 0
		case nodeNet:
			n.net = v
		case nodeNil:
			n.null = v != 0
		case nodeIs:
			if id := e.named(s); id.value != nil && len(n.is) < len(e.ids) {
				n.is = append(n.is, id.value)
			}
		case nodeChild:
			child, err := e.parseNode(s, depth+1, nodes)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		}
	}
	return e.build(&n)
}

func (e *Errors) build(n *node) (error, error) {
	if id := e.named(n.sentinel); id.value != nil {
		return id.value, nil
	}
	if err := atHome(n.home); err != nil {
		return err, nil
	}
	if id := e.named(n.typ); id.decode != nil {
		if n.null {
			return id.zero, nil
		}
		return id.decode(n.payload)
	}
	if known, bad := knownError(n); known != nil || bad != nil {
		return known, bad
	}
	return n.opaque(), nil
}

// opaque makes the error of a node whose identity isn't registered here.
func (n *node) opaque() error {
	r := remoteError{message: n.message, is: n.is, home: strings.Clone(n.home)}
	var err error = &r
	switch {
	case n.multi:
		err = &remoteErrors{r, n.children}
	case len(n.children) > 0:
		err = &remoteWrapped{r, n.children[0]}
	}
	if n.net&netMethods != 0 {
		err = &remoteNet{err, n.net}
	}
	return err
}

// A remoteError is an error of another process whose identity isn't registered.
type remoteError struct {
	message string
	is      []error
	home    string // where it is from, and which it was there; empty: not known
}

func (e *remoteError) Error() string { return e.message }

// Is reports what the error's own method said of the registered sentinels.
func (e *remoteError) Is(target error) bool {
	for _, sentinel := range e.is {
		if same(target, sentinel) {
			return true
		}
	}
	return false
}

type remoteWrapped struct {
	remoteError
	wrapped error
}

func (e *remoteWrapped) Unwrap() error { return e.wrapped }

type remoteErrors struct {
	remoteError
	wrapped []error
}

func (e *remoteErrors) Unwrap() []error { return e.wrapped }

// A netError is an error that says what net.Error says.
type netError interface {
	error
	Timeout() bool
	Temporary() bool
}

// A remoteNet adds the methods of net.Error to an opaque error.
type remoteNet struct {
	opaque error
	bits   uint64
}

func (e *remoteNet) Error() string   { return e.opaque.Error() }
func (e *remoteNet) Unwrap() error   { return e.opaque }
func (e *remoteNet) Timeout() bool   { return e.bits&netTimeout != 0 }
func (e *remoteNet) Temporary() bool { return e.bits&netTemporary != 0 }
