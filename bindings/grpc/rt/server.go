package grpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/link"
)

type listener struct {
	server  *grpc.Server
	calls   *server
	address link.Address
}

func listen(a link.Address, accept link.Accept) (link.Listener, error) {
	creds, err := transportSecurity(a, true)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", a.Host)
	if err != nil {
		return nil, fmt.Errorf("can't listen at %s: %w", a, err)
	}
	a.Host = l.Addr().String()
	s := &server{accept: accept, drained: make(chan struct{})}
	g := grpc.NewServer(grpc.Creds(creds), grpc.ForceServerCodecV2(rawCodec{}), grpc.UnknownServiceHandler(s.handle), grpc.NumStreamWorkers(uint32(runtime.GOMAXPROCS(0))),
		grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage))
	grpc_health_v1.RegisterHealthServer(g, &health{server: s})
	if reflectAt != nil {
		reflectAt(g, s)
	}
	go func() { _ = g.Serve(l) }()
	return &listener{server: g, calls: s, address: a}, nil
}

func (l *listener) Address() link.Address { return l.address }

func (l *listener) Close(ctx context.Context) error {
	l.calls.drain()
	done := make(chan struct{})
	go func() {
		l.server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		l.server.Stop()
		<-done
		return context.Cause(ctx)
	}
}

// A server finds the component of each call and runs it.
type server struct {
	accept   link.Accept
	draining atomic.Bool
	drained  chan struct{} // closed when draining is set
}

// drain makes the health of everything that of a unit which ends.
func (s *server) drain() {
	if s.draining.CompareAndSwap(false, true) {
		close(s.drained)
	}
}

func (s *server) handle(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	ctx := stream.Context()
	if method == helloMethod {
		var component string
		if err := stream.RecvMsg(&component); err != nil {
			return refuse(stream, err)
		}
		if _, err := s.target(ctx, component); err != nil {
			return refuse(stream, refusal(err))
		}
		return stream.SendMsg([]byte{})
	}
	target, endpoint, refused := s.find(ctx, method)
	in := link.Incoming{Endpoint: endpoint, Metadata: linkMetadata(ctx)}
	if refused == nil && servePipe != nil && link.EndpointsOf(target)[endpoint].Carry != nil {
		return servePipe(stream, target, in)
	}
	if err := stream.RecvMsg(&in.Request); err != nil {
		return refuse(stream, err)
	}
	if refused != nil {
		return refuse(stream, refused)
	}
	return serve(stream, target, in)
}

// find returns the component and the endpoint that a method stands for.
func (s *server) find(ctx context.Context, method string) (*link.Target, int, error) {
	service, endpoint, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	component, ok := strings.CutSuffix(service, ".Service")
	if !ok {
		return nil, 0, status.Errorf(codes.Unimplemented, "no service %s", service)
	}
	target, err := s.named(ctx, component)
	if err != nil {
		return nil, 0, refusal(err)
	}
	for i, e := range link.EndpointsOf(target) {
		if e.Name == endpoint {
			return target, i, nil
		}
	}
	return nil, 0, status.Errorf(codes.Unimplemented, "%s has no endpoint %s", component, endpoint)
}

// named finds the component that a service is named after.
func (s *server) named(ctx context.Context, component string) (*link.Target, error) {
	target, err := s.target(ctx, component)
	if err != nil && strings.Contains(component, "_") {
		target, err = s.target(ctx, strings.ReplaceAll(component, "_", "-"))
	}
	return target, err
}

// target finds the component that a call is for. A caller that names no schema
// is a stock client: its .proto is its own affair.
func (s *server) target(ctx context.Context, component string) (*link.Target, error) {
	hello := link.Hello{Component: component, Compatible: metadata.ValueFromIncomingContext(ctx, keyCompatible)}
	schemas := metadata.ValueFromIncomingContext(ctx, keySchema)
	if len(schemas) > 0 {
		hello.Fingerprint = schemas[0]
	}
	t, err := s.accept(hello)
	var version *link.VersionError
	if len(schemas) == 0 && errors.As(err, &version) {
		hello.Fingerprint = version.Callee
		return s.accept(hello)
	}
	return t, err
}

func serve(stream grpc.ServerStream, t *link.Target, in link.Incoming) error {
	st, tree, body := run(stream.Context(), t, in)
	if len(body) > MaxMessage {
		st, tree, body = link.StatusFailed, t.EncodeError(fmt.Errorf("%w: a reply of %d bytes", link.ErrTooLarge, len(body))), nil
	}
	if st == link.StatusOK {
		return stream.SendMsg(body)
	}
	trailer := metadata.Pairs(keyStatus, strconv.Itoa(int(st)), keyError, string(tree))
	switch {
	case len(body) > maxTrailer:
		if err := stream.SendMsg(body); err != nil {
			return err
		}
	case len(body) > 0:
		trailer.Set(keyBody, string(body))
	}
	stream.SetTrailer(trailer)
	code := codes.Unknown
	if st == link.StatusRefused {
		code = codes.FailedPrecondition
	}
	return status.Error(code, text(tree))
}

// run executes a call on a goroutine of its own: gRPC answers when its handler
// returns, which one that is ended by runtime.Goexit never does.
func run(ctx context.Context, t *link.Target, in link.Incoming) (st link.Status, tree, body []byte) {
	done := make(chan struct{})
	returned := false
	go func() {
		defer close(done)
		start := time.Now()
		st, tree, body = t.Serve(ctx, in, nil)
		t.RecordDuration(in.Endpoint, time.Since(start))
		returned = true
	}()
	if <-done; !returned {
		st, tree = t.Exited()
	}
	return st, tree, body
}

// text is the message of an error's tree, for clients that don't know trees.
func text(tree []byte) string {
	err, bad := link.NewErrors().Parse(string(tree))
	if bad != nil {
		return "error without a message"
	}
	return err.Error()
}

// refuse turns a call away that nothing of was executed, and says so.
func refuse(stream grpc.ServerStream, err error) error {
	stream.SetTrailer(metadata.Pairs(keyRefused, "1"))
	return err
}

// refusal is the status for a call that no component took.
func refusal(err error) error {
	var version *link.VersionError
	switch {
	case errors.As(err, &version):
		return status.Error(codes.FailedPrecondition, version.Callee)
	case errors.Is(err, link.ErrMoved):
		return status.Error(codes.NotFound, err.Error())
	}
	return status.Error(codes.Unavailable, err.Error())
}

func linkMetadata(ctx context.Context) map[string]string {
	var out map[string]string
	for _, s := range metadata.ValueFromIncomingContext(ctx, keyMetadata) {
		if k, v, ok := parsePair(s); ok {
			if out == nil {
				out = make(map[string]string)
			}
			out[k] = v
		}
	}
	return link.WithForeign(out, func(name string) string { return strings.Join(metadata.ValueFromIncomingContext(ctx, name), ",") })
}
