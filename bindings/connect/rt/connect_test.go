package connect

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

var transport = linktest.Transport{
	Link: func(host string) string { return "connect://" + host }, Dial: dial, Listen: listen, Secure: "connects", MaxMessage: MaxMessage, Bare: bare,
}

func TestMain(m *testing.M) { transport.Run(m) }

func TestTransport(t *testing.T) { transport.All(t) }

// TestStockClients: clients of three protocols know neither schemas nor trees.
func TestStockClients(t *testing.T) {
	if _, err := transport.Client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	h2c := &http.Transport{Protocols: new(http.Protocols)}
	h2c.Protocols.SetUnencryptedHTTP2(true)
	defer h2c.CloseIdleConnections()
	for name, c := range map[string]struct {
		transport http.RoundTripper
		options   []connect.ClientOption
	}{
		"connect":           {http.DefaultTransport, nil},
		"connect on HTTP/2": {h2c, nil},
		"connect with gzip": {http.DefaultTransport, []connect.ClientOption{connect.WithSendGzip()}},
		"gRPC-Web":          {http.DefaultTransport, []connect.ClientOption{connect.WithGRPCWeb()}},
		"gRPC":              {h2c, []connect.ClientOption{connect.WithGRPC()}},
	} {
		t.Run(name, func(t *testing.T) {
			call := func(procedure, in string) (string, error) {
				client := connect.NewClient[message, message](&http.Client{Transport: c.transport}, "http://"+transport.Address()+procedure,
					append(c.options, connect.WithCodec(codec{name: "proto"}))...)
				res, err := client.CallUnary(t.Context(), connect.NewRequest(&message{bytes: []byte(in)}))
				if err != nil {
					return "", err
				}
				return string(res.Msg.bytes), nil
			}
			long := strings.Repeat("hello ", 2000)
			if out, err := call("/linktest.Service/Echo", long); err != nil || out != long {
				t.Errorf("got %d bytes, %v", len(out), err)
			}
			for what, want := range map[string]connect.Code{"panic": connect.CodeInternal, "large beside an error": connect.CodeUnknown} {
				_, err := call("/linktest.Service/Echo", what)
				var e *connect.Error
				if !errors.As(err, &e) || e.Code() != want || len(e.Details()) > 0 {
					t.Errorf("%s: %v", what, err)
				}
			}
			for _, procedure := range []string{"/linktest.Service/Nothing", "/linktest/Echo", "/nothing"} {
				if _, err := call(procedure, ""); connect.CodeOf(err) != connect.CodeUnimplemented {
					t.Errorf("%s: %v", procedure, err)
				}
			}
			if _, err := call("/orders.Service/Echo", ""); connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("another component: %v", err)
			}
		})
	}
}

// TestPlainRequests are of callers without a library.
func TestPlainRequests(t *testing.T) {
	if _, err := transport.Client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		media, body string
		headers     []string
		status      int
		want        string
	}{
		{"application/proto", "hello", nil, 200, "hello"},
		{"application/json", "{}", nil, 501, "bind with --opt connect.json=true"},
		{"text/plain", "hello", nil, 415, ""},
		{"application/proto", "wait", []string{"Connect-Timeout-Ms", "20"}, 504, "deadline_exceeded"},
		{"application/proto", "hello", []string{headerMetadata, "%zz"}, 400, "isn't key=value"},
		{"application/proto", "hello", []string{headerSchema, "2"}, 400, "not compatible"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+transport.Address()+"/linktest.Service/Echo", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.media)
		for i := 0; i < len(c.headers); i += 2 {
			r.Header.Set(c.headers[i], c.headers[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != c.status || !bytes.Contains(body, []byte(c.want)) {
			t.Errorf("%s %q %v: %s %s, %v", c.media, c.body, c.headers, res.Status, body, err)
		}
	}
}
