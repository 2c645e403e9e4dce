package http

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// shopTypes are those of a component of one endpoint that answers with its
// parameters.
var shopTypes = []Type{
	{Kind: Struct, Name: "the parameters of Order", Fields: []Field{{Name: "id", Number: 1, Type: 1}, {Name: "tags", Number: 2, Type: 2}, {Name: "level", Number: 3, Type: 3}, {Name: "counts", Number: 4, Type: 4}, {Name: "secret", Number: 5, Type: 1, Hidden: true}}},
	{Kind: String},
	{Kind: List, Elem: 1},
	{Kind: Int, Bits: 8, Values: []Value{{"low", 1}, {"high", 2}}},
	{Kind: List, Elem: 3},
}

const shopDocument = `{"openapi": "3.1.0", "info": {"title": "shop"}, "paths": {"/shop/order": {"post": {}}}, "components": {"schemas": {"shop.X": {}}}}`

// A shop is a component that the test serves itself.
type shop struct {
	name   string
	called atomic.Int64
	fail   error
	wait   chan struct{}
	serve  func(request string, reply []byte) ([]byte, error)
}

var errSold = errors.New("sold")

func (s *shop) contract() *link.Contract[*shop] {
	return &link.Contract[*shop]{
		Component: s.name, Fingerprint: "1", Compatible: []string{"0"}, Endpoints: []link.Endpoint{{Name: "Order", ID: 1}},
		Errors: link.NewErrors(link.Sentinel("example.com/shop.ErrSold", errSold)),
		New:    func() (*shop, link.Routes[*shop]) { return s, make(link.Routes[*shop], 1) },
		Client: func(*link.Remote) *shop { return s },
		Serve: func(ctx context.Context, _ *shop, _ int, request string, reply []byte) ([]byte, error) {
			s.called.Add(1)
			if s.wait != nil {
				s.wait <- struct{}{}
				select {
				case <-s.wait:
				case <-ctx.Done():
					return reply, ctx.Err()
				}
			}
			if s.serve != nil {
				return s.serve(request, reply)
			}
			return append(reply, request...), s.fail
		},
	}
}

// hosted are the components of this process, and captured is what the run-time lets
// a transport call.
var (
	hosted   = map[string]*shop{"shop": {name: "shop"}, "cart": {name: "cart"}, "other": {name: "other"}}
	captured = map[string]link.Accept{}
)

// A capture is a transport that nobody calls through.
type capture link.Address

func (c capture) Address() link.Address     { return link.Address(c) }
func (capture) Close(context.Context) error { return nil }

func init() {
	link.Register(link.Transport{Scheme: "capture", Listen: func(a link.Address, accept link.Accept) (link.Listener, error) {
		captured[a.Host] = accept
		return capture(a), nil
	}})
}

// shopNamed returns a component as if it were new.
func shopNamed(name string) *shop {
	s := hosted[name]
	s.called.Store(0)
	s.fail, s.wait, s.serve = nil, nil, nil
	return s
}

func waiting(s *shop) *shop {
	s.wait = make(chan struct{})
	return s
}

