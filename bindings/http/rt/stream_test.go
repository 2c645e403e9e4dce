package http

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/mtls/mtlstest"
	"github.com/unweld/unweld/bindings/rt/stream/streamtest"
)

// streams starts a unit that hosts the component with streams, below a path.
func streams(t testing.TB, scheme string) (host string, u streamtest.Unit) {
	t.Helper()
	host = streamtest.FreeHost(t)
	at := scheme + "://" + host + "/below"
	kill := streamtest.StartAt(t, host, at)
	return host, streamtest.Unit{Service: streamtest.Client(t, at), Kill: kill}
}

func TestStreams(t *testing.T) {
	streamtest.Promises(t, func(t testing.TB) streamtest.Unit {
		_, u := streams(t, "http")
		return u
	})
}

func TestStreamsOverTLS(t *testing.T) {
	mtlstest.New(t).Env(t)
	_, u := streams(t, "https")
	ctx := streamtest.Within(t, time.Minute)
	if n, err := u.Service.Import(ctx, io.LimitReader(strings.NewReader(strings.Repeat("x", 3<<20)), 3<<20)); n != 3<<20 || err != nil {
		t.Errorf("imported %d: %v", n, err)
	}
	var out strings.Builder
	if err := u.Service.Export(ctx, 3<<20, &out); out.Len() != 3<<20 || err != nil {
		t.Errorf("exported %d: %v", out.Len(), err)
	}
	r, err := u.Service.Open(ctx, 3<<20)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); n != 3<<20 || err != nil || r.Close() != nil {
		t.Errorf("read %d: %v", n, err)
	}
	streamtest.AwaitState(t, u.Service, streamtest.Idle)
}

// TestCutStreams breaks the connection of a stream at many places. The reader never gets
// a proper end before all there is, and the component stops.
func TestCutStreams(t *testing.T) {
	host, u := streams(t, "http")
	p := linktest.NewProxy(t, "tcp", "127.0.0.1:0", host)
	through := streamtest.Client(t, "http://"+p.Addr+"/below")
	const size = 100_000
	broken := 0
	cut := func(after int64, fromCallee bool) {
		p.Set(linktest.Never)
		p.Break()
		streamtest.AwaitState(t, through, func(int, int) bool { return true }) // connected
		p.Set(linktest.Cut{FromCallee: fromCallee, After: after, Reset: after%2 == 0})
		p.Break()
		r, err := through.Open(streamtest.Within(t, 10*time.Second), size)
		if err != nil {
			return
		}
		got, err := io.Copy(io.Discard, r)
		if _, ok := errors.AsType[*link.Error](err); err == nil && got != size || err != nil && !ok {
			t.Errorf("cut after %d (from the callee: %t) it had %d bytes and ended with %v", after, fromCallee, got, err)
		}
		if err != nil {
			broken++
		}
		_ = r.Close()
	}
	// Below that, connections don't even get to the handshake, which callers wait for.
	for after := int64(300); after < size+1000; after += 1 + after/5 {
		cut(after, true)
	}
	for after := int64(300); after < 900; after += 29 {
		cut(after, false)
	}
	if broken < 10 {
		t.Errorf("only %d streams were cut", broken)
	}
	p.Set(linktest.Never)
	p.Break()
	streamtest.AwaitState(t, u.Service, streamtest.Idle)
	sum := int64(0)
	seq, err := through.Count(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for n, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != 4950 {
		t.Errorf("afterwards: %d", sum)
	}
}

// TestHostilePipes sends what no caller may by an upgraded connection: that ends, the
// unit goes on.
func TestHostilePipes(t *testing.T) {
	host, u := streams(t, "http")
	for name, sent := range map[string]string{
		"nothing":                 "",
		"a message of 4 GiB":      "\xff\xff\xff\xff\x01\x00\x00\x00",
		"what isn't the request":  "\x01\x00\x00\x00\x09\x00\x00\x00x",
		"a request, then garbage": "\x00\x00\x00\x00\x01\x00\x00\x00GET / HTTP/1.1\r\n\r\n",
		"half a message":          "\x10\x00\x00\x00\x01\x00\x00\x00half",
	} {
		t.Run(name, func(t *testing.T) {
			nc, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
			_, _ = io.WriteString(nc, "POST /below/streamtest/open HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: unweld-pipe\r\nUnweld-Schema: 1\r\n\r\n")
			in := bufio.NewReader(nc)
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Unweld-Status") != "ok" {
				t.Fatal(res, err)
			}
			_, _ = io.WriteString(nc, sent)
			_ = nc.(*net.TCPConn).CloseWrite()
			if _, err := io.Copy(io.Discard, in); errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error(err)
			}
			streamtest.AwaitState(t, u.Service, streamtest.Idle)
		})
	}
}

// TestNotUpgraded calls through something that answers an upgrade in another way.
func TestNotUpgraded(t *testing.T) {
	host, _ := streams(t, "http")
	for name, c := range map[string]struct{ answer, want string }{
		"a proxy that doesn't know it": {"HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nwhat", "400 Bad Request, not from a unit of this program: what; what is between must let requests upgrade their connection to unweld-pipe"},
		"another protocol":             {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "upgraded to websocket"},
		"no answer":                    {"", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			s := streamtest.Client(t, "http://"+between(t, host, c.answer)+"/below")
			_, err := s.Open(streamtest.Within(t, time.Minute), 1)
			e, ok := errors.AsType[*link.Error](err)
			if !ok || e.Outcome != link.NotExecuted || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// between forwards to a host, and answers requests that upgrade by itself.
func between(t *testing.T, host, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	serve := func(nc net.Conn) {
		defer nc.Close()
		for in := bufio.NewReader(nc); ; {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if r.Header.Get("Upgrade") != "" {
				_, _ = io.WriteString(nc, answer)
				return
			}
			r.URL.Scheme, r.URL.Host, r.RequestURI = "http", host, ""
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				return
			}
			_ = res.Write(nc)
			_ = res.Body.Close()
		}
	}
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go serve(nc)
		}
	}()
	return l.Addr().String()
}
