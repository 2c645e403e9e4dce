package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

const eventsCase = "../../testdata/contracts/stream-events.txtar"

// A feed is the unit of the case with events, as its callers by plain HTTP see it.
type feed struct {
	at     string
	client *http.Client
}

// serveFeed starts the unit, at an address of the scheme.
func serveFeed(t *testing.T, scheme string) *feed {
	t.Helper()
	s, program := program(t, eventsCase)
	at := address(t, scheme)
	s.serve(t, program, at)
	return &feed{at, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}}
}

// get begins a call. Headers are pairs of name and value.
func (f *feed) get(t *testing.T, ctx context.Context, path string, headers ...string) *http.Response {
	t.Helper()
	return f.do(t, ctx, "GET", path, "", headers...)
}

func (f *feed) do(t *testing.T, ctx context.Context, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, f.at+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := f.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// An event is one of a stream, by the rules of the standard of HTML.
type event struct{ id, name, data string }

// readEvents reads events to the end of the reply, and returns how that ended.
func readEvents(r io.Reader, each func(event) bool) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var e event
	var data []string
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			if err == io.EOF && line == "" && data == nil {
				return nil
			}
			return errors.Join(err, fmt.Errorf("in the middle of an event: %.100q", line))
		}
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data == nil {
				continue // a comment
			}
			e.data = strings.Join(data, "\n")
			if !each(e) {
				return nil
			}
			e, data = event{}, nil
		case name == "":
		case name == "id":
			e.id = value
		case name == "event":
			e.name = value
		case name == "data":
			data = append(data, value)
		default:
			return fmt.Errorf("a field %q", name)
		}
	}
}

func collect(t *testing.T, res *http.Response) []event {
	t.Helper()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" || res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		t.Fatalf("%s of type %q: %s", res.Status, got, b)
	}
	var all []event
	if err := readEvents(res.Body, func(e event) bool { all = append(all, e); return true }); err != nil {
		t.Error(err)
	}
	return all
}

var end = event{"end", "end", "{}"}

// problemOf is the problem in an event.
func problemOf(t *testing.T, e event) (p struct {
	Status int
	Detail string
	Error  struct {
		Sentinel, Type string
		Wraps          []struct{ Sentinel string }
	}
	Results map[string]any
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.data), &p); err != nil || e.name != "problem" {
		t.Fatalf("%+v: %v", e, err)
	}
	return p
}

// TestEvents reads streams as a person at a shell would.
func TestEvents(t *testing.T) {
	f := serveFeed(t, "http")
	for path, want := range map[string][]event{
		"/quotes/plain?n=2":         {{"", "", `{"name":"A","price":0}`}, {"", "", `{"name":"A","price":1}`}, end},
		"/feed/watch?how=plain&n=0": {end},
		"/quotes/lines?n=1":         {{"", "", `{"name":"one\ntwo\r\nthree\rfour: ` + "\u2028" + `<&>\u0000","price":0}`}, end},
		"/quotes/bytes?n=1":         {{"", "", `{"name":"\udcff\udcfe","price":0}`}, end},
		"POST /feed/ticks?n=2":      {{"", "results", `{"name":"ticks"}`}, {"", "", "0"}, {"", "", "1"}, end},
		"POST /feed/ticks?n=0":      {{"", "results", `{"name":"ticks"}`}, end},
		"POST /feed/pairs":          {{"", "", `{"key":"a","value":1}`}, {"", "", `{"key":"b","value":2}`}, end},
		"POST /feed/none":           {{"", "results", `{"r":false,"seq":false}`}, end},
	} {
		method, at, ok := strings.Cut(path, " ")
		if !ok {
			method, at = "GET", path
		}
		res := f.do(t, t.Context(), method, at, "")
		if got := collect(t, res); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no", "Unweld-Status": "ok", "Content-Length": ""} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: the header %s is %q", path, name, got)
			}
		}
	}
	for _, e := range collect(t, f.get(t, t.Context(), "/quotes/raw?n=1")) { // the lines of what a type writes itself
		if e != end && e.data != `{"name":"A","price":0,"extra":{"a":1}}` {
			t.Errorf("raw: %q", e)
		}
	}
	large := collect(t, f.get(t, t.Context(), "/quotes/large?n=3"))
	if len(large) != 4 || len(large[2].data) != 1<<20+len(`{"name":"","price":2}`) || large[3] != end {
		t.Errorf("elements of a megabyte: %d", len(large))
	}
	both := collect(t, f.do(t, t.Context(), "POST", "/feed/both", `{"fail": false}`))
	for _, want := range []event{{"", "numbers", "1"}, {"", "words", `"x"`}, {"", "words", `"y"`}} {
		if !slices.Contains(both, want) {
			t.Errorf("both: %q", both)
		}
	}
	if len(both) != 5 || both[4] != end || !slices.Contains(both, event{"", "end", `{"of":"numbers"}`}) && !slices.Contains(both, event{"", "end", `{"of":"words"}`}) {
		t.Errorf("both: %q", both)
	}
}

