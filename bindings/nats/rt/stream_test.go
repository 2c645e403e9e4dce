package nats

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/stream"
	"github.com/unweld/unweld/bindings/rt/stream/streamtest"
)

var streamHello = link.Hello{Component: streamtest.Contract.Component, Fingerprint: streamtest.Contract.Fingerprint, Endpoints: streamtest.Contract.Endpoints}

// streamUnit starts a unit with streamtest at a subject of its own, and returns when it
// serves.
func streamUnit(t testing.TB, server string) (at string, kill func()) {
	t.Helper()
	at = server + "/" + nats.NewInbox()
	kill = streamtest.StartAt(t, strings.TrimPrefix(server, "nats://"), at)
	for try := 0; ; try++ {
		c, err := dialStreams(t, at)
		if err == nil {
			_ = c.Close()
			return at, kill
		}
		if try > 500 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func dialStreams(t testing.TB, at string) (link.Conn, error) {
	t.Helper()
	a, err := link.ParseAddress(at)
	if err != nil {
		t.Fatal(err)
	}
	return dial(t.Context(), a, streamHello)
}

func TestStreams(t *testing.T) {
	streamtest.Promises(t, func(t testing.TB) streamtest.Unit {
		at, kill := streamUnit(t, url)
		return streamtest.Unit{Service: streamtest.Client(t, at), Kill: kill}
	})
}

// TestStreamsInSmallMessages is at a server that takes no more than 8 KiB at once.
func TestStreamsInSmallMessages(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, MaxPayload: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server isn't ready")
	}
	at, _ := streamUnit(t, s.ClientURL())
	c := streamtest.Client(t, at)
	ctx := streamtest.Within(t, time.Minute)
	for _, size := range []int64{8<<10 - frameHead, 8<<10 - frameHead + 1, 3<<20 + 1} {
		if n, err := c.Import(ctx, strings.NewReader(strings.Repeat("x", int(size)))); n != size || err != nil {
			t.Errorf("of %d bytes %d were imported: %v", size, n, err)
		}
		var out strings.Builder
		if err := c.Export(ctx, size, &out); err != nil || out.Len() != int(size) {
			t.Errorf("of %d bytes %d were exported: %v", size, out.Len(), err)
		}
	}
	streamtest.AwaitState(t, c, streamtest.Idle)
}

// TestMessages sends messages of many sizes, whose parts begin and end anywhere in a frame,
// both ways at once.
func TestMessages(t *testing.T) {
	nc := plainClient(t)
	own, err := newPipes(nc)
	if err != nil {
		t.Fatal(err)
	}
	ps := own.(*pipes)
	ends := [2]*pipe{ps.add(nil), ps.add(nil)}
	for i, p := range ends {
		p.part = 1000
		p.begin(ends[1-i].own)
	}
	content := make([]byte, 3*window)
	_, _ = rand.Read(content)
	sizes := [][]int{{}, {0}, {1}, {999}, {1000}, {1001}, {0, 1000, 0}, {500, 500}, {500, 501, 0}, {1, 2, 3, 4000, 5}, {2000, 2000}, {len(content) / 2, len(content) / 2}}
	var both sync.WaitGroup
	for _, p := range ends {
		both.Go(func() {
			for number, split := range sizes {
				var parts [][]byte
				at := 0
				for _, n := range split {
					parts = append(parts, content[at:at+n])
					at += n
				}
				if err := p.Send(number, parts...); err != nil {
					t.Error(err)
				}
			}
		})
		both.Go(func() {
			var buf []byte
			for want, split := range sizes {
				total := 0
				for _, n := range split {
					total += n
				}
				number, message, err := p.Receive(buf)
				if number != want || err != nil || !bytes.Equal(message, content[:total]) {
					t.Errorf("message %d of %d bytes, %v, want message %d of %d bytes", number, len(message), err, want, total)
					return
				}
				buf = message
			}
		})
	}
	both.Wait()
	if err := ends[0].Send(1, content, make([]byte, maxStreamed)); !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("too large a message: %v", err)
	}
	_ = ends[0].Close()
	if _, _, err := ends[1].Receive(nil); !errors.Is(err, errOver) {
		t.Errorf("receiving after the end: %v", err)
	}
	if err := ends[1].Send(1); !errors.Is(err, errOver) {
		t.Errorf("sending after the end: %v", err)
	}
}

