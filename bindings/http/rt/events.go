package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
	"github.com/unweld/unweld/bindings/rt/wire"
)

const (
	typeEvents = "text/event-stream"
	typeBytes  = "application/octet-stream"

	// quietFor is after what time without an event a comment is sent, which keeps
	// proxies from ending the reply and finds callers that are gone.
	quietFor = 15 * time.Second
	// lastWrite is how long a caller that doesn't read may keep the reply of a call
	// that is over.
	lastWrite = time.Second
)

// An events is the reply to a call of an endpoint with streams among its results, and
// none that its caller would have to send: server-sent events, or what its one reader
// has.
//
//	data: {"sku": "A-1", "price": 1999}
//
//	id: end
//	event: end
//	data: {}
//
// An element is the data of an event, which has the stream's name where an endpoint has
// several. Results beside it are the data of the event results, before all others.
// The last event is end, or problem with the error: a reply that ends in anything else
// was cut. Where an endpoint has several streams, each ends with an event end of its own.
type events struct {
	*call
	target  *link.Target
	streams []Stream // among the results
	out     *http.ResponseController

	mu      sync.Mutex // held while something is written
	raw     bool       // bytes as they are
	begun   bool       // the reply is one of events or bytes
	over    bool       // nothing more may be written
	problem bool       // the last event was one
	cut     bool       // the reply of bytes must not seem complete
	live    int        // streams that haven't ended
	written time.Time
	b       []byte
}

// events serves a call whose caller has sent its request and reads the reply.
func (c *call) events(ctx context.Context, t *link.Target, in link.Incoming) {
	e := &events{call: c, target: t, out: http.NewResponseController(c.w)}
	var results []stream.Result
	for _, s := range c.match.endpoint.Streams {
		if s.Up {
			c.refuse(http.StatusNotImplemented, fmt.Errorf("%w: %s of %s is a stream that the caller would have to send; call it from a unit of the program", errors.ErrUnsupported, s.Name, c.match.endpoint.Name))
			return
		}
		e.streams = append(e.streams, s)
		results = append(results, stream.Result{Place: s.Place, Bytes: s.Bytes, Closes: s.Closes})
	}
	if c.r.Header.Get("Last-Event-ID") == "end" { // a browser comes again unless it is told not to
		c.answers = true
		c.w.Header().Set(headerStatus, statusNames[link.StatusRefused])
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	e.raw = len(e.streams) == 1 && e.streams[0].Bytes && len(c.match.component.Types[c.match.endpoint.Reply].Fields) == 1 && !accepts(c.r, typeEvents)
	limited := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		_ = e.out.SetWriteDeadline(time.Now().Add(lastWrite))
		close(limited)
	})
	done := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() { e.beat(done) })
	stream.Serve(ctx, t, stream.Results(in.Request, results, e), in)
	close(done)
	e.finish(ctx)
	beats.Wait()
	if !unwatch() {
		<-limited
	}
	_ = e.out.SetWriteDeadline(time.Time{}) // for the next request on this connection
}

// accepts reports whether a request names a media type that it takes.
func accepts(r *http.Request, media string) bool {
	for _, list := range r.Header["Accept"] {
		for one := range strings.SplitSeq(list, ",") {
			name, _, _ := strings.Cut(one, ";")
			if strings.EqualFold(strings.TrimSpace(name), media) {
				return true
			}
		}
	}
	return false
}

// beat sends a comment now and then while there are no events.
func (e *events) beat(done <-chan struct{}) {
	tick := time.NewTicker(quietFor / 3)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		e.mu.Lock()
		if e.begun && !e.raw && !e.over && time.Since(e.written) >= quietFor {
			_ = e.flush([]byte(":\n\n"))
		}
		e.mu.Unlock()
	}
}

// finish ends the reply. What was left off is a problem, unless nobody reads it.
func (e *events) finish(ctx context.Context) {
	if !e.mu.TryLock() { // somebody writes, and the caller may never read it
		_ = e.out.SetWriteDeadline(time.Now().Add(lastWrite))
		e.mu.Lock()
	}
	defer e.mu.Unlock()
	if !e.over && e.r.Context().Err() == nil {
		err := context.Cause(ctx)
		if err == nil {
			err = errors.New("the streams of the call ended before their elements")
		}
		if !e.begun && !e.answers {
			e.fail(e.target, problem{status: link.StatusError, tree: string(e.target.EncodeError(err))})
		} else if e.begun {
			_ = e.failed(problem{status: link.StatusError, tree: string(e.target.EncodeError(err))})
		}
	}
	e.over = true
	if e.cut || e.raw && e.live > 0 {
		panic(http.ErrAbortHandler) // the connection's end is no proper one
	}
}

// flush writes a part of the reply; the lock is held.
func (e *events) flush(b []byte) error {
	e.written = time.Now()
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.out.Flush()
}

// event writes an event; the lock is held. An empty name is that of elements.
func (e *events) event(id, name string, data []byte) error {
	b := e.b[:0]
	if id != "" {
		b = append(append(append(b, "id: "...), id...), '\n')
	}
	if name != "" {
		b = append(append(append(b, "event: "...), name...), '\n')
	}
	// What is compact has no lines. If there are some, each is data of its own.
	for more := true; more; {
		i := bytes.IndexAny(data, "\r\n")
		line := data
		if more = i >= 0; more {
			line, data = data[:i], data[i+1:]
		}
		b = append(append(append(b, "data: "...), line...), '\n')
	}
	e.b = append(b, '\n')
	if cap(e.b) > 1<<20 {
		defer func() { e.b = nil }()
	}
	return e.flush(e.b)
}

// failed writes a problem as the last event; the lock is held.
func (e *events) failed(p problem) error {
	e.over = true
	if e.raw {
		e.cut = true
		return nil
	}
	return e.writeProblem(p)
}