// TestFailedEvents looks at how a stream says that it failed.
func TestFailedEvents(t *testing.T) {
	f := serveFeed(t, "http")
	last := func(path string, n int, headers ...string) event {
		t.Helper()
		all := collect(t, f.get(t, t.Context(), path, headers...))
		if len(all) != n {
			t.Fatalf("%s: %q", path, all)
		}
		return all[n-1]
	}
	if p := problemOf(t, last("/quotes/halted?n=2", 3)); p.Status != 422 || p.Detail != "watch: trading is halted" || len(p.Error.Wraps) != 1 || p.Error.Wraps[0].Sentinel != "example.com/conform/feed.ErrHalted" || p.Results != nil {
		t.Errorf("an error after elements: %+v", p)
	}
	if p := problemOf(t, last("/quotes/limited?n=0", 1)); p.Error.Type != "*example.com/conform/feed.LimitError" || p.Results["key"].(map[string]any)["name"] != "beside" {
		t.Errorf("an error beside a value: %+v", p)
	}
	if p := problemOf(t, last("/quotes/panics?n=1", 2)); p.Status != 500 || !strings.Contains(p.Detail, "out of paper") {
		t.Errorf("a panic: %+v", p)
	}
	if p := problemOf(t, last("/quotes/waits?n=2", 3, "Unweld-Timeout", "300ms")); p.Status != 504 {
		t.Errorf("a deadline: %+v", p)
	}
	resumed := collect(t, f.get(t, t.Context(), "/quotes/resumed?n=1"))
	if len(resumed) != 4 || problemOf(t, resumed[1]).Detail != "trading is halted" || resumed[2].data != `{"name":"again","price":0}` || resumed[3] != end {
		t.Errorf("an iterator that goes on: %q", resumed)
	}
	both := collect(t, f.do(t, t.Context(), "POST", "/feed/both", `{"fail": true}`))
	if p := problemOf(t, both[len(both)-1]); p.Status != 500 || !strings.Contains(p.Detail, "of numbers") {
		t.Errorf("one of two streams: %q", both)
	}
	res := f.do(t, t.Context(), "POST", "/feed/ticks", `{"n": -1}`)
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 422 || res.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(b), "feed.ErrHalted") {
		t.Errorf("an error instead of streams: %s %s", res.Status, b)
	}
	if res := f.get(t, t.Context(), "/quotes/plain?n=1", "Last-Event-ID", "end"); res.StatusCode != http.StatusNoContent {
		t.Errorf("a browser comes again: %s", res.Status)
	}
	res = f.do(t, t.Context(), "POST", "/feed/import", `{"r": true}`)
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 415 || res.Header.Get("Unweld-Status") != "refused" || !strings.Contains(string(b), "send application/octet-stream, of which r is made") {
		t.Errorf("a stream upwards: %s %s", res.Status, b)
	}
	res = f.do(t, t.Context(), "GET", "/quotes/plain?n=x", "")
	if res.StatusCode != 400 {
		t.Errorf("a malformed parameter: %s", res.Status)
	}
	f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 0 })
}

