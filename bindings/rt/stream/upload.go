package stream

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/unweld/unweld/bindings/rt/link"
)

// An Upload is a parameter of a call that its caller sends after its request: bytes, or
// values one after another.
type Upload struct {
	Place int
	Bytes io.Reader // nil: it is of values
	Close io.Closer // what the component may close; nil: nothing
	// Value returns the next one encoded, and io.EOF after the last.
	Value func() ([]byte, error)
}

// Uploading returns the pipe of a call with one stream among its parameters and none among
// its results, for a caller that sends that stream and takes a reply. Nothing of it is read
// that the component hasn't asked for.
func Uploading(t *link.Target, endpoint int, request string, up Upload, to Sink) link.Pipe {
	p := &uploadPipe{resultPipe: Results(request, nil, to).(*resultPipe), caller: newSession(link.ErrorsOfTarget(t))}
	p.caller.component, p.caller.endpoint = t.Component(), link.EndpointsOf(t)[endpoint].Name
	p.caller.pipe = upwards{p.resultPipe}
	c := &Call{p.caller}
	if up.Bytes != nil {
		GiveReader(c, up.Place, false, up.Bytes, up.Close)
		return p
	}
	var begun atomic.Bool
	give(c, up.Place, false, func(f *flow) error {
		if begun.Swap(true) {
			return errBegun
		}
		for f.await() {
			value, err := up.Value()
			if err == io.EOF {
				return nil
			}
			if err == nil {
				err = tooLarge("a value", value)
			}
			if err != nil {
				return err
			}
			f.push(value)
		}
		return nil
	})
	return p
}

var errBegun = errors.New("the values are the body of a request, which comes once; collect them to use them again")

// An uploadPipe is the caller's side of such a call.
type uploadPipe struct {
	*resultPipe
	caller *session // has the stream
}

// Send implements link.Pipe.
func (p *uploadPipe) Send(number int, parts ...[]byte) error {
	switch number {
	case numberControl:
		return p.caller.controlled(joined(parts))
	case numberCall, numberFailure:
		p.caller.endParams()
	}
	return p.resultPipe.Send(number, parts...)
}

// Close implements link.Pipe.
func (p *uploadPipe) Close() error {
	p.caller.fail(errOver)
	return p.resultPipe.Close()
}

// upwards is what the caller's session sends by.
type upwards struct{ p *resultPipe }

// Send implements link.Pipe.
func (u upwards) Send(number int, parts ...[]byte) error {
	return u.p.say(number, append([]byte(nil), joined(parts)...))
}

// Receive implements link.Pipe: what comes is handed to the session by Send.
func (u upwards) Receive([]byte) (int, []byte, error) { return 0, nil, errOver }

// Close implements link.Pipe.
func (u upwards) Close() error { return nil }
