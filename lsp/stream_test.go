package lsp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// read returns the messages that a stream makes of bytes, and what it answers.
func read(in []byte) (methods []string, answered string, err error) {
	var out bytes.Buffer
	s := newStream(bytes.NewReader(in), &out)
	for {
		var v struct{ Method string }
		if err := s.ReadObject(&v); err != nil {
			return methods, out.String(), err
		}
		methods = append(methods, v.Method)
	}
}

func message(method string) string { return `{"jsonrpc":"2.0","method":"` + method + `"}` }

func frame(length int, content string) string {
	return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", length, content)
}

// TestWrongLength gives a message a length that isn't its own: it is answered, and the
// next one is read.
func TestWrongLength(t *testing.T) {
	a, next := message("a"), frame(len(message("next")), message("next"))+frame(len(message("last")), message("last"))
	for name, c := range map[string]struct{ in, want, answer string }{
		"right":            {frame(len(a), a), "a next last", ""},
		"too short":        {frame(len(a)-3, a), "next last", "not JSON"},
		"much too short":   {frame(2, a), "next last", "not JSON"},
		"nothing":          {frame(0, a), "next last", "not JSON"},
		"too long":         {frame(len(a)+9, a), "a next last", ""},
		"both too long":    {frame(len(a)+len(next)/2+9, a), "a next last", ""},
		"no number":        {"Content-Length: x\r\n\r\n" + a, "next last", `Content-Length \"x\" is not a length`},
		"negative":         {frame(-1, a), "next last", "is not a length"},
		"huge":             {"Content-Length: 99999999999999999999\r\n\r\n" + a, "next last", "is not a length"},
		"no header":        {a, "next last", "before the header"},
		"no header, lines": {"{\n\n\"x\":\n1}\r\n\r\n" + a + "\n", "next last", "before the header"},
		"other fields":     {fmt.Sprintf("content-length:%d\nContent-Type: x\n\n%s", len(a), a), "a next last", ""},
		"long junk":        {strings.Repeat("x", 1<<17), "next last", "before the header"},
	} {
		t.Run(name, func(t *testing.T) {
			methods, answered, err := read([]byte(c.in + next))
			if got := strings.Join(methods, " "); got != c.want || err != io.EOF {
				t.Errorf("read %s, %v; want %s", got, err, c.want)
			}
			if n := strings.Count(answered, `"error"`); c.answer == "" && n > 0 || c.answer != "" && (n != 1 || !strings.Contains(answered, c.answer)) {
				t.Errorf("answered %d times: %s; want %q", n, answered, c.answer)
			}
		})
	}
	if _, _, err := read([]byte(frame(99, a))); err != io.ErrUnexpectedEOF {
		t.Errorf("the end within a message: %v", err)
	}
}

// FuzzFrames: whatever comes, the stream ends without harm, and a message after what
// names no length is read.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{"", "{", frame(3, "abc"), "Content-Length: -1\r\n\r\n", "Content-Length: 5\r\n\r\n[1,2]", "a: b\r\n\r\n", "\r\n\r\n\n", "Content-Length:\nContent-Length: 2\n\n{}",
		frame(400, message("a")) + frame(1, "x")} {
		f.Add([]byte(seed))
	}
	good := frame(len(message("good")), message("good"))
	f.Fuzz(func(t *testing.T, in []byte) {
		methods, answered, err := read(append(append([]byte{}, in...), "\n"+good...))
		if err == nil {
			t.Fatal("the stream goes on after its end")
		}
		if !bytes.Contains(bytes.ToLower(in), []byte("content-length")) && (len(methods) == 0 || methods[len(methods)-1] != "good") {
			t.Errorf("read %q of %q", methods, in)
		}
		for _, part := range strings.Split(answered, "Content-Length: ") {
			if _, body, ok := strings.Cut(part, "\r\n\r\n"); ok && !json.Valid([]byte(body)) {
				t.Errorf("answered %q", body)
			}
		}
	})
}
