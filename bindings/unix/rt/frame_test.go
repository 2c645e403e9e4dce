package unix

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// split reads frames until the input ends, and returns them as one text.
func split(r io.Reader) (all []byte, err error) {
	var f frames
	for {
		h, payload, err := f.one(r)
		if err != nil {
			return all, err
		}
		all = append(all, h.kind, h.detail)
		all = binary.LittleEndian.AppendUint64(all, h.call)
		all = wire.AppendBytes(all, payload)
	}
}

func FuzzFrames(f *testing.F) {
	two := endFrame(append(beginFrame(nil, header{kind: kindRequest, detail: flagDeadline, call: 1}), 1, 2, 3), 0)
	two = endFrame(beginFrame(two, header{kind: kindCancel, call: 1}), len(two))
	f.Add(two)
	f.Add(two[:len(two)-1])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 4, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		whole, err := split(bytes.NewReader(in))
		if err != io.EOF && !errors.Is(err, link.ErrTooLarge) {
			t.Fatalf("ended with %v", err)
		}
		pieces, again := split(iotest.OneByteReader(bytes.NewReader(in)))
		if !bytes.Equal(whole, pieces) || !errors.Is(again, err) && again.Error() != err.Error() {
			t.Fatalf("byte for byte it reads %x, %v; at once %x, %v", pieces, again, whole, err)
		}
	})
}

// FuzzPayloads reads hostile payloads: they may be refused, not crash, and
// never cost more than they weigh.
func FuzzPayloads(f *testing.F) {
	f.Add(byte(0), []byte{1, 'x'})
	f.Add(byte(flagDeadline|flagMetadata), append([]byte{1, 9, 6}, link.AppendMetadata(nil, map[string]string{"a": "b"})...))
	f.Add(byte(flagMetadata), []byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, detail byte, payload []byte) {
		r, err := parseRequest(header{kind: kindRequest, detail: detail, call: 1}, payload, new(parts))
		if err == nil && len(r.in.Request) > len(payload) {
			t.Fatal("more was read than sent")
		}
		if err == nil && r.timeout < 0 {
			t.Fatalf("a deadline of %v", r.timeout)
		}
		reply, err := parseReply(header{kind: kindReply, detail: detail}, string(payload))
		if err == nil && len(reply.Error)+len(reply.Body) > len(payload) {
			t.Fatal("more was read than sent")
		}
		hello, err := parseHello(string(payload))
		if err == nil && len(hello.Compatible) > len(payload) {
			t.Fatal("more was read than sent")
		}
	})
}

func TestFrameLengthCommitsNoMemory(t *testing.T) {
	in := beginFrame(nil, header{kind: kindRequest, call: 1})
	binary.LittleEndian.PutUint32(in, MaxMessage)
	in = append(in, make([]byte, 1000)...)
	var f frames
	r := bytes.NewReader(in)
	for {
		if _, _, err := f.one(r); err != nil {
			break
		}
	}
	if cap(f.buf) > 2*bufferFirst {
		t.Errorf("a header that promises %d bytes made a buffer of %d", MaxMessage, cap(f.buf))
	}
	binary.LittleEndian.PutUint32(in, MaxMessage+1)
	if _, _, err := new(frames).one(bytes.NewReader(in)); !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("a frame above the limit: %v", err)
	}
}

func TestBufferShrinksAfterALargeFrame(t *testing.T) {
	large := endFrame(append(beginFrame(nil, header{kind: kindReply, call: 1}), make([]byte, 4<<20)...), 0)
	small := endFrame(beginFrame(nil, header{kind: kindReply, call: 2}), 0)
	var f frames
	r := io.MultiReader(bytes.NewReader(large), bytes.NewReader(small))
	for want := uint64(1); want <= 2; want++ {
		h, _, err := f.one(r)
		if err != nil || h.call != want {
			t.Fatalf("frame %d: %v", h.call, err)
		}
	}
	if cap(f.buf) > bufferKept {
		t.Errorf("%d bytes are kept", cap(f.buf))
	}
}
