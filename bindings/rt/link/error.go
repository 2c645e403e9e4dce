package link

import (
	"errors"
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// An Outcome says whether a call that failed in transport was executed. The
// zero value is Unknown.
type Outcome int

const (
	// Unknown: the request may have been executed; the reply did not arrive.
	Unknown Outcome = iota
	// NotExecuted: the request wasn't executed, so it is safe to repeat.
	NotExecuted
)

func (o Outcome) String() string {
	if o == NotExecuted {
		return "not executed"
	}
	return "outcome unknown"
}

// An Error is a failure of the link, never of the component. Its outcome is
// that of the one call that it names: a component that passes the error on to
// its own caller was itself executed.
type Error struct {
	Component string
	Endpoint  string
	Address   string // where the call was sent; empty if it wasn't
	Outcome   Outcome
	Err       error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("link")
	if e.Component != "" {
		b.WriteString(" " + e.Component)
		if e.Endpoint != "" {
			b.WriteString("." + e.Endpoint)
		}
	}
	if e.Address != "" {
		b.WriteString(" at " + e.Address)
	}
	fmt.Fprintf(&b, ": %v (%s)", e.Err, e.Outcome)
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Errors of the link that callers may compare with errors.Is.
var (
	// ErrMoved: the peer doesn't host the component, or no longer does.
	// Callers whose route is replaced retry; they see it only if no new route
	// came in time.
	ErrMoved = errors.New("the component has moved to another unit")
	// ErrMalformed: a request or reply that couldn't be decoded.
	ErrMalformed = errors.New("malformed message")
	// ErrTooLarge: a message above the limit of the transport.
	ErrTooLarge = errors.New("message too large")
	// ErrTooDeep: a value that nests too deep, or contains itself. Nobody's stack is
	// used up by it: who writes it refuses, and so does who reads it.
	ErrTooDeep = wire.ErrTooDeep
	// ErrClosed: the connection or listener was closed on this side.
	ErrClosed = errors.New("link closed")
	// ErrPinned: the endpoint can't be called from another process.
	ErrPinned = errors.New("the endpoint cannot leave its process")
)

// A malformedError is a request that couldn't be decoded. It is told from an
// endpoint's own error by its type, not by errors.Is: a component may hand on
// an error of that kind which it got from another one.
type malformedError struct{ err error }

func (e *malformedError) Error() string   { return ErrMalformed.Error() + ": " + e.err.Error() }
func (e *malformedError) Unwrap() []error { return []error{ErrMalformed, e.err} }

// Malformed wraps the error of a decoder so that it matches ErrMalformed.
func Malformed(err error) error { return &malformedError{err} }

// A movedError is how a gate turns away a call that arrived from outside.
type movedError struct{}

func (*movedError) Error() string { return ErrMoved.Error() }

// A refusedError is a request that was decoded and can't be executed.
type refusedError struct{ err error }

func (e *refusedError) Error() string { return e.err.Error() }
func (e *refusedError) Unwrap() error { return e.err }

// Refused marks the error of a request that the dispatcher turned away before the
// endpoint was called.
func Refused(err error) error { return &refusedError{err} }

// Failed returns the Error of a transport; Remote fills in the component,
// endpoint and address.
func Failed(outcome Outcome, err error) *Error {
	return &Error{Outcome: outcome, Err: err}
}

// A VersionError reports that two units have incompatible schemas of a
// component.
type VersionError struct {
	Component string
	Caller    string // fingerprint
	Callee    string
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: the caller has schema %s and the callee %s, which are not compatible: rebuild both units from the same unweld.lock",
		e.Component, short(e.Caller), short(e.Callee))
}

func short(fingerprint string) string {
	if len(fingerprint) > 12 {
		return fingerprint[:12]
	}
	return fingerprint
}

// A CertificateError reports that one side of a connection doesn't take the
// certificate of the other. No part of a call that failed with it was executed.
type CertificateError struct {
	OfPeer bool   // whose certificate it is: the peer's, or else this unit's
	Reason string // "it expired on 2026-11-30"
	Err    error
}

func (e *CertificateError) Error() string {
	if e.OfPeer {
		return "this unit doesn't take the certificate of the peer: " + e.Reason
	}
	return "the peer doesn't take the certificate of this unit: " + e.Reason
}

func (e *CertificateError) Unwrap() error { return e.Err }

// A PanicError is a panic in a component that runs in another process: that
// process survived it.
type PanicError struct {
	Component string
	Endpoint  string
	Value     string // what was passed to panic, printed
	Stack     string // of the goroutine that panicked
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("panic in %s.%s: %s", e.Component, e.Endpoint, e.Value)
}
