package unix

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// muxes are the two sides of one, without a program between.
func muxes(t *testing.T) (caller, callee *mux) {
	t.Helper()
	r1, w1 := io.Pipe()
	r2, w2 := io.Pipe()
	caller, callee = newMux(true).start(r1, w2), newMux(false).start(r2, w1)
	t.Cleanup(func() { _, _ = w1.Close(), w2.Close() })
	return caller, callee
}

// TestMuxHoldsUp writes more than anybody reads, on one of two connections.
func TestMuxHoldsUp(t *testing.T) {
	caller, callee := muxes(t)
	var ends [2][2]net.Conn // by connection, by side
	for i := range ends {
		var err error
		if ends[i][0], err = caller.open(); err != nil {
			t.Fatal(err)
		}
		if ends[i][1], err = callee.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	slow, other := ends[0], ends[1]
	data := bytes.Repeat([]byte("0123456789abcdef"), 3*muxWindow/16)
	n, err := slow[0].(*muxConn).tryWrite(data)
	if n != muxQueued || err != nil {
		t.Errorf("where %d bytes can wait %d were written: %v", muxQueued, n, err)
	}
	_ = slow[0].SetWriteDeadline(time.Now().Add(time.Second))
	more, err := slow[0].Write(data[n:])
	if n += more; n != muxWindow+muxQueued || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("where there is room for %d and %d bytes %d were written: %v", muxWindow, muxQueued, n, err)
	}
	_ = slow[0].SetWriteDeadline(time.Time{})
	go func() { _, _ = other[0].Write([]byte("hello")) }()
	buf := make([]byte, 5)
	if _, err := io.ReadFull(other[1], buf); string(buf) != "hello" || err != nil {
		t.Errorf("beside it: %q, %v", buf, err)
	}
	go func() {
		_, _ = slow[0].Write(data[n:])
		_ = slow[0].Close()
	}()
	if got, err := io.ReadAll(slow[1]); !bytes.Equal(got, data) || err != nil {
		t.Errorf("%d bytes arrived of %d, %v", len(got), len(data), err)
	}
	if _, err := slow[1].Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing to what is closed: %v", err)
	}
	_ = other[1].SetReadDeadline(past)
	if _, err := other[1].Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading in the past: %v", err)
	}
	_ = other[1].Close()
	if _, err := other[1].Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading what was closed here: %v", err)
	}
	_ = other[0].Close() // the last
	caller.settle()
	if _, err := callee.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the last: %v", err)
	}
}

// TestMuxClosedOnBothSides closes connections on both sides whose data nobody reads: nothing
// is left of them.
func TestMuxClosedOnBothSides(t *testing.T) {
	caller, callee := muxes(t)
	data := make([]byte, muxWindow+muxQueued)
	for range 10 {
		near, err := caller.open()
		if err != nil {
			t.Fatal(err)
		}
		far, err := callee.Accept()
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for _, end := range []net.Conn{near, far} {
			both.Go(func() {
				if n, err := end.Write(data); n != len(data) || err != nil {
					t.Errorf("%d bytes were written: %v", n, err)
				}
			})
		}
		both.Wait()
		_, _ = near.Close(), far.Close()
	}
	for _, m := range []*mux{caller, callee} {
		m.flush(within(t, time.Minute))
		m.mu.Lock()
		if len(m.conns)+len(m.ready) > 0 || m.err != nil {
			t.Errorf("%d connections are left, %d to be sent: %v", len(m.conns), len(m.ready), m.err)
		}
		m.mu.Unlock()
	}
}

func muxFrame(kind byte, number, count uint32, data string) string {
	b := binary.LittleEndian.AppendUint32([]byte{kind}, number)
	return string(binary.LittleEndian.AppendUint32(b, count)) + data
}

// TestHostileMuxes sends what no side may: everything ends.
func TestHostileMuxes(t *testing.T) {
	open := muxPreamble + muxFrame(muxOpen, 1, 0, "")
	full := ""
	for range muxWindow / muxPart {
		full += muxFrame(muxData, 1, muxPart, strings.Repeat("x", muxPart))
	}
	for name, c := range map[string]struct{ sent, want string }{
		"nothing":                        {"", "EOF"},
		"other words":                    {"listening on port 80\n", `begins with "listening on port 80\n"`},
		"half the first line":            {muxPreamble[:5], `begins with "unwel"`},
		"another version":                {strings.Replace(muxPreamble, "1", "2", 1), "begins with"},
		"half a frame":                   {open + "d\x01", "unexpected EOF"},
		"data before the connection":     {muxPreamble + muxFrame(muxData, 1, 1, "x"), "malformed"},
		"a connection again":             {open + muxFrame(muxOpen, 1, 0, ""), "malformed"},
		"an unknown kind":                {open + muxFrame('z', 1, 0, ""), "malformed"},
		"a giant frame":                  {open + muxFrame(muxData, 1, 1<<31, ""), "malformed"},
		"more than the window":           {open + full + muxFrame(muxData, 1, 1, "x"), "malformed"},
		"more room than there is":        {open + muxFrame(muxCredit, 1, 1, ""), "malformed"},
		"much more room than there is":   {open + muxFrame(muxCredit, 1, 1<<32-1, ""), "malformed"},
		"data after the end":             {open + muxFrame(muxClose, 1, 0, "") + muxFrame(muxData, 1, 1, "x"), "malformed"},
		"less than what was announced":   {open + muxFrame(muxData, 1, 5, "abc"), "unexpected EOF"},
		"nothing of a connection's data": {open + muxFrame(muxData, 1, 5, ""), "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := io.Pipe()
			go func() { _, _ = io.Copy(io.Discard, r) }()
			m := newMux(false).start(strings.NewReader(c.sent), w)
			<-m.unused
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.err == nil || !strings.Contains(m.err.Error(), c.want) {
				t.Errorf("ended with %v, want %s", m.err, c.want)
			}
		})
	}
	m := newMux(true).start(strings.NewReader(open), nopWriteCloser{})
	if <-m.unused; !errors.Is(m.err, link.ErrMalformed) {
		t.Errorf("a callee that makes connections: %v", m.err)
	}
}

type nopWriteCloser struct{}

func (nopWriteCloser) Write(p []byte) (int, error) { return len(p), nil }
func (nopWriteCloser) Close() error                { return nil }
