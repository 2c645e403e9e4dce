package link

import (
	"errors"
	"fmt"
	"strings"
)

// An Outcome says what is known of a call that failed in transport. The zero
// value promises nothing.
type Outcome int

const (
	// Unknown: the request may have been executed; the reply did not arrive.
	Unknown Outcome = iota
	// NotExecuted: the request surely wasn't executed, so it is safe to repeat.
	NotExecuted
)

func (o Outcome) String() string {
	if o == NotExecuted {
		return "not executed"
	}
	return "outcome unknown"
}

// An Error is a failure of the link, never of the component behind it. Its
// outcome is that of one call, of the endpoint that it names: a component that
// made the call in its turn may have handed the error on, and was itself
// executed.
type Error struct {
	Component string
	Endpoint  string
	Address   string // where the call went; empty if it went nowhere
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
	// ErrMoved: the peer doesn't host the component (any more). Callers with a
	// live route ask again; it is seen only if no new route came in time.
	ErrMoved = errors.New("the component has moved to another unit")
	// ErrMalformed: a request or reply that couldn't be decoded.
	ErrMalformed = errors.New("malformed message")
	// ErrTooLarge: a message above the limit of the transport.
	ErrTooLarge = errors.New("message too large")
	// ErrClosed: the connection or listener was closed on this side.
	ErrClosed = errors.New("link closed")
	// ErrPinned: the endpoint can't cross a process.
	ErrPinned = errors.New("the endpoint cannot leave its process")
)

// A malformedError is a request that couldn't be decoded. It is told from an
// endpoint's own error by its type, not by errors.Is: a component may hand on
// an error of that kind which it got from another one.
type malformedError struct{ err error }

func (e *malformedError) Error() string   { return ErrMalformed.Error() + ": " + e.err.Error() }
func (e *malformedError) Unwrap() []error { return []error{ErrMalformed, e.err} }

// Malformed wraps what a decoder reported.
func Malformed(err error) error { return &malformedError{err} }

// A movedError is how a gate turns away a call that arrived from outside.
type movedError struct{}

func (*movedError) Error() string { return ErrMoved.Error() }

// Failed makes the Error that a transport returns; the caller's side fills in
// what the transport doesn't know.
func Failed(outcome Outcome, err error) *Error {
	return &Error{Outcome: outcome, Err: err}
}

// A VersionError reports two units whose schemas of a component can't talk.
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
