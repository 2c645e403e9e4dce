package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

const (
	clientIdle = time.Minute // less than the server's
	idleConns  = 256
	shown      = 200 // of a reply that is none
)

// A conn calls one component at one address.
type conn struct {
	http      *http.Transport
	hello     link.Hello
	component *Component
	base      url.URL
	binary    atomic.Bool // the peer has other names for fields
	closed    atomic.Bool
	lost      atomic.Bool
}

func dial(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	security, err := transportSecurity(a, false)
	if err != nil {
		return nil, err
	}
	component := componentNamed(h.Component)
	if component == nil {
		return nil, fmt.Errorf("this program has no description of %s; run unweld bind", h.Component)
	}
	scheme := "http"
	if security != nil {
		scheme = "https"
	}
	c := &conn{hello: h, component: component, base: url.URL{Scheme: scheme, Host: a.Host, Path: strings.TrimRight(a.Path, "/") + "/" + h.Component}}
	c.http = &http.Transport{
		DialContext: (&net.Dialer{}).DialContext, DialTLSContext: mtls.Dialer{Config: security}.DialContext, DisableCompression: true,
		MaxIdleConns: idleConns, MaxIdleConnsPerHost: idleConns, IdleConnTimeout: clientIdle, MaxResponseHeaderBytes: 1 << 20,
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String(), nil)
	if err != nil {
		return nil, err
	}
	c.headers(r.Header)
	if err := c.greet(r); err != nil {
		c.http.CloseIdleConnections()
		return nil, err
	}
	return c, nil
}

// greet exchanges the handshake.
func (c *conn) greet(r *http.Request) error {
	res, err := c.http.RoundTrip(r)
	if err != nil {
		return err
	}
	body, err := readAll(res)
	if err != nil {
		return err
	}
	status, ok := statusNamed(res.Header.Get(headerStatus))
	switch {
	case !ok:
		return fmt.Errorf("the peer is an HTTP server, but no unit of this program: %s: %s", res.Status, first(body))
	case status == link.StatusOK:
		c.binary.Store(res.Header.Get(headerNames) != c.component.Names)
		return nil
	}
	tree, _, err := c.component.parseProblem(body, 0)
	if err != nil {
		return fmt.Errorf("%s: %s", res.Status, first(body))
	}
	refused, bad := link.NewErrors().Parse(tree)
	if bad != nil {
		return bad
	}
	return refused
}

// headers says who calls.
func (c *conn) headers(h http.Header) {
	h[headerSchema] = []string{c.hello.Fingerprint}
	if len(c.hello.Compatible) > 0 {
		h[headerCompatible] = []string{strings.Join(c.hello.Compatible, ",")}
	}
	h[headerNames] = []string{c.component.Names}
	h["User-Agent"] = []string{"unweld"}
}

func first(body string) string {
	if len(body) > shown {
		return body[:shown] + "..."
	}
	return body
}

func readAll(res *http.Response) (string, error) {
	defer res.Body.Close()
	buffer := link.GetBuffer()
	defer buffer.Release()
	b, err := readBody(buffer.B, res.Body, res.ContentLength)
	if err != nil {
		return "", err
	}
	buffer.B = b
	return string(b), nil
}

func (c *conn) Call(ctx context.Context, call link.Outgoing) (link.Reply, error) {
	switch {
	case ctx.Err() != nil:
		return link.Reply{}, link.Failed(link.NotExecuted, ctx.Err())
	case !c.Usable():
		return link.Reply{}, link.Failed(link.NotExecuted, link.ErrClosed)
	}
	endpoint := c.component.endpoint(call.Endpoint.Name)
	if endpoint == nil {
		return link.Reply{}, link.Failed(link.NotExecuted, fmt.Errorf("this program has no description of %s", call.Endpoint.Name))
	}
	binary := c.binary.Load()
	reply, names, err := c.try(ctx, call, endpoint, binary)
	if names && !binary { // the peer was replaced by another version
		c.binary.Store(true)
		reply, _, err = c.try(ctx, call, endpoint, true)
	}
	return reply, err
}

