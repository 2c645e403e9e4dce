package link

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A Target is a hosted component as a transport sees it. It is safe for
// concurrent use.
type Target struct {
	in     *instance
	serve  server
	counts []endpointCount
	cost   []atomic.Int64 // moving average of an endpoint's duration in ns, above firstCost
}

// An Incoming is a request received by a transport.
type Incoming struct {
	Endpoint int // index into EndpointsOf
	Request  string
	Metadata map[string]string
}

// EndpointsOf lists the endpoints; an Incoming refers to them by index.
func EndpointsOf(t *Target) []Endpoint { return t.in.endpoints }

// Component is the name of the component.
func (t *Target) Component() string { return t.in.component }

// Index returns the index of the endpoint with a number on the wire, or -1.
func (t *Target) Index(id int) int {
	// Numbers are mostly 1..n in order.
	if i := id - 1; i >= 0 && i < len(t.in.endpoints) && t.in.endpoints[i].ID == id {
		return i
	}
	for i := range t.in.endpoints {
		if t.in.endpoints[i].ID == id {
			return i
		}
	}
	return -1
}

// Where the calls of an endpoint should run. On the goroutine that reads a
// connection a call costs a microsecond less than on one of its own, but it
// holds up the calls behind it for as long as it takes. So an endpoint's cost
// follows what its calls take, fast upwards and slowly downwards: it begins
// slow, is quick after trialCalls quick calls, and slow again for thousands of
// calls after one that took long.
const (
	slowAfter  = 100 * time.Microsecond
	costRise   = 8
	costFall   = 1024
	trialCalls = 16
	firstCost  = slowAfter + slowAfter*trialCalls/costFall
)

// Slow reports whether a call of the endpoint should run on a goroutine of its
// own: the endpoint is marked slow, or its calls haven't been fast so far.
func (t *Target) Slow(endpoint int) bool {
	return t.in.endpoints[endpoint].Slow || t.cost[endpoint].Load()+int64(firstCost) > int64(slowAfter)
}

// RecordDuration records how long a call took, by which Slow decides. It is safe
// for concurrent use; of two records made at the same moment one may be lost.
func (t *Target) RecordDuration(endpoint int, d time.Duration) {
	c := &t.cost[endpoint]
	old := c.Load() + int64(firstCost)
	share := int64(costFall)
	if int64(d) > old {
		share = costRise
	}
	c.Store(old + (int64(d)-old)/share - int64(firstCost))
}

// compatibleWith checks a caller's schema.
func (t *Target) compatibleWith(h Hello) error {
	if h.Fingerprint == t.in.fingerprint || contains(t.in.compatible, h.Fingerprint) || contains(h.Compatible, t.in.fingerprint) {
		return nil
	}
	return &VersionError{Component: t.in.component, Caller: h.Fingerprint, Callee: t.in.fingerprint}
}

// Serve executes one call and appends its encoded results to body. errs is the
// encoded error unless the status is StatusOK. It recovers panics of the
// component; it doesn't return if the component calls runtime.Goexit, and then the
// transport answers with what Exited says.
func (t *Target) Serve(ctx context.Context, in Incoming, body []byte) (status Status, errs, out []byte) {
	var refused error
	switch {
	case in.Endpoint < 0 || in.Endpoint >= len(t.in.endpoints):
		refused = fmt.Errorf("%w: no such endpoint", ErrMalformed)
	case !t.in.hosted.Load() && !t.in.endpoints[in.Endpoint].Unrouted:
		refused = ErrMoved
	case t.in.endpoints[in.Endpoint].Pin != "":
		refused = fmt.Errorf("%w: %s", ErrPinned, t.in.endpoints[in.Endpoint].Pin)
	}
	if refused != nil {
		return StatusRefused, t.EncodeError(refused), body
	}
	ctx = t.in.arrival(ctx, in.Endpoint)
	if in.Metadata != nil {
		ctx = context.WithValue(ctx, metadataKey{}, in.Metadata)
	}
	if observed() {
		return t.watched(ctx, in, body)
	}
	status, errs, out, _ = t.run(ctx, in, body)
	return status, errs, out
}

// run is Serve of a request that isn't turned away before it is decoded. ended is the
// error that it ended with, of the component or of what kept the request from it.
func (t *Target) run(ctx context.Context, in Incoming, body []byte) (status Status, errs, out []byte, ended error) {
	defer func() {
		if v := recover(); v != nil {
			p := &PanicError{Component: t.in.component, Endpoint: t.in.endpoints[in.Endpoint].Name, Value: fmt.Sprint(v), Stack: string(debug.Stack())}
			status, errs, out, ended = StatusError, t.EncodeError(p), body, p
		}
	}()
	out, err := t.serve(ctx, in.Endpoint, in.Request, body)
	switch e := err.(type) {
	case nil:
		t.counts[in.Endpoint].served.Add(1)
		return StatusOK, nil, out, nil
	case *malformedError:
		return StatusRefused, t.EncodeError(err), body, err
	case *refusedError:
		return StatusRefused, t.EncodeError(e.err), body, e.err
	case *movedError:
		return StatusRefused, t.EncodeError(ErrMoved), body, ErrMoved
	}
	t.counts[in.Endpoint].served.Add(1)
	return StatusError, t.EncodeError(err), out, err
}

// Exited is the reply of a call that Serve didn't return from.
func (t *Target) Exited() (status Status, errs []byte) {
	return StatusFailed, t.EncodeError(errExited)
}

var errExited = errors.New("the endpoint ended its goroutine (runtime.Goexit) instead of returning")

// EncodeError returns the encoded tree of an error, for replies that a
// transport makes itself.
func (t *Target) EncodeError(err error) []byte { return t.in.errors.Append(nil, err) }
