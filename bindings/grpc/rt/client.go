package grpc

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A conn calls one component at one address.
type conn struct {
	cc     *grpc.ClientConn
	hello  link.Hello
	schema metadata.MD // of calls without link metadata; it isn't changed
	prefix string

	certificate atomic.Pointer[link.CertificateError] // why none was taken last

	mu     sync.Mutex
	calls  int // in flight
	closed bool
}

func dial(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	creds, err := transportSecurity(a, false)
	if err != nil {
		return nil, err
	}
	c := &conn{hello: h, schema: schemaOf(h), prefix: "/" + serviceName(h.Component) + "/"}
	if creds.Info().SecurityProtocol == "tls" {
		creds = noting{creds, &c.certificate}
	}
	// Without a service config and with retries disabled gRPC repeats a call only
	// if the server can't have begun it.
	c.cc, err = grpc.NewClient("passthrough:///"+a.Host, grpc.WithTransportCredentials(creds), grpc.WithDisableRetry(), grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{}), grpc.MaxCallRecvMsgSize(MaxMessage), grpc.MaxCallSendMsgSize(MaxMessage)))
	if err != nil {
		return nil, err
	}
	var reply string
	if err := c.cc.Invoke(c.outgoing(ctx, nil), helloMethod, []byte(h.Component), &reply); err != nil {
		_ = c.cc.Close()
		return nil, c.explain(err)
	}
	return c, nil
}

// schemaOf is the metadata that says which schemas a caller knows.
func schemaOf(h link.Hello) metadata.MD {
	md := metadata.Pairs(keySchema, h.Fingerprint)
	md.Append(keyCompatible, h.Compatible...)
	return md
}

// outgoing adds what travels in metadata.
func (c *conn) outgoing(ctx context.Context, meta map[string]string) context.Context {
	md := c.schema
	if len(meta) > 0 {
		md = md.Copy()
		for k, v := range meta {
			md.Append(keyMetadata, pair(k, v))
		}
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// explain gives the server's refusals their own types.
func (c *conn) explain(err error) error {
	s, _ := status.FromError(err)
	switch s.Code() {
	case codes.Unavailable:
		if e := c.certificate.Load(); e != nil {
			return e
		}
	case codes.FailedPrecondition:
		return &link.VersionError{Component: c.hello.Component, Caller: c.hello.Fingerprint, Callee: s.Message()}
	case codes.NotFound:
		return link.ErrMoved
	case codes.ResourceExhausted:
		return fmt.Errorf("%w: %s", link.ErrTooLarge, s.Message())
	case codes.Unimplemented:
		return fmt.Errorf("the peer is a gRPC server, but no unit of this program: %s", s.Message())
	}
	return errors.New(s.Message())
}

func (c *conn) Call(ctx context.Context, call link.Outgoing) (link.Reply, error) {
	if len(call.Request) > MaxMessage {
		return link.Reply{}, link.Failed(link.NotExecuted, fmt.Errorf("%w: a request of %d bytes", link.ErrTooLarge, len(call.Request)))
	}
	if err := ctx.Err(); err != nil {
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	if !c.enter() {
		return link.Reply{}, link.Failed(link.NotExecuted, link.ErrClosed)
	}
	defer c.leave()
	var reply link.Reply
	var trailer metadata.MD
	out := &request{bytes: call.Request}
	err := c.cc.Invoke(c.outgoing(ctx, call.Metadata), c.prefix+call.Endpoint.Name, out, &reply.Body, grpc.Trailer(&trailer))
	if err == nil {
		return reply, nil
	}
	if st := trailer.Get(keyStatus); len(st) == 1 {
		return failedReply(st[0], trailer, reply.Body)
	}
	return link.Reply{}, c.failed(ctx, err, out.taken.Load(), len(trailer.Get(keyRefused)) > 0)
}

// A request knows whether gRPC has taken a copy of it. It does so when a connection
// has a stream for the call; until then no server can have executed it, whatever the state
// of the connection looks like before or after.
type request struct {
	bytes []byte
	taken atomic.Bool
}

// failedReply is the reply of an endpoint that failed. body is the message before
// the trailers, if there was one.
func failedReply(st string, trailer metadata.MD, body string) (link.Reply, error) {
	n, err := strconv.ParseUint(st, 10, 8)
	tree := trailer.Get(keyError)
	if err != nil || n == 0 || n > uint64(link.StatusFailed) || len(tree) != 1 {
		return link.Reply{}, link.Failed(link.Unknown, fmt.Errorf("%w: trailers of a reply", link.ErrMalformed))
	}
	reply := link.Reply{Status: link.Status(n), Error: tree[0], Body: body}
	if body := trailer.Get(keyBody); len(body) == 1 {
		reply.Body = body[0]
	}
	return reply, nil
}

// failed is the error of a call that got no reply. Not executed is only what
// was never sent, or what the peer says it has turned away; a status code alone
// says neither, since a proxy can answer with any of them.
func (c *conn) failed(ctx context.Context, err error, sent, refused bool) error {
	if refused {
		return link.Failed(link.NotExecuted, c.explain(err))
	}
	outcome := link.Unknown
	if !sent {
		outcome = link.NotExecuted
	}
	s, _ := status.FromError(err)
	switch s.Code() {
	case codes.DeadlineExceeded, codes.Canceled:
		// gRPC keeps the deadline by a clock of its own, which may be a little
		// ahead of the context's.
		cause := context.Canceled
		if s.Code() == codes.DeadlineExceeded {
			cause = context.DeadlineExceeded
		}
		if ctx.Err() != nil {
			cause = ctx.Err()
		}
		return link.Failed(outcome, cause)
	case codes.ResourceExhausted:
		return link.Failed(outcome, fmt.Errorf("%w: %s", link.ErrTooLarge, s.Message()))
	}
	if e := c.certificate.Load(); e != nil && !sent {
		return link.Failed(outcome, e)
	}
	return link.Failed(outcome, errors.New(s.Message()))
}

// enter counts a call in, unless the connection is closed.
func (c *conn) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.calls++
	return true
}

func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls--; c.calls == 0 && c.closed {
		_ = c.cc.Close()
	}
}

func (c *conn) Usable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.cc.GetState()
	return !c.closed && (st == connectivity.Ready || st == connectivity.Idle)
}

// Close takes no more calls. The connection ends when those in flight have: what
// made it unusable for new ones, a unit that drains its connections for one, need
// not have ended them.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.calls == 0 {
		return c.cc.Close()
	}
	return nil
}
