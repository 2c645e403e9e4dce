package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
)

// CarryStreams makes calls with streams possible. Generated code calls it where a
// contract has such.
//
// Between units a call with streams is a request to upgrade its connection, which then
// carries the call in both directions. Others read what an endpoint returns; see
// events.
func CarryStreams() {
	link.RegisterPiper("http", openPipe)
	link.RegisterPiper("https", openPipe)
	serveStreams = (*call).streams
	serveUpload = (*call).upload
}

// protocolPipe is what the connection of a call with streams is upgraded to.
const protocolPipe = "unweld-pipe"

func openPipe(ctx context.Context, to link.Peer, out link.Outgoing) (link.Pipe, error) {
	c, ok := to.Conn.(*conn)
	if !ok || !c.Usable() {
		return nil, link.ErrClosed
	}
	endpoint := c.component.endpoint(out.Endpoint.Name)
	if endpoint == nil {
		return nil, fmt.Errorf("this program has no description of %s", out.Endpoint.Name)
	}
	r := c.request(ctx, new(atomic.Bool), endpoint, nil)
	r.Header["Connection"], r.Header["Upgrade"] = []string{"Upgrade"}, []string{protocolPipe}
	// Nothing is executed before the connection is a pipe, so net/http may try another
	// one. It doesn't send the header.
	r.Header["Idempotency-Key"] = []string{}
	if len(out.Metadata) > 0 {
		r.Header[headerMetadata] = link.MetadataHeaders(out.Metadata)
	}
	res, err := c.http.RoundTrip(r)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if both, ok := res.Body.(io.ReadWriteCloser); ok && res.StatusCode == http.StatusSwitchingProtocols && res.Header.Get("Upgrade") == protocolPipe {
		return link.ConnPipe(both, both, MaxMessage), nil
	}
	return nil, c.notSwitched(res)
}

// notSwitched is why the connection of a call wasn't upgraded.
func (c *conn) notSwitched(res *http.Response) error {
	if res.StatusCode == http.StatusSwitchingProtocols { // and what follows has no end
		_ = res.Body.Close()
		return fmt.Errorf("the connection was upgraded to %s, want %s", res.Header.Get("Upgrade"), protocolPipe)
	}
	text, err := readAll(res)
	if err != nil {
		return err
	}
	if _, ok := statusNamed(res.Header.Get(headerStatus)); !ok {
		return fmt.Errorf("%s, not from a unit of this program: %s; what is between must let requests upgrade their connection to %s", res.Status, first(text), protocolPipe)
	}
	tree, _, err := c.component.parseProblem(text, 0)
	if err != nil {
		return fmt.Errorf("%s: %s", res.Status, first(text))
	}
	refused, bad := link.NewErrors().Parse(tree)
	if bad != nil {
		return bad
	}
	return refused
}

// serveStreams serves a call of an endpoint with streams, and serveUpload one whose stream
// is the body of the request; nil where no contract has such.
var serveStreams, serveUpload func(*call, context.Context, *link.Target, link.Incoming)

func (c *call) streams(ctx context.Context, t *link.Target, in link.Incoming) {
	if upgrades(c.r) {
		c.pipe(ctx, t, in)
		return
	}
	c.events(ctx, t, in)
}

// upgrades reports whether a request wants its connection to become a pipe.
func upgrades(r *http.Request) bool {
	return r.ProtoMajor == 1 && strings.EqualFold(r.Header.Get("Upgrade"), protocolPipe) &&
		slices.ContainsFunc(strings.Split(strings.Join(r.Header["Connection"], ","), ","), func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "upgrade") })
}

// pipe serves a call by a connection that is its own from now on.
func (c *call) pipe(ctx context.Context, t *link.Target, in link.Incoming) {
	if !c.unit { // the messages are those of a schema
		c.refuse(http.StatusPreconditionFailed, fmt.Errorf("a call by %s says in %s which schema it has", protocolPipe, headerSchema))
		return
	}
	nc, rw, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		c.refuse(http.StatusNotImplemented, fmt.Errorf("%w: the connection can't be upgraded: %w", errors.ErrUnsupported, err))
		return
	}
	defer nc.Close()
	defer c.mount.keep(nc)()
	_, err = fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n%s: %s\r\n\r\n", protocolPipe, headerStatus, statusNames[link.StatusOK])
	if err != nil {
		return
	}
	stream.Serve(ctx, t, link.ConnPipe(nc, rw.Reader, MaxMessage), in)
}
