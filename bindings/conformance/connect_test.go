package conformance

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestConnectJSON calls a component with nothing but HTTP and JSON, as a shell would.
func TestConnectJSON(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stock.txtar")
	at := address(t, "connect")
	s.serve(t, program, at)
	base := "http://" + strings.TrimPrefix(at, "connect://")
	for _, c := range []struct {
		procedure, media, body string
		status                 int
		want                   string // of the members of the answer
	}{
		{"/stock.Service/Sum", "application/json", `{"xs": ["1", "2", "39"]}`, 200, `{"sum":"42","more":true}`},
		{"/stock.Service/Sum", "application/json; charset=utf-8", `{"xs": [1, 2]}`, 200, `{"sum":"3","more":true}`},
		{"/stock.Service/Sum", "application/json", `{}`, 200, `{}`},
		{"/stock.Service/Sum", "application/json", `{"ys": []}`, 400, `{"code":"invalid_argument"}`},
		{"/stock.Service/Sum", "application/json", `{"xs": [`, 400, `{"code":"invalid_argument"}`},
		{"/stock.Service/Fail", "application/json", `{"how": "wrapped"}`, 500, `{"code":"unknown","message":"stock: gone"}`},
		{"/stock.Service/Nothing", "application/json", `{}`, 501, `{"code":"unimplemented"}`},
	} {
		res, err := http.Post(base+c.procedure, c.media, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Errorf("%s %s: %v of %q", c.procedure, c.body, err, text)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s %s: %s, want %s", c.procedure, c.body, text, c.want)
			}
		}
		if res.StatusCode != c.status {
			t.Errorf("%s %s: %s %s, want %d", c.procedure, c.body, res.Status, text, c.status)
		}
	}
}

// TestConnectGET calls what only reads by plain GET, as a browser, a cache or a probe does,
// and in no other way what doesn't.
func TestConnectGET(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stock.txtar")
	at := address(t, "connect")
	s.serve(t, program, at)
	base := "http://" + strings.TrimPrefix(at, "connect://")
	for _, c := range []struct {
		at, query string
		status    int
		want      string
	}{
		{"stock.Service/Sum", "connect=v1&encoding=json&message=" + url.QueryEscape(`{"xs": ["1", "41"]}`), 200, `{"sum":"42","more":true}`},
		{"stock.Service/Sum", "encoding=json&message={}", 200, `{}`},
		{"stock.Service/Sum", "encoding=json&base64=1&message=" + base64.RawURLEncoding.EncodeToString([]byte(`{"xs": [1, 2]}`)), 200, `{"sum":"3","more":true}`},
		{"stock.Service/Sum", "encoding=proto&base64=1&message=", 200, ``},
		{"stock.Service/Sum", "encoding=json&message=" + url.QueryEscape(`{"ys": 1}`), 400, `invalid_argument`},
		{"stock.Service/Sum", "encoding=json", 400, `missing message`},
		{"stock.Service/Sum", "", 415, ``},
		{"stock.Service/Fail", "encoding=json&message={}", 405, ``},
		{"stock.Service/Ping", "encoding=json&message={}", 405, ``},
		{"grpc.health.v1.Health/Check", "encoding=json&message={}", 200, `{"status":"SERVING"}`},
		{"grpc.health.v1.Health/Check", "encoding=json&message=" + url.QueryEscape(`{"service": "stock.Service"}`), 200, `{"status":"SERVING"}`},
		{"grpc.health.v1.Health/Check", "encoding=json&message=" + url.QueryEscape(`{"service": "tax.Service"}`), 404, `not_found`},
	} {
		res, err := http.Get(base + "/" + c.at + "?" + c.query)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != c.status || !strings.Contains(strings.ReplaceAll(string(text), " ", ""), strings.ReplaceAll(c.want, " ", "")) {
			t.Errorf("%s?%s: %s %s, %v; want %d with %s", c.at, c.query, res.Status, text, err, c.status, c.want)
		}
	}
}

// TestConnectGETClients: the library's own client asks by GET where the .proto says that
// it may, over Connect's protocol.
func TestConnectGETClients(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stock.txtar")
	at := address(t, "connect")
	s.serve(t, program, at)
	var methods []string
	seen := roundTripper(func(r *http.Request) (*http.Response, error) {
		methods = append(methods, r.Method)
		return http.DefaultTransport.RoundTrip(r)
	})
	service := s.foreign(t, at).service
	level := map[descriptorpb.MethodOptions_IdempotencyLevel]connect.IdempotencyLevel{descriptorpb.MethodOptions_NO_SIDE_EFFECTS: connect.IdempotencyNoSideEffects}
	for _, name := range []protoreflect.Name{"Sum", "Ping"} {
		m := service.Methods().ByName(name)
		stated := m.Options().(*descriptorpb.MethodOptions).GetIdempotencyLevel()
		client := connect.NewClient[emptypb.Empty, emptypb.Empty](&http.Client{Transport: seen}, strings.Replace(at, "connect://", "http://", 1)+"/stock.Service/"+string(name),
			connect.WithHTTPGet(), connect.WithIdempotency(level[stated]))
		if _, err := client.CallUnary(t.Context(), connect.NewRequest(&emptypb.Empty{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if want := []string{http.MethodGet, http.MethodPost}; !slices.Equal(methods, want) {
		t.Errorf("the requests were %v, want %v", methods, want)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
