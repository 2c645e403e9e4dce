package http

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

const (
	headerWait = 10 * time.Second // for the headers of a request
	serverIdle = 2 * time.Minute  // longer than clients keep a connection
)

// A server listens at one port, for all addresses that have it.
type server struct {
	http   *http.Server
	host   string // as it was asked for
	mu     sync.Mutex
	mounts []*mount
}

// A mount is an address: what follows the port, and what is there.
type mount struct {
	server   *server
	address  link.Address
	prefix   string
	accept   link.Accept
	draining atomic.Bool
	calls    sync.WaitGroup

	mu    sync.Mutex
	pipes map[net.Conn]struct{} // connections that calls have for themselves
}

// servers are those of this process. Two addresses that differ in their paths
// share one.
var servers struct {
	sync.Mutex
	all []*server
}

func listen(a link.Address, accept link.Accept) (link.Listener, error) {
	servers.Lock()
	defer servers.Unlock()
	m := &mount{address: a, prefix: strings.TrimRight(a.Path, "/"), accept: accept}
	for _, s := range servers.all {
		if s.host == a.Host && !strings.HasSuffix(a.Host, ":0") && s.mount(m) {
			return m, nil
		}
	}
	security, err := transportSecurity(a, true)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", a.Host)
	if err != nil {
		return nil, fmt.Errorf("can't listen at %s: %w", a, err)
	}
	s := &server{host: a.Host}
	m.address.Host = l.Addr().String()
	s.http = &http.Server{Handler: s, TLSConfig: security, ReadHeaderTimeout: headerWait, IdleTimeout: serverIdle, ErrorLog: quiet}
	s.mount(m)
	servers.all = append(servers.all, s)
	go func() {
		if security != nil {
			_ = s.http.ServeTLS(l, "", "")
		} else {
			_ = s.http.Serve(l)
		}
	}()
	return m, nil
}

// mount adds an address, unless the server has it.
func (s *server) mount(m *mount) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.mounts {
		if o.prefix == m.prefix {
			return false
		}
	}
	if len(s.mounts) > 0 {
		m.address.Host = s.mounts[0].address.Host
	}
	m.server, s.mounts = s, append(s.mounts, m)
	return true
}

// unmount removes an address, and reports whether it was the last one.
func (s *server) unmount(m *mount) (last bool) {
	servers.Lock()
	defer servers.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.mounts {
		if o == m {
			s.mounts = append(s.mounts[:i:i], s.mounts[i+1:]...)
		}
	}
	if len(s.mounts) > 0 {
		return false
	}
	for i, o := range servers.all {
		if o == s {
			servers.all = append(servers.all[:i:i], servers.all[i+1:]...)
		}
	}
	return true
}

// at returns what a path is below, as something that has one call more, and the
// rest of the path.
func (s *server) at(path string) (found *mount, rest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mounts {
		below, ok := strings.CutPrefix(path, m.prefix)
		if ok && (below == "" || below[0] == '/') && (found == nil || len(m.prefix) > len(found.prefix)) {
			found, rest = m, below
		}
	}
	if found != nil {
		found.calls.Add(1) // not after it was removed
	}
	return found, rest
}

func (m *mount) Address() link.Address { return m.address }

// Close answers the calls that have arrived, as long as ctx lasts.
func (m *mount) Close(ctx context.Context) error {
	m.draining.Store(true) // who is answered from now on doesn't come back
	if m.server.unmount(m) {
		err := m.server.http.Shutdown(ctx) // which doesn't wait for pipes
		if ctx.Err() != nil {
			_ = m.server.http.Close()
			m.breakPipes()
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
	done := make(chan struct{})
	go func() {
		m.calls.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		m.breakPipes()
		return context.Cause(ctx)
	}
}

// keep notes a connection that a call has for itself, until forget.
func (m *mount) keep(nc net.Conn) (forget func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pipes == nil {
		m.pipes = map[net.Conn]struct{}{}
	}
	m.pipes[nc] = struct{}{}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.pipes, nc)
	}
}

