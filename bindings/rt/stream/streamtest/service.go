package streamtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync/atomic"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
)

// Service is the contract.
type Service interface {
	// Import returns how many bytes r has.
	Import(ctx context.Context, r io.Reader) (int64, error)
	// Export writes n bytes.
	Export(ctx context.Context, n int64, w io.Writer) error
	// Open returns n bytes, or without end if n is negative.
	Open(ctx context.Context, n int64) (io.ReadCloser, error)
	// Count yields n numbers, or without end if n is negative.
	Count(ctx context.Context, n int64) (iter.Seq2[int64, error], error)
	// Walk calls fn n times.
	Walk(ctx context.Context, n int64, fn func(int64) error) error
	// State says how many iterators and readers are in use, and what the last
	// iterator has yielded.
	State(ctx context.Context) (string, error)
}

const (
	endpointImport = iota
	endpointExport
	endpointOpen
	endpointCount
	endpointWalk
	endpointState
)

// The places of streams: those of the second parameter are 2.
const (
	placeFirst  = 1
	placeSecond = 2
	placeResult = 65
)

// Contract describes the component to the run-time.
var Contract = &link.Contract[Service]{
	Component:   "streamtest",
	Fingerprint: "1",
	Endpoints: []link.Endpoint{
		{Name: "Import", ID: 1, Carry: stream.Carry}, {Name: "Export", ID: 2, Carry: stream.Carry}, {Name: "Open", ID: 3, Carry: stream.Carry},
		{Name: "Count", ID: 4, Carry: stream.Carry}, {Name: "Walk", ID: 5, Carry: stream.Carry}, {Name: "State", ID: 6},
	},
	New:    func() (Service, link.Routes[Service]) { s := &service{}; return s, s.routes[:] },
	Client: func(r *link.Remote) Service { return client{r} },
	Serve:  serve,
}

// Open is the function that a composition root calls.
func Open(ctx context.Context, construct func(context.Context) (Service, error)) (Service, error) {
	return link.Open(ctx, Contract, construct)
}

type service struct {
	routes [6]atomic.Pointer[link.Route[Service]]
}

func (s *service) Import(ctx context.Context, r io.Reader) (int64, error) {
	return s.routes[endpointImport].Load().To.Import(ctx, r)
}

func (s *service) Export(ctx context.Context, n int64, w io.Writer) error {
	return s.routes[endpointExport].Load().To.Export(ctx, n, w)
}

func (s *service) Open(ctx context.Context, n int64) (io.ReadCloser, error) {
	return s.routes[endpointOpen].Load().To.Open(ctx, n)
}

func (s *service) Count(ctx context.Context, n int64) (iter.Seq2[int64, error], error) {
	return s.routes[endpointCount].Load().To.Count(ctx, n)
}

func (s *service) Walk(ctx context.Context, n int64, fn func(int64) error) error {
	return s.routes[endpointWalk].Load().To.Walk(ctx, n, fn)
}

func (s *service) State(ctx context.Context) (string, error) {
	return s.routes[endpointState].Load().To.State(ctx)
}

type client struct{ *link.Remote }

func number(n int64) *link.Buffer {
	b := link.GetBuffer()
	b.B = binary.AppendVarint(b.B, n)
	return b
}

func parse(s string) (n int64, err error) {
	if s == "" {
		return 0, nil
	}
	n, size := binary.Varint([]byte(s))
	if size <= 0 {
		return 0, link.Malformed(errors.New("bad varint"))
	}
	return n, nil
}

func encode(b []byte, n *int64) ([]byte, error) { return binary.AppendVarint(b, *n), nil }

func decode(s string, n *int64) (err error) {
	*n, err = parse(s)
	return err
}

func (c client) Import(ctx context.Context, r io.Reader) (int64, error) {
	call, ctx := stream.Start(ctx, c.Remote, endpointImport)
	defer call.Return()
	stream.GiveReader(call, placeFirst, false, r, nil)
	reply, err := c.Call(ctx, endpointImport, link.GetBuffer())
	n, bad := parse(reply)
	return n, errors.Join(err, bad)
}

func (c client) Export(ctx context.Context, n int64, w io.Writer) error {
	call, ctx := stream.Start(ctx, c.Remote, endpointExport)
	defer call.Return()
	stream.GiveWriter(call, placeSecond, false, w, nil)
	_, err := c.Call(ctx, endpointExport, number(n))
	return err
}

func (c client) Open(ctx context.Context, n int64) (io.ReadCloser, error) {
	call, ctx := stream.Start(ctx, c.Remote, endpointOpen)
	defer call.Return()
	if _, err := c.Call(ctx, endpointOpen, number(n)); err != nil {
		return nil, err
	}
	return stream.TakeReadCloser(call, placeResult, true), nil
}