// TestBytesOfReader reads what an io.Reader has.
func TestBytesOfReader(t *testing.T) {
	f := serveFeed(t, "http")
	res := f.get(t, t.Context(), "/feed/open?name=some+text")
	if b, err := io.ReadAll(res.Body); string(b) != "some text" || err != nil || res.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%q %v of type %s", b, err, res.Header.Get("Content-Type"))
	}
	if n, err := io.Copy(io.Discard, f.get(t, t.Context(), "/feed/open?name=large").Body); n != 5<<20 || err != nil {
		t.Errorf("large: %d %v", n, err)
	}
	if b, err := io.ReadAll(f.get(t, t.Context(), "/feed/open?name=half").Body); string(b) != "half" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that fails ends as if it were complete: %q %v", b, err)
	}
	all := collect(t, f.get(t, t.Context(), "/feed/open?name=half", "Accept", "text/event-stream"))
	if len(all) != 2 || all[0].data != `"aGFsZg=="` || problemOf(t, all[1]).Error.Type != "*example.com/conform/feed.LimitError" {
		t.Errorf("as events: %q", all)
	}
	if res := f.get(t, t.Context(), "/feed/open?name=missing"); res.StatusCode != 422 {
		t.Errorf("missing: %s", res.Status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	res = f.get(t, ctx, "/feed/open?name=endless")
	if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
		t.Error(err)
	}
	cancel()
	f.awaitState(t, func(inUse, _, closed int64) bool { return inUse == 0 && closed == 5 })
}

// awaitState waits until the component says so of itself.
func (f *feed) awaitState(t *testing.T, right func(inUse, made, closed int64) bool) (made int64) {
	t.Helper()
	var last struct{ InUse, Made, Closed int64 }
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		res := f.do(t, t.Context(), "POST", "/feed/state", "")
		err := json.NewDecoder(res.Body).Decode(&last)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if right(last.InUse, last.Made, last.Closed) {
			return last.Made
		}
	}
	t.Fatalf("the state stays %+v", last)
	return 0
}

// TestEventsOfSlowReader: who doesn't read holds the component up, and one that goes
// away ends what it does.
func TestEventsOfSlowReader(t *testing.T) {
	f := serveFeed(t, "http")
	ctx, cancel := context.WithCancel(t.Context())
	res := f.get(t, ctx, "/quotes/endless?n=0") // elements of 64 KiB
	last, since := int64(-1), time.Now()
	held := f.awaitState(t, func(inUse, made, _ int64) bool {
		if made != last {
			last, since = made, time.Now()
		}
		return inUse == 1 && made > 0 && time.Since(since) > 500*time.Millisecond
	})
	if held > 500 { // more than fits into the buffers of the system
		t.Errorf("%d elements of 64 KiB were made that nobody reads", held)
	}
	n := 0
	_ = readEvents(res.Body, func(e event) bool { n++; return n < 1000 })
	if n != 1000 {
		t.Errorf("afterwards %d came", n)
	}
	cancel()
	f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 0 })
}

// TestCutEvents breaks the connection midway.
func TestCutEvents(t *testing.T) {
	f := serveFeed(t, "http")
	p := linktest.NewProxy(t, "tcp", "127.0.0.1:0", strings.TrimPrefix(f.at, "http://"))
	through := &feed{"http://" + p.Addr, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	for after := int64(400); after < 3000; after += 131 {
		p.Set(linktest.Cut{FromCallee: true, After: after})
		res := through.get(t, t.Context(), "/quotes/small?n=0")
		var seen event
		err := readEvents(res.Body, func(e event) bool { seen = e; return true })
		if err == nil || seen.name != "" {
			t.Errorf("cut after %d bytes the stream ended with %v and %+v", after, err, seen)
		}
	}
	p.Break()
	f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 0 })
}

