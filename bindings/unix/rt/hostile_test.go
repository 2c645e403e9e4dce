package unix

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// hello is what a good caller of linktest begins with.
func hello() []byte {
	b := beginFrame(preamble(), header{kind: kindHello})
	b = wire.AppendText(wire.AppendText(b, "linktest"), "1")
	return endFrame(b, len(magic)+2)
}

func frame(h header, payload ...byte) []byte {
	return endFrame(append(beginFrame(nil, h), payload...), 0)
}

func TestServerCutsHostileCallersOff(t *testing.T) {
	p := start(t, "host")
	s := remote(t, p.socket)
	tooLarge := frame(header{kind: kindRequest, call: 1}, 1)
	binary.LittleEndian.PutUint32(tooLarge, 1<<31)
	good := frame(header{kind: kindRequest, call: 5}, 2, 'x')
	part := func(detail byte, transfer uint64, size int) []byte {
		return frame(header{kind: kindPart, detail: detail, call: transfer}, make([]byte, size)...)
	}
	cases := map[string][]byte{
		"too many transfers":   slices.Concat(hello(), part(0, 1, 1), part(0, 2, 1), part(0, 3, 1), part(0, 4, 1), part(0, 5, 1)),
		"a transfer too large": append(hello(), bytes.Repeat(part(0, 1, 1<<20), MaxMessage>>20+1)...),
		"no such transfer":     slices.Concat(hello(), part(0, 1, 1), frame(header{kind: kindRequest, detail: flagParts, call: 1}, 2, 9)),
		"a dropped transfer":   slices.Concat(hello(), part(0, 1, 1), part(partDropped, 1, 0), frame(header{kind: kindRequest, detail: flagParts, call: 1}, 2, 1)),
		"unknown part":         append(hello(), part(7, 1, 1)...),
		"no magic":             []byte("GET / HTTP/1.1\r\n\r\n"),
		"no hello":             append(preamble(), frame(header{kind: kindRequest, call: 1}, 1)...),
		"hello cut off":        append(preamble(), frame(header{kind: kindHello}, 200, 1)...),
		"too large":            append(hello(), tooLarge...),
		"unknown kind":         append(hello(), frame(header{kind: 99, call: 1})...),
		"unknown flag":         append(hello(), frame(header{kind: kindRequest, detail: 128, call: 1}, 1)...),
		"no endpoint":          append(hello(), frame(header{kind: kindRequest, call: 1})...),
		"call number again":    append(append(hello(), good...), good...),
		"metadata too long":    append(hello(), frame(header{kind: kindRequest, detail: flagMetadata, call: 1}, 1, 200, 1)...),
		"deadline too large":   append(hello(), frame(header{kind: kindRequest, detail: flagDeadline, call: 1}, bytes.Repeat([]byte{0xff}, 9)...)...),
	}
	for name, sent := range cases {
		t.Run(name, func(t *testing.T) {
			nc, err := net.Dial("unix", p.socket)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			_ = nc.SetDeadline(time.Now().Add(time.Minute))
			_, _ = nc.Write(sent) // as much as it takes
			if _, err := io.Copy(io.Discard, nc); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
				t.Errorf("the connection stays open")
			}
		})
	}
	nc, err := net.Dial("unix", p.socket) // and one that stops in the middle
	if err != nil {
		t.Fatal(err)
	}
	_, _ = nc.Write(append(hello(), good[:7]...))
	_ = nc.Close()
	if sum, err := s.Add(within(t, time.Minute), 1, 1); sum != 2 || err != nil {
		t.Errorf("another caller got %d, %v", sum, err)
	}
}

