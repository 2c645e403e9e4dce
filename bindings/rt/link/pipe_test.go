package link_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
)

// FuzzPipeMessage reads whatever comes. What is read is written in the same way, but for
// numbers that are longer than they need be.
func FuzzPipeMessage(f *testing.F) {
	for _, parts := range [][][]byte{nil, {nil}, {[]byte("a"), []byte("bc")}, {make([]byte, 300)}} {
		m, err := link.PipeMessage(18, 1<<20, parts...)
		if err != nil {
			f.Fatal(err)
		}
		number, message, err := link.ParsePipeMessage(m)
		if number != 18 || !bytes.Equal(message, bytes.Join(parts, nil)) || err != nil {
			f.Errorf("%q came back as %d %q, %v", parts, number, message, err)
		}
		f.Add(m)
		f.Add(append(m, 1))
		f.Add(m[:1])
	}
	f.Add([]byte{0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, m []byte) {
		number, message, err := link.ParsePipeMessage(m)
		text, same, bad := link.ParsePipeMessage(string(m))
		if text != number || same != string(message) || (err == nil) != (bad == nil) {
			t.Errorf("as text it is %d %q, %v", text, same, bad)
		}
		if err != nil {
			if !errors.Is(err, link.ErrMalformed) {
				t.Errorf("got %v", err)
			}
			return
		}
		again, err := link.PipeMessage(number, 1<<30, message)
		if err != nil || len(again) > len(m) || !bytes.HasSuffix(m, message) {
			t.Errorf("%q is %q, %v", m, again, err)
		}
	})
}

func TestPipeMessageLimit(t *testing.T) {
	if _, err := link.PipeMessage(2, 100, make([]byte, 60), make([]byte, 41)); !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

// FuzzFailure reads whatever comes, and what was written.
func FuzzFailure(f *testing.F) {
	f.Add(link.AppendFailure(nil, link.StatusError, []byte("tree"), []byte("body")))
	f.Add(link.AppendFailure(nil, link.StatusOK, nil, nil))
	f.Add(link.AppendFailure(nil, link.StatusFailed+1, nil, nil))
	f.Add([]byte{8})
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := link.ParseFailure(string(src))
		if err != nil {
			if !errors.Is(err, link.ErrMalformed) {
				t.Errorf("got %v", err)
			}
			return
		}
		if r.Status == link.StatusOK || r.Status > link.StatusFailed {
			t.Errorf("a failure with status %d", r.Status)
		}
		if again, err := link.ParseFailure(string(link.AppendFailure(nil, r.Status, []byte(r.Error), []byte(r.Body)))); again != r || err != nil {
			t.Errorf("%+v came back as %+v, %v", r, again, err)
		}
	})
}
