package nats

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/unweld/unweld/bindings/rt/link"
)

// serviceVersion is what the services say of themselves. What a caller and a
// component must agree on is in the schema, which each request names.
const serviceVersion = "1.0.0"

// A listener serves components at one address: each is a service.
type listener struct {
	address link.Address
	name    string // of this unit, among those that serve at the address
	accept  link.Accept
	nc      *nats.Conn
	calls   sync.WaitGroup
	cancels cancels
	streams streams

	mu       sync.Mutex
	services map[string]micro.Service
}

func listen(a link.Address, accept link.Accept) (link.Listener, error) {
	if _, err := subjectOf(a, "x"); err != nil {
		return nil, err
	}
	nc, err := connect(a, 5*time.Second, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		return nil, err
	}
	l := &listener{address: a, name: rand.Text(), accept: accept, nc: nc, services: map[string]micro.Service{}}
	if newStreams != nil {
		if l.streams, err = newStreams(nc); err != nil {
			nc.Close()
			return nil, err
		}
	}
	return l, nil
}

func (l *listener) Address() link.Address { return l.address }

// Offer begins to serve a component. It returns when the NATS server knows.
func (l *listener) Offer(t *link.Target) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.services[t.Component()] != nil {
		return nil // the requests ask accept for the target
	}
	subject, err := subjectOf(l.address, t.Component())
	if err != nil {
		return err
	}
	s, err := micro.AddService(l.nc, micro.Config{Name: t.Component(), Version: serviceVersion, Description: "served by unweld"})
	if err != nil {
		return fmt.Errorf("NATS service %s: %w", t.Component(), err)
	}
	l.services[t.Component()] = s
	own := ""
	if hasHandles(t) {
		own = l.name
	}
	for i, e := range link.EndpointsOf(t) {
		at := subject + "." + e.Name
		err = cmp.Or(err, s.AddEndpoint(endpointName(e), l.handler(t.Component(), i), micro.WithEndpointSubject(at), micro.WithEndpointQueueGroup(at)))
		if own != "" {
			err = cmp.Or(err, s.AddEndpoint(endpointName(e), l.handler(t.Component(), i),
				micro.WithEndpointSubject(ownSubject(subject, own)+"."+e.Name), micro.WithEndpointQueueGroupDisabled()))
		}
	}
	err = cmp.Or(err, s.AddEndpoint("hello", micro.HandlerFunc(func(r micro.Request) { l.hello(t.Component(), own, r) }),
		micro.WithEndpointSubject(subject+"."+tokenHello), micro.WithEndpointQueueGroup(subject)))
	if err == nil {
		_, err = l.nc.Subscribe(subject+"."+tokenCancel, func(m *nats.Msg) { l.cancels.cancel(string(m.Data)) })
	}
	if err == nil {
		err = l.nc.FlushTimeout(5 * time.Second)
	}
	return err
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// endpointName is what NATS lists an endpoint under: it knows ASCII only.
func endpointName(e link.Endpoint) string {
	if plainName.MatchString(e.Name) {
		return e.Name
	}
	return "endpoint-" + strconv.Itoa(e.ID)
}

// Close stops listening, lets the calls that arrived finish while ctx lasts, and
// closes the connection.
func (l *listener) Close(ctx context.Context) error {
	l.mu.Lock()
	var errs []error
	for _, s := range l.services {
		errs = append(errs, s.Stop())
	}
	l.mu.Unlock()
	// What the server sent before it knew is in the queues of the subscriptions.
	if err := l.nc.FlushWithContext(bounded(ctx)); err == nil {
		handled := make(chan struct{})
		if l.nc.Barrier(func() { close(handled) }) == nil {
			select {
			case <-handled:
			case <-ctx.Done():
			}
		}
	}
	done := make(chan struct{})
	go func() { l.calls.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		l.cancels.all()
		if l.streams != nil {
			l.streams.broken(errors.New("the unit ends"))
		}
		errs = append(errs, context.Cause(ctx))
	}
	_ = l.nc.FlushTimeout(time.Second) // the last replies
	l.nc.Close()
	return errors.Join(errs...)
}

// bounded is ctx if it has a deadline, which FlushWithContext insists on.
func bounded(ctx context.Context) context.Context {
	if _, ok := ctx.Deadline(); ok {
		return ctx
	}
	end := time.Now().Add(10 * time.Second)
	ctx, cancel := context.WithDeadline(ctx, end)
	context.AfterFunc(ctx, cancel)
	return ctx
}

// target finds the component that a request is for.
func (l *listener) target(component string, h micro.Headers) (*link.Target, error) {
	return l.accept(link.Hello{Component: component, Fingerprint: h.Get(headerSchema), Compatible: h.Values(headerCompatible)})
}

// hello answers a caller. own is the name of this unit where the caller is to stay with it.
func (l *listener) hello(component, own string, r micro.Request) {
	if _, err := l.target(component, r.Headers()); err != nil {
		refuse(r, err)
		return
	}
	var opts []micro.RespondOpt
	if own != "" {
		opts = append(opts, micro.WithHeaders(micro.Headers{headerUnit: {own}}))
	}
	_ = r.Respond(nil, opts...)
}

