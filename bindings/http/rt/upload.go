package http

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// typeLines is JSON, a value in each line.
const typeLines = "application/jsonl"

// An upload is a call with one stream, which is the body of its request: bytes as they are,
// or a line of JSON for each value. Its other parameters are in the path and in the query.
// The body is read when the component reads the stream.
type upload struct {
	*call
	target *link.Target
	stream *Stream
	body   *uploadBody
	bad    atomic.Pointer[error] // why the body is none of this stream; nil: it is, as far as it was read
}

// uploaded returns the stream that a caller may send as the body of its request, or nil.
func (e *Endpoint) uploaded() *Stream {
	for i := range e.Streams {
		if e.Streams[i].Upload {
			return &e.Streams[i]
		}
	}
	return nil
}

// media is the type of a body with the stream's elements.
func (s *Stream) media() string {
	if s.Bytes {
		return typeBytes
	}
	return typeLines
}

// uploadsBody reports whether the request is one whose body is a stream, and not one of a
// unit or of who reads events.
func (c *call) uploadsBody() bool {
	return serveUpload != nil && hasBody(c.r.Method) && c.match.endpoint.uploaded() != nil && !upgrades(c.r)
}

// uploadRequest returns the parameters beside the stream.
func (c *call) uploadRequest() (string, error) {
	s := c.match.endpoint.uploaded()
	// A page of another site can't send either type without being asked about.
	if media, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); media != s.media() {
		return "", &mediaError{c.r.Header.Get("Content-Type"), s.media() + ", of which " + s.Name + " is made; other parameters are in the query"}
	}
	if c.r.URL.Query().Has(s.Name) {
		return "", link.Malformed(fmt.Errorf("%s is the body, and can't be in the query", s.Name))
	}
	request, err := c.match.parse("", c.r, c.unit)
	if err != nil {
		return "", err
	}
	return string(append(wire.AppendUvarint([]byte(request), uint64(s.Number)<<3), 1)), nil
}

// upload serves such a call.
func (c *call) upload(ctx context.Context, t *link.Target, in link.Incoming) {
	if in.Endpoint < 0 {
		c.run(ctx, t, in)
		return
	}
	u := &upload{call: c, target: t, stream: c.match.endpoint.uploaded()}
	u.body = &uploadBody{ctx: ctx, r: c.r.Body, control: http.NewResponseController(c.w), w: c.w}
	defer u.body.stop()
	defer context.AfterFunc(ctx, u.body.interrupt)() // who waits for what doesn't come
	up := stream.Upload{Place: u.stream.Place}
	if u.stream.Bytes {
		up.Bytes = u.body
		if u.stream.Closes {
			up.Close = u.body
		}
	} else {
		up.Value = u.values()
	}
	stream.Serve(ctx, t, stream.Uploading(t, in.Endpoint, in.Request, up, u), in)
	if !c.answers {
		err := context.Cause(ctx)
		if err == nil {
			err = errors.New("the stream of the call ended before its reply")
		}
		u.body.stop()
		c.fail(t, problem{status: link.StatusFailed, tree: string(t.EncodeError(err))})
	}
}

// values reads the body line by line.
func (u *upload) values() func() ([]byte, error) {
	lines := bufio.NewReader(u.body)
	number := 0
	return func() ([]byte, error) {
		for {
			text, err := readLine(lines)
			if number++; errors.Is(err, link.ErrTooLarge) {
				u.bad.Store(&err)
			}
			if err != nil {
				return nil, err
			}
			if len(text) == 0 {
				continue
			}
			value, err := u.value(text)
			if err != nil {
				err = fmt.Errorf("line %d of %s: %w", number, u.stream.Name, err)
				u.bad.Store(&err)
			}
			return value, err
		}
	}
}

// value reads the one part of an element.
func (u *upload) value(text string) ([]byte, error) {
	d := u.match.component.decoder(nil, text, u.unit)
	part := &d.types[u.stream.Type].Fields[0]
	if err := d.field(&d.types[part.Type], part.Number); err != nil {
		return nil, err
	}
	return d.b, d.end()
}

// readLine returns a line without its end and without spaces around it; io.EOF is after the
// last one.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > MaxMessage {
			return "", fmt.Errorf("%w: a line of more than %d bytes", link.ErrTooLarge, MaxMessage)
		}
		switch {
		case err == bufio.ErrBufferFull:
		case err == nil || err == io.EOF && len(line) > 0:
			return strings.TrimSpace(string(line)), nil
		default:
			return "", err
		}
	}
}

// Reply implements stream.Sink.
func (u *upload) Reply(results []byte) ([]int, error) {
	u.answer(link.Reply{Body: string(results)})
	return nil, nil
}

// Fail implements stream.Sink.
func (u *upload) Fail(r link.Reply) error {
	u.answer(r)
	return nil
}

// answer ends the request. Where its body turned out to be wrong, the component may have taken
// the values before that for all there are: what it says of them isn't the answer.
func (u *upload) answer(r link.Reply) {
	u.body.stop()
	bad := u.bad.Load()
	if bad == nil {
		u.returned(u.target, r.Status, []byte(r.Error), []byte(r.Body))
		return
	}
	code := http.StatusBadRequest
	if errors.Is(*bad, link.ErrTooLarge) {
		code = http.StatusRequestEntityTooLarge
	}
	p := problem{status: link.StatusFailed, tree: string(u.target.EncodeError(*bad))}
	out, err := u.match.component.appendProblem(nil, p, code, u.unit, false)
	if err != nil {
		u.fail(u.target, p)
		return
	}
	u.reply(code, p.status, typeProblem, out, "")
}

// Element implements stream.Sink: there are no results that are streams.
func (u *upload) Element(int, []byte) error { return errOver }

// End implements stream.Sink.
func (u *upload) End(int, string) error { return errOver }

// An uploadBody is the body of a request until that is answered.
type uploadBody struct {
	ctx     context.Context // of the call
	r       io.Reader
	w       http.ResponseWriter
	control *http.ResponseController

	mu      sync.Mutex // held while it is read
	ended   bool       // nothing more comes
	stopped bool
}

// Read implements io.Reader. What is cut before its end is an error, never io.EOF.
func (b *uploadBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.r.Read(p)
	switch b.ended = b.ended || err == io.EOF; {
	case err == nil || err == io.EOF:
	case b.ctx.Err() != nil: // which has interrupted it
		err = context.Cause(b.ctx)
	default:
		err = fmt.Errorf("the body of the request: %w", err)
	}
	return n, err
}

// Close implements io.Closer: the component wants no more of it.
func (b *uploadBody) Close() error { return nil }

// interrupt ends a Read that waits, and those to come.
func (b *uploadBody) interrupt() {
	if b.mu.TryLock() { // else somebody reads
		defer b.mu.Unlock()
		if b.ended {
			return // what follows on the connection is no matter of this call
		}
	}
	_ = b.control.SetReadDeadline(time.Unix(1, 0))
}

// stop ends reading, before the request is answered. A connection on which some of the body
// is yet to come isn't used again.
func (b *uploadBody) stop() {
	if !b.mu.TryLock() { // somebody reads
		b.interrupt()
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	if b.stopped {
		return
	}
	if b.stopped = true; !b.ended {
		b.interrupt()
		b.w.Header().Set("Connection", "close")
	}
}
