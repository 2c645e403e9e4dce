package linktest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/unweld/unweld/bindings/rt/link"
)

// Service is the contract.
type Service interface {
	Add(ctx context.Context, a, b int64) (int64, error)
	Echo(ctx context.Context, s string) (string, error)
	// Act does what an implementation likes; Wait too, on a goroutine of its own.
	Act(ctx context.Context, what string) (string, error)
	Wait(ctx context.Context, what string) (string, error)
}

// ErrOdd is a sentinel of the contract.
var ErrOdd = errors.New("linktest: odd")

// A RangeError is an error type of the contract.
type RangeError struct{ Value int64 }

func (e *RangeError) Error() string { return fmt.Sprintf("linktest: %d is out of range", e.Value) }

const (
	endpointAdd = iota
	endpointEcho
	endpointAct
	endpointWait
)

// Contract describes the component to the run-time.
var Contract = &link.Contract[Service]{
	Component:   "linktest",
	Fingerprint: "1",
	Endpoints:   []link.Endpoint{{Name: "Add", ID: 1}, {Name: "Echo", ID: 2}, {Name: "Act", ID: 3}, {Name: "Wait", ID: 4, Slow: true}},
	Errors: link.NewErrors(
		link.Sentinel("github.com/unweld/unweld/bindings/rt/link/linktest.ErrOdd", ErrOdd),
		link.TypedError("*github.com/unweld/unweld/bindings/rt/link/linktest.RangeError",
			func(b []byte, e *RangeError) []byte { return binary.AppendVarint(b, e.Value) },
			func(src string) (*RangeError, error) {
				v, n := binary.Varint([]byte(src))
				if n <= 0 {
					return nil, errors.New("bad varint")
				}
				return &RangeError{v}, nil
			})),
	New:    func() (Service, link.Routes[Service]) { s := &service{}; return s, s.routes[:] },
	Client: func(r *link.Remote) Service { return client{r} },
	Serve:  serve,
}

// Open is the function that a composition root calls.
func Open(ctx context.Context, construct func(context.Context) (Service, error)) (Service, error) {
	return link.Open(ctx, Contract, construct)
}

// service is the value that the program holds: one atomic load from wherever
// the component is.
type service struct {
	routes [4]atomic.Pointer[link.Route[Service]]
}

func (s *service) Add(ctx context.Context, a, b int64) (int64, error) {
	r := s.routes[endpointAdd].Load()
	sum, err := r.To.Add(ctx, a, b)
	runtime.KeepAlive(r)
	return sum, err
}

func (s *service) Echo(ctx context.Context, text string) (string, error) {
	r := s.routes[endpointEcho].Load()
	out, err := r.To.Echo(ctx, text)
	runtime.KeepAlive(r)
	return out, err
}

func (s *service) Act(ctx context.Context, what string) (string, error) {
	r := s.routes[endpointAct].Load()
	out, err := r.To.Act(ctx, what)
	runtime.KeepAlive(r)
	return out, err
}

func (s *service) Wait(ctx context.Context, what string) (string, error) {
	r := s.routes[endpointWait].Load()
	out, err := r.To.Wait(ctx, what)
	runtime.KeepAlive(r)
	return out, err
}

// client is the component in another process.
type client struct{ *link.Remote }

func (c client) Add(ctx context.Context, a, b int64) (sum int64, err error) {
	req := link.GetBuffer()
	req.B = binary.AppendVarint(binary.AppendVarint(req.B, a), b)
	reply, err := c.Call(ctx, endpointAdd, req)
	if reply != "" {
		v, n := binary.Varint([]byte(reply))
		if n <= 0 {
			return 0, c.Malformed(endpointAdd, errors.New("bad varint"))
		}
		sum = v
	}
	return sum, err
}

func (c client) Echo(ctx context.Context, text string) (string, error) {
	return c.text(ctx, endpointEcho, text)
}

func (c client) Act(ctx context.Context, what string) (string, error) {
	return c.text(ctx, endpointAct, what)
}

func (c client) Wait(ctx context.Context, what string) (string, error) {
	return c.text(ctx, endpointWait, what)
}

func (c client) text(ctx context.Context, endpoint int, text string) (string, error) {
	req := link.GetBuffer()
	req.B = append(req.B, text...)
	return c.Call(ctx, endpoint, req)
}

// serve is the dispatcher.
func serve(ctx context.Context, s Service, endpoint int, request string, reply []byte) ([]byte, error) {
	switch endpoint {
	case endpointAdd:
		a, n := binary.Varint([]byte(request))
		if n <= 0 {
			return reply, link.Malformed(errors.New("bad varint"))
		}
		b, m := binary.Varint([]byte(request[n:]))
		if m <= 0 {
			return reply, link.Malformed(errors.New("bad varint"))
		}
		sum, err := s.Add(ctx, a, b)
		return binary.AppendVarint(reply, sum), err
	case endpointEcho:
		out, err := s.Echo(ctx, request)
		return append(reply, out...), err
	case endpointAct:
		out, err := s.Act(ctx, request)
		return append(reply, out...), err
	case endpointWait:
		out, err := s.Wait(ctx, request)
		return append(reply, out...), err
	}
	return reply, link.Malformed(errors.New("no such endpoint"))
}
