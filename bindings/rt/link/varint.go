package link

import (
	"errors"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// The run-time's own messages use the protobuf encoding too: a tag of field
// number and wire type, then a varint or a length and bytes.

var errShort = errors.New("message ends early or has a bad length")

// The two are compiled once, and not where they are called: in none of those
// places does a call matter.

//go:noinline
func appendVarintField(b []byte, field int, v uint64) []byte {
	if v == 0 {
		return b
	}
	return wire.AppendUvarint(wire.AppendUvarint(b, uint64(field)<<3|wire.TypeVarint), v)
}

//go:noinline
func appendStringField(b []byte, field int, s string) []byte {
	return wire.AppendText(wire.AppendUvarint(b, uint64(field)<<3|wire.TypeBytes), s)
}

// readField splits the first field off a message. Fields of wire types that
// the run-time doesn't write are refused.
func readField(s string) (field int, varint uint64, bytes, rest string, err error) {
	tag, i := wire.Uvarint(s, 0)
	switch tag & 7 {
	case wire.TypeVarint:
		varint, i = wire.Uvarint(s, i)
	case wire.TypeBytes:
		bytes, i = wire.Message(s, i)
	default:
		i = wire.Truncated
	}
	if i < 0 || tag>>3 == 0 || tag>>3 > 1<<28 {
		return 0, 0, "", "", errShort
	}
	return int(tag >> 3), varint, bytes, s[i:], nil
}