func linkTarget(t testing.TB, s *shop) *link.Target {
	t.Helper()
	if captured[s.name] == nil {
		t.Setenv("UNWELD_LINK_"+strings.ToUpper(s.name), "capture://"+s.name)
		if _, err := link.Open(t.Context(), s.contract(), func(context.Context) (*shop, error) { return s, nil }); err != nil {
			t.Fatal(err)
		}
	}
	target, err := captured[s.name](link.Hello{Component: s.name, Fingerprint: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func listenAnywhere(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// serveShop serves components at an address of their own, and returns it.
func serveShop(t testing.TB, path string, shops ...*shop) (string, link.Listener) {
	t.Helper()
	targets := map[string]*link.Target{}
	for _, s := range shops {
		Describe(&Component{Name: s.name, Names: "1", Types: shopTypes, Document: fstest.MapFS{"d.json": {Data: []byte(strings.ReplaceAll(shopDocument, "shop", s.name))}},
			Endpoints: []Endpoint{{Name: "Order", Routes: []Route{{"POST", "/" + s.name + "/order"}, {"GET", "/" + s.name + "/order"}, {"PUT", "/orders/{id}"}}}}})
		targets[s.name] = linkTarget(t, s)
	}
	l, err := listen(link.Address{Scheme: "http", Host: "127.0.0.1:0", Path: path}, func(h link.Hello) (*link.Target, error) {
		target := targets[h.Component]
		switch {
		case target == nil:
			return nil, link.ErrMoved
		case h.Fingerprint != "1" && h.Fingerprint != "0":
			return nil, &link.VersionError{Component: h.Component, Caller: h.Fingerprint, Callee: "1"}
		}
		return target, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = l.Close(ctx)
		described.Lock()
		defer described.Unlock()
		for _, s := range shops {
			for i, c := range described.all {
				if c.Name == s.name {
					described.all = append(described.all[:i:i], described.all[i+1:]...)
					break
				}
			}
		}
	})
	return strings.TrimRight(l.Address().String(), "/"), l
}

// ask makes a request of nothing but net/http.
func ask(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header[headers[i]] = []string{headers[i+1]}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(out)
}

func TestRequests(t *testing.T) {
	s := shopNamed("shop")
	at, _ := serveShop(t, "/inner/", s)
	const whole = `{"id":"a","tags":["x","y"],"level":"high","counts":["low","high",-1]}`
	for _, c := range []struct {
		method, path, body, want string
		code                     int
	}{
		{"POST", "/shop/order", `{"id": "a", "tags": ["x", "y"], "level": 2, "counts": ["low", "2", -1]}`, whole, 200},
		{"POST", "/shop/order", ``, `{"id":"","tags":null,"level":0,"counts":null}`, 200},
		{"POST", "/shop/order", `{}`, `{"id":"","tags":null,"level":0,"counts":null}`, 200},
		{"GET", "/shop/order?id=a&tags=x&tags=y&level=high&counts=low&counts=high&counts=-1", ``, whole, 200},
		{"PUT", "/orders/a%2Fb%20c", `{"level": "low"}`, `{"id":"a/b c","tags":null,"level":"low","counts":null}`, 200},
		{"PUT", "/orders/a?tags=x", ``, `{"id":"a","tags":["x"],"level":0,"counts":null}`, 200},
		{"PUT", "/orders/a", `{"id": "b"}`, "id is in the path and in the body", 400},
		{"PUT", "/orders/", `{}`, "nothing is called at", 404},
		{"GET", "/shop/order?level=300", ``, "want an integer or one of low, high, not \\\"300\\\"", 400},
		{"GET", "/shop/order?level=1&level=2", ``, "want it once", 400},
		{"GET", "/shop/order?colour=1", ``, "it has id, tags, level, counts", 400},
		{"POST", "/shop/order", `{"secret": "x"}`, `has no \"secret\"; it has id, tags, level, counts`, 400},
		{"POST", "/shop/order", `{"id": "a", "id": "b"}`, "is there twice", 400},
		{"POST", "/shop/order", `{"id": 1}`, "want a string", 400},
		{"POST", "/shop/order", `{} x`, "something follows", 400},
		{"POST", "/shop/order", `[]`, "want an object", 400},
		{"DELETE", "/shop/order", ``, "takes GET or POST, not DELETE", 405},
		{"POST", "/shop/nothing", `{}`, "nothing is called at", 404},
		{"POST", "/other/order", `{}`, "nothing is called at", 404},
	} {
		before := s.called.Load()
		res, got := ask(t, c.method, at+c.path, c.body)
		if res.StatusCode != c.code || c.code == 200 && got != c.want || !strings.Contains(got, c.want) {
			t.Errorf("%s %s %s: %s: %s, want %s", c.method, c.path, c.body, res.Status, got, c.want)
		}
		if executed := s.called.Load() > before; executed != (c.code == 200) || executed == (res.Header.Get("Unweld-Status") == "refused") {
			t.Errorf("%s %s %s: executed is %v, and the reply says %q", c.method, c.path, c.body, executed, res.Header.Get("Unweld-Status"))
		}
	}
}

func TestMediaTypes(t *testing.T) {
	s := shopNamed("shop")
	at, _ := serveShop(t, "", s)
	for media, code := range map[string]int{"application/json": 200, "application/json; charset=utf-8": 200, "text/plain": 415, "application/x-www-form-urlencoded": 415, "": 415} {
		res, body := ask(t, "POST", at+"/shop/order", `{}`, "Content-Type", media)
		if res.StatusCode != code {
			t.Errorf("%q: %s %s", media, res.Status, body)
		}
	}
}

func TestTooLargeARequest(t *testing.T) {
	s := shopNamed("shop")
	at, _ := serveShop(t, "", s)
	r, err := http.NewRequestWithContext(t.Context(), "POST", at+"/shop/order", io.LimitReader(neverEnding{}, MaxMessage+1<<20))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Error(res.Status)
		}
	}
	if s.called.Load() != 0 {
		t.Error("it was executed")
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func TestProblems(t *testing.T) {
	s := shopNamed("shop")
	at, _ := serveShop(t, "", s)
	for _, c := range []struct {
		err  error
		code int
	}{
		{fmt.Errorf("order: %w", errSold), 422}, {errors.New("broken"), 500}, {fs.ErrNotExist, 404}, {&fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission}, 403},
		{fs.ErrExist, 409}, {context.DeadlineExceeded, 504}, {context.Canceled, 499}, {io.ErrUnexpectedEOF, 500}, {errors.ErrUnsupported, 501},
	} {
		s.fail = c.err
		res, body := ask(t, "POST", at+"/shop/order", `{"id": "a"}`)
		var p struct {
			Title, Detail string
			Status        int
			Error         struct{ Message, Sentinel string }
			Results       struct{ ID string }
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err, body)
		}
		if res.StatusCode != c.code || p.Status != c.code || p.Detail != c.err.Error() || p.Title == "" || p.Results.ID != "a" || res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Unweld-Status") != "error" {
			t.Errorf("%v: %s %s", c.err, res.Status, body)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := waiting(shopNamed("shop"))
	at, _ := serveShop(t, "", s)
	go func() { <-s.wait }()
	if res, body := ask(t, "POST", at+"/shop/order", `{}`, "Unweld-Timeout", "20ms"); res.StatusCode != 504 {
		t.Error(res.Status, body)
	}
	s.wait = nil
	for name, value := range map[string]string{"Unweld-Timeout": "soon", "Unweld-Metadata": "%zz=1"} {
		if res, body := ask(t, "POST", at+"/shop/order", `{}`, name, value); res.StatusCode != 400 || res.Header.Get("Unweld-Status") != "refused" {
			t.Error(name, res.Status, body)
		}
	}
	for schema, code := range map[string]int{"1": 200, "0": 200, "2": 412} {
		if res, body := ask(t, "POST", at+"/shop/order", `{"secret": "x"}`, "Unweld-Schema", schema); res.StatusCode != code || code == 200 && !strings.Contains(body, `"secret":"x"`) {
			t.Error(schema, res.Status, body)
		}
	}
}

// TestGracefulEnd: what has arrived is answered, and nothing after.
func TestGracefulEnd(t *testing.T) {
	s := waiting(shopNamed("shop"))
	at, l := serveShop(t, "", s)
	answered := make(chan int, 1)
	go func() {
		res, _ := ask(t, "POST", at+"/shop/order", `{}`)
		answered <- res.StatusCode
	}()
	<-s.wait
	closed := make(chan error, 1)
	go func() { closed <- l.Close(t.Context()) }()
	select {
	case err := <-closed:
		t.Fatal("closed before the call has ended:", err)
	case <-time.After(50 * time.Millisecond):
	}
	s.wait <- struct{}{}
	if code := <-answered; code != 200 {
		t.Error(code)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(at + "/openapi.json"); err == nil {
		t.Error("it listens still")
	}
}

// TestSharedPort: two addresses may differ in their paths alone, and one of them
// ends without the other.
func TestSharedPort(t *testing.T) {
	at, _ := serveShop(t, "/one", shopNamed("shop"))
	a, err := link.ParseAddress(at)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range servers.all {
		if s.mounts[0].address.Host == a.Host {
			s.host = a.Host // as if the port had been asked for
		}
	}
	other := shopNamed("other")
	Describe(&Component{Name: "other", Types: shopTypes, Endpoints: []Endpoint{{Name: "Order", Routes: []Route{{"POST", "/other/order"}}}}})
	target := linkTarget(t, other)
	l, err := listen(link.Address{Scheme: "http", Host: a.Host, Path: "/two"}, func(h link.Hello) (*link.Target, error) {
		if h.Component != "other" {
			return nil, link.ErrMoved
		}
		return target, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(at, "/one")
	for path, code := range map[string]int{"/one/shop/order": 200, "/two/other/order": 200, "/two/shop/order": 421, "/three/shop/order": 404, "/onemore/shop/order": 404} {
		if res, body := ask(t, "POST", base+path, `{}`); res.StatusCode != code {
			t.Error(path, res.Status, body)
		}
	}
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, code := range map[string]int{"/one/shop/order": 200, "/two/other/order": 404} {
		if res, body := ask(t, "POST", base+path, `{}`); res.StatusCode != code {
			t.Error("afterwards:", path, res.Status, body)
		}
	}
}

// TestDocuments: those of the components that are there are one.
func TestDocuments(t *testing.T) {
	Describe(&Component{Name: "elsewhere"})
	at, _ := serveShop(t, "/inner", shopNamed("shop"), shopNamed("cart"))
	_, body := ask(t, "GET", at+"/openapi.json", "")
	var d document
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Paths) != 2 || len(d.Components["schemas"]) != 2 || d.Servers[0]["url"] != "/inner" || d.OpenAPI != "3.1.0" {
		t.Error(body)
	}
}

// TestOtherNames: units whose names for fields differ understand each other all the
// same, also where one is replaced while the other is connected.
func TestOtherNames(t *testing.T) {
	s := shopNamed("shop")
	at, _ := serveShop(t, "", s)
	a, err := link.ParseAddress(at)
	if err != nil {
		t.Fatal(err)
	}
	dialed, err := dial(t.Context(), a, link.Hello{Component: "shop", Fingerprint: "1"})
	if err != nil {
		t.Fatal(err)
	}
	c := dialed.(*conn)
	call := link.Outgoing{Endpoint: link.Endpoint{Name: "Order", ID: 1}, Request: wire.AppendText([]byte{1<<3 | wire.TypeBytes}, "a")}
	for _, names := range []string{"1", "other"} {
		mine := *c.component
		mine.Names, c.component = names, &mine
		reply, err := c.Call(t.Context(), call)
		if err != nil || !strings.HasPrefix(reply.Body, string(call.Request)) || c.binary.Load() != (names == "other") {
			t.Errorf("%s: %q %v, binary %v", names, reply.Body, err, c.binary.Load())
		}
	}
	if s.called.Load() != 2 {
		t.Errorf("%d calls were executed, want 2", s.called.Load())
	}
}

// TestForeignServers: what another server answers is never taken for a reply.
func TestForeignServers(t *testing.T) {
	Describe(&Component{Name: "shop", Names: "1", Types: shopTypes, Endpoints: []Endpoint{{Name: "Order", Routes: []Route{{"POST", "/shop/order"}}}}})
	for _, c := range []struct {
		header, body string
		code         int
	}{{"", "{}", 200}, {"", "<html>", 502}, {"ok", "<html>", 200}, {"refused", "<html>", 503}, {"refused", "{}", 503}, {"error", `{"error": {}}`, 500}} {
		hello := true
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typeJSON)
			if w.Header().Set(headerStatus, "ok"); !hello {
				w.Header().Set(headerStatus, c.header)
				w.WriteHeader(c.code)
				_, _ = io.WriteString(w, c.body)
			} else {
				w.Header().Set(headerNames, "1")
			}
			hello = false
		})}
		l := listenAnywhere(t)
		go func() { _ = srv.Serve(l) }()
		conn, err := dial(t.Context(), link.Address{Scheme: "http", Host: l.Addr().String()}, link.Hello{Component: "shop", Fingerprint: "1"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Call(t.Context(), link.Outgoing{Endpoint: link.Endpoint{Name: "Order"}})
		if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.Unknown {
			t.Errorf("%+v: %v", c, err)
		}
		_ = conn.Close()
		_ = srv.Close()
	}
}
