package link

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// A Transport reaches other processes by one scheme of addresses. A binding's
// run-time package registers one when it is imported.
type Transport struct {
	Scheme string
	// Dial connects to the component named in hello and shakes hands. Nothing
	// of a call has been sent when it fails. A schema that isn't compatible is
	// a *VersionError, a peer that doesn't host the component ErrMoved.
	Dial func(ctx context.Context, address Address, hello Hello) (Conn, error)
	// Listen serves what accept names until the listener is closed. One
	// listener serves every component of a unit that has the same address.
	Listen func(address Address, accept Accept) (Listener, error)
}

// A Hello is what a caller says of itself when it connects.
type Hello struct {
	Component   string
	Fingerprint string
	Compatible  []string
	Endpoints   []Endpoint // for transports that call endpoints by name
}

// Accept answers a Hello: the component to be called, or why not.
type Accept func(Hello) (*Target, error)

// A Conn carries calls to one component of one peer. It is used by many
// goroutines at once.
type Conn interface {
	// Call sends one request and waits for the reply. An error is an *Error
	// with its Outcome; once the context has ended it wraps ctx.Err().
	Call(ctx context.Context, call Outgoing) (Reply, error)
	// Usable is false once the connection can take no new call.
	Usable() bool
	Close() error
}

// A Listener serves calls.
type Listener interface {
	// Close stops accepting, lets the calls that arrived finish as long as ctx
	// lasts, and closes the connections.
	Close(ctx context.Context) error
	// Address is where the listener is really reached: with the port filled in.
	Address() Address
}

// An Offerer is a Listener of a transport that has to say beforehand what can be
// called, because a broker stands between caller and listener.
type Offerer interface {
	// Offer makes a component reachable; calls may arrive before it returns. It is
	// called again when the component is opened again.
	Offer(*Target) error
}

// An Outgoing is a request on its way out. The request's bytes belong to the
// caller again when Call returns.
type Outgoing struct {
	Endpoint Endpoint
	Request  []byte
	Metadata map[string]string
}

// A Status says what kind of reply a Reply is.
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

// A Reply is what came back.
type Reply struct {
	Status Status
	Error  string // a tree as Errors.Append writes it, unless the status is StatusOK
	Body   string
}

var transports struct {
	sync.Mutex
	all []Transport
}

// Register adds a transport. The last one registered for a scheme is used.
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
