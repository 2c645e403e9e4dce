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
	a := r.Ask(ctx, endpoint, request)
	return a.Body, a.Err
}

// An Answer is what came of a call.
type Answer struct {
	Body string  // the encoded results
	By   *Remote // the one that was called in the end; nil: the component was here by then
	// Failed is the same as Err if the link failed, and nil if Err is the
	// endpoint's own: that may be an *Error as well, of a call that the component
	// has made in its turn, and its outcome says nothing of this one.
	Failed *Error
	Err    error
}

// Ask is Call for who needs to know more of the answer.
func (r *Remote) Ask(ctx context.Context, endpoint int, request *Buffer) Answer {
	if observed() && (!r.here || r.in.watches != nil) {
		return r.watched(ctx, endpoint, request)
	}
	return r.ask(ctx, endpoint, request)
}

func (r *Remote) ask(ctx context.Context, endpoint int, request *Buffer) Answer {
	a := r.once(ctx, endpoint, request.B)
	if a.Failed != nil && !r.here && !r.in.endpoints[endpoint].Unrouted && r.late(endpoint, a.Failed) {
		a = r.in.reroute(ctx, a, endpoint, request.B)
	}
	request.Release()
	return a
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

// once makes one attempt.
func (r *Remote) once(ctx context.Context, endpoint int, request []byte) Answer {
	fail := func(e *Error) Answer { return Answer{By: r, Failed: e, Err: e} }
	if pin := r.in.endpoints[endpoint].Pin; pin != "" {
		return fail(r.failed(endpoint, NotExecuted, fmt.Errorf("%w: %s", ErrPinned, pin)))
	}
	reply, err := r.call(ctx, endpoint, request)
	if err != nil {
		return fail(r.fill(endpoint, err))
	}
	if reply.Status == StatusOK {
		r.counts[endpoint].called.Add(1)
		return Answer{Body: reply.Body, By: r}
	}
	parsed, bad := r.in.errors.Parse(reply.Error)
	switch {
	case bad != nil:
		return fail(r.failed(endpoint, Unknown, fmt.Errorf("%w: error in a reply: %w", ErrMalformed, bad)))
	case reply.Status == StatusError:
		r.counts[endpoint].called.Add(1)
		return Answer{Body: reply.Body, By: r, Err: parsed}
	case reply.Status == StatusRefused:
		return fail(r.failed(endpoint, NotExecuted, parsed))
	}
	return fail(r.failed(endpoint, Unknown, parsed))
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

// Unsendable is the error of a call that was never made, because of err.
func Unsendable(r *Remote, endpoint int, err error) error {
	return r.failed(endpoint, NotExecuted, err)
}

// newRemote makes the Remote of an address, with the shared peer behind it.
func (in *instance) newRemote(a Address) *Remote {
	p := in.unit.peers.get(a, in.hello())
	r := &Remote{in: in, address: a.String(), counts: in.counts}
	r.call = in.timed(func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		from := r
		if in.endpoints[endpoint].Unrouted {
			from = nil // there is no other place to call it
		}
		return p.call(ctx, endpoint, request, from)
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
		status, tree, body, _ := t.run(ctx, Incoming{Endpoint: endpoint, Request: string(request)}, nil)
		return Reply{status, string(tree), string(body)}, nil
	}
	return r
}

const (
	rerouteLimit    = 10 * time.Second
	reroutePauseMin = time.Millisecond
	reroutePauseMax = 50 * time.Millisecond
)
