package link

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// A Transport reaches other processes by one scheme of addresses. A binding's
// run-time package registers one in its init function. Both functions must be
// safe for concurrent use.
type Transport struct {
	Scheme string
	// Dial connects to the component named in hello and exchanges the
	// handshake. When it fails, no part of a call has been sent. An
	// incompatible schema is a *VersionError; a peer that doesn't host the
	// component is ErrMoved.
	Dial func(ctx context.Context, address Address, hello Hello) (Conn, error)
	// Listen serves what accept names until the listener is closed. One
	// listener serves every component of a unit that has the same address.
	Listen func(address Address, accept Accept) (Listener, error)
}

// A Hello is sent by a caller when it connects.
type Hello struct {
	Component   string
	Fingerprint string
	Compatible  []string
	Endpoints   []Endpoint // for transports that call endpoints by name
}

// An Accept answers a Hello: with the component to be called, or why it can't
// be.
type Accept func(Hello) (*Target, error)

// A Conn carries calls to one component of one peer. It is safe for concurrent
// use.
type Conn interface {
	// Call sends one request and waits for the reply. An error is an *Error
	// with its Outcome; once the context has ended it wraps ctx.Err().
	Call(ctx context.Context, call Outgoing) (Reply, error)
	// Usable reports whether the connection accepts new calls.
	Usable() bool
	Close() error
}

// A Listener serves calls. Both methods may be called while it serves.
type Listener interface {
	// Close stops accepting, waits for the calls in flight until ctx ends, and
	// closes the connections.
	Close(ctx context.Context) error
	// Address is the address that callers use: a port that was chosen by the
	// system is filled in.
	Address() Address
}

// An Offerer is a Listener that must know in advance which components can be
// called. It is one where there is a broker between callers and listener.
type Offerer interface {
	// Offer makes a component reachable; calls may arrive before it returns. It is
	// called again when the component is opened again.
	Offer(*Target) error
}

// An Outgoing is a request to be sent by a transport. Request belongs to the
// caller again when Conn.Call returns.
type Outgoing struct {
	Endpoint Endpoint
	Request  []byte
	Metadata map[string]string
}

// A Status is the kind of a Reply.
type Status uint8

const (
	// StatusOK: Body holds the results.
	StatusOK Status = iota
	// StatusError: the endpoint returned an error; Body may hold results too.
	StatusError
	// StatusRefused: the call wasn't executed; Error says why.
	StatusRefused
	// StatusFailed: the call was executed, but its reply couldn't be sent.
	StatusFailed
)

// A Reply is the answer to an Outgoing.
type Reply struct {
	Status Status
	Error  string // a tree as Errors.Append writes it, unless the status is StatusOK
	Body   string
}

var transports struct {
	sync.Mutex
	all []Transport
}

// Register adds a transport, replacing an earlier one for the same scheme. It
// is called from init functions and isn't safe for concurrent use.
func Register(t Transport) {
	transports.Lock()
	defer transports.Unlock()
	transports.all = append([]Transport{t}, transports.all...)
}

func transportFor(a Address) (Transport, error) {
	transports.Lock()
	defer transports.Unlock()
	var have []string
	for _, t := range transports.all {
		if t.Scheme == a.Scheme {
			return t, nil
		}
		have = append(have, t.Scheme)
	}
	return Transport{}, fmt.Errorf("no binding for %q addresses in this program (it has: %s); run unweld bind with --to %s",
		a.Scheme, strings.Join(have, ", "), a.Scheme)
}