func (m *mount) breakPipes() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for nc := range m.pipes {
		_ = nc.Close()
	}
}

// A call is a request with what is found out about it.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	mount   *mount
	unit    bool // the caller names a schema
	binary  bool // it writes and reads the protobuf encoding
	match   *match
	answers bool // a reply has begun
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m, rest := s.at(r.URL.EscapedPath())
	if m == nil {
		w.Header().Set(headerStatus, statusNames[link.StatusRefused])
		http.NotFound(w, r)
		return
	}
	defer m.calls.Done()
	if m.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	c := &call{w: w, r: r, mount: m, unit: r.Header.Get(headerSchema) != "", binary: r.Header.Get("Content-Type") == typeBinary}
	if r.Method == http.MethodGet && rest == "/openapi.json" {
		m.document(w)
		return
	}
	all := components()
	if name, ok := strings.CutPrefix(rest, "/"); ok && r.Method == http.MethodGet && c.unit && componentNamed(name) != nil {
		c.hello(name)
		return
	}
	found, allowed := find(all, r.Method, rest)
	switch {
	case found != nil:
		c.match = found
		c.serve()
	case len(allowed) > 0:
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		c.refuse(http.StatusMethodNotAllowed, fmt.Errorf("%s takes %s, not %s", rest, strings.Join(allowed, " or "), r.Method))
	default:
		c.refuse(http.StatusNotFound, fmt.Errorf("nothing is called at %s; see %s/openapi.json", r.URL.Path, m.prefix))
	}
}

// target finds the component that a call is for. A caller that names no schema
// goes by the OpenAPI document: what it knows is its own affair.
func (c *call) target(component string) (*link.Target, error) {
	hello := link.Hello{Component: component, Fingerprint: c.r.Header.Get(headerSchema)}
	if list := c.r.Header.Get(headerCompatible); list != "" {
		hello.Compatible = strings.Split(list, ",")
	}
	t, err := c.mount.accept(hello)
	var version *link.VersionError
	if !c.unit && errors.As(err, &version) {
		hello.Fingerprint = version.Callee
		return c.mount.accept(hello)
	}
	return t, err
}

// hello answers a unit that connects.
func (c *call) hello(component string) {
	if _, err := c.target(component); err != nil {
		c.refuse(0, err)
		return
	}
	c.w.Header().Set(headerNames, componentNamed(component).Names)
	c.reply(http.StatusOK, link.StatusOK, typeJSON, appendString([]byte(`{"component":`), component), "}")
}

func (c *call) serve() {
	target, err := c.target(c.match.component.Name)
	if err != nil {
		c.refuse(0, err)
		return
	}
	if names := c.r.Header.Get(headerNames); names != "" && names != c.match.component.Names && !c.binary && !upgrades(c.r) {
		c.w.Header().Set(headerRefused, "names")
		c.refuse(http.StatusPreconditionFailed, errNames)
		return
	}
	ctx, cancel, err := c.deadline()
	if err != nil {
		c.refuse(http.StatusBadRequest, err)
		return
	}
	defer cancel()
	in, run := link.Incoming{Endpoint: -1}, (*call).run
	for i, e := range link.EndpointsOf(target) {
		if e.Name == c.match.endpoint.Name {
			in.Endpoint = i
			if e.Carry != nil && serveStreams != nil {
				run = serveStreams
			}
		}
	}
	in.Metadata, err = link.ParseMetadataHeaders(c.r.Header[headerMetadata])
	if err == nil {
		in.Metadata = link.WithForeign(in.Metadata, c.r.Header.Get)
		if c.uploadsBody() {
			run = serveUpload
			in.Request, err = c.uploadRequest()
		} else {
			in.Request, err = c.match.message(c.r, c.unit)
		}
	}
	var media *mediaError
	switch {
	case errors.As(err, &media):
		c.refuse(http.StatusUnsupportedMediaType, err)
	case err != nil:
		c.refuse(0, err)
	default:
		run(c, ctx, target, in)
	}
}

