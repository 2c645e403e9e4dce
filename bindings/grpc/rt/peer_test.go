package grpc

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// A scriptedPeer speaks HTTP/2 frame by frame: it accepts every hello and
// answers the calls as the script says.
type scriptedPeer struct {
	script func(p *peerConn, stream uint32, nth int64) (goOn bool) // the nth call, from 1, was received as a whole
	calls  atomic.Int64
}

type peerConn struct {
	net.Conn
	*http2.Framer
}

func (p *scriptedPeer) listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return l.Addr().String()
}

func (p *scriptedPeer) serve(conn net.Conn) {
	defer conn.Close()
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	c := &peerConn{conn, http2.NewFramer(conn, conn)}
	c.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = c.WriteSettings()
	hellos := map[uint32]bool{}
	for {
		f, err := c.ReadFrame()
		if err != nil {
			return
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = c.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				_ = c.WritePing(true, f.Data)
			}
		case *http2.MetaHeadersFrame:
			hellos[f.StreamID] = f.PseudoValue("path") == helloMethod
		case *http2.DataFrame:
			if !f.StreamEnded() {
				continue
			}
			if hellos[f.StreamID] {
				c.reply(f.StreamID)
			} else if !p.script(c, f.StreamID, p.calls.Add(1)) {
				return
			}
		}
	}
}

func (c *peerConn) headers(stream uint32, end bool, fields ...string) {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for i := 0; i < len(fields); i += 2 {
		_ = e.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	_ = c.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: end})
}

func (c *peerConn) reply(stream uint32) {
	c.headers(stream, false, ":status", "200", "content-type", "application/grpc")
	_ = c.WriteData(stream, false, make([]byte, 5))
	c.headers(stream, true, "grpc-status", "0")
}

// fail ends a call with nothing but trailers.
func (c *peerConn) fail(stream uint32, status string, more ...string) {
	c.headers(stream, true, append([]string{":status", "200", "content-type", "application/grpc", "grpc-status", status, "grpc-message", "scripted"}, more...)...)
}

// TestOutcomeIsWhatThePeerSays: a status code proves nothing, a refusal of the
// protocol or of a unit does. calls is how often the request has arrived.
func TestOutcomeIsWhatThePeerSays(t *testing.T) {
	once := func(f func(c *peerConn, stream uint32)) func(*peerConn, uint32, int64) bool {
		return func(c *peerConn, stream uint32, nth int64) bool {
			if nth > 1 {
				c.reply(stream)
				return true
			}
			f(c, stream)
			return true
		}
	}
	status := func(code string, more ...string) func(*peerConn, uint32, int64) bool {
		return once(func(c *peerConn, stream uint32) { c.fail(stream, code, more...) })
	}
	for name, c := range map[string]struct {
		script func(*peerConn, uint32, int64) bool
		want   string // "reply" or an outcome
		calls  int64
	}{
		"unavailable":           {status("14"), "outcome unknown", 1},
		"failed precondition":   {status("9"), "outcome unknown", 1},
		"not found":             {status("5"), "outcome unknown", 1},
		"unimplemented":         {status("12"), "outcome unknown", 1},
		"resource exhausted":    {status("8"), "outcome unknown", 1},
		"aborted with pushback": {status("10", "grpc-retry-pushback-ms", "0"), "outcome unknown", 1},
		"turned away":           {status("5", keyRefused, "1"), "not executed", 1},
		"turned away, too busy": {status("14", keyRefused, "1"), "not executed", 1},
		"cut off":               {func(*peerConn, uint32, int64) bool { return false }, "outcome unknown", 1},
		"reset": {once(func(c *peerConn, stream uint32) {
			_ = c.WriteRSTStream(stream, http2.ErrCodeInternal)
		}), "outcome unknown", 1},
		"refused stream": {once(func(c *peerConn, stream uint32) {
			_ = c.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		}), "reply", 2},
		"goaway before the call": {once(func(c *peerConn, stream uint32) {
			_ = c.WriteGoAway(stream-2, http2.ErrCodeNo, nil)
			_ = c.Close()
		}), "reply", 2},
		"goaway after the call": {once(func(c *peerConn, stream uint32) {
			_ = c.WriteGoAway(stream, http2.ErrCodeNo, nil)
			_ = c.Close()
		}), "outcome unknown", 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := &scriptedPeer{script: c.script}
			conn, err := transport.DialTo(t, p.listen(t))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, err = conn.Call(t.Context(), link.Outgoing{Endpoint: linktest.Contract.Endpoints[0]})
			got := "reply"
			if e, ok := errors.AsType[*link.Error](err); ok {
				got = e.Outcome.String()
			}
			if got != c.want || p.calls.Load() != c.calls {
				t.Errorf("the caller got %s (%v) after %d requests, want %s after %d", got, err, p.calls.Load(), c.want, c.calls)
			}
		})
	}
}

// TestRefusalsOfAUnitAreMarked: what a unit turns away unexecuted it says so of,
// with the types that callers compare.
func TestRefusalsOfAUnitAreMarked(t *testing.T) {
	up(t)
	a, err := link.ParseAddress("grpc://" + transport.Address())
	if err != nil {
		t.Fatal(err)
	}
	l, err := dial(t.Context(), a, link.Hello{Component: "linktest", Fingerprint: "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := l.(*conn)
	call := func(service, endpoint, schema string) *link.Error {
		h := link.Hello{Component: "linktest", Fingerprint: schema}
		c := &conn{cc: c.cc, hello: h, schema: schemaOf(h), prefix: "/" + service + "/"}
		_, err := c.Call(t.Context(), link.Outgoing{Endpoint: link.Endpoint{Name: endpoint}})
		e, ok := errors.AsType[*link.Error](err)
		if !ok || e.Outcome != link.NotExecuted {
			t.Errorf("%s %s %s: %v", service, endpoint, schema, err)
			return &link.Error{Err: errors.New("none")}
		}
		return e
	}
	if e := call("orders.Service", "Echo", "1"); !errors.Is(e, link.ErrMoved) {
		t.Errorf("another component: %v", e)
	}
	if e := call("linktest.Service", "Nothing", "1"); !strings.Contains(e.Error(), "no endpoint Nothing") {
		t.Errorf("another endpoint: %v", e)
	}
	if e := call("linktest", "Echo", "1"); !strings.Contains(e.Error(), codes.Unimplemented.String()) && !strings.Contains(e.Error(), "no service") {
		t.Errorf("another service: %v", e)
	}
	var v *link.VersionError
	if e := call("linktest.Service", "Echo", "2"); !errors.As(e, &v) || v.Callee != "1" {
		t.Errorf("another schema: %v", e)
	}
}
