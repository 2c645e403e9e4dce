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
)

// Both sides begin with the magic and their version of the protocol. Then the
// caller sends a hello frame (component, fingerprint, compatible fingerprints)
// and the callee a welcome frame whose detail says what it makes of it.
const (
	magic   = "unweld"
	version = 2

	handshakeLimit = 5 * time.Second
)

// Details of a welcome.
const (
	welcomeOK      = 0
	welcomeMoved   = 1
	welcomeSchema  = 2 // the payload is the callee's fingerprint
	welcomeRefused = 3 // the payload says why
)

var errMagic = errors.New("the peer is not a unit of an unweld program")

func preamble() []byte { return binary.LittleEndian.AppendUint16([]byte(magic), version) }

// readPreamble returns the peer's version.
func readPreamble(nc net.Conn) (int, error) {
	var b [len(magic) + 2]byte
	if _, err := io.ReadFull(nc, b[:]); err != nil {
		return 0, err
	}
	if string(b[:len(magic)]) != magic {
		return 0, errMagic
	}
	return int(binary.LittleEndian.Uint16(b[len(magic):])), nil
}

func checkVersion(theirs int) error {
	if theirs == version {
		return nil
	}
	return fmt.Errorf("the peer speaks version %d of the unix link, this unit version %d: generate and build both units with the same unweld", theirs, version)
}

// greet is the caller's side. It returns the frames' reader, which may hold
// more than the welcome.
func greet(ctx context.Context, nc net.Conn, h link.Hello) (*frames, error) {
	limit := time.Now().Add(handshakeLimit)
	if d, ok := ctx.Deadline(); ok && d.Before(limit) {
		limit = d
	}
	if err := nc.SetDeadline(limit); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	b := beginFrame(preamble(), header{kind: kindHello})
	b = appendString(b, h.Component)
	b = appendString(b, h.Fingerprint)
	b = binary.AppendUvarint(b, uint64(len(h.Compatible)))
	for _, c := range h.Compatible {
		b = appendString(b, c)
	}
	if _, err := nc.Write(endFrame(b, len(magic)+2)); err != nil {
		return nil, err
	}
	theirs, err := readPreamble(nc)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(theirs); err != nil {
		return nil, err
	}
	f := new(frames)
	welcome, payload, err := f.one(nc)
	if err != nil {
		return nil, err
	}
	if err := welcomed(welcome, payload, h); err != nil {
		return nil, err
	}
	return f, nc.SetDeadline(time.Time{})
}

func welcomed(w header, payload []byte, h link.Hello) error {
	switch {
	case w.kind != kindWelcome:
		return fmt.Errorf("%w: a frame of kind %d in the handshake", link.ErrMalformed, w.kind)
	case w.detail == welcomeOK:
		return nil
	case w.detail == welcomeMoved:
		return link.ErrMoved
	case w.detail == welcomeSchema:
		return &link.VersionError{Component: h.Component, Caller: h.Fingerprint, Callee: string(payload)}
	}
	return fmt.Errorf("the peer refused the connection: %s", payload)
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

// receive is the callee's side: it returns the component to be called.
func receive(nc net.Conn, accept link.Accept) (*frames, *link.Target, error) {
	if err := nc.SetDeadline(time.Now().Add(handshakeLimit)); err != nil {
		return nil, nil, err
	}
	theirs, err := readPreamble(nc)
	if err != nil {
		return nil, nil, err
	}
	if err := checkVersion(theirs); err != nil {
		_, _ = nc.Write(preamble()) // enough for the caller to say the same
		return nil, nil, err
	}
	f := new(frames)
	h, payload, err := f.one(nc)
	if err != nil {
		return nil, nil, err
	}
	hello, err := parseHello(h, payload)
	if err != nil {
		return nil, nil, err
	}
	target, refused := accept(hello)
	if _, err := nc.Write(appendWelcome(preamble(), refused)); err != nil {
		return nil, nil, err
	}
	if refused != nil {
		return nil, nil, refused
	}
	return f, target, nc.SetDeadline(time.Time{})
}

func appendWelcome(b []byte, refused error) []byte {
	detail, payload := byte(welcomeOK), ""
	var schema *link.VersionError
	switch {
	case refused == nil:
	case errors.As(refused, &schema):
		detail, payload = welcomeSchema, schema.Callee
	case errors.Is(refused, link.ErrMoved):
		detail = welcomeMoved
	default:
		detail, payload = welcomeRefused, refused.Error()
	}
	start := len(b)
	return endFrame(append(beginFrame(b, header{kind: kindWelcome, detail: detail}), payload...), start)
}

func parseHello(h header, payload []byte) (link.Hello, error) {
	var hello link.Hello
	if h.kind != kindHello {
		return hello, fmt.Errorf("%w: a frame of kind %d in the handshake", link.ErrMalformed, h.kind)
	}
	component, rest, err := readBytes(payload)
	if err != nil {
		return hello, err
	}
	fingerprint, rest, err := readBytes(rest)
	if err != nil {
		return hello, err
	}
	n, rest, err := readUvarint(rest)
	if err != nil || n > uint64(len(rest)) {
		return hello, errPayload
	}
	hello.Component, hello.Fingerprint = string(component), string(fingerprint)
	for range n {
		var c []byte
		if c, rest, err = readBytes(rest); err != nil {
			return hello, err
		}
		hello.Compatible = append(hello.Compatible, string(c))
	}
	return hello, nil
}
