package unix

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
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
	t.Setenv("UNWELD_LINK_STREAMTEST", "unix://"+socket)
	s, err := streamtest.Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// awaitState waits until the component says so of itself.
func awaitState(t *testing.T, s streamtest.Service, right func(inUse, yielded int) bool) (yielded int) {
	t.Helper()
	text, inUse := "", 0
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(2 * time.Millisecond) {
		text, _ = s.State(within(t, time.Minute))
		if _, err := fmt.Sscan(text, &inUse, &yielded); err == nil && right(inUse, yielded) {
			return yielded
		}
	}
	t.Fatalf("the state of the component stays %q", text)
	return 0
}

func idle(inUse, _ int) bool { return inUse == 0 }

// leaves fails if goroutines are left of what is done.
func leaves(t *testing.T, s streamtest.Service, do func()) {
	t.Helper()
	_, _ = s.State(within(t, time.Minute)) // connected
	before := runtime.NumGoroutine()
	do()
	for limit := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines instead of %d:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	awaitState(t, s, idle)
}

func TestStreamsOfAThousandCalls(t *testing.T) {
	_, s := streams(t)
	leaves(t, s, func() {
		ctx := within(t, 2*time.Minute)
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				switch i % 3 {
				case 0:
					if n, err := s.Import(ctx, strings.NewReader(strings.Repeat("x", i*100))); n != int64(i*100) || err != nil {
						t.Errorf("import of %d: %d, %v", i*100, n, err)
					}
				case 1:
					r, err := s.Open(ctx, int64(i*100))
					if err != nil {
						t.Error(err)
						return
					}
					if n, err := io.Copy(io.Discard, r); n != int64(i*100) || err != nil || r.Close() != nil {
						t.Errorf("open of %d: %d, %v", i*100, n, err)
					}
				default:
					calls := int64(0)
					if err := s.Walk(ctx, 3, func(n int64) error { calls += n; return nil }); calls != 3 || err != nil {
						t.Errorf("walk: %d, %v", calls, err)
					}
				}
			})
		}
		all.Wait()
	})
}

// TestSlowConsumerHoldsTheProducer takes one value and waits.
func TestSlowConsumerHoldsTheProducer(t *testing.T) {
	_, s := streams(t)
	leaves(t, s, func() {
		seq, err := s.Count(within(t, time.Minute), -1)
		if err != nil {
			t.Fatal(err)
		}
		for n, err := range seq {
			if n != 0 || err != nil {
				t.Fatal(n, err)
			}
			last := -1
			held := awaitState(t, s, func(_, yielded int) bool {
				same := yielded == last
				last = yielded
				return same
			})
			time.Sleep(50 * time.Millisecond)
			if now := awaitState(t, s, func(int, int) bool { return true }); now != held || now > 100 {
				t.Errorf("the producer was at %d, then at %d", held, now)
			}
			break
		}
	})
	// A writer that takes nothing, and other calls on the way.
	blocked, release := make(chan struct{}), make(chan struct{})
	leaves(t, s, func() {
		done := make(chan error)
		go func() {
			done <- s.Export(within(t, time.Minute), 64<<20, writerFunc(func(p []byte) (int, error) {
				select {
				case blocked <- struct{}{}:
				default:
				}
				<-release
				return len(p), nil
			}))
		}()
		<-blocked
		for range 100 {
			if _, err := s.State(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestCancelEndsBothSides(t *testing.T) {
	_, s := streams(t)
	for name, use := range map[string]func(ctx context.Context, cancel func()) error{
		"import": func(ctx context.Context, cancel func()) error {
			read := 0
			_, err := s.Import(ctx, readerFunc(func(p []byte) (int, error) {
				if read++; read == 20 {
					cancel()
				}
				return len(p), nil
			}))
			return err
		},
		"open": func(ctx context.Context, cancel func()) error {
			r, err := s.Open(ctx, -1)
			if err != nil {
				return err
			}
			_, err = io.ReadFull(r, make([]byte, 1<<20))
			if err == nil {
				cancel()
				_, err = io.Copy(io.Discard, r)
			}
			return err
		},
		"count": func(ctx context.Context, cancel func()) error {
			seq, err := s.Count(ctx, -1)
			if err != nil {
				return err
			}
			for n, err := range seq {
				if err != nil {
					return err
				}
				if n == 1000 {
					cancel()
				}
			}
			return nil
		},
		"walk": func(ctx context.Context, cancel func()) error {
			return s.Walk(ctx, 1<<40, func(n int64) error {
				if n == 10 {
					cancel()
				}
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			leaves(t, s, func() {
				ctx, cancel := context.WithCancel(within(t, time.Minute))
				defer cancel()
				var e *link.Error
				if err := use(ctx, cancel); !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Outcome != link.Unknown {
					t.Errorf("the call ended with %v", err)
				}
			})
		})
	}
	t.Run("abandoned", func(t *testing.T) { // and found by the garbage collector
		for range 10 {
			if _, err := s.Open(within(t, time.Minute), -1); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Count(within(t, time.Minute), -1); err != nil {
				t.Fatal(err)
			}
		}
		awaitState(t, s, func(inUse, _ int) bool { runtime.GC(); return inUse == 0 })
	})
}

// TestPeerKilledMidway checks that an end that is none is an error.
func TestPeerKilledMidway(t *testing.T) {
	p, s := streams(t)
	ctx := within(t, time.Minute)
	r, err := s.Open(ctx, -1)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := s.Count(ctx, -1)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 4)
	began := make(chan struct{}, 4)
	go func() {
		_, err := io.Copy(writerFunc(func(p []byte) (int, error) { notify(began); return len(p), nil }), r)
		got <- err
	}()
	go func() {
		for _, err := range seq {
			if err != nil {
				got <- err
				return
			}
			notify(began)
		}
		got <- nil
	}()
	go func() {
		_, err := s.Import(ctx, readerFunc(func(p []byte) (int, error) { notify(began); return len(p), nil }))
		got <- err
	}()
	go func() { got <- s.Walk(ctx, 1<<40, func(int64) error { notify(began); return nil }) }()
	for range 4 {
		<-began
	}
	time.Sleep(20 * time.Millisecond)
	p.kill()
	for range 4 {
		var e *link.Error
		if err := <-got; !errors.As(err, &e) || e.Outcome != link.Unknown || err == io.EOF {
			t.Errorf("a stream of a killed peer ended with %v", err)
		}
	}
	if _, err := r.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("reading on: %v", err)
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
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
		awaitState(t, s, func(inUse, _ int) bool { return inUse == 1 })
		_ = nc.Close()
		awaitState(t, s, idle)
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
			awaitState(t, s, idle)
		})
	}
	// A header that promises what never comes.
	nc := rawPipe(t, p.socket, 3, all).nc
	_, _ = nc.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, MaxMessage), 16))
	_ = nc.Close()
	awaitState(t, s, idle)
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