// TestStreamsWithoutServer ends the NATS server in the middle of a stream.
func TestStreamsWithoutServer(t *testing.T) {
	broker, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Shutdown()
	at, _ := streamUnit(t, broker.ClientURL())
	r, err := streamtest.Client(t, at).Open(streamtest.Within(t, time.Minute), -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	broker.Shutdown()
	_, err = io.Copy(io.Discard, r)
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.Unknown {
		t.Errorf("got %v", err)
	}
}

// TestCutStreams breaks the caller's connection to the NATS server at many places of a
// stream. The reader never gets a proper end before all there is, and the component stops.
func TestCutStreams(t *testing.T) {
	at, _ := streamUnit(t, url)
	direct := streamtest.Client(t, at)
	p := linktest.NewProxy(t, "tcp", "127.0.0.1:0", strings.TrimPrefix(url, "nats://"))
	place := "nats://" + p.Addr + strings.TrimPrefix(at, url)
	c, err := dialStreams(t, place)
	if err != nil {
		t.Fatal(err)
	}
	var first [2]int64 // bytes of a handshake, which callers wait for
	first[0], first[1], _ = p.Passed()
	_ = c.Close()
	through := streamtest.Client(t, place)
	const size = 100_000
	broken, whole := 0, 0
	cut := func(after int64, fromCallee bool) {
		p.Set(linktest.Never)
		p.Break()
		streamtest.AwaitState(t, through, func(int, int) bool { return true }) // connected
		begins := first[0]
		if fromCallee {
			begins = first[1]
		}
		p.Set(linktest.Cut{FromCallee: fromCallee, After: begins + 20 + after, Reset: after%2 == 0})
		p.Break()
		r, err := through.Open(streamtest.Within(t, 20*time.Second), size)
		if err != nil {
			broken++
			return
		}
		got, err := io.Copy(io.Discard, r)
		if _, ok := errors.AsType[*link.Error](err); err == nil && got != size || err != nil && !ok {
			t.Errorf("cut after %d (from the callee: %t) it had %d bytes and ended with %v", after, fromCallee, got, err)
		}
		if whole++; err != nil {
			whole, broken = whole-1, broken+1
		}
		_ = r.Close()
	}
	for after := int64(0); after < size+3000; after += 1 + after/4 {
		cut(after, true)
	}
	for after := int64(0); after < 1200; after += 41 {
		cut(after, false)
	}
	if broken < 10 || whole == 0 {
		t.Errorf("%d streams were cut, and %d weren't", broken, whole)
	}
	p.Set(linktest.Never)
	p.Break()
	streamtest.AwaitState(t, direct, streamtest.Idle)
	if n, err := through.Import(streamtest.Within(t, time.Minute), strings.NewReader("after")); n != 5 || err != nil {
		t.Errorf("afterwards: %d, %v", n, err)
	}
}

func frame(kind byte, n uint64, rest string) []byte { return append(head(nil, kind, n), rest...) }

// part is a frame of message number, which is the nth frame with an order.
func part(kind byte, n uint64, number uint32, body string) []byte {
	return frame(kind, n, string(binary.LittleEndian.AppendUint32(nil, number))+body)
}

// TestHostileFrames answers a caller with what no unit may, or with less than there was.
func TestHostileFrames(t *testing.T) {
	const first = 16 + 2*65 // the number of the elements of a first result
	reply := part(frameLast, 0, 1, "")
	for name, c := range map[string]struct {
		frames [][]byte
		want   string
	}{
		"a frame is lost":              {[][]byte{reply, part(frameLast, 2, first, "x")}, "frame 2 came after 1"},
		"a frame comes again":          {[][]byte{reply, reply}, "frame 0 came after 1"},
		"too short":                    {[][]byte{reply, []byte("x")}, "a frame of 1 bytes"},
		"empty":                        {[][]byte{reply, nil}, "a frame of 0 bytes"},
		"of no message":                {[][]byte{reply, frame(frameLast, 1, "xyz")}, "without the number"},
		"an unknown kind":              {[][]byte{reply, frame('z', 0, "")}, "a frame of kind 122"},
		"more taken than sent":         {[][]byte{reply, frame(frameTaken, 1<<40, "")}, "bytes were taken"},
		"much more taken":              {[][]byte{reply, frame(frameTaken, 1<<63, "")}, "bytes were taken"},
		"nothing taken":                {[][]byte{reply, frame(frameTaken, 0, "")}, "0 bytes were taken"},
		"a message of a high number":   {[][]byte{reply, part(frameLast, 1, 1<<31, "x")}, "a part of which is of"},
		"a message of two numbers":     {[][]byte{reply, part(frameMore, 1, first, "x"), part(frameLast, 2, first+2, "x")}, "a part of which is of"},
		"half a message":               {[][]byte{reply, part(frameMore, 1, first, "x"), frame(frameClose, 2, "")}, "the peer has ended the call"},
		"the end before the end":       {[][]byte{reply, frame(frameClose, 1, "")}, "the peer has ended the call"},
		"the end before the reply":     {[][]byte{frame(frameClose, 0, "")}, "the peer has ended the call"},
		"a call that nobody remembers": {[][]byte{reply, frame(frameGone, 0, "")}, "has forgotten the call"},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(t, c.frames)
			r, err := s.Open(streamtest.Within(t, 20*time.Second), 5)
			if err == nil {
				_, err = io.ReadAll(r)
			}
			if _, ok := errors.AsType[*link.Error](err); !ok || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the call ended with %v, want %s", err, c.want)
			}
		})
	}
}

