package link

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Remote calls the endpoints of one component at one address. Generated
// clients embed it. It is safe for concurrent use.
type Remote struct {
	in      *instance
	address string
	counts  []endpointCount

	call carrier
	// here is true of a copying link, whose calls can't come too late.
	here bool
}

// A carrier carries one encoded request: to a peer, or for a copying link to the
// implementation in this process.
type carrier func(ctx context.Context, endpoint int, request []byte) (Reply, error)

// Call sends the request, releases its buffer, and returns the encoded results.
// An error of the endpoint itself may come with results; an *Error never does.
func (r *Remote) Call(ctx context.Context, endpoint int, request *Buffer) (string, error) {
	body, failed, err := r.once(ctx, endpoint, request.B)
	if failed != nil && !r.here && r.late(endpoint, failed) {
		body, err = r.in.reroute(ctx, r, endpoint, request.B, err)
	}
	request.Release()
	return body, err
}

// late reports whether a call came too late at this place: it surely wasn't
// executed, and new calls go elsewhere. Only then is a call repeated.
func (r *Remote) late(endpoint int, e *Error) bool {
	switch {
	case e.Outcome != NotExecuted:
		return false
	case errors.Is(e.Err, ErrMoved):
		return true
	case errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded):
		return false
	}
	select {
	case <-r.in.leftFrom(endpoint, r):
		return true
	default:
		return false
	}
}

// once makes one attempt. failed is the same as err if the link failed, and nil
// if err is the endpoint's own: that may be an *Error as well, of a call that
// the component has made in its turn, and its outcome says nothing of this one.
func (r *Remote) once(ctx context.Context, endpoint int, request []byte) (body string, failed *Error, err error) {
	if pin := r.in.endpoints[endpoint].Pin; pin != "" {
		failed = r.failed(endpoint, NotExecuted, fmt.Errorf("%w: %s", ErrPinned, pin))
		return "", failed, failed
	}
	reply, err := r.call(ctx, endpoint, request)
	if err != nil {
		failed = r.fill(endpoint, err)
		return "", failed, failed
	}
	if reply.Status == StatusOK {
		r.counts[endpoint].called.Add(1)
		return reply.Body, nil, nil
	}
	parsed, bad := r.in.errors.Parse(reply.Error)
	switch {
	case bad != nil:
		failed = r.failed(endpoint, Unknown, fmt.Errorf("%w: error in a reply: %w", ErrMalformed, bad))
	case reply.Status == StatusError:
		r.counts[endpoint].called.Add(1)
		return reply.Body, nil, parsed
	case reply.Status == StatusRefused:
		failed = r.failed(endpoint, NotExecuted, parsed)
	default:
		failed = r.failed(endpoint, Unknown, parsed)
	}
	return "", failed, failed
}

func (r *Remote) failed(endpoint int, outcome Outcome, err error) *Error {
	return &Error{Component: r.in.component, Endpoint: r.in.endpoints[endpoint].Name, Address: r.address, Outcome: outcome, Err: err}
}

// fill completes the error of a transport.
func (r *Remote) fill(endpoint int, err error) *Error {
	e, ok := err.(*Error)
	if !ok {
		return r.failed(endpoint, Unknown, err)
	}
	return r.failed(endpoint, e.Outcome, e.Err)
}

// Malformed returns the error for results that couldn't be decoded.
func (r *Remote) Malformed(endpoint int, err error) error {
	return r.failed(endpoint, Unknown, Malformed(err))
}

// Unsent returns the error for arguments that couldn't be encoded, and releases
// the request's buffer.
func Unsent(r *Remote, endpoint int, request *Buffer, err error) error {
	request.Release()
	return r.failed(endpoint, NotExecuted, err)
}

// newRemote makes the Remote of an address, with the shared peer behind it.
func (in *instance) newRemote(a Address) *Remote {
	p := in.unit.peers.get(a, in.hello())
	r := &Remote{in: in, address: a.String(), counts: in.counts}
	r.call = in.timed(func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		return p.call(ctx, endpoint, request, r)
	})
	return r
}

// newCopying makes the Remote of a link that stays in the process but encodes
// and decodes everything, errors as well.
func (in *instance) newCopying(impl any) *Remote {
	t := in.target()
	t.serve, t.counts = in.on(impl), make([]endpointCount, len(in.endpoints))
	r := &Remote{in: in, address: "inproc:?copy=1", counts: t.counts, here: true}
	r.call = func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		status, tree, body := t.run(ctx, Incoming{Endpoint: endpoint, Request: string(request)}, nil)
		return Reply{status, string(tree), string(body)}, nil
	}
	return r
}

const (
	rerouteLimit    = 10 * time.Second
	reroutePauseMin = time.Millisecond
	reroutePauseMax = 50 * time.Millisecond
)