// hasHandles reports whether a component gives handles. They are good for the unit that
// has given them, so a caller doesn't change from one to another.
func hasHandles(t *link.Target) bool {
	for _, e := range link.EndpointsOf(t) {
		if e.Handles || e.Unrouted {
			return true
		}
	}
	return false
}

// refuse answers a request that no component took.
func refuse(r micro.Request, err error) {
	var version *link.VersionError
	reason, data := refusedOther, err.Error()
	switch {
	case errors.As(err, &version):
		reason, data = refusedVersion, version.Callee
	case errors.Is(err, link.ErrMoved):
		reason = refusedMoved
	}
	_ = r.Error("409", text(err.Error()), []byte(data), micro.WithHeaders(micro.Headers{headerStatus: {reason}}))
}

// handler runs the calls of one endpoint, each on a goroutine of its own: those
// that follow must not wait for it.
func (l *listener) handler(component string, endpoint int) micro.Handler {
	return micro.HandlerFunc(func(r micro.Request) {
		t, err := l.target(component, r.Headers())
		if err != nil {
			refuse(r, err)
			return
		}
		in := link.Incoming{Endpoint: endpoint, Request: string(r.Data())}
		if s := r.Headers().Get(headerMetadata); s != "" {
			if in.Metadata, err = decodeMetadata(s); err != nil {
				refuse(r, err)
				return
			}
		}
		ctx, done, ok := l.cancels.begin(r.Headers().Get(headerCall), r.Headers().Get(headerTimeout))
		if !ok {
			refuse(r, context.Canceled)
			return
		}
		l.calls.Add(1)
		go func() {
			defer l.calls.Done()
			defer done()
			if l.streams != nil && r.Headers().Get(headerPipe) != "" {
				l.streams.serve(ctx, t, in, r)
				return
			}
			l.serve(ctx, t, in, r)
		}()
	})
}

func (l *listener) serve(ctx context.Context, t *link.Target, in link.Incoming, r micro.Request) {
	start := time.Now()
	answered := false
	defer func() {
		if !answered { // the component called runtime.Goexit
			st, tree := t.Exited()
			_ = answer(r, st, tree, nil)
		}
	}()
	st, tree, body := t.Serve(ctx, in, nil)
	t.RecordDuration(in.Endpoint, time.Since(start))
	answered = true
	if err := answer(r, st, tree, body); err != nil && strings.Contains(err.Error(), nats.ErrMaxPayload.Error()) { // micro doesn't wrap it
		tooLarge := fmt.Errorf("%w: a reply of %d bytes and its headers, and the NATS server takes %d", link.ErrTooLarge, len(tree)+len(body), l.nc.MaxPayload())
		_ = answer(r, link.StatusFailed, t.EncodeError(tooLarge), nil)
	}
}

// answer sends a reply. An error's tree stands before the results.
func answer(r micro.Request, st link.Status, tree, body []byte) error {
	if st == link.StatusOK { // is what a reply without a status says
		return r.Respond(body)
	}
	headers := micro.Headers{headerStatus: {strconv.Itoa(int(st))}}
	headers[headerTree] = []string{strconv.Itoa(len(tree))}
	return r.Error("500", cmp.Or(text(message(tree)), "error without a message"), append(tree, body...), micro.WithHeaders(headers))
}

// message is the text of an error's tree, for clients that don't know trees.
func message(tree []byte) string {
	err, bad := link.NewErrors().Parse(string(tree))
	if bad != nil {
		return ""
	}
	return err.Error()
}

// cancels are the calls in flight, by the numbers that their callers gave.
type cancels struct {
	mu    sync.Mutex
	calls map[string]context.CancelFunc
	early map[string]time.Time // cancelled before their requests were seen
}

// earlyFor is how long a cancellation is kept that was seen before its request:
// the two come over different subscriptions.
const earlyFor = 5 * time.Second

// begin makes the context of a call. It is false for one that was cancelled.
func (c *cancels) begin(number, timeout string) (context.Context, context.CancelFunc, bool) {
	ctx, cancel := context.WithCancel(context.Background())
	if ns, err := strconv.ParseInt(timeout, 10, 64); err == nil {
		ctx, cancel = context.WithTimeout(context.Background(), time.Duration(ns))
	}
	if number == "" {
		return ctx, cancel, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, gone := c.early[number]; gone {
		delete(c.early, number)
		cancel()
		return nil, nil, false
	}
	if c.calls == nil {
		c.calls = map[string]context.CancelFunc{}
	}
	c.calls[number] = cancel
	return ctx, func() {
		c.mu.Lock()
		delete(c.calls, number)
		c.mu.Unlock()
		cancel()
	}, true
}

func (c *cancels) cancel(number string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.calls[number]; cancel != nil {
		cancel()
		return
	}
	now := time.Now()
	for n, at := range c.early {
		if now.Sub(at) > earlyFor {
			delete(c.early, n)
		}
	}
	if c.early == nil {
		c.early = map[string]time.Time{}
	}
	c.early[number] = now
}

// all cancels every call.
func (c *cancels) all() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.calls {
		cancel()
	}
}
