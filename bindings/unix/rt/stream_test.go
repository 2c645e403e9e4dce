package unix

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream/streamtest"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// hostStreams runs the unit of a test in this file.
func hostStreams() error {
	CarryStreams()
	_, err := streamtest.Open(context.Background(), func(context.Context) (streamtest.Service, error) { return new(streamtest.Engine), nil })
	return err
}

// streams starts a unit that hosts the component with streams, and calls it.
func streams(t testing.TB) (*process, streamtest.Service) {
	t.Helper()
	socket := t.TempDir() + "/s"
	p := startAt(t, "streams", socket, "UNWELD_HOST=streamtest", "UNWELD_LINK_STREAMTEST=unix://"+socket)
	return p, streamsAt(t, socket)
}

func streamsAt(t testing.TB, socket string) streamtest.Service {
	t.Helper()
	CarryStreams()
	return streamtest.Client(t, "unix://"+socket)
}

func TestStreams(t *testing.T) {
	streamtest.Promises(t, func(t testing.TB) streamtest.Unit {
		p, s := streams(t)
		return streamtest.Unit{Service: s, Kill: p.kill}
	})
}

// TestCallerGoneMidway checks that the component stops when its caller is gone.
func TestCallerGoneMidway(t *testing.T) {
	p, s := streams(t)
	for _, endpoint := range []uint64{3, 4} {
		nc := rawPipe(t, p.socket, endpoint, binary.AppendVarint(nil, -1))
		if number, _, err := nc.Receive(nil); number != 1 || err != nil {
			t.Fatalf("message %d, %v", number, err)
		}
		op := uint64(2) // credit
		if endpoint == 4 {
			op = 3 // start
		}
		_ = nc.Send(2, controlMessage(130, op, 1<<20))
		if number, _, err := nc.Receive(nil); number != 16+130 || err != nil {
			t.Fatalf("message %d, %v", number, err)
		}
		streamtest.AwaitState(t, s, func(inUse, _ int) bool { return inUse == 1 })
		_ = nc.Close()
		streamtest.AwaitState(t, s, streamtest.Idle)
	}
}

func controlMessage(stream, op, n uint64) []byte {
	b := wire.AppendUvarint([]byte{1 << 3}, stream)
	b = wire.AppendUvarint(append(b, 2<<3), op)
	return wire.AppendUvarint(append(b, 3<<3), n)
}

// rawPipe begins a call by hand.
func rawPipe(t *testing.T, socket string, endpoint uint64, request []byte) *callPipe {
	t.Helper()
	nc, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	f, err := greet(context.Background(), nc, kindStreams, link.Hello{Component: "streamtest", Fingerprint: "1"})
	if err != nil {
		t.Fatal(err)
	}
	_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
	p := newCallPipe(nc, f)
	_ = p.Send(pipeCall, []byte{byte(endpoint), 0, 0})
	_ = p.Send(1, request)
	return p
}

// TestHostilePipes sends what no caller may: the connection ends, the unit goes on.
func TestHostilePipes(t *testing.T) {
	p, s := streams(t)
	all := binary.AppendVarint(nil, -1)
	for name, c := range map[string]struct {
		endpoint uint64
		number   int
		message  []byte
	}{
		"credit that overflows":            {3, 2, controlMessage(130, 2, 1<<63)},
		"no credit":                        {3, 2, controlMessage(130, 2, 0)},
		"a pull of too much":               {3, 2, controlMessage(130, 1, 1<<40)},
		"an operation that there isn't":    {3, 2, controlMessage(130, 99, 1)},
		"the end of what one doesn't have": {3, 2, controlMessage(130, 7, 0)},
		"control of an unknown stream":     {3, 2, controlMessage(7, 2, 1)},
		"control of a far stream":          {3, 2, controlMessage(1<<40, 2, 1)},
		"control that can't be read":       {3, 2, []byte{0xff, 0xff}},
		"data of an unknown stream":        {3, 16 + 9, []byte("x")},
		"data for a reader":                {3, 16 + 130, []byte("x")},
		"bytes beyond all credit":          {1, 16 + 2, make([]byte, 4<<20)},
		"a second request":                 {3, 1, all},
		"a number that there isn't":        {3, 9, nil},
		"an answer to no call":             {5, 16 + 4, []byte{1 << 3, 99}},
		"an iteration without credit":      {4, 2, controlMessage(130, 3, 0)},
		"an iteration of a reader":         {3, 2, controlMessage(130, 3, 1)},
		"a lane beyond all":                {4, 2, controlMessage(130+256*70, 3, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			pipe := rawPipe(t, p.socket, c.endpoint, all)
			if c.endpoint == 3 || c.endpoint == 4 { // whose stream is there with the reply
				if number, _, err := pipe.Receive(nil); number != 1 || err != nil {
					t.Fatalf("message %d, %v", number, err)
				}
			} else { // when the component has begun
				if _, _, err := pipe.Receive(nil); err != nil && c.endpoint != 5 {
					t.Fatal(err)
				}
			}
			_ = pipe.Send(c.number, c.message)
			for {
				_, _, err := pipe.Receive(nil)
				var late net.Error
				if errors.As(err, &late) && late.Timeout() {
					t.Fatal("the connection goes on")
				}
				if err != nil {
					break
				}
			}
			streamtest.AwaitState(t, s, streamtest.Idle)
		})
	}
	// A header that promises what never comes.
	nc := rawPipe(t, p.socket, 3, all).nc
	_, _ = nc.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, MaxMessage), 16))
	_ = nc.Close()
	streamtest.AwaitState(t, s, streamtest.Idle)
}

// TestHostileServersOfStreams answers a caller with what no component may.
func TestHostileServersOfStreams(t *testing.T) {
	for name, answer := range map[string]func(p *callPipe){
		"nothing":                 func(p *callPipe) { _ = p.nc.Close() },
		"data before it is asked": func(p *callPipe) { _ = p.Send(1, nil); _ = p.Send(16+130, []byte("x")) },
		"two replies":             func(p *callPipe) { _ = p.Send(1, nil); _ = p.Send(1, nil) },
		"an unknown stream":       func(p *callPipe) { _ = p.Send(1, nil); _ = p.Send(16+5, nil) },
		"a failure of no status":  func(p *callPipe) { _ = p.Send(3, nil) },
		"too large a message":     func(p *callPipe) { _, _ = p.nc.Write([]byte{255, 255, 255, 255, 1, 0, 0, 0}) },
	} {
		t.Run(name, func(t *testing.T) {
			socket := serveRawStreams(t, answer)
			s := streamsAt(t, socket)
			r, err := s.Open(within(t, 20*time.Second), 5)
			if err == nil {
				_, err = io.ReadAll(r)
			}
			var e *link.Error
			if !errors.As(err, &e) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the call ended with %v", err)
			}
		})
	}
}

func serveRawStreams(t *testing.T, answer func(p *callPipe)) string {
	t.Helper()
	socket := t.TempDir() + "/s"
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer nc.Close()
				_, _ = nc.Write(preamble())
				f := new(frames)
				h, _, err := f.first(nc)
				if err != nil {
					return
				}
				_, _ = nc.Write(welcome(nil))
				if h.kind != kindStreams {
					_, _ = io.Copy(io.Discard, nc)
					return
				}
				p := newCallPipe(nc, f)
				_, _, _ = p.Receive(nil)
				_, _, _ = p.Receive(nil)
				answer(p)
				_, _, _ = p.Receive(nil) // until the caller gives up or asks
			}()
		}
	}()
	return socket
}
