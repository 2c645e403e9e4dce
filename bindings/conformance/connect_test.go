package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
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
