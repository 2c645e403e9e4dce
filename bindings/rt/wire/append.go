package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The wire types of the protobuf encoding.
const (
	TypeVarint  = 0
	TypeFixed64 = 1
	TypeBytes   = 2
	TypeFixed32 = 5
)

// MaxDepth is how deep values of recursive types may nest, both when writing
// and when reading. It also stops the encoding of a cyclic value.
const MaxDepth = 10_000

// MaxSize is about how many bytes a value of a recursive type may take when it is
// written. It is more than any binding carries, and stops the encoding of a value
// that is small in memory only because its parts are shared: each is written as
// often as it is reached.
const MaxSize = 128 << 20

// Within returns why a message of a recursive type can't be appended to b, or nil.
func Within(b []byte, m Mode) error {
	switch {
	case Spent(m):
		return ErrTooDeep
	case len(b) > MaxSize:
		return ErrTooLarge
	}
	return nil
}

// Null is the message that stands for a nil pointer in a list: the presence
// field with no bit set, which nothing else writes.
const Null = "\xf8\x7f\x00"

// PresenceNumber returns the number of the reserved field that holds the
// presence bit of field number n: 2047 for the fields 1 to 64, 2046 for the
// next 64, and so on. The bit is (n-1) mod 64.
func PresenceNumber(n int) int { return 2047 - (n-1)/64 }

// MaxNumber is the highest field number a message may use; those above are
// left to presence.
const MaxNumber = 1920

// AppendUvarint appends v.
func AppendUvarint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}

// Zigzag maps small negative numbers to small unsigned ones.
func Zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

// Unzigzag is the inverse of [Zigzag].
func Unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// AppendSint appends v as a zigzag varint. It isn't inlined, as AppendField
// isn't: generated code would take longer to compile and run no faster.
//
//go:noinline
func AppendSint(b []byte, v int64) []byte { return AppendUvarint(b, Zigzag(v)) }

// AppendFloat64 appends the eight bytes of v.
func AppendFloat64(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

// AppendFloat32 appends the four bytes of v.
func AppendFloat32(b []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
}

// Bits64 returns the bits of v. They are zero for positive zero only, so that
// negative zero is written.
func Bits64(v float64) uint64 { return math.Float64bits(v) }

// Bits32 is Bits64 for float32.
func Bits32(v float32) uint32 { return math.Float32bits(v) }

// AppendBool appends one byte.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// AppendText appends the length of s and s.
func AppendText(b []byte, s string) []byte {
	return append(AppendUvarint(b, uint64(len(s))), s...)
}

// AppendBytes appends the length of s and s.
func AppendBytes(b, s []byte) []byte {
	return append(AppendUvarint(b, uint64(len(s))), s...)
}

// AppendField appends a field of text whose tag takes one byte.
//
//go:noinline
func AppendField(b []byte, tag byte, s string) []byte {
	if len(s) < 0x80 {
		return append(append(b, tag, byte(len(s))), s...)
	}
	return AppendText(append(b, tag), s)
}

// Close fills in the length of the message that starts at offset at, in the
// byte reserved before it.
func Close(b []byte, at int) []byte {
	if n := len(b) - at; n < 0x80 {
		b[at-1] = byte(n)
		return b
	}
	return closeLong(b, at)
}

func closeLong(b []byte, at int) []byte {
	var length [binary.MaxVarintLen64]byte
	n := len(b) - at
	k := binary.PutUvarint(length[:], uint64(n))
	b = append(b, length[:k-1]...) // room only
	copy(b[at+k-1:], b[at:at+n])
	copy(b[at-1:], length[:k])
	return b
}

// Messages nested deeper than this get room for a long length beforehand. To
// move them at every level would take time by the square of the depth.
const moveWithin = 64

// longLength is the room for a length, which may be written with more bytes
// than it needs.
const longLength = 5

func (m Mode) moves() bool { return MaxDepth-m&modeDepth < moveWithin }

// Reserve makes room for the length of a message of a recursive type.
func Reserve(b []byte, m Mode) []byte {
	if m.moves() {
		return append(b, 0)
	}
	return append(b, 0x80, 0x80, 0x80, 0x80, 0)
}

// CloseReserved is Close for a message begun by Reserve.
func CloseReserved(b []byte, at int, m Mode) []byte {
	if m.moves() {
		return Close(b, at)
	}
	n := len(b) - at
	if uint64(n) >= 1<<(7*longLength) {
		panic("wire: a message of 32 GB")
	}
	for i := at - longLength; i < at-1; i++ {
		b[i] = byte(n) | 0x80
		n >>= 7
	}
	b[at-1] = byte(n)
	return b
}

// UnknownVariant returns the error of writing a sealed interface that holds a
// type of another package. Such a type exists where it embeds one of the types
// that belong to the interface.
func UnknownVariant(v any) error {
	return fmt.Errorf("%T is behind a sealed interface, but isn't declared in the interface's package", v)
}

// UnregisteredType returns the error of writing an open interface that holds a type
// which the program wasn't seen to store in one when its code was generated.
func UnregisteredType(v any) error {
	return fmt.Errorf("%T is behind an interface, and the program wasn't seen to put that type there when the component was bound: bind it again", v)
}
