package link

import (
	"encoding/binary"
	"errors"
)

// The run-time's own messages use the protobuf encoding too: a tag of field
// number and wire type, then a varint or a length and bytes.

const (
	wireVarint = 0
	wireBytes  = 2
)

var errShort = errors.New("message ends early or has a bad length")

// The two are compiled once, and not where they are called: in none of those
// places does a call matter.

//go:noinline
func appendVarintField(b []byte, field int, v uint64) []byte {
	if v == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(field)<<3|wireVarint)
	return binary.AppendUvarint(b, v)
}

//go:noinline
func appendStringField(b []byte, field int, s string) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|wireBytes)
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func readUvarint(s string) (v uint64, rest string, err error) {
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		c := s[i]
		if i == binary.MaxVarintLen64-1 && c > 1 {
			return 0, "", errShort
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return v, s[i+1:], nil
		}
	}
	return 0, "", errShort
}

// readField splits the first field off a message. Fields of wire types that
// the run-time doesn't write are refused.
func readField(s string) (field int, varint uint64, bytes, rest string, err error) {
	tag, s, err := readUvarint(s)
	if err != nil {
		return 0, 0, "", "", err
	}
	if tag>>3 == 0 || tag>>3 > 1<<28 {
		return 0, 0, "", "", errShort
	}
	v, s, err := readUvarint(s)
	if err != nil {
		return 0, 0, "", "", err
	}
	switch tag & 7 {
	case wireVarint:
		return int(tag >> 3), v, "", s, nil
	case wireBytes:
		if v > uint64(len(s)) {
			return 0, 0, "", "", errShort
		}
		return int(tag >> 3), 0, s[:v], s[v:], nil
	}
	return 0, 0, "", "", errShort
}
