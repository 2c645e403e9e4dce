package wire

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Faults are negative offsets.
const (
	faultTruncated = -1 - iota
	faultOverflow
	faultType
	faultDepth
	faultCount
	faultValue
)

// ErrMalformed is matched by the error of every fault.
var ErrMalformed = errors.New("malformed frame")

// ErrTooDeep is the error of writing a value that nests deeper than MaxDepth,
// or contains itself. That of reading such a value matches it too.
var ErrTooDeep = fmt.Errorf("value nests deeper than %d, or contains itself", MaxDepth)

// ErrTooLarge is the error of writing a value that takes more than MaxSize.
var ErrTooLarge = fmt.Errorf("value takes more than %d bytes: what is shared in it is written as often as it is reached", MaxSize)

var faults = [...]string{
	-faultTruncated: "ends inside a field",
	-faultOverflow:  "a number is out of range",
	-faultType:      "a field has an unknown wire type",
	-faultDepth:     "", // ErrTooDeep says it
	-faultCount:     "more elements than an array holds",
	-faultValue:     "a value is refused by its type",
}

// Fault returns the error for a negative offset, or nil for any other.
func Fault(i int) error {
	switch {
	case i >= 0:
		return nil
	case i == faultDepth:
		return fmt.Errorf("%w: %w", ErrMalformed, ErrTooDeep)
	}
	return fmt.Errorf("%w: %s", ErrMalformed, faults[-i])
}

// Faults that generated code raises itself.
const (
	Truncated = faultTruncated
	TooDeep   = faultDepth
	TooMany   = faultCount
	Refused   = faultValue
)

// A Mode is passed down while a frame is read: how deep messages may still
// nest, and whether strings are copied out of the frame.
type Mode uint32

const (
	modeDepth Mode = 1<<16 - 1
	modeClone Mode = 1 << 16
)

// CloneAbove is the size of a frame, in bytes, above which strings are copied
// out of it. A short string doesn't keep a large frame alive then.
const CloneAbove = 4 << 10

// ModeOf is the mode to read a frame with.
func ModeOf(frame string) Mode {
	if len(frame) > CloneAbove {
		return MaxDepth | modeClone
	}
	return MaxDepth
}

// Spent reports whether the depth of m is used up. Decoders of recursive
// messages check it, and pass m-1 to nested ones.
func Spent(m Mode) bool { return m&modeDepth == 0 }

// Uvarint reads a varint at offset i.
func Uvarint(s string, i int) (uint64, int) {
	if uint(i) < uint(len(s)) && s[i] < 0x80 {
		return uint64(s[i]), i + 1
	}
	return uvarintLong(s, i)
}

//go:noinline
func uvarintLong(s string, i int) (uint64, int) {
	if i < 0 {
		return 0, i
	}
	var v uint64
	for shift := uint(0); i < len(s); shift += 7 {
		c := s[i]
		i++
		if c < 0x80 {
			if shift == 63 && c > 1 {
				return 0, faultOverflow
			}
			return v | uint64(c)<<shift, i
		}
		if shift == 63 {
			return 0, faultOverflow
		}
		v |= uint64(c&0x7f) << shift
	}
	return 0, faultTruncated
}

// Sint reads a zigzag varint.
func Sint(s string, i int) (int64, int) {
	u, i := Uvarint(s, i)
	return Unzigzag(u), i
}

// Int reads a zigzag varint into a signed integer of any size. A value that
// doesn't fit is a fault.
func Int[T ~int | ~int8 | ~int16 | ~int32 | ~int64](s string, i int) (T, int) {
	u, i := Uvarint(s, i)
	v := Unzigzag(u)
	if int64(T(v)) != v {
		return 0, faultOverflow
	}
	return T(v), i
}

// Uint reads a varint into an unsigned integer of any size. A value that
// doesn't fit is a fault.
func Uint[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](s string, i int) (T, int) {
	u, i := Uvarint(s, i)
	if uint64(T(u)) != u {
		return 0, faultOverflow
	}
	return T(u), i
}

// Bool reads a varint; every value but zero is true.
func Bool(s string, i int) (bool, int) {
	u, i := Uvarint(s, i)
	return u != 0, i
}

// Float64 reads eight bytes.
func Float64(s string, i int) (float64, int) {
	if i < 0 || len(s)-i < 8 {
		return 0, truncated(i)
	}
	return math.Float64frombits(fixed64(s[i : i+8])), i + 8
}

// Float32 reads four bytes.
func Float32(s string, i int) (float32, int) {
	if i < 0 || len(s)-i < 4 {
		return 0, truncated(i)
	}
	return math.Float32frombits(uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24), i + 4
}

func fixed64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func truncated(i int) int {
	if i < 0 {
		return i
	}
	return faultTruncated
}

// Message reads a length and returns that part of s, without copying it.
func Message(s string, i int) (string, int) {
	if uint(i) < uint(len(s)) && s[i] < 0x80 {
		if end := i + 1 + int(s[i]); end <= len(s) {
			return s[i+1 : end], end
		}
	}
	return messageLong(s, i)
}

//go:noinline
func messageLong(s string, i int) (string, int) {
	n, i := Uvarint(s, i)
	if i < 0 {
		return "", i
	}
	if n > uint64(len(s)-i) {
		return "", faultTruncated
	}
	end := i + int(n)
	return s[i:end], end
}

// Text reads a string.
func Text(s string, i int, m Mode) (string, int) {
	t, i := Message(s, i)
	if m&modeClone != 0 {
		t = strings.Clone(t)
	}
	return t, i
}

// Bytes reads a slice of bytes. It is nil only where the frame is malformed.
func Bytes(s string, i int) ([]byte, int) {
	t, i := Message(s, i)
	if i < 0 {
		return nil, i
	}
	return []byte(t), i
}

// Skip skips the value of an unknown field.
func Skip(s string, i int, tag uint64) int {
	switch tag & 7 {
	case TypeVarint:
		_, i = Uvarint(s, i)
	case TypeBytes:
		_, i = Message(s, i)
	case TypeFixed64:
		i = skipFixed(s, i, 8)
	case TypeFixed32:
		i = skipFixed(s, i, 4)
	default:
		return faultType
	}
	return i
}

func skipFixed(s string, i, n int) int {
	if i < 0 || len(s)-i < n {
		return truncated(i)
	}
	return i + n
}

// Elements reads the elements of a list of numbers from a field: all in one, or one by
// itself, as callers may write them too (protobuf's encoding guide, "Packed repeated
// fields").
func Elements(s string, i int, tag uint64) (string, int) {
	if tag&7 == TypeBytes {
		return Message(s, i)
	}
	end := Skip(s, i, tag)
	if end < 0 {
		return "", end
	}
	return s[i:end], end
}

// Run counts the consecutive length-delimited fields with one tag, starting
// with the one whose length is at offset i. It returns 0 if the first is
// truncated.
func Run(s string, i int, tag string) int {
	n := 0
	for {
		var next int
		if _, next = Message(s, i); next < 0 {
			return n
		}
		n++
		if !strings.HasPrefix(s[next:], tag) {
			return n
		}
		i = next + len(tag)
	}
}

// Varints counts the varints in s by their last bytes.
func Varints(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < 0x80 {
			n++
		}
	}
	return n
}