// TestRoom gives a pipe more than there is room for, which nothing takes out of it.
func TestRoom(t *testing.T) {
	frame := binary.LittleEndian.AppendUint32(head(nil, frameMore, 0), 0)
	frame = append(frame, make([]byte, framePart)...)
	p := &pipe{}
	for n := uint64(0); ; n++ {
		binary.LittleEndian.PutUint64(frame[1:], n)
		err := p.take(&nats.Msg{Data: frame})
		if room := p.in <= window+int64(len(frame))+frameCost; err == nil != room {
			t.Fatalf("%d bytes are there: %v", p.in, err)
		}
		if err != nil {
			if !errors.Is(err, link.ErrMalformed) || n == 0 {
				t.Errorf("frame %d: %v", n, err)
			}
			return
		}
	}
}

// answering calls something that answers each call of Open with frames. It takes
// nothing.
func answering(t *testing.T, frames [][]byte) streamtest.Service {
	t.Helper()
	nc := plainClient(t)
	subject := nats.NewInbox()
	handle := func(at string, f func(*nats.Msg)) {
		if _, err := nc.Subscribe(at, f); err != nil {
			t.Fatal(err)
		}
	}
	inbox := nats.NewInbox()
	handle(inbox, func(*nats.Msg) {})
	handle(subject+".streamtest."+tokenHello, func(m *nats.Msg) { _ = m.Respond(nil) })
	handle(subject+".streamtest.Open", func(m *nats.Msg) {
		_ = m.RespondMsg(&nats.Msg{Header: nats.Header{headerPipe: {inbox}}})
		for _, f := range frames {
			_ = nc.Publish(m.Header.Get(headerPipe), f)
		}
	})
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return streamtest.Client(t, url+"/"+subject)
}

