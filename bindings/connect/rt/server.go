package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"github.com/unweld/unweld/bindings/rt/link"
)

const (
	headerWait = 10 * time.Second // for the headers of a request
	serverIdle = 2 * time.Minute  // longer than clients keep a connection
	smallReply = 4 << 10          // is never compressed
	maxStreams = 1 << 16          // at the same time on a connection
)

// quiet is the log of handshakes that fail, of which callers are told.
var quiet = log.New(io.Discard, "", 0)

type listener struct {
	http    *http.Server
	calls   *server
	address link.Address
}

func listen(a link.Address, accept link.Accept) (link.Listener, error) {
	security, err := transportSecurity(a, true)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", a.Host)
	if err != nil {
		return nil, fmt.Errorf("can't listen at %s: %w", a, err)
	}
	a.Host = l.Addr().String()
	s := &server{accept: accept, drained: make(chan struct{})}
	h := &http.Server{Handler: s, TLSConfig: security, Protocols: new(http.Protocols), HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ReadHeaderTimeout: headerWait, IdleTimeout: serverIdle, ErrorLog: quiet}
	h.Protocols.SetHTTP1(true)
	h.Protocols.SetHTTP2(security != nil)
	h.Protocols.SetUnencryptedHTTP2(security == nil)
	go func() {
		if security != nil {
			_ = h.ServeTLS(l, "", "")
		} else {
			_ = h.Serve(l)
		}
	}()
	return &listener{http: h, calls: s, address: a}, nil
}

func (l *listener) Address() link.Address { return l.address }

// Close answers the calls that have arrived, as long as ctx lasts.
func (l *listener) Close(ctx context.Context) error {
	if !l.calls.draining.Swap(true) { // who is answered from now on doesn't come back
		close(l.calls.drained)
	}
	err := l.http.Shutdown(ctx)
	if ctx.Err() != nil {
		_ = l.http.Close()
		return context.Cause(ctx)
	}
	return err
}

// A server finds the component of each call and runs it.
type server struct {
	accept   link.Accept
	draining atomic.Bool
	drained  chan struct{} // closed with it
	handlers sync.Map      // by procedure
}

// A found is what a request is for, in the context of its handler.
type found struct {
	target   *link.Target
	endpoint int
	unit     bool // the caller names a schema
	method   string
	w        http.ResponseWriter
}

type foundKey struct{}

// options are those of handlers.
var options = connect.WithHandlerOptions(
	connect.WithCodec(codec{name: "proto"}), connect.WithCodec(codec{name: "json", json: true}), connect.WithCodec(codec{name: "json; charset=utf-8", json: true}),
	connect.WithReadMaxBytes(MaxMessage), connect.WithSendMaxBytes(MaxMessage), connect.WithCompressMinBytes(smallReply))

var errorWriter = connect.NewErrorWriter(options)

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	unit := r.Header.Get(headerSchema) != ""
	if made := s.builtIn(r.URL.Path); made != nil {
		s.handler(r.URL.Path, made).ServeHTTP(w, r)
		return
	}
	f, refused := s.find(r, unit)
	if refused != nil {
		_ = errorWriter.Write(w, r, refused)
		return
	}
	f.w = w
	h := s.handler(r.URL.Path, func() http.Handler {
		if servePipe != nil && link.EndpointsOf(f.target)[f.endpoint].Carry != nil {
			return connect.NewBidiStreamHandler(r.URL.Path, servePipe, options)
		}
		if reads != nil && reads(f.method) {
			return connect.NewUnaryHandler(r.URL.Path, serve, options, byGET)
		}
		return connect.NewUnaryHandler(r.URL.Path, serve, options)
	})
	h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), foundKey{}, f)))
}

// byGET lets a procedure be called by a plain GET: it changes nothing.
var byGET = connect.WithIdempotency(connect.IdempotencyNoSideEffects)