// TestDroppedTransfersLeaveRoom: what is given up doesn't count any more.
func TestDroppedTransfersLeaveRoom(t *testing.T) {
	nc, err := net.Dial("unix", start(t, "host").socket)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(5 * time.Second))
	sent := hello()
	for transfer := uint64(1); transfer < 100; transfer++ {
		sent = append(sent, frame(header{kind: kindPart, call: transfer}, 'a')...)
		sent = append(sent, frame(header{kind: kindPart, call: transfer}, 'b')...)
		if transfer%2 == 0 {
			sent = append(sent, frame(header{kind: kindPart, detail: partDropped, call: transfer})...)
			continue
		}
		sent = append(sent, frame(header{kind: kindVoid, call: transfer})...)
		sent = append(sent, frame(header{kind: kindRequest, detail: flagParts, call: transfer}, 2, byte(transfer), 'c')...)
	}
	if _, err := nc.Write(sent); err != nil {
		t.Fatal(err)
	}
	var f frames
	if _, _, err := f.first(nc); err != nil {
		t.Fatal(err)
	}
	for n := range 50 {
		h, payload, err := f.one(nc)
		if err != nil || h.kind != kindReply || h.detail != 0 || string(payload) != "abc" {
			t.Fatalf("reply %d: %+v %q %v", n, h, payload, err)
		}
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func TestUnknownEndpointIsRefused(t *testing.T) {
	p := start(t, "host")
	c := connect(t, p.socket)
	_, err := c.Call(within(t, time.Minute), link.Outgoing{Endpoint: link.Endpoint{Name: "None", ID: 77}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Call(within(t, time.Minute), link.Outgoing{Endpoint: link.Endpoint{Name: "None", ID: 77}})
	if err != nil || r.Status != link.StatusRefused || r.Error == "" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func connect(t *testing.T, socket string) link.Conn {
	t.Helper()
	c, err := dial(within(t, time.Minute), link.Address{Scheme: "unix", Path: socket}, link.Hello{Component: "linktest", Fingerprint: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// serveRaw accepts one connection, shakes hands, and leaves the rest to the test.
func serveRaw(t *testing.T, serve func(nc net.Conn, f *frames)) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		f := new(frames)
		if _, _, err := f.first(nc); err != nil {
			t.Error(err)
			return
		}
		_, _ = nc.Write(append(preamble(), welcome(nil)...))
		serve(nc, f)
	}()
	return socket
}

func TestCallerSurvivesHostileServers(t *testing.T) {
	tooLarge := frame(header{kind: kindReply, call: 1})
	binary.LittleEndian.PutUint32(tooLarge, 1<<31)
	cases := map[string]struct {
		reply []byte
		is    error
	}{
		"part never asked": {frame(header{kind: kindPart, call: 9}, 1), link.ErrMalformed},
		"parts too large":  {bytes.Repeat(frame(header{kind: kindPart, call: 1}, make([]byte, 1<<20)...), MaxMessage>>20+1), link.ErrTooLarge},
		"call never made":  {frame(header{kind: kindReply, call: 9}), link.ErrMalformed},
		"unknown status":   {frame(header{kind: kindReply, detail: 9, call: 1}), link.ErrMalformed},
		"error too long":   {frame(header{kind: kindReply, detail: 1, call: 1}, 200, 1), link.ErrMalformed},
		"unknown kind":     {frame(header{kind: kindRequest, call: 1}), link.ErrMalformed},
		"too large":        {tooLarge, link.ErrTooLarge},
		"stops in between": {tooLarge[:9], io.EOF},
		"says nothing":     {nil, io.EOF},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			conn := connect(t, serveRaw(t, func(nc net.Conn, f *frames) {
				_, _, _ = f.one(nc)
				_, _ = nc.Write(c.reply)
			}))
			_, err := conn.Call(within(t, time.Minute), link.Outgoing{Endpoint: link.Endpoint{ID: 1}})
			var e *link.Error
			if !errors.As(err, &e) || e.Outcome != link.Unknown || !errors.Is(err, c.is) {
				t.Errorf("the call failed with %v", err)
			}
			if conn.Usable() {
				t.Error("the connection is still used")
			}
			_, err = conn.Call(context.Background(), link.Outgoing{Endpoint: link.Endpoint{ID: 1}})
			if !errors.As(err, &e) || e.Outcome != link.NotExecuted {
				t.Errorf("the next call failed with %v", err)
			}
		})
	}
}

func TestGoawayTellsWhichCallsWereTaken(t *testing.T) {
	conn := connect(t, serveRaw(t, func(nc net.Conn, f *frames) {
		for range 2 {
			_, _, _ = f.one(nc)
		}
		_, _ = nc.Write(frame(header{kind: kindGoaway, call: 1}))
		time.Sleep(20 * time.Millisecond)
		_, _ = nc.Write(frame(header{kind: kindReply, call: 1}, 'o', 'k'))
	}))
	type result struct {
		link.Reply
		err error
	}
	results := make(chan result, 2)
	for range 2 {
		go func() {
			r, err := conn.Call(within(t, time.Minute), link.Outgoing{Endpoint: link.Endpoint{ID: 1}})
			results <- result{r, err}
		}()
	}
	var e *link.Error
	if r := <-results; !errors.As(r.err, &e) || e.Outcome != link.NotExecuted || !errors.Is(r.err, link.ErrMoved) {
		t.Errorf("the call that wasn't taken: %+v", r)
	}
	if r := <-results; r.err != nil || r.Body != "ok" {
		t.Errorf("the call that was taken: %+v", r)
	}
	if conn.Usable() {
		t.Error("the connection is still used")
	}
}

func TestRequestThatIsNotSentIsNotExecuted(t *testing.T) {
	hold := make(chan struct{})
	conn := connect(t, serveRaw(t, func(net.Conn, *frames) { <-hold }))
	time.AfterFunc(50*time.Millisecond, func() { close(hold) })
	_, err := conn.Call(within(t, time.Minute), link.Outgoing{Endpoint: link.Endpoint{ID: 1}, Request: make([]byte, 16<<20)})
	var e *link.Error
	if !errors.As(err, &e) || e.Outcome != link.NotExecuted {
		t.Errorf("the call failed with %v", err)
	}
}

func TestPeerThatDoesNotRead(t *testing.T) {
	hold := make(chan struct{})
	conn := connect(t, serveRaw(t, func(net.Conn, *frames) { <-hold }))
	t.Cleanup(func() { close(hold) })
	for i := range 8 { // the first fills the socket, later ones wait for space
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		_, err := conn.Call(ctx, link.Outgoing{Endpoint: link.Endpoint{ID: 1}, Request: make([]byte, 1<<20)})
		cancel()
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 20*time.Second {
			t.Errorf("call %d after %v: %v", i, took, err)
		}
	}
}

func TestHandshakeRefusals(t *testing.T) {
	p := start(t, "host")
	at := link.Address{Scheme: "unix", Path: p.socket}
	if _, err := dial(within(t, time.Minute), at, link.Hello{Component: "other"}); !errors.Is(err, link.ErrMoved) {
		t.Errorf("a component that isn't there: %v", err)
	}
	var schema *link.VersionError
	if _, err := dial(within(t, time.Minute), at, link.Hello{Component: "linktest", Fingerprint: "9"}); !errors.As(err, &schema) || schema.Callee != "1" {
		t.Errorf("another schema: %v", err)
	}
	c, err := dial(within(t, time.Minute), at, link.Hello{Component: "linktest", Fingerprint: "9", Compatible: []string{"0", "1"}})
	if err != nil {
		t.Errorf("a schema that is compatible: %v", err)
	} else {
		_ = c.Close()
	}
}

func TestVersionsOfTheProtocol(t *testing.T) {
	newer := binary.LittleEndian.AppendUint16([]byte(magic), 9)
	// The callee is newer.
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if nc, err := l.Accept(); err == nil {
			_, _ = nc.Write(newer)
			_, _ = io.Copy(io.Discard, nc)
		}
	}()
	_, err = dial(within(t, time.Minute), link.Address{Scheme: "unix", Path: socket}, link.Hello{})
	if err == nil || !strings.Contains(err.Error(), "speaks version 9 of the unix link, this unit version 4") {
		t.Errorf("a newer callee: %v", err)
	}
	// The caller is newer.
	nc, err := net.Dial("unix", start(t, "host").socket)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_, _ = nc.Write(newer)
	_ = nc.SetReadDeadline(time.Now().Add(5 * time.Second))
	if answer, err := io.ReadAll(nc); err != nil || !bytes.Equal(answer, preamble()) {
		t.Errorf("a newer caller got %q, %v", answer, err)
	}
}

func TestHandshakeEndsWithItsContext(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket) // and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	began := time.Now()
	if _, err := dial(ctx, link.Address{Scheme: "unix", Path: socket}, link.Hello{}); err == nil || time.Since(began) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