func plainClient(t *testing.T) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// TestHostileCallers begins calls and goes on as no caller may: the unit ends each, and
// goes on.
func TestHostileCallers(t *testing.T) {
	at, _ := streamUnit(t, url)
	s := streamtest.Client(t, at)
	nc := plainClient(t)
	request := part(frameLast, 0, 1, "\x01") // Open(-1)
	for name, sent := range map[string][][]byte{
		"nothing":               {frame(frameClose, 0, "")},
		"garbage":               {[]byte("GET / HTTP/1.1\r\n\r\n")},
		"no request":            {part(frameLast, 0, 9, "x")},
		"a second request":      {request, part(frameLast, 1, 1, "\x01")},
		"half a request":        {part(frameMore, 0, 1, "\x01"), frame(frameClose, 1, "")},
		"a request and garbage": {request, frame('z', 0, "")},
		"a lost frame":          {request, part(frameLast, 2, 2, "")},
	} {
		t.Run(name, func(t *testing.T) {
			inbox := nats.NewInbox()
			closed := make(chan struct{}, 10)
			if _, err := nc.Subscribe(inbox, func(m *nats.Msg) {
				if kind, _, _ := parseHead(m.Data); kind == frameClose {
					closed <- struct{}{}
				}
			}); err != nil {
				t.Fatal(err)
			}
			open := &nats.Msg{Subject: strings.TrimPrefix(at, url+"/") + ".streamtest.Open", Header: helloHeader(streamHello)}
			open.Header.Set(headerPipe, inbox)
			reply, err := nc.RequestMsg(open, time.Minute)
			if err != nil || reply.Header.Get(headerPipe) == "" {
				t.Fatal(reply, err)
			}
			for _, f := range sent {
				if err := nc.Publish(reply.Header.Get(headerPipe), f); err != nil {
					t.Fatal(err)
				}
			}
			if last := sent[len(sent)-1]; last[0] != frameClose {
				select {
				case <-closed:
				case <-time.After(20 * time.Second):
					t.Error("the unit didn't end the call")
				}
			}
			streamtest.AwaitState(t, s, streamtest.Idle)
			// The subject knows the call no more.
			m, err := nc.Request(reply.Header.Get(headerPipe), frame(frameBeat, 0, ""), 20*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if kind, _, _ := parseHead(m.Data); kind != frameGone {
				t.Errorf("a beat is answered with %q", m.Data)
			}
		})
	}
}

// TestSilentPeer opens a call whose other side says nothing: it is told that this one is
// there, and after a while it is taken for dead.
func TestSilentPeer(t *testing.T) {
	nc := plainClient(t)
	heard := make(chan byte, 10)
	other := nats.NewInbox()
	if _, err := nc.Subscribe(other, func(m *nats.Msg) { heard <- m.Data[0] }); err != nil {
		t.Fatal(err)
	}
	next := func(want byte) {
		t.Helper()
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("heard a frame of kind %q, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("heard nothing, want a frame of kind %q", want)
		}
	}
	ps, err := newPipes(nc)
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	p := ps.(*pipes).add(func() { left++ })
	p.begin(other)
	p.look(time.Now().Add(beatEvery))
	next(frameBeat)
	p.look(time.Now().Add(silentFor - time.Second))
	next(frameBeat)
	p.look(time.Now().Add(silentFor + time.Second))
	next(frameClose)
	if _, _, err := p.Receive(nil); !errors.Is(err, errSilent) {
		t.Errorf("receiving ended with %v", err)
	}
	if err := p.Send(1, []byte("x")); !errors.Is(err, errSilent) {
		t.Errorf("sending ended with %v", err)
	}
	_, _ = p.Close(), p.Close()
	if left != 1 || len(ps.(*pipes).list()) != 0 {
		t.Errorf("left %d times, and %d calls are known", left, len(ps.(*pipes).list()))
	}
}

// TestNobodyServesStreams calls where nobody is, and a unit that doesn't know streams.
func TestNobodyServesStreams(t *testing.T) {
	nc := plainClient(t)
	subject := nats.NewInbox()
	hello, err := nc.Subscribe(subject+".streamtest."+tokenHello, func(m *nats.Msg) { _ = m.Respond(nil) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Subscribe(subject+".streamtest.Export", func(m *nats.Msg) { _ = m.Respond(nil) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hello.Unsubscribe() }()
	s := streamtest.Client(t, url+"/"+subject)
	_, err = s.Open(streamtest.Within(t, time.Minute), 1)
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.NotExecuted || !strings.Contains(err.Error(), "nobody serves") {
		t.Errorf("nobody: %v", err)
	}
	err = s.Export(streamtest.Within(t, time.Minute), 1, io.Discard)
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.NotExecuted || !strings.Contains(err.Error(), "where it listens") {
		t.Errorf("without streams: %v", err)
	}
	ctx := link.WithMetadata(streamtest.Within(t, time.Minute), "key", strings.Repeat("x", 2<<20))
	if err := s.Export(ctx, 1, io.Discard); !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("more metadata than the server takes: %v", err)
	}
	// And a call of an endpoint with streams that comes without.
	at, _ := streamUnit(t, url)
	c, err := dialStreams(t, at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	reply, err := c.Call(streamtest.Within(t, time.Minute), link.Outgoing{Endpoint: streamtest.Contract.Endpoints[0]})
	if err != nil || reply.Status != link.StatusRefused || !strings.Contains(reply.Error, stream.ErrNone.Error()) {
		t.Errorf("got %+v, %v", reply, err)
	}
}
