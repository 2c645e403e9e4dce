package link

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Remote calls the endpoints of one component at one address. Generated
// clients embed it.
type Remote struct {
	component string
	endpoints []Endpoint
	errors    *Errors
	address   string
	counts    []endpointCount

	// call carries one encoded request: to a peer, or for a copying link to
	// the implementation in this process.
	call func(ctx context.Context, endpoint int, request []byte) (Reply, error)
	// moved repeats a call that surely wasn't executed on the endpoint's new
	// route. Nil: the Remote has no routes.
	moved func(ctx context.Context, endpoint int, request []byte, cause error) (string, error)
	// left is closed when the endpoint's route leads elsewhere. Nil: never.
	left func(endpoint int) <-chan struct{}
}

// Call sends the request, gives its buffer back to the pool, and returns the
// encoded results. Beside an error of the endpoint itself there may be results
// too; beside an *Error there are none.
func (r *Remote) Call(ctx context.Context, endpoint int, request *Buffer) (string, error) {
	body, err := r.once(ctx, endpoint, request.B)
	if err != nil && r.moved != nil && r.late(endpoint, err) {
		body, err = r.moved(ctx, endpoint, request.B, err)
	}
	request.Release()
	return body, err
}

// late reports whether a call came too late at this place: it surely wasn't
// executed, and new calls go elsewhere.
func (r *Remote) late(endpoint int, err error) bool {
	if wasMoved(err) {
		return true
	}
	if e, ok := err.(*Error); !ok || e.Outcome != NotExecuted || errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded) {
		return false
	}
	select {
	case <-r.left(endpoint):
		return true
	default:
		return false
	}
}

// wasMoved reports whether the callee turned the call away because the
// component isn't there, which is the one failure that is repeated.
func wasMoved(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Outcome == NotExecuted && errors.Is(e.Err, ErrMoved)
}

func (r *Remote) once(ctx context.Context, endpoint int, request []byte) (string, error) {
	if pin := r.endpoints[endpoint].Pin; pin != "" {
		return "", r.failed(endpoint, NotExecuted, fmt.Errorf("%w: %s", ErrPinned, pin))
	}
	reply, err := r.call(ctx, endpoint, request)
	if own, ok := err.(*inprocError); ok {
		return own.body, own.err
	}
	if err != nil {
		return "", r.fill(endpoint, err)
	}
	if reply.Status == StatusOK {
		r.counts[endpoint].called.Add(1)
		return reply.Body, nil
	}
	parsed, bad := r.errors.Parse(reply.Error)
	if bad != nil {
		return "", r.failed(endpoint, Unknown, fmt.Errorf("%w: error in a reply: %w", ErrMalformed, bad))
	}
	switch reply.Status {
	case StatusError:
		r.counts[endpoint].called.Add(1)
		return reply.Body, parsed
	case StatusRefused:
		return "", r.failed(endpoint, NotExecuted, parsed)
	}
	return "", r.failed(endpoint, Unknown, parsed)
}

func (r *Remote) failed(endpoint int, outcome Outcome, err error) *Error {
	return &Error{Component: r.component, Endpoint: r.endpoints[endpoint].Name, Address: r.address, Outcome: outcome, Err: err}
}

// fill completes the error of a transport.
func (r *Remote) fill(endpoint int, err error) error {
	e, ok := err.(*Error)
	if !ok {
		return r.failed(endpoint, Unknown, err)
	}
	return r.failed(endpoint, e.Outcome, e.Err)
}

// Malformed is the error for results that couldn't be decoded.
func (r *Remote) Malformed(endpoint int, err error) error {
	return r.failed(endpoint, Unknown, Malformed(err))
}

// Unsent is the error for arguments that couldn't be encoded; it gives the
// request's buffer back to the pool.
func (r *Remote) Unsent(endpoint int, request *Buffer, err error) error {
	request.Release()
	return r.failed(endpoint, NotExecuted, err)
}

// newRemote makes the Remote of an address, with the shared peer behind it.
func (in *instance[S]) newRemote(a Address) *Remote {
	c := in.contract
	p := in.unit.peers.get(a, Hello{Component: c.Component, Fingerprint: c.Fingerprint, Compatible: c.Compatible, Endpoints: c.Endpoints})
	r := &Remote{component: c.Component, endpoints: c.Endpoints, errors: in.errors, address: a.String(), counts: in.counts, moved: in.reroute}
	r.left = func(endpoint int) <-chan struct{} { return in.leftFrom(endpoint, r) }
	r.call = func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		return p.callUnless(ctx, endpoint, request, r.left)
	}
	return r
}

// newCopying makes the Remote of a link that stays in the process but encodes
// and decodes everything. Errors keep their identity by staying themselves.
func (in *instance[S]) newCopying(impl S) *Remote {
	c := in.contract
	r := &Remote{component: c.Component, endpoints: c.Endpoints, errors: in.errors, address: "inproc:?copy=1", counts: make([]endpointCount, len(c.Endpoints))}
	r.call = func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		b := GetBuffer()
		defer b.Release()
		body, err := c.Serve(ctx, impl, endpoint, string(request), b.B)
		b.B = body[:0]
		if _, bad := err.(*malformedError); bad {
			return Reply{}, Failed(NotExecuted, err)
		}
		if err != nil {
			return Reply{}, &inprocError{err, string(body)}
		}
		return Reply{Body: string(body)}, nil
	}
	return r
}

// An inprocError hands an endpoint's own error past the codec.
type inprocError struct {
	err  error
	body string
}

func (e *inprocError) Error() string { return e.err.Error() }

const (
	rerouteLimit = 10 * time.Second
	rerouteFirst = time.Millisecond
	rerouteMost  = 50 * time.Millisecond
)

// reroute repeats a call that came too late at its old place: it asks the
// endpoint's present route, again and again until that has changed.
func (in *instance[S]) reroute(ctx context.Context, endpoint int, request []byte, cause error) (string, error) {
	limit := time.Now().Add(rerouteLimit)
	for pause := rerouteFirst; time.Now().Before(limit); pause = min(2*pause, rerouteMost) {
		to, wait := in.present(endpoint)
		switch {
		case wait != nil:
			select {
			case <-wait:
				continue
			case <-ctx.Done():
				return "", cause
			case <-time.After(time.Until(limit)):
				return "", cause
			}
		case to == nil:
			return in.serveHere(ctx, endpoint, request)
		}
		body, err := to.once(ctx, endpoint, request)
		if err == nil || !to.late(endpoint, err) {
			return body, err
		}
		cause = err
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", cause
		}
	}
	return "", cause
}

// serveHere executes an encoded request on the implementation in this process,
// through the routes, so that a swap sees the call.
func (in *instance[S]) serveHere(ctx context.Context, endpoint int, request []byte) (string, error) {
	body, err := in.contract.Serve(ctx, in.service, endpoint, string(request), nil)
	return string(body), err
}