func (e *events) writeProblem(p problem) error {
	out, err := e.match.component.appendProblem(nil, p, codeOf(p.status, p.tree), e.unit, false)
	if err != nil {
		p = problem{status: link.StatusFailed, tree: string(e.target.EncodeError(err))}
		if out, err = e.match.component.appendProblem(nil, p, http.StatusInternalServerError, e.unit, false); err != nil {
			return err
		}
	}
	e.problem = true
	return e.event("", "problem", out)
}

// stream returns the stream at a place.
func (e *events) stream(place int) *Stream {
	for i := range e.streams {
		if e.streams[i].Place == place {
			return &e.streams[i]
		}
	}
	return nil
}

// Reply implements stream.Sink.
func (e *events) Reply(results []byte) ([]int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return nil, errOver
	}
	typ := &e.match.component.Types[e.match.endpoint.Reply]
	found, err := places(typ.Fields, string(results), nil)
	if err != nil {
		return nil, err
	}
	var present []int
	rest := Type{Kind: Struct, Name: typ.Name}
	for i, f := range typ.Fields {
		s := e.named(f.Number)
		if s == nil {
			rest.Fields = append(rest.Fields, f)
			continue
		}
		if at := found[i].at; at >= 0 {
			if is, _ := wire.Bool(string(results), at); is {
				present = append(present, s.Place)
			}
		}
	}
	if e.live = len(present); e.live < len(e.streams) { // which says which of them there are
		rest = *typ
	}
	var data []byte
	if len(rest.Fields) > 0 {
		enc := encoder{e.match.component.Types, nil, e.unit}
		if err := enc.message(&rest, string(results)); err != nil {
			p := problem{status: link.StatusFailed, tree: string(e.target.EncodeError(fmt.Errorf("the reply can't be written as JSON: %w", err)))}
			e.over = true
			e.fail(e.target, p)
			return nil, err
		}
		data = enc.b
	}
	return present, e.begin(data)
}

// named returns the stream that is in a field of the reply.
func (e *events) named(number int) *Stream {
	for i := range e.streams {
		if e.streams[i].Number == number {
			return &e.streams[i]
		}
	}
	return nil
}

// begin writes the headers, and the results beside the streams.
func (e *events) begin(results []byte) error {
	e.begun, e.answers = true, true
	h := e.w.Header()
	h.Set(headerStatus, statusNames[link.StatusOK])
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx and those who do as it does
	if e.raw {
		if h.Set("Content-Type", typeBytes); e.live == 0 {
			e.over = true
			h.Del("Content-Type")
			e.w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return e.flush(nil)
	}
	h.Set("Content-Type", typeEvents)
	if results == nil {
		return e.flush(nil)
	}
	if err := e.event("", "results", results); err != nil || e.live > 0 {
		return err
	}
	return e.end()
}

// end writes the last event, unless a problem was that.
func (e *events) end() error {
	if e.over = true; e.raw || e.problem {
		return nil
	}
	return e.event("end", "end", []byte("{}"))
}

// Fail implements stream.Sink.
func (e *events) Fail(r link.Reply) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return errOver
	}
	e.over = true
	e.fail(e.target, problem{r.Status, r.Error, e.match.endpoint.Reply, r.Body})
	return nil
}

var errOver = errors.New("the reply has ended")

// Element implements stream.Sink.
func (e *events) Element(place int, element []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return errOver
	}
	if e.raw {
		return e.flush(element)
	}
	s := e.stream(place)
	name := ""
	if len(e.streams) > 1 {
		name = s.Name
	}
	e.problem = false
	enc := encoder{e.match.component.Types, nil, e.unit}
	if s.Bytes {
		enc.base64(string(element))
		return e.event("", name, enc.b)
	}
	failure, err := e.value(&enc, s, string(element))
	if err == nil && len(enc.b) > MaxMessage {
		err = fmt.Errorf("%w: an element of %d bytes", link.ErrTooLarge, len(enc.b))
	}
	switch {
	case err != nil:
		err = fmt.Errorf("an element can't be written as JSON: %w", err)
		_ = e.failed(problem{status: link.StatusFailed, tree: string(e.target.EncodeError(err))})
		return err
	case failure != nil:
		return e.writeProblem(*failure)
	}
	return e.event("", name, enc.b)
}

// value appends an element: its one part, or both. The error that an iterator yields
// beside a value is a problem.
func (e *events) value(enc *encoder, s *Stream, element string) (failure *problem, err error) {
	typ := &enc.types[s.Type]
	if len(typ.Fields) == 1 {
		return nil, enc.inside(&enc.types[typ.Fields[0].Type], element, typ.Fields[0].Number)
	}
	found, err := places(typ.Fields, element, nil)
	if err != nil || !s.Fails {
		if err == nil {
			err = enc.message(typ, element)
		}
		return nil, err
	}
	if found[1].at < 0 {
		value := typ.Fields[0]
		return nil, enc.field(&enc.types[value.Type], element, found[0], value.Number)
	}
	tree, i := wire.Message(element, found[1].at)
	p := problem{status: link.StatusError, tree: tree}
	if found[0].at >= 0 || found[0].empty {
		p.typ, p.body = s.Type, element
	}
	return &p, fault(i)
}

// End implements stream.Sink.
func (e *events) End(place int, tree string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return errOver
	}
	e.live--
	if tree != "" {
		if err := e.failed(problem{status: link.StatusError, tree: tree}); err != nil {
			return err
		}
		return errOver
	}
	if e.live == 0 {
		return e.end()
	}
	if e.raw {
		return nil
	}
	return e.event("", "end", append(appendString([]byte(`{"of":`), e.stream(place).Name), '}'))
}
