package unix

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// Both sides begin with the magic and their version of the protocol. Then the
// caller sends a hello frame (component, fingerprint, compatible fingerprints,
// each with its length before it) and the callee a welcome frame whose detail says
// what it makes of it.
const (
	magic   = "unweld"
	version = 4

	handshakeLimit = 5 * time.Second
	mutualLimit    = time.Minute
)

// handshakeTime is how long a handshake may take. At a socket anybody may hold a connection
// and say nothing; the connections of a mux are between two units that share all of them,
// however many these make at once.
func handshakeTime(nc net.Conn) time.Duration {
	if _, ok := nc.(*muxConn); ok {
		return mutualLimit
	}
	return handshakeLimit
}

// Details of a welcome.
const (
	welcomeOK      = 0
	welcomeRefused = 1 // the payload is the tree of an error
)

var errMagic = errors.New("the peer is not a unit of an unweld program")

func preamble() []byte { return binary.LittleEndian.AppendUint16([]byte(magic), version) }

// greet is the caller's side. It returns the frames' reader, which may hold
// more than the welcome.
func greet(ctx context.Context, nc net.Conn, kind byte, h link.Hello) (*frames, error) {
	limit := time.Now().Add(handshakeTime(nc))
	if d, ok := ctx.Deadline(); ok && d.Before(limit) {
		limit = d
	}
	if err := nc.SetDeadline(limit); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(past) })
	defer stop()
	b := beginFrame(preamble(), header{kind: kind})
	for _, s := range append([]string{h.Component, h.Fingerprint}, h.Compatible...) {
		b = wire.AppendText(b, s)
	}
	if _, err := nc.Write(endFrame(b, len(magic)+2)); err != nil {
		return nil, err
	}
	f := new(frames)
	welcome, payload, err := f.first(nc)
	if err == nil && welcome.kind != kindWelcome {
		err = unexpected(welcome)
	}
	if err != nil {
		return nil, err
	}
	if welcome.detail != welcomeOK {
		refusal, bad := link.NewErrors().Parse(payload)
		if bad != nil {
			return nil, fmt.Errorf("%w: a welcome: %w", link.ErrMalformed, bad)
		}
		return nil, refusal
	}
	return f, nc.SetDeadline(time.Time{})
}

// first reads the preamble of the peer, and its first frame.
func (f *frames) first(nc net.Conn) (h header, payload string, err error) {
	var b [len(magic) + 2]byte
	if _, err := io.ReadFull(nc, b[:]); err != nil {
		return h, "", err
	}
	if string(b[:len(magic)]) != magic {
		return h, "", errMagic
	}
	if theirs := binary.LittleEndian.Uint16(b[len(magic):]); theirs != version {
		return h, "", fmt.Errorf("the peer speaks version %d of the unix link, this unit version %d: generate and build both units with the same unweld", theirs, version)
	}
	h, text, err := f.one(nc)
	return h, string(text), err
}

func unexpected(h header) error {
	return fmt.Errorf("%w: a frame of kind %d in the handshake", link.ErrMalformed, h.kind)
}

// one reads one frame.
func (f *frames) one(r io.Reader) (header, []byte, error) {
	for {
		h, payload, ok, err := f.next()
		if ok || err != nil {
			return h, payload, err
		}
		if err := f.fill(r); err != nil {
			return h, nil, err
		}
	}
}

// receive is the callee's side. kind is that of the hello.
func receive(nc net.Conn, accept link.Accept) (kind byte, f *frames, target *link.Target, err error) {
	if err := nc.SetDeadline(time.Now().Add(handshakeTime(nc))); err != nil {
		return 0, nil, nil, err
	}
	if _, err := nc.Write(preamble()); err != nil { // a caller of another version learns it
		return 0, nil, nil, err
	}
	f = new(frames)
	h, payload, err := f.first(nc)
	if err == nil && h.kind != kindHello && h.kind != kindStreams {
		err = unexpected(h)
	}
	if err != nil {
		return 0, nil, nil, err
	}
	hello, err := parseHello(payload)
	if err != nil {
		return 0, nil, nil, err
	}
	refused := checkCaller(nc)
	if refused == nil {
		target, refused = accept(hello)
	}
	if refused == nil && h.kind == kindStreams && servePipe == nil {
		refused = errNoStreams
	}
	if _, err := nc.Write(welcome(refused)); err != nil {
		return 0, nil, nil, err
	}
	if refused != nil {
		return 0, nil, nil, refused
	}
	return h.kind, f, target, nc.SetDeadline(time.Time{})
}

// servePipe serves the pipe of one call with streams; nil where no contract has
// streams.
var servePipe func(s *session, target *link.Target, f *frames)

var errNoStreams = errors.New("no endpoint of this unit has streams")

func welcome(refused error) []byte {
	if refused == nil {
		return endFrame(beginFrame(nil, header{kind: kindWelcome, detail: welcomeOK}), 0)
	}
	b := beginFrame(nil, header{kind: kindWelcome, detail: welcomeRefused})
	return endFrame(append(b, link.NewErrors().Append(nil, refused)...), 0)
}

func parseHello(payload string) (link.Hello, error) {
	var texts []string
	for i := 0; i < len(payload); {
		var s string
		if s, i = wire.Message(payload, i); i < 0 {
			return link.Hello{}, errPayload
		}
		texts = append(texts, s)
	}
	if len(texts) < 2 {
		return link.Hello{}, errPayload
	}
	return link.Hello{Component: texts[0], Fingerprint: texts[1], Compatible: texts[2:]}, nil
}