// builtIn makes the handler of a procedure that is no component's; nil: it is.
func (s *server) builtIn(procedure string) func() http.Handler {
	var h func() *connect.Handler
	switch procedure {
	case helloProcedure:
		h = func() *connect.Handler { return connect.NewUnaryHandler(procedure, s.hello, options) }
	case healthCheck:
		h = func() *connect.Handler { return connect.NewUnaryHandler(procedure, s.check, options, byGET) }
	case healthWatch:
		h = func() *connect.Handler { return connect.NewServerStreamHandler(procedure, s.watch, options) }
	case reflectV1, reflectAlpha:
		if reflectInfo == nil {
			return nil
		}
		h = func() *connect.Handler { return connect.NewBidiStreamHandler(procedure, reflectInfo(s), options) }
	default:
		return nil
	}
	return func() http.Handler { return h() }
}

// handler returns the handler of a procedure that there is.
func (s *server) handler(procedure string, make func() http.Handler) http.Handler {
	if h, ok := s.handlers.Load(procedure); ok {
		return h.(http.Handler)
	}
	h, _ := s.handlers.LoadOrStore(procedure, make())
	return h.(http.Handler)
}

// hello answers a unit that connects.
func (s *server) hello(_ context.Context, r *connect.Request[message]) (*connect.Response[message], error) {
	if _, err := s.target(string(r.Msg.bytes), r.Header()); err != nil {
		return nil, refusal(err, true)
	}
	return connect.NewResponse(&message{}), nil
}

// find returns the component and the endpoint that a request is for.
func (s *server) find(r *http.Request, unit bool) (*found, *connect.Error) {
	service, endpoint, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	component, is := strings.CutSuffix(service, ".Service")
	if !ok || !is {
		return nil, unknownProcedure("no procedure %s: they are /COMPONENT.Service/ENDPOINT", r.URL.Path)
	}
	target, err := s.named(component, r.Header)
	if err != nil {
		return nil, refusal(err, unit)
	}
	for i, e := range link.EndpointsOf(target) {
		if e.Name == endpoint {
			return &found{target: target, endpoint: i, unit: unit, method: service + "." + endpoint}, nil
		}
	}
	return nil, unknownProcedure("%s has no endpoint %s", component, endpoint)
}

// named is target of a name in a .proto, which has underscores in the place of hyphens.
func (s *server) named(component string, h http.Header) (*link.Target, error) {
	t, err := s.target(component, h)
	if err != nil && strings.Contains(component, "_") {
		t, err = s.target(strings.ReplaceAll(component, "_", "-"), h)
	}
	return t, err
}

// target finds the component that a call is for. A caller that names no schema is a
// stock client: its .proto is its own affair.
func (s *server) target(component string, h http.Header) (*link.Target, error) {
	hello := link.Hello{Component: component, Fingerprint: h.Get(headerSchema)}
	if list := h.Get(headerCompatible); list != "" {
		hello.Compatible = strings.Split(list, ",")
	}
	t, err := s.accept(hello)
	var version *link.VersionError
	if hello.Fingerprint == "" && errors.As(err, &version) {
		hello.Fingerprint = version.Callee
		return s.accept(hello)
	}
	return t, err
}

// serve executes a call.
func serve(ctx context.Context, r *connect.Request[message]) (*connect.Response[message], error) {
	f := ctx.Value(foundKey{}).(*found)
	in := link.Incoming{Endpoint: f.endpoint}
	var err error
	if in.Metadata, err = link.ParseMetadataHeaders(r.Header()[headerMetadata]); err != nil {
		return nil, refusal(err, f.unit)
	}
	in.Metadata = link.WithForeign(in.Metadata, r.Header().Get)
	in.Request = string(r.Msg.bytes)
	if r.Msg.json {
		if in.Request, err = fromJSON(f.method, in.Request); err != nil {
			return nil, refusal(err, f.unit)
		}
	}
	st, tree, body := run(ctx, f.target, in)
	if st == link.StatusOK && r.Msg.json {
		if body, err = toJSON(f.method, body); err != nil {
			st, tree, body = link.StatusFailed, f.target.EncodeError(fmt.Errorf("the reply can't be written as JSON: %w", err)), nil
		}
	}
	if len(body) > MaxMessage {
		st, tree, body = link.StatusFailed, f.target.EncodeError(fmt.Errorf("%w: a reply of %d bytes", link.ErrTooLarge, len(body))), nil
	}
	if st == link.StatusOK {
		return connect.NewResponse(&message{bytes: body}), nil
	}
	return nil, failure(st, tree, body, f.unit)
}

// run executes a call on a goroutine of its own, which may be ended by runtime.Goexit.
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
