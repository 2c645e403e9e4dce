package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const uploadsCase = "../../testdata/contracts/stream-uploads.txtar"

// serveDepot starts the unit of the case with uploads.
func serveDepot(t *testing.T) *feed {
	t.Helper()
	s, program := program(t, uploadsCase)
	at := address(t, "http")
	s.serve(t, program, at)
	return &feed{at, &http.Client{Transport: &http.Transport{}}}
}

// send makes a call with a body, and returns the answer.
func (f *feed) send(t *testing.T, ctx context.Context, method, path, media string, body io.Reader, headers ...string) (status int, text string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, f.at+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := f.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

const (
	octets = "application/octet-stream"
	lines  = "application/jsonl"
)

// TestUploads sends streams as plain clients do.
func TestUploads(t *testing.T) {
	f := serveDepot(t)
	for _, c := range []struct {
		call, media, body string
		status            int
		want              string
	}{
		{"PUT /files/a%2Fb", octets, "hello", 200, `{"size":5,"sum":907060870}`},
		{"POST /depot/put?name=x", octets, "", 200, `{"size":0,"sum":0}`},
		{"POST /depot/peek?n=3", octets, "hello", 200, `{"result":"hel"}`},
		{"POST /depot/peek?n=9", octets, "hello", 500, `unexpected EOF`},
		{"POST /depot/sum?times=2", lines, "1\n2\r\n\n 39 ", 200, `{"result":84}`},
		{"POST /depot/sum?times=2", lines, "", 200, `{"result":0}`},
		{"POST /depot/take?most=9", lines, `{"name":"a","tags":["x"]}` + "\n" + `{"name":"b"}`, 200, `{"result":"a1;b0;"}`},
		{"POST /depot/take?most=1", lines, strings.Repeat(`{"name":"a"}`+"\n", 50_000), 200, `{"result":"a0;"}`},
		{"PUT /files/full", octets, "hello", 422, `depot.ErrFull`},
		{"PUT /files/full", octets, strings.Repeat("x", 8<<20), 422, `depot.ErrFull`},
		{"PUT /files/panic", octets, "hello", 500, `out of shelves`},
		// What isn't such a call, or isn't one in the middle.
		{"POST /depot/sum?times=2", lines, "1\nx\n3", 400, `line 2 of numbers`},
		{"POST /depot/take?most=9", lines, `{"name":"a"}` + "\n" + `{"nam":"b"}`, 400, `line 2 of items`},
		{"POST /depot/sum?times=2", lines, `[1,2]`, 400, `line 1 of numbers`},
		{"POST /depot/sum?times=x", lines, "1", 400, `times`},
		{"POST /depot/sum?numbers=true", lines, "1", 400, `numbers is the body`},
		{"POST /depot/sum?none=1", lines, "1", 400, `none`},
		{"POST /depot/twice", lines, "1\n2", 500, `comes once`},
		{"POST /depot/put?name=x", "application/json", `{"name":"x"}`, 415, `send application/octet-stream, of which data is made`},
		{"POST /depot/put?name=x", "", `hello`, 415, `no Content-Type`},
		{"POST /depot/sum?times=1", octets, "1", 415, `send application/jsonl`},
		{"GET /depot/put?name=x", "", "", 405, ``},
		{"POST /depot/pairs", lines, "1", 415, ``},
		{"POST /depot/pairs", "application/json", "{}", 501, `pairs of Pairs is a stream`},
		{"POST /depot/two", "application/json", "{}", 501, `a of Two is a stream`},
		{"POST /depot/deep", "application/json", "{}", 501, `data of Deep is a stream`},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		status, text, err := f.send(t, t.Context(), method, path, c.media, strings.NewReader(c.body))
		if err != nil || status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s of %.40q: %d %.300s, %v; want %d with %s", c.call, c.body, status, text, err, c.status, c.want)
		}
	}
}