func (c client) Count(ctx context.Context, n int64) (iter.Seq2[int64, error], error) {
	call, ctx := stream.Start(ctx, c.Remote, endpointCount)
	defer call.Return()
	if _, err := c.Call(ctx, endpointCount, number(n)); err != nil {
		return nil, err
	}
	from := stream.Take(call, placeResult, true)
	return func(yield func(int64, error) bool) {
		if err := stream.Each(from, decode, func(n *int64) bool { return yield(*n, nil) }); err != nil {
			yield(0, err)
		}
	}, nil
}

func (c client) Walk(ctx context.Context, n int64, fn func(int64) error) error {
	call, ctx := stream.Start(ctx, c.Remote, endpointWalk)
	defer call.Return()
	stream.GiveCallback(ctx, call, placeSecond, func(_ context.Context, arguments string, results []byte) ([]byte, error) {
		n, err := parse(arguments)
		if err != nil {
			return nil, err
		}
		return results, fn(n)
	})
	_, err := c.Call(ctx, endpointWalk, number(n))
	return err
}

func (c client) State(ctx context.Context) (string, error) {
	return c.Call(ctx, endpointState, link.GetBuffer())
}

func serve(ctx context.Context, s Service, endpoint int, request string, reply []byte) ([]byte, error) {
	if endpoint == endpointState {
		text, err := s.State(ctx)
		return append(reply, text...), err
	}
	call := stream.Of(ctx)
	if call == nil {
		return reply, link.Malformed(stream.ErrNone)
	}
	n, err := parse(request)
	if err != nil {
		return reply, err
	}
	switch endpoint {
	case endpointImport:
		n, err = s.Import(ctx, stream.TakeReader(call, placeFirst, false))
		return binary.AppendVarint(reply, n), err
	case endpointExport:
		return reply, s.Export(ctx, n, stream.TakeWriter(call, placeSecond, false))
	case endpointOpen:
		r, err := s.Open(ctx, n)
		if r != nil {
			stream.GiveReader(call, placeResult, true, r, r)
		}
		return reply, err
	case endpointCount:
		seq, err := s.Count(ctx, n)
		if seq != nil {
			stream.GiveItems(call, placeResult, true, encode, func(push func(*int64) bool) {
				seq(func(n int64, _ error) bool { return push(&n) })
			})
		}
		return reply, err
	case endpointWalk:
		from := stream.TakeCallback(call, placeSecond)
		return reply, s.Walk(ctx, n, func(n int64) error {
			arguments, _ := encode(nil, &n)
			return from.Do(ctx, arguments, func(string) error { return nil })
		})
	}
	return reply, link.Malformed(errors.New("no such endpoint"))
}

// An Engine is an implementation.
type Engine struct{ inUse, yielded atomic.Int64 }

// Import implements Service.
func (e *Engine) Import(_ context.Context, r io.Reader) (int64, error) {
	e.inUse.Add(1)
	defer e.inUse.Add(-1)
	return io.Copy(io.Discard, r)
}

// Export implements Service.
func (e *Engine) Export(_ context.Context, n int64, w io.Writer) error {
	e.inUse.Add(1)
	defer e.inUse.Add(-1)
	_, err := io.Copy(w, io.LimitReader(zeros{}, n))
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type file struct {
	io.Reader
	e *Engine
}

func (f *file) Close() error {
	f.e.inUse.Add(-1)
	return nil
}

// Open implements Service.
func (e *Engine) Open(_ context.Context, n int64) (io.ReadCloser, error) {
	e.inUse.Add(1)
	if n < 0 {
		return &file{zeros{}, e}, nil
	}
	return &file{io.LimitReader(zeros{}, n), e}, nil
}

// Count implements Service.
func (e *Engine) Count(_ context.Context, n int64) (iter.Seq2[int64, error], error) {
	return func(yield func(int64, error) bool) {
		e.inUse.Add(1)
		defer e.inUse.Add(-1)
		for i := int64(0); n < 0 || i < n; i++ {
			e.yielded.Store(i + 1)
			if !yield(i, nil) {
				return
			}
		}
	}, nil
}

// Walk implements Service.
func (e *Engine) Walk(_ context.Context, n int64, fn func(int64) error) error {
	e.inUse.Add(1)
	defer e.inUse.Add(-1)
	for i := range n {
		if err := fn(i); err != nil {
			return err
		}
	}
	return nil
}

// State implements Service.
func (e *Engine) State(context.Context) (string, error) {
	return fmt.Sprint(e.inUse.Load(), " ", e.yielded.Load()), nil
}