// TestAThousandEventStreams reads as many at the same time.
func TestAThousandEventStreams(t *testing.T) {
	f := serveFeed(t, "http")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var began, done sync.WaitGroup
	began.Add(1000)
	for range 1000 {
		done.Go(func() {
			r, err := http.NewRequestWithContext(ctx, "GET", f.at+"/quotes/waits?n=2", nil)
			var res *http.Response
			if err == nil {
				res, err = f.client.Do(r)
			}
			if err != nil {
				t.Error(err)
				began.Done()
				return
			}
			defer res.Body.Close()
			n := 0
			_ = readEvents(res.Body, func(event) bool {
				if n++; n == 2 {
					began.Done()
				}
				return true
			})
			if n != 2 {
				t.Errorf("%d elements", n)
			}
		})
	}
	began.Wait()
	f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 1000 })
	cancel()
	done.Wait()
	f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 0 })
}

// TestEventsOverTLS reads by HTTP/1.1 and by HTTP/2.
func TestEventsOverTLS(t *testing.T) {
	at := serveFeed(t, "https").at
	for _, two := range []bool{false, true} {
		security, err := mtls.Client()
		if err != nil {
			t.Fatal(err)
		}
		f := &feed{at, &http.Client{Transport: &http.Transport{TLSClientConfig: security, ForceAttemptHTTP2: two}}}
		res := f.get(t, t.Context(), "/quotes/plain?n=2")
		if got := collect(t, res); len(got) != 3 || got[2] != end || (res.ProtoMajor == 2) != two {
			t.Errorf("by %s: %q", res.Proto, got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		res = f.get(t, ctx, "/quotes/small?n=0")
		n := 0
		_ = readEvents(res.Body, func(event) bool { n++; return n < 1000 })
		cancel()
		f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 0 })
		if b, err := io.ReadAll(f.get(t, t.Context(), "/feed/open?name=half").Body); string(b) != "half" || err == nil {
			t.Errorf("by %s a reader that fails ends as if it were complete: %q", res.Proto, b)
		}
	}
}

// TestEventsThroughProxy reads through one that buffers what it isn't told not to.
func TestEventsThroughProxy(t *testing.T) {
	f := serveFeed(t, "http")
	at, err := url.Parse(f.at)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httputil.NewSingleHostReverseProxy(at))
	defer srv.Close()
	through := &feed{srv.URL, srv.Client()}
	ctx, cancel := context.WithCancel(t.Context())
	res := through.get(t, ctx, "/quotes/waits?n=2")
	n := 0
	_ = readEvents(res.Body, func(event) bool { n++; return n < 2 }) // they come although there is no end
	cancel()
	f.awaitState(t, func(inUse, _, _ int64) bool { return inUse == 0 })
}

// TestDocumentOfEvents holds the OpenAPI document to what comes.
func TestDocumentOfEvents(t *testing.T) {
	s, _ := program(t, eventsCase)
	doc := s.openAPI(t)
	if doc.Paths.Find("/feed/import") == nil || strings.Contains(doc.Info.Description, "Only units") {
		t.Errorf("what plain HTTP can't call: %s", doc.Info.Description)
	}
	watch := doc.Paths.Find("/quotes/{how}")
	if watch == nil || watch.Get == nil {
		t.Fatal("no route")
	}
	content := watch.Get.Responses.Value("200").Value.Content
	events := content["text/event-stream"]
	if len(content) != 1 || events == nil || !strings.Contains(events.Schema.Value.Description, "The last one is end, or problem") {
		t.Fatalf("%+v", content)
	}
	said, err := json.Marshal(events.Extensions["x-events"])
	if want := `{"end":{"schema":{"type":"object"}},"message":{"schema":{"$ref":"#/components/schemas/feed.Quote"}},"problem":{"schema":{"$ref":"#/components/schemas/Problem"}}}`; err != nil || string(said) != want {
		t.Errorf("%s, want %s", said, want)
	}
	if err := valid(doc, doc.Components.Schemas["feed.Quote"], `{"name":"A","price":0}`); err != nil {
		t.Error(err)
	}
	if content := doc.Paths.Find("/feed/open").Post.Responses.Value("200").Value.Content; content["application/octet-stream"] == nil || content["text/event-stream"] == nil {
		t.Errorf("of a reader: %+v", content)
	}
}
