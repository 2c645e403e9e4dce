package wire

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestIntegers(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, math.MaxInt64, math.MinInt64} {
		b := string(AppendSint(nil, v))
		if got, i := Sint(b, 0); got != v || i != len(b) {
			t.Errorf("%d arrives as %d, at %d of %d", v, got, i, len(b))
		}
		if len(b) > 10 {
			t.Errorf("%d takes %d bytes", v, len(b))
		}
		for n := range b {
			if _, i := Sint(b[:n], 0); !errors.Is(Fault(i), ErrMalformed) {
				t.Errorf("%d of the %d bytes of %d are read without a fault", n, len(b), v)
			}
		}
	}
}

func TestRange(t *testing.T) {
	b := string(AppendSint(nil, 128))
	if _, i := Int[int8](b, 0); i != faultOverflow {
		t.Errorf("128 fits an int8: %d", i)
	}
	if v, i := Int[int16](b, 0); v != 128 || i != 2 {
		t.Errorf("128 arrives as %d at %d", v, i)
	}
	if _, i := Uint[uint8]("\x80\x02", 0); i != faultOverflow {
		t.Errorf("256 fits a uint8: %d", i)
	}
	for _, s := range []string{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", strings.Repeat("\x80", 50)} {
		if _, i := Uvarint(s, 0); i >= 0 {
			t.Errorf("%x is read as a number of 64 bits", s)
		}
	}
}

// TestFaultSticks: every reader hands on the fault that it is given.
func TestFaultSticks(t *testing.T) {
	s := strings.Repeat("\x01", 20)
	for name, read := range map[string]func(int) int{
		"Uvarint": func(i int) int { _, i = Uvarint(s, i); return i },
		"Int":     func(i int) int { _, i = Int[int](s, i); return i },
		"Float64": func(i int) int { _, i = Float64(s, i); return i },
		"Float32": func(i int) int { _, i = Float32(s, i); return i },
		"Message": func(i int) int { _, i = Message(s, i); return i },
		"Text":    func(i int) int { _, i = Text(s, i, modeClone); return i },
		"Bytes":   func(i int) int { _, i = Bytes(s, i); return i },
		"Skip":    func(i int) int { return Skip(s, i, 8|TypeFixed64) },
		"Time":    func(i int) int { return UnmarshalText(s, i, new(time.Time)) },
	} {
		for _, fault := range []int{faultTruncated, faultValue} {
			if got := read(fault); got != fault {
				t.Errorf("%s turns fault %d into %d", name, fault, got)
			}
		}
	}
}

func TestMessage(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 300, 1 << 14, 1 << 21} {
		want := strings.Repeat("m", n)
		b := append([]byte("head"), 0)
		at := len(b)
		b = Close(append(b, want...), at)
		b = append(b, "tail"...)
		got, i := Message(string(b), 4)
		if got != want || string(b[i:]) != "tail" {
			t.Errorf("a message of %d bytes arrives with %d, before %q", n, len(got), b[i:])
		}
	}
	for _, s := range []string{"\x05abcd", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "\x80"} {
		if _, i := Message(s, 0); i >= 0 {
			t.Errorf("%q is a message", s)
		}
	}
}

func TestRun(t *testing.T) {
	field := func(tag, s string) string { return tag + string(AppendText(nil, s)) }
	for _, test := range []struct {
		s, tag string
		want   int
	}{
		{field("\x0a", "x"), "\x0a", 1},
		{field("\x0a", "x") + field("\x0a", "") + field("\x0a", strings.Repeat("y", 200)) + field("\x12", "z") + field("\x0a", "x"), "\x0a", 3},
		{field("\x82\x01", "x") + field("\x82\x01", "y"), "\x82\x01", 2},
		{"\x0a\x05x", "\x0a", 0},
		{field("\x0a", "x") + "\x0a\x7f", "\x0a", 1},
	} {
		if got := Run(test.s, len(test.tag), test.tag); got != test.want {
			t.Errorf("Run(%q) is %d, want %d", test.s, got, test.want)
		}
	}
}

