package stream

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A script is a pipe by which what a test wrote down comes, and then an end.
type script struct {
	messages []message
	sent     chan message
	closed   chan struct{}
	once     sync.Once
}

type message struct {
	number int
	text   string
}

func newScript(messages ...message) *script {
	return &script{messages: messages, sent: make(chan message, 1<<16), closed: make(chan struct{})}
}

func (p *script) Send(number int, parts ...[]byte) error {
	var text []byte
	for _, part := range parts {
		text = append(text, part...)
	}
	select {
	case <-p.closed:
		return io.ErrClosedPipe
	case p.sent <- message{number, string(text)}:
		return nil
	}
}

func (p *script) Receive(buf []byte) (int, []byte, error) {
	if len(p.messages) == 0 {
		return 0, nil, io.EOF
	}
	m := p.messages[0]
	p.messages = p.messages[1:]
	return m.number, append(buf, m.text...), nil
}

func (p *script) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// everything is a side of a call that has one end of each kind.
func everything(pipe link.Pipe) *Call {
	c := &Call{newSession(link.NewErrors())}
	c.pipe, c.callee = pipe, true
	encode := func(b []byte, s *string) ([]byte, error) { return append(b, *s...), nil }
	TakeReadCloser(c, 1, false)
	GiveReader(c, 2, false, strings.NewReader("some text"), io.NopCloser(nil))
	TakeWriter(c, 3, false)
	GiveWriter(c, 4, false, io.Discard, nil)
	GiveItems(c, 5, false, encode, func(push func(*string) bool) {
		for s := "x"; push(&s); {
		}
	})
	Take(c, 6, false)
	GiveCallback(context.Background(), c, 7, func(_ context.Context, arguments string, results []byte) ([]byte, error) {
		return append(results, arguments...), nil
	})
	TakeCallback(c, 8)
	return c
}

// FuzzMessages takes whatever messages come: none may make the session panic, keep
// more than was asked for, or leave something running after its end.
func FuzzMessages(f *testing.F) {
	for n := range 20 {
		f.Add(string([]byte{2, byte(2 * n), 1, 9}), uint64(5))
		f.Add(string([]byte{2, byte(2 * n), 3, 9, 2, byte(2 * n), 2, 9}), uint64(1<<63))
		f.Add(string([]byte{byte(16 + 2*n), 200, 2, byte(2 * n), 5, 1}), uint64(0))
	}
	f.Fuzz(func(t *testing.T, src string, n uint64) {
		pipe := newScript(messagesOf(src, n)...)
		c := everything(pipe)
		err := c.receive(pipe, func(int, []byte) error { return violation("not of a stream") })
		if !errors.Is(err, io.EOF) && !errors.Is(err, link.ErrMalformed) {
			t.Fatalf("it ended with %v", err)
		}
		c.mu.Lock()
		for number, e := range c.ends {
			r, ok := e.(*reader)
			x, is := e.(*sink)
			if ok && r.queued > 0 || is && x.queued > window+chunk {
				t.Errorf("stream %d keeps what nobody asked for", number)
			}
		}
		c.mu.Unlock()
		c.fail(err)
		c.endParams()
		c.calls.Wait()
		c.waiting.Wait()
	})
}

// messagesOf makes messages of bytes: control messages from three, data from two.
func messagesOf(src string, n uint64) []message {
	var out []message
	for len(src) >= 3 {
		switch number := int(src[0]); {
		case number == numberControl:
			x := control{stream: int(src[1]), op: uint64(src[2]), n: n}
			out = append(out, message{number, string(x.append(nil))})
			src = src[3:]
		default:
			out = append(out, message{number, strings.Repeat(string(src[1]), int(src[2])*int(n%5000))})
			src = src[3:]
		}
	}
	return out
}

// TestEndsOfTheWrongKind tells each end what only another one understands.
func TestEndsOfTheWrongKind(t *testing.T) {
	for place := 1; place <= 8; place++ {
		for _, m := range []message{
			{numberControl, string(control{stream: 2 * place, op: 77}.append(nil))},
			{numberControl, string(control{stream: 2 * place, op: opCredit, n: 1 << 62}.append(nil))},
			{numberData + 2*place + 1, "x"},
			{5, ""},
		} {
			pipe := newScript(m)
			c := everything(pipe)
			if place == 5 && m.text == string(control{stream: 10, op: opCredit, n: 1 << 62}.append(nil)) {
				continue // said to an iteration that has ended, perhaps
			}
			if err := c.receive(pipe, func(int, []byte) error { return violation("not of a stream") }); !errors.Is(err, link.ErrMalformed) {
				t.Errorf("place %d took %d %q: %v", place, m.number, m.text, err)
			}
			c.fail(io.EOF)
		}
	}
}

// TestReadsAreExact checks that of a parameter nothing is read that wasn't asked for.
func TestReadsAreExact(t *testing.T) {
	pipe := newScript(message{numberControl, string(control{stream: 4, op: opPull, n: 4}.append(nil))})
	c := everything(pipe)
	if err := c.receive(pipe, nil); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if m := <-pipe.sent; m != (message{numberData + 4, "some"}) {
		t.Errorf("the answer to a pull of four bytes is %v", m)
	}
	c.fail(io.EOF)
	c.waiting.Wait()
	if len(pipe.sent) > 0 {
		t.Errorf("more came: %v", <-pipe.sent)
	}
}

type counted struct {
	io.Reader
	closes atomic.Int32
}

func (c *counted) Close() error {
	c.closes.Add(1)
	return nil
}

// TestClosedOnce has the caller end the session as soon as it knows that the stream
// of a result is closed, before the component's side has gone on.
func TestClosedOnce(t *testing.T) {
	for _, asked := range []bool{true, false} {
		pipe := newScript()
		c := &Call{newSession(link.NewErrors())}
		c.callee = true
		r := &counted{Reader: strings.NewReader("text")}
		told := make(chan struct{})
		c.pipe = sending{pipe, func() {
			c.fail(io.EOF)
			c.closeAll()
			close(told)
		}}
		GiveReader(c, 1, true, r, r)
		if asked {
			if err := c.controlled(control{stream: 2, op: opClose}.append(nil)); err != nil {
				t.Fatal(err)
			}
			<-told
		} else {
			c.fail(io.EOF)
			c.closeAll()
		}
		c.calls.Wait()
		if n := r.closes.Load(); n != 1 {
			t.Errorf("asked to: %t: closed %d times", asked, n)
		}
	}
}

// A sending pipe does something when a message has been sent.
type sending struct {
	link.Pipe
	done func()
}

func (p sending) Send(number int, parts ...[]byte) error {
	err := p.Pipe.Send(number, parts...)
	p.done()
	return err
}