// TestUploadThatEnds cuts an upload, and lets the time of one pass: the component learns that
// it doesn't have everything.
func TestUploadThatEnds(t *testing.T) {
	f := serveDepot(t)
	awaitLast := func(want string) {
		t.Helper()
		text := ""
		for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
			if _, text, _ = f.send(t, t.Context(), "POST", "/depot/last", "application/json", strings.NewReader("{}")); strings.Contains(text, want) {
				return
			}
		}
		t.Errorf("the last upload ended as %s, want %s", text, want)
	}
	_, host, _ := strings.Cut(f.at, "://")
	for _, sent := range []string{
		"Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		nc, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(nc, "PUT /files/cut HTTP/1.1\r\nHost: x\r\nContent-Type: "+octets+"\r\n"+sent)
		_ = nc.Close()
		awaitLast(` true true false`)
		_, _, _ = f.send(t, t.Context(), "PUT", "/files/whole", octets, strings.NewReader("hello!"))
		awaitLast(`6 false false false`)
	}
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = io.WriteString(w, "hello") }() // and nothing more
	status, text, err := f.send(t, t.Context(), "PUT", "/files/late", octets, r, "Unweld-Timeout", "300ms")
	if err != nil || status != 504 {
		t.Errorf("a deadline: %d %s, %v", status, text, err)
	}
	awaitLast(` true false true`)
}

// counted counts what is read of a body.
type counted struct {
	io.Reader
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// TestUploadIsHeldUp has curl send a large body in chunks to a component that doesn't read
// it: it is held up until the component does.
func TestUploadIsHeldUp(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal(err)
	}
	f := serveDepot(t)
	const size = 96 << 20
	body := &counted{Reader: io.LimitReader(endless{}, size)}
	cmd := exec.CommandContext(t.Context(), curl, "-sS", "-X", "POST", "-T", "-", "-H", "Content-Type: "+octets, f.at+"/depot/gate")
	cmd.Stdin = body
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := int64(-1)
	for now := body.n.Load(); now != last || now == 0; now = body.n.Load() {
		last = now
		time.Sleep(300 * time.Millisecond)
	}
	if last >= size/2 {
		t.Errorf("%d bytes were taken of a body of %d of which one was read", last, size)
	}
	if status, text, err := f.send(t, t.Context(), "POST", "/depot/open", "application/json", strings.NewReader("{}")); err != nil || status != 200 {
		t.Fatalf("%d %s, %v", status, text, err)
	}
	if err := cmd.Wait(); err != nil || out.String() != `{"result":100663296}` {
		t.Errorf("%v: %s%s", err, out.Bytes(), errs.Bytes())
	}
	large := make([]byte, 3<<20)
	_, _ = io.ReadFull(endless{}, large)
	out.Reset()
	cmd = exec.CommandContext(t.Context(), curl, "-sS", "-T", "-", "-H", "Content-Type: "+octets, f.at+"/files/large")
	cmd.Stdin, cmd.Stdout = bytes.NewReader(large), &out
	err = cmd.Run()
	var got struct {
		Size int64
		Sum  uint32
	}
	if bad := json.Unmarshal(out.Bytes(), &got); err != nil || bad != nil || got.Size != 3<<20 || got.Sum != crc32.ChecksumIEEE(large) {
		t.Errorf("%v, %v: %s, want the sum %d", err, bad, out.Bytes(), crc32.ChecksumIEEE(large))
	}
}

// endless has bytes without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i % 251)
	}
	return len(p), nil
}

// TestDocumentOfUploads holds the OpenAPI document to what can be sent.
func TestDocumentOfUploads(t *testing.T) {
	s, _ := program(t, uploadsCase)
	doc := s.openAPI(t)
	if !strings.Contains(doc.Info.Description, "Only units of the program call Pairs (pairs), Two (a), Deep (data)") {
		t.Errorf("what plain HTTP can't call: %s", doc.Info.Description)
	}
	put := doc.Paths.Find("/files/{name}").Put
	if content := put.RequestBody.Value.Content; len(content) != 1 || content[octets] == nil || content[octets].Schema.Value.Format != "binary" {
		t.Errorf("of bytes: %+v", content)
	}
	if p := put.Parameters.GetByInAndName("path", "name"); p == nil || put.Parameters.GetByInAndName("query", "data") != nil {
		t.Errorf("the parameters are %+v", put.Parameters)
	}
	take := doc.Paths.Find("/depot/take").Post
	said, err := json.Marshal(take.RequestBody.Value.Content[lines].Extensions["x-lines"])
	if want := `{"schema":{"$ref":"#/components/schemas/depot.Item"}}`; err != nil || string(said) != want {
		t.Errorf("of values: %s, want %s", said, want)
	}
	if take.Parameters.GetByInAndName("query", "most") == nil {
		t.Errorf("the parameters are %+v", take.Parameters)
	}
}
