package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// openAPI reads the generated document with a library that isn't ours.
func (s *scratch) openAPI(t *testing.T) *openapi3.T {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.dir, s.target.Dir, "*.openapi.json"))
	if err != nil || len(names) != 1 {
		t.Fatalf("found %v: %v", names, err)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// An exchange is a request and its reply, as something in between saw them.
type exchange struct {
	method, path, request string
	code                  int
	media, reply          string
}

// tap starts a server that passes requests on to an address, and returns its own.
func tap(t *testing.T, at string) (address string, seen func() []exchange) {
	t.Helper()
	var mu sync.Mutex
	var all []exchange
	to, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	upgraded := httputil.NewSingleHostReverseProxy(to)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" { // what follows isn't for readers of the document
			upgraded.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller has gone
		}
		on, err := http.NewRequestWithContext(r.Context(), r.Method, at+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		on.Header = r.Header
		res, err := http.DefaultTransport.RoundTrip(on)
		if err != nil {
			return
		}
		defer res.Body.Close()
		reply, err := io.ReadAll(res.Body)
		if err != nil {
			return
		}
		mu.Lock()
		all = append(all, exchange{r.Method, r.URL.Path, string(body), res.StatusCode, res.Header.Get("Content-Type"), string(reply)})
		mu.Unlock()
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = w.Write(reply)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() []exchange {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// valid checks a JSON text against a schema of the document.
func valid(doc *openapi3.T, schema *openapi3.SchemaRef, text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	return doc.ValidateSchemaJSON(schema.Value, v)
}

// TestOpenAPI runs every case over HTTP and holds what is sent and answered to the
// document. What is wrong doesn't pass.
func TestOpenAPI(t *testing.T) {
	files, err := filepath.Glob("../../testdata/contracts/conformance/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s, program := program(t, file)
			if !slices.Contains(s.reached(t), "http") {
				return // the case is about what doesn't cross here
			}
			doc := s.openAPI(t)
			at := address(t, "http")
			s.serve(t, program, at)
			through, seen := tap(t, at)
			s.compare(t, program, s.elsewhere(through)...)
			problem := doc.Components.Schemas["Problem"]
			checked := map[string]int{}
			for _, e := range seen() {
				path := doc.Paths.Find(e.path)
				if e.method != http.MethodPost || path == nil || path.Post == nil {
					continue // the handshake
				}
				if body := path.Post.RequestBody; body != nil {
					if err := valid(doc, body.Value.Content["application/json"].Schema, e.request); err != nil {
						t.Errorf("%s: %.500s: %v", e.path, e.request, err)
					}
				}
				schema := problem
				if e.code == http.StatusOK {
					schema = path.Post.Responses.Value("200").Value.Content["application/json"].Schema
				}
				if err := valid(doc, schema, e.reply); err != nil {
					t.Errorf("%s: %.500s: %v", e.path, e.reply, err)
				}
				checked[e.media]++
				if valid(doc, schema, `{"nobody": 1}`) == nil || valid(doc, schema, `[]`) == nil {
					t.Errorf("%s: anything passes", e.path)
				}
			}
			if checked["application/json"] == 0 {
				t.Errorf("nothing was checked: %v", checked)
			}
		})
	}
}

// TestPlainHTTP calls a component with nothing but net/http, as a person at a shell
// would.
func TestPlainHTTP(t *testing.T) {
	s := bind(t, "../../testdata/contracts/http.txtar")
	doc := s.openAPI(t)
	at := address(t, "http")
	s.serve(t, s.build("program"), at)
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string // in the reply
	}{
		{"GET", "/orders/7", "", 404, `"detail":"order 7: file does not exist"`},
		{"PUT", "/orders/7", `{"order": {"state": "open", "tags": ["a"], "at": "2024-02-29T12:00:00+01:00", "took": "1m30s", "payment": {"type": "card", "value": {"number": "42"}}}}`, 200, `{"result":1}`},
		{"GET", "/orders/7", "", 200, `{"order":{"order_id":7,"state":"open","tags":["a"],"at":"2024-02-29T12:00:00+01:00","took":"1m30s","payment":{"type":"card","value":{"number":"42"}}}}`},
		{"POST", "/orders/get", `{"id": 7}`, 200, `"order_id":7`},
		{"GET", "/orders/get?id=7", "", 200, `"order_id":7`},
		{"GET", "/orders/search?state=open&tags=a&limit=5", "", 200, `{"orders":[{"order_id":7,`},
		{"GET", "/orders/search?state=closed", "", 200, `{"orders":null}`},
		{"GET", "/orders/close", "", 400, `the parameter id: want an integer, not \"close\"`},
		{"DELETE", "/orders/close", "", 405, "takes GET or POST or PUT, not DELETE"},
		{"POST", "/orders/close", `{"id": "7"}`, 200, `{}`},
		{"POST", "/orders/close", `{"id": 7}`, 422, `"sentinel":"example.com/conform/orders.ErrClosed"`},
		{"PUT", "/orders/7", `{"order": {"internal": "x"}}`, 400, `has no \"internal\"`},
		{"PUT", "/orders/seven", `{"order": {}}`, 400, `the parameter id: `},
		{"PUT", "/orders/7", `{"order": {"payment": {"type": "cheque"}}}`, 400, `one of card, cash`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, at+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.code || !strings.Contains(string(body), c.want) {
			t.Errorf("%s %s: %s %s %v, want %d %s", c.method, c.path, res.Status, body, err, c.code, c.want)
		}
	}
	get := doc.Paths.Find("/orders/{id}").Get
	closes := doc.Paths.Find("/orders/close").Post
	order := doc.Components.Schemas["orders.Order"].Value
	for what, ok := range map[string]bool{
		"parameters":  get.Parameters.GetByInAndName("path", "id") != nil && doc.Paths.Find("/orders/search").Get.Parameters.GetByInAndName("query", "limit") != nil,
		"summary":     get.Summary == "Get returns an order",
		"deprecation": closes.Deprecated && !get.Deprecated,
		"types' docs": order.Description == "An Order is what a customer wants." && order.Properties["order_id"].Value.Description == "of the order",
		"hidden":      order.Properties["internal"] == nil,
		"info":        strings.HasPrefix(doc.Info.Description, "Service keeps orders."),
		"GET only":    doc.Paths.Find("/orders/close").Get == nil,
	} {
		if !ok {
			t.Errorf("%s: the document is wrong", what)
		}
	}
	res, err := http.Get(at + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	served, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	same, err := openapi3.NewLoader().LoadFromData(served)
	if err != nil || same.Paths.Len() != doc.Paths.Len() || same.Validate(t.Context()) != nil {
		t.Errorf("it serves %.200s: %v", served, err)
	}
}
