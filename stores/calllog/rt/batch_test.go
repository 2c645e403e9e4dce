package calllog

import (
	"slices"
	"strings"
	"testing"
)

func TestBatchRoundTrip(t *testing.T) {
	want := []record{{1, []byte("a")}, {300, nil}, {0, []byte(strings.Repeat("x", 300))}}
	buf := beginBatch(nil, len(want))
	for _, r := range want {
		buf = appendRecord(buf, r)
	}
	buf = endBatch(buf, 7)
	var got []record
	n, err := decodeBatch(buf, 7, func(r record) error { got = append(got, r); return nil })
	if err != nil || n != len(want) {
		t.Fatalf("%d, %v", n, err)
	}
	same := func(a, b record) bool { return a.method == b.method && string(a.request) == string(b.request) }
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("got %v", got)
	}
	if _, err := decodeBatch(buf, 8, func(record) error { return nil }); err == nil {
		t.Error("a batch under another number was accepted")
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add(appendRecord(beginBatch(nil, 1), record{1, []byte("abc")})[crcSize:])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, body []byte) {
		data := endBatch(append(make([]byte, crcSize), body...), 1)
		total := 0
		n, err := decodeBatch(data, 1, func(r record) error { total += len(r.request); return nil })
		if total > len(body) {
			t.Errorf("requests of %d bytes out of %d", total, len(body))
		}
		if err == nil && n == 0 {
			t.Error("an empty batch was accepted")
		}
	})
}

func TestUnclassifiedError(t *testing.T) {
	if unclassified := (&Error{}); unclassified.Outcome != Unknown {
		t.Errorf("an unclassified error says %v", unclassified.Outcome)
	}
}
