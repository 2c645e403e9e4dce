package nats

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/bindings/rt/link"
)

const dialTimeout = 2 * time.Second

// A conn calls one component at one subject.
type conn struct {
	nc      *nats.Conn
	hello   link.Hello
	subject string
	calls   string // what the subjects of calls begin with: subject, or that of one unit
	prefix  string // of the numbers of its calls
	streams streams

	mu     sync.Mutex
	flight int  // calls
	number int  // of the last call
	lost   bool // nobody serves the subject any more
	closed bool
}

func dial(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	subject, err := subjectOf(a, h.Component)
	if err != nil {
		return nil, err
	}
	timeout := dialTimeout
	if end, ok := ctx.Deadline(); ok {
		timeout = max(min(timeout, time.Until(end)), time.Millisecond)
	}
	told := func(*nats.Conn, *nats.Subscription, error) {} // the calls are
	nc, err := connect(a, timeout, nats.NoReconnect(), nats.ErrorHandler(told))
	if err != nil {
		return nil, err
	}
	c := &conn{nc: nc, hello: h, subject: subject, calls: subject, prefix: rand.Text()}
	if newStreams != nil {
		if c.streams, err = newStreams(nc); err != nil {
			nc.Close()
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	reply, err := nc.RequestMsgWithContext(ctx, &nats.Msg{Subject: subject + "." + tokenHello, Header: helloHeader(h)})
	if err == nil {
		err = c.refusal(reply)
	} else if errors.Is(err, nats.ErrNoResponders) {
		err = fmt.Errorf("nobody serves %s at %s", subject, a.Host)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	if own := reply.Header.Get(headerUnit); own != "" { // it has handles, which no other unit knows
		c.calls = ownSubject(subject, own)
	}
	return c, nil
}

// refusal is the error of a reply by which a call was turned away, or nil.
func (c *conn) refusal(reply *nats.Msg) error {
	switch reply.Header.Get(headerStatus) {
	case refusedVersion:
		return &link.VersionError{Component: c.hello.Component, Caller: c.hello.Fingerprint, Callee: string(reply.Data)}
	case refusedMoved:
		return link.ErrMoved
	case refusedOther:
		return errors.New(string(reply.Data))
	}
	return nil
}

func (c *conn) Call(ctx context.Context, call link.Outgoing) (link.Reply, error) {
	if err := ctx.Err(); err != nil {
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	if !c.nc.IsConnected() {
		return link.Reply{}, link.Failed(link.NotExecuted, nats.ErrConnectionClosed)
	}
	number, ok := c.enter()
	if !ok {
		return link.Reply{}, link.Failed(link.NotExecuted, link.ErrClosed)
	}
	defer c.leave()
	reply, err := c.nc.RequestMsgWithContext(ctx, c.message(ctx, number, call))
	if err != nil {
		return link.Reply{}, c.failed(ctx, number, len(call.Request), err)
	}
	return c.reply(reply)
}

// message is the request of a call.
func (c *conn) message(ctx context.Context, number string, call link.Outgoing) *nats.Msg {
	m := &nats.Msg{Subject: c.calls + "." + call.Endpoint.Name, Header: helloHeader(c.hello), Data: call.Request}
	m.Header.Set(headerCall, number)
	if len(call.Metadata) > 0 {
		m.Header.Set(headerMetadata, encodeMetadata(call.Metadata))
	}
	if end, ok := ctx.Deadline(); ok {
		m.Header.Set(headerTimeout, strconv.FormatInt(int64(time.Until(end)), 10))
	}
	return m
}

// cancel says that nobody waits for a call any more.
func (c *conn) cancel(number string) {
	_ = c.nc.Publish(c.subject+"."+tokenCancel, []byte(number))
}

// failed is a call that got no reply.
func (c *conn) failed(ctx context.Context, number string, size int, err error) *link.Error {
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		c.mu.Lock()
		c.lost = true
		c.mu.Unlock()
		return link.Failed(link.NotExecuted, fmt.Errorf("nobody serves %s", c.subject))
	case errors.Is(err, nats.ErrMaxPayload):
		return link.Failed(link.NotExecuted, fmt.Errorf("%w: a request of %d bytes and its headers, and the NATS server takes %d", link.ErrTooLarge, size, c.nc.MaxPayload()))
	}
	if cause := ctx.Err(); cause != nil {
		c.cancel(number)
		return link.Failed(link.Unknown, cause)
	}
	return link.Failed(link.Unknown, err)
}

// reply reads what the server's unit answered.
func (c *conn) reply(m *nats.Msg) (link.Reply, error) {
	if err := c.refusal(m); err != nil {
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	if m.Header == nil {
		return link.Reply{Body: string(m.Data)}, nil
	}
	st, err := strconv.ParseUint(m.Header.Get(headerStatus), 10, 8)
	if err != nil || st > uint64(link.StatusFailed) {
		return link.Reply{}, link.Failed(link.Unknown, fmt.Errorf("%w: status of a reply", link.ErrMalformed))
	}
	if link.Status(st) == link.StatusOK {
		return link.Reply{Body: string(m.Data)}, nil
	}
	tree, err := strconv.ParseUint(m.Header.Get(headerTree), 10, 31)
	if err != nil || tree > uint64(len(m.Data)) {
		return link.Reply{}, link.Failed(link.Unknown, fmt.Errorf("%w: error of a reply", link.ErrMalformed))
	}
	return link.Reply{Status: link.Status(st), Error: string(m.Data[:tree]), Body: string(m.Data[tree:])}, nil
}

// enter counts a call in and numbers it, unless the connection is closed.
func (c *conn) enter() (number string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", false
	}
	c.flight++
	c.number++
	return c.prefix + strconv.Itoa(c.number), true
}

func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flight--; c.flight == 0 && c.closed {
		c.nc.Close()
	}
}

func (c *conn) Usable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.closed && !c.lost && c.nc.IsConnected()
}

// Close ends the connection when the calls in flight have ended: they may wait
// for another unit than the one that is gone.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		if c.flight == 0 {
			c.nc.Close()
		}
	}
	return nil
}

// maxText bounds the texts in headers, which count as payload.
const maxText = 1 << 10

// text is a header's value: one line, cut where it is long.
func text(s string) string {
	line := strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(line) > maxText {
		line = strings.ToValidUTF8(line[:maxText], "")
	}
	return line
}