// try makes one attempt. names says that it was turned away because the peer has
// other names for fields.
func (c *conn) try(ctx context.Context, call link.Outgoing, endpoint *Endpoint, binary bool) (reply link.Reply, names bool, err error) {
	media, body := typeBinary, []byte(nil)
	if binary { // and may still be read after a cancelled call
		body = bytes.Clone(call.Request)
	} else {
		media = typeJSON
		if body, err = c.component.appendJSON(nil, endpoint.Request, string(call.Request), true); err != nil {
			return reply, false, link.Failed(link.NotExecuted, err)
		}
	}
	if len(body) > MaxMessage {
		return reply, false, link.Failed(link.NotExecuted, fmt.Errorf("%w: a request of %d bytes", link.ErrTooLarge, len(body)))
	}
	var sent atomic.Bool
	r := c.request(ctx, &sent, endpoint, body)
	r.Header["Content-Type"] = []string{media}
	if len(call.Metadata) > 0 {
		r.Header[headerMetadata] = link.MetadataHeaders(call.Metadata)
	}
	res, err := c.http.RoundTrip(r)
	if err != nil {
		return reply, false, c.failed(ctx, sent.Load(), err)
	}
	text, err := readAll(res)
	if err != nil {
		return reply, false, c.failed(ctx, true, err)
	}
	if reply, err = c.reply(res, text, endpoint, binary); err != nil {
		err = link.Failed(link.Unknown, err)
	}
	return reply, res.Header.Get(headerRefused) == "names", err
}

// request makes a request that notes whether it has been handed to a connection.
// Until then no server can have executed it. A new attempt starts from the
// beginning: net/http makes one for a POST only where nothing was written, or
// where the server of an HTTP/2 connection says that it didn't begin.
func (c *conn) request(ctx context.Context, sent *atomic.Bool, endpoint *Endpoint, body []byte) *http.Request {
	at := c.base
	at.Path = strings.TrimSuffix(at.Path, "/"+c.hello.Component) + endpoint.Routes[0].Path
	r := &http.Request{Method: http.MethodPost, URL: &at, Host: at.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header, 8),
		ContentLength: int64(len(body)), Body: http.NoBody}
	if len(body) > 0 {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	c.headers(r.Header)
	if deadline, ok := ctx.Deadline(); ok {
		r.Header[headerTimeout] = []string{time.Until(deadline).String()}
	}
	return r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { sent.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	}))
}

// reply reads what the peer answered. Only what says so itself is the reply of a
// unit: anything may come from a proxy.
func (c *conn) reply(res *http.Response, text string, endpoint *Endpoint, binary bool) (link.Reply, error) {
	status, ok := statusNamed(res.Header.Get(headerStatus))
	if !ok {
		return link.Reply{}, fmt.Errorf("%s, not from a unit of this program: %s", res.Status, first(text))
	}
	if status != link.StatusOK {
		tree, body, err := c.component.parseProblem(text, endpoint.Reply)
		return link.Reply{Status: status, Error: tree, Body: body}, err
	}
	want := typeJSON
	if binary {
		want = typeBinary
	}
	if got := res.Header.Get("Content-Type"); got != want {
		return link.Reply{}, fmt.Errorf("%w: a reply of type %s, want %s", link.ErrMalformed, got, want)
	}
	if binary {
		return link.Reply{Body: text}, nil
	}
	body, err := c.component.parseJSON(make([]byte, 0, len(text)), endpoint.Reply, text, true)
	return link.Reply{Body: string(body)}, err
}

// failed is the error of a call that got no reply.
func (c *conn) failed(ctx context.Context, sent bool, err error) error {
	outcome := link.Unknown
	if !sent {
		outcome = link.NotExecuted
	}
	return link.Failed(outcome, c.broken(ctx, err))
}

// broken returns why there is no reply. Unless the call itself has ended, no more calls
// are made by this conn.
func (c *conn) broken(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled): // kept by another clock
	case errors.Is(err, link.ErrTooLarge):
	default:
		c.lost.Store(true)
	}
	return err
}

func (c *conn) Usable() bool { return !c.closed.Load() && !c.lost.Load() }

// Close takes no more calls. Those in flight keep their connections.
func (c *conn) Close() error {
	c.closed.Store(true)
	c.http.CloseIdleConnections()
	return nil
}