func TestSkip(t *testing.T) {
	for _, test := range []struct {
		tag  uint64
		s    string
		want int
	}{
		{8 | TypeVarint, "\x80\x01", 2}, {8 | TypeBytes, "\x02ab", 3}, {8 | TypeFixed64, "12345678", 8}, {8 | TypeFixed32, "1234", 4},
		{8 | 3, "", faultType}, {8 | TypeFixed64, "1234567", faultTruncated}, {8 | TypeBytes, "\x03ab", faultTruncated},
	} {
		if got := Skip(test.s, 0, test.tag); got != test.want {
			t.Errorf("Skip(%q, %d) is %d, want %d", test.s, test.tag&7, got, test.want)
		}
	}
}

// TestPresence keeps Null the presence field with no bit set.
func TestPresence(t *testing.T) {
	if got := string(AppendUvarint(AppendUvarint(nil, uint64(PresenceNumber(1))<<3), 0)); got != Null {
		t.Errorf("Null is %q, the presence field %q", Null, got)
	}
	for n, want := range map[int]int{1: 2047, 64: 2047, 65: 2046, 128: 2046, MaxNumber: 2018} {
		if got := PresenceNumber(n); got != want || got <= MaxNumber {
			t.Errorf("the presence of field %d is in %d, want %d", n, got, want)
		}
	}
}

func TestTime(t *testing.T) {
	for _, want := range []time.Time{
		{}, time.Unix(0, 0).UTC(), time.Now(), time.Now().UTC(), time.Unix(-1, 999_999_999), time.Unix(1<<40, 5).UTC(),
		time.Date(2024, 7, 1, 12, 0, 0, 0, time.FixedZone("", 0)), time.Date(2024, 7, 1, 12, 0, 0, 1, time.FixedZone("ABC", -(13*3600+7))),
	} {
		var got time.Time
		if i := DecodeTime(string(AppendTime(nil, want)), &got); i < 0 {
			t.Errorf("%v: %v", want, Fault(i))
		}
		wn, wo := want.Zone()
		gn, offset := got.Zone()
		if !got.Equal(want) || wn != gn || wo != offset {
			t.Errorf("%v arrives as %v", want, got)
		}
	}
	for _, s := range []string{"\x10\x80\x94\xeb\xdc\x03", "\x18\xff\xff\xff\xff\x0f", "\x22\x50" + strings.Repeat("z", 0x50), "\x08"} {
		if i := DecodeTime(s, new(time.Time)); i >= 0 {
			t.Errorf("%q is a time", s)
		}
	}
}

// TestZones: a peer can't fill the memory with zones.
func TestZones(t *testing.T) {
	for i := range 3 * maxZones {
		at := time.Unix(0, 0).In(time.FixedZone("Z", i+1))
		var got time.Time
		DecodeTime(string(AppendTime(nil, at)), &got)
		if _, offset := got.Zone(); offset != i+1 {
			t.Fatalf("offset %d arrives as %d", i+1, offset)
		}
	}
	if len(zones.known) > maxZones {
		t.Errorf("%d zones are remembered", len(zones.known))
	}
}

func TestModeOf(t *testing.T) {
	m := ModeOf("abc")
	if Spent(m) || m&modeClone != 0 {
		t.Errorf("mode %x of a small frame", m)
	}
	if m = ModeOf(strings.Repeat("x", CloneAbove+1)); m&modeClone == 0 {
		t.Error("strings of a large frame aren't copied out")
	}
	for range MaxDepth {
		if Spent(m) {
			t.Fatal("the depth is spent early")
		}
		m--
	}
	if !Spent(m) || m&modeClone == 0 {
		t.Errorf("mode %x after %d levels", m, MaxDepth)
	}
}

func TestReserve(t *testing.T) {
	for _, depth := range []int{0, moveWithin - 1, moveWithin, 5000, MaxDepth} {
		for _, n := range []int{0, 1, 127, 128, 1 << 15} {
			m := Mode(MaxDepth-depth) | modeClone
			want := strings.Repeat("m", n)
			b := Reserve([]byte("head"), m)
			at := len(b)
			b = append(CloseReserved(append(b, want...), at, m), "tail"...)
			got, i := Message(string(b), 4)
			if got != want || i < 0 || string(b[i:]) != "tail" {
				t.Errorf("depth %d: a message of %d bytes arrives with %d", depth, n, len(got))
			}
			if depth >= moveWithin && len(b) != len("head")+longLength+n+len("tail") {
				t.Errorf("depth %d: a message of %d bytes was moved", depth, n)
			}
		}
	}
}
