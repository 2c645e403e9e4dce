package nats

import (
	"cmp"
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
)

// CarryStreams makes calls with streams possible. Generated code calls it where a
// contract has such.
func CarryStreams() {
	link.RegisterPiper("nats", openPipe)
	newStreams = newPipes
}

// newStreams prepares a connection for calls with streams; nil where no contract has such.
var newStreams func(*nats.Conn) (streams, error)

// streams are the calls with streams of one connection.
type streams interface {
	// serve serves one, and returns at its end. ctx ends with the call.
	serve(ctx context.Context, t *link.Target, in link.Incoming, r micro.Request)
	// broken ends all of them.
	broken(error)
}

// pipes are those of one connection. They listen at subjects below one, with one
// subscription.
type pipes struct {
	nc    *nats.Conn
	inbox string

	mu      sync.Mutex
	all     map[string]*pipe // by their own subjects
	looking bool             // a timer will look after them
}

// newPipes returns when the connection knows what it listens to. What it sends afterwards
// comes to the server later.
func newPipes(nc *nats.Conn) (streams, error) {
	ps := &pipes{nc: nc, inbox: nc.NewInbox(), all: map[string]*pipe{}}
	sub, err := nc.Subscribe(ps.inbox+".*", ps.arrived)
	if err != nil {
		return nil, err
	}
	// How much of a call is under way is between its two sides.
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return nil, err
	}
	// Of what was under way nobody knows whether it has arrived.
	nc.SetDisconnectErrHandler(func(_ *nats.Conn, err error) { ps.broken(cmp.Or(err, nats.ErrConnectionClosed)) })
	return ps, nil
}

// add makes a pipe; left is called when it is closed.
func (ps *pipes) add(left func()) *pipe {
	p := &pipe{of: ps, own: ps.inbox + "." + rand.Text(), part: max(1, min(framePart, int(ps.nc.MaxPayload())-frameHead)), left: left}
	p.wake.L = &p.mu
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.all[p.own] = p
	if !ps.looking {
		ps.looking = true
		time.AfterFunc(beatEvery, ps.look)
	}
	return p
}

func (ps *pipes) remove(p *pipe) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.all, p.own)
}

func (ps *pipes) list() []*pipe {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	all := make([]*pipe, 0, len(ps.all))
	for _, p := range ps.all {
		all = append(all, p)
	}
	return all
}

// look looks after all of them, and comes again while there are any.
func (ps *pipes) look() {
	now := time.Now()
	for _, p := range ps.list() {
		p.look(now)
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.looking = len(ps.all) > 0; ps.looking {
		time.AfterFunc(beatEvery, ps.look)
	}
}

// arrived hands a frame on. It never waits.
func (ps *pipes) arrived(m *nats.Msg) {
	ps.mu.Lock()
	p := ps.all[m.Subject]
	ps.mu.Unlock()
	if p != nil {
		p.arrived(m)
		return
	}
	if kind, _, ok := parseHead(m.Data); ok && m.Reply != "" && kind != frameGone && kind != frameClose {
		_ = ps.nc.Publish(m.Reply, head(nil, frameGone, 0)) // who isn't told asks again
	}
}

func (ps *pipes) broken(err error) {
	for _, p := range ps.list() {
		p.broken(err)
	}
}

func (ps *pipes) serve(ctx context.Context, t *link.Target, in link.Incoming, r micro.Request) {
	p := ps.add(nil)
	p.begin(r.Headers().Get(headerPipe))
	if err := r.Respond(nil, micro.WithHeaders(micro.Headers{headerPipe: {p.own}})); err != nil {
		_ = p.Close()
		return
	}
	stream.Serve(ctx, t, p, in)
}