// deadline is the context of the call.
func (c *call) deadline() (context.Context, context.CancelFunc, error) {
	text := c.r.Header.Get(headerTimeout)
	if text == "" {
		return c.r.Context(), func() {}, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, nil, link.Malformed(fmt.Errorf("%s: %s isn't a duration such as 1.5s", headerTimeout, strconv.Quote(text)))
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), d)
	return ctx, cancel, nil
}

// run executes a call. An endpoint that ends the goroutine is answered while that
// ends.
func (c *call) run(ctx context.Context, t *link.Target, in link.Incoming) {
	buffer := link.GetBuffer()
	defer buffer.Release()
	returned := false
	defer func() {
		if !returned && !c.answers {
			c.w.Header().Set("Connection", "close") // which ends with the goroutine
			status, tree := t.Exited()
			c.fail(t, problem{status: status, tree: string(tree)})
			_ = http.NewResponseController(c.w).Flush()
		}
	}()
	start := time.Now()
	status, tree, body := t.Serve(ctx, in, buffer.B)
	if in.Endpoint >= 0 {
		t.RecordDuration(in.Endpoint, time.Since(start))
	}
	returned = true
	c.returned(t, status, tree, body)
}

// returned answers a call by what its endpoint has returned.
func (c *call) returned(t *link.Target, status link.Status, tree, body []byte) {
	if status != link.StatusOK {
		c.fail(t, problem{status, string(tree), c.match.endpoint.Reply, string(body)})
		return
	}
	media, out := typeBinary, body
	if !c.binary {
		media = typeJSON
		text := link.GetBuffer()
		defer text.Release()
		var err error
		if out, err = c.match.component.appendJSON(text.B, c.match.endpoint.Reply, string(body), c.unit); err != nil {
			c.fail(t, problem{status: link.StatusFailed, tree: string(t.EncodeError(fmt.Errorf("the reply can't be written as JSON: %w", err)))})
			return
		}
		text.B = out
	}
	if len(out) > MaxMessage {
		c.fail(t, problem{status: link.StatusFailed, tree: string(t.EncodeError(fmt.Errorf("%w: a reply of %d bytes", link.ErrTooLarge, len(out))))})
		return
	}
	c.reply(http.StatusOK, status, media, out, "")
}

// fail answers a call with its error.
func (c *call) fail(t *link.Target, p problem) {
	code := codeOf(p.status, p.tree)
	component := c.match.component
	out, err := component.appendProblem(nil, p, code, c.unit, c.binary)
	if err != nil || len(out) > MaxMessage {
		if err == nil {
			err = fmt.Errorf("%w: a reply of %d bytes", link.ErrTooLarge, len(out))
		}
		p = problem{status: link.StatusFailed, tree: string(t.EncodeError(err))}
		code = http.StatusInternalServerError
		out, _ = component.appendProblem(nil, p, code, c.unit, c.binary)
	}
	c.reply(code, p.status, typeProblem, out, "")
}

// refuse turns a call away that nothing of was executed. A code of 0 is that of the
// error.
func (c *call) refuse(code int, err error) {
	p := problem{status: link.StatusRefused, tree: string(link.NewErrors().Append(nil, err))}
	if code == 0 {
		code = codeOf(p.status, p.tree)
	}
	out, bad := (&Component{}).appendProblem(nil, p, code, c.unit, false)
	if bad != nil {
		out = nil
	}
	c.reply(code, p.status, typeProblem, out, "")
}

func (c *call) reply(code int, status link.Status, media string, body []byte, end string) {
	c.answers = true
	h := c.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(body)+len(end)))
	h.Set(headerStatus, statusNames[status])
	c.w.WriteHeader(code)
	_, _ = c.w.Write(body)
	if end != "" {
		_, _ = c.w.Write([]byte(end))
	}
}
