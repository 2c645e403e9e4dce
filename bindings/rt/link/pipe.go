package link

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
)

// A Pipe carries the messages of one call with streams, in both directions and
// each in order. Send may be called concurrently, and with everything else.
type Pipe interface {
	// Send sends a message: its parts one after the other. It waits while the
	// other side doesn't receive, and doesn't keep the parts.
	Send(number int, parts ...[]byte) error
	// Receive returns the next message, in the memory of buf if that suffices.
	Receive(buf []byte) (number int, message []byte, err error)
	// Close ends the pipe on both sides. What waits in Send or Receive returns.
	Close() error
}

// PipeMessage returns a message of a pipe as protobuf, for transports whose messages have
// no numbers: one field with that number. One above limit is an ErrTooLarge.
func PipeMessage(number, limit int, parts ...[]byte) ([]byte, error) {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	const head = 2 * binary.MaxVarintLen32
	if n > limit-head {
		return nil, fmt.Errorf("%w: a message of %d bytes", ErrTooLarge, n)
	}
	b := binary.AppendUvarint(make([]byte, 0, n+head), uint64(number)<<3|2)
	b = binary.AppendUvarint(b, uint64(n))
	for _, part := range parts {
		b = append(b, part...)
	}
	return b, nil
}

// ParsePipeMessage reads what PipeMessage wrote; message is a part of m. Its error is an
// ErrMalformed.
func ParsePipeMessage[T string | []byte](m T) (number int, message T, err error) {
	tag, i := pipeVarint(m)
	if tag&7 != 2 || tag>>3 > 1<<29 || i <= 0 {
		return 0, message, fmt.Errorf("%w: a message of a stream", ErrMalformed)
	}
	size, j := pipeVarint(m[i:])
	if j <= 0 || uint64(len(m)-i-j) != size {
		return 0, message, fmt.Errorf("%w: a message of a stream with other than one field", ErrMalformed)
	}
	return int(tag >> 3), m[i+j:], nil
}

func pipeVarint[T string | []byte](m T) (uint64, int) {
	return binary.Uvarint([]byte(m[:min(len(m), binary.MaxVarintLen64)]))
}

// A Peer is the other side of a call, for transports that make pipes.
type Peer struct {
	Conn    Conn
	Address Address
	Hello   Hello
}

// A Piper makes the pipe of one call, by which its endpoint, its deadline and its
// metadata have crossed, and the request hasn't. No part of a call that fails
// here has been executed.
type Piper func(ctx context.Context, to Peer, call Outgoing) (Pipe, error)

var pipers struct {
	sync.Mutex
	byScheme map[string]Piper
}

// RegisterPiper makes calls with streams possible by addresses of a scheme.
func RegisterPiper(scheme string, p Piper) {
	pipers.Lock()
	defer pipers.Unlock()
	if pipers.byScheme == nil {
		pipers.byScheme = map[string]Piper{}
	}
	pipers.byScheme[scheme] = p
}

// OpenPipe makes the pipe of one call.
func OpenPipe(ctx context.Context, to Peer, call Outgoing) (Pipe, error) {
	pipers.Lock()
	p := pipers.byScheme[to.Address.Scheme]
	pipers.Unlock()
	if p == nil {
		return nil, fmt.Errorf("links of the scheme %s carry no streams", to.Address.Scheme)
	}
	return p(ctx, to, call)
}

// ErrorsOf returns the errors of the component that a Remote calls.
func ErrorsOf(r *Remote) *Errors { return r.in.errors }

// ErrorsOfTarget is ErrorsOf on the side of the component.
func ErrorsOfTarget(t *Target) *Errors { return t.in.errors }

// Broken returns the error of a call whose streams can't go on.
func Broken(r *Remote, endpoint int, err error) error { return r.failed(endpoint, Unknown, err) }

// NamesOf returns the names of the component that a Remote calls, and of one of its
// endpoints.
func NamesOf(r *Remote, endpoint int) (component, name string) {
	return r.in.component, r.in.endpoints[endpoint].Name
}
