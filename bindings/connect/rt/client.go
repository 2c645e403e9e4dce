package connect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

const (
	clientIdle = time.Minute // less than the server's
	streamIdle = 5 * time.Second
	idleConns  = 256
)

// A conn calls one component at one address.
type conn struct {
	hello   link.Hello
	base    string // of the service's procedures
	unary   *http.Transport
	streams *http.Transport // HTTP/2 only; a call with streams goes both ways at once
	clients sync.Map        // *connect.Client[message, message] by procedure
	closed  atomic.Bool
	lost    atomic.Bool
}

func dial(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	security, err := transportSecurity(a, false)
	if err != nil {
		return nil, err
	}
	scheme := "http://"
	if security != nil {
		scheme = "https://"
	}
	c := &conn{hello: h, base: scheme + a.Host}
	// Each has a configuration of its own: net/http adds HTTP/2 to that of the other.
	c.unary = &http.Transport{
		DialContext: (&net.Dialer{}).DialContext, DialTLSContext: mtls.Dialer{Config: security.Clone()}.DialContext, DisableCompression: true,
		MaxIdleConns: idleConns, MaxIdleConnsPerHost: idleConns, IdleConnTimeout: clientIdle,
	}
	c.streams = &http.Transport{DialContext: (&net.Dialer{}).DialContext, TLSClientConfig: security, DisableCompression: true, Protocols: new(http.Protocols), IdleConnTimeout: streamIdle}
	c.streams.Protocols.SetHTTP2(security != nil)
	c.streams.Protocols.SetUnencryptedHTTP2(security == nil)
	r := connect.NewRequest(&message{bytes: []byte(h.Component)})
	c.headers(r.Header(), nil)
	if _, err := c.client(helloProcedure, c.unary).CallUnary(ctx, r); err != nil {
		_ = c.Close()
		return nil, c.greeting(err)
	}
	return c, nil
}

// greeting gives the refusals of the handshake their own types.
func (c *conn) greeting(err error) error {
	var e *connect.Error
	if !errors.As(err, &e) {
		return err
	}
	if reply, ok := failed(e); ok {
		refused, bad := link.NewErrors().Parse(reply.Error)
		if bad != nil {
			return bad
		}
		return refused
	}
	if connect.IsWireError(err) {
		return fmt.Errorf("the peer is a server, but no unit of this program: %w", err)
	}
	return e.Unwrap()
}

func (c *conn) client(procedure string, transport *http.Transport) *connect.Client[message, message] {
	if known, ok := c.clients.Load(procedure); ok {
		return known.(*connect.Client[message, message])
	}
	made := connect.NewClient[message, message](&http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		c.base+procedure, connect.WithCodec(codec{name: "proto"}), connect.WithAcceptCompression("gzip", nil, nil), connect.WithReadMaxBytes(2*MaxMessage))
	known, _ := c.clients.LoadOrStore(procedure, made)
	return known.(*connect.Client[message, message])
}

func (c *conn) procedure(endpoint string) string {
	return "/" + serviceName(c.hello.Component) + "/" + endpoint
}

// headers says who calls.
func (c *conn) headers(h http.Header, metadata map[string]string) {
	h[headerSchema] = []string{c.hello.Fingerprint}
	if len(c.hello.Compatible) > 0 {
		h[headerCompatible] = []string{strings.Join(c.hello.Compatible, ",")}
	}
	if len(metadata) > 0 {
		h[headerMetadata] = link.MetadataHeaders(metadata)
	}
}

func (c *conn) Call(ctx context.Context, call link.Outgoing) (link.Reply, error) {
	switch {
	case ctx.Err() != nil:
		return link.Reply{}, link.Failed(link.NotExecuted, ctx.Err())
	case !c.Usable():
		return link.Reply{}, link.Failed(link.NotExecuted, link.ErrClosed)
	case len(call.Request) > MaxMessage:
		return link.Reply{}, link.Failed(link.NotExecuted, fmt.Errorf("%w: a request of %d bytes", link.ErrTooLarge, len(call.Request)))
	}
	var sent atomic.Bool
	// The connection may hold on to the request after a cancelled call.
	r := connect.NewRequest(&message{bytes: bytes.Clone(call.Request)})
	c.headers(r.Header(), call.Metadata)
	res, err := c.client(c.procedure(call.Endpoint.Name), c.unary).CallUnary(traced(ctx, &sent), r)
	if err == nil {
		return link.Reply{Body: string(res.Msg.bytes)}, nil
	}
	var e *connect.Error
	if !errors.As(err, &e) {
		return link.Reply{}, link.Failed(link.Unknown, err)
	}
	if reply, ok := failed(e); ok {
		return reply, nil
	}
	return link.Reply{}, c.failed(ctx, e, sent.Load())
}

// traced notes in sent whether a request has been handed to a connection. Until then no
// server can have executed it. A new attempt starts from the beginning: net/http makes
// one for a POST only where nothing was written, or where the server of an HTTP/2
// connection says that it didn't begin.
func traced(ctx context.Context, sent *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { sent.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
}

// failed is the error of a call that got no reply of a unit. Not executed is only what
// was never sent, or what the peer says it has turned away; a code alone says neither,
// since a proxy can answer with any of them.
func (c *conn) failed(ctx context.Context, e *connect.Error, sent bool) error {
	outcome := link.Unknown
	if !sent || e.Meta().Get(headerRefused) != "" {
		outcome = link.NotExecuted
	}
	switch {
	case ctx.Err() != nil:
		return link.Failed(outcome, ctx.Err())
	case e.Code() == connect.CodeDeadlineExceeded: // kept by another clock
		return link.Failed(outcome, context.DeadlineExceeded)
	case e.Code() == connect.CodeCanceled:
		return link.Failed(outcome, context.Canceled)
	case e.Code() == connect.CodeResourceExhausted:
		return link.Failed(outcome, fmt.Errorf("%w: %s", link.ErrTooLarge, e.Message()))
	}
	if !connect.IsWireError(e) {
		c.lost.Store(true)
		return link.Failed(outcome, e.Unwrap())
	}
	return link.Failed(outcome, e)
}

func (c *conn) Usable() bool { return !c.closed.Load() && !c.lost.Load() }

// Close takes no more calls. Those in flight keep their connections.
func (c *conn) Close() error {
	c.closed.Store(true)
	c.unary.CloseIdleConnections()
	c.streams.CloseIdleConnections()
	return nil
}
