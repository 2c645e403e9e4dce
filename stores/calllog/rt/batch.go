package calllog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A batch is one row of the log: the records of calls that shared one write.
//
//	crc   4 bytes, little endian: CRC-32C of seq (8 bytes) and all that follows
//	count uvarint, at least 1
//	count times: method uvarint, length uvarint, request
//
// seq, the number of the first record, is the key of the row and isn't repeated.
//
// Whether a call failed is known when it has run, after its record was written.
// So it stands in the next batch: its first record may be one with the method
// number 0, whose request lists the numbers of the calls that failed since the
// batch before, each as the uvarint of its distance to the one before. From the
// first such record on, a call that no later one lists has not failed.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const crcSize = 4

// A record is one logged call.
type record struct {
	method  uint64 // number of the method in this log
	request []byte
}

// failures is the method number of a record that lists calls that failed.
const failures = 0

func encodeFailures(seqs []int64) []byte {
	var b []byte
	last := int64(0)
	for _, seq := range seqs {
		b = binary.AppendUvarint(b, uint64(seq-last))
		last = seq
	}
	return b
}

func decodeFailures(b []byte) (map[int64]bool, error) {
	seqs, last := map[int64]bool{}, int64(0)
	for len(b) > 0 {
		d, rest, err := uvarint(b)
		if err != nil {
			return nil, err
		}
		last, b = last+int64(d), rest
		seqs[last] = true
	}
	return seqs, nil
}

// beginBatch starts a batch of count records in buf.
func beginBatch(buf []byte, count int) []byte {
	buf = append(buf[:0], 0, 0, 0, 0)
	return binary.AppendUvarint(buf, uint64(count))
}

func appendRecord(buf []byte, r record) []byte {
	buf = binary.AppendUvarint(buf, r.method)
	buf = binary.AppendUvarint(buf, uint64(len(r.request)))
	return append(buf, r.request...)
}

// endBatch fills in the checksum.
func endBatch(buf []byte, seq int64) []byte {
	binary.LittleEndian.PutUint32(buf, checksum(seq, buf[crcSize:]))
	return buf
}

func checksum(seq int64, data []byte) uint32 {
	var key [8]byte
	binary.LittleEndian.PutUint64(key[:], uint64(seq))
	return crc32.Update(crc32.Checksum(key[:], castagnoli), castagnoli, data)
}

var errShort = errors.New("the batch ends early")

// decodeBatch calls each for the records of a batch and returns how many there
// are. Requests are parts of data.
func decodeBatch(data []byte, seq int64, each func(record) error) (int, error) {
	if len(data) < crcSize {
		return 0, errShort
	}
	body := data[crcSize:]
	if want, got := binary.LittleEndian.Uint32(data), checksum(seq, body); want != got {
		return 0, fmt.Errorf("checksum is %08x, expected %08x", got, want)
	}
	count, body, err := uvarint(body)
	if err != nil {
		return 0, err
	}
	if count == 0 || count > uint64(len(body)) {
		return 0, fmt.Errorf("a batch of %d bytes can't hold %d records", len(body), count)
	}
	for range count {
		var r record
		var size uint64
		if r.method, body, err = uvarint(body); err != nil {
			return 0, err
		}
		if size, body, err = uvarint(body); err != nil {
			return 0, err
		}
		if size > uint64(len(body)) {
			return 0, errShort
		}
		r.request, body = body[:size:size], body[size:]
		if err := each(r); err != nil {
			return 0, err
		}
	}
	if len(body) > 0 {
		return 0, fmt.Errorf("%d bytes after the last record", len(body))
	}
	return int(count), nil
}

func uvarint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, errShort
	}
	return v, b[n:], nil
}
