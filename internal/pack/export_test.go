package pack

import (
	"encoding/binary"
	"hash/crc32"
)

// Seal puts a name and a checksum before bytes.
func Seal(body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), crc32.Checksum(body, table))
	return append(out, body...)
}
