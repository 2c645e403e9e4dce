package commandlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
)

// SQLite takes the first frame of the write-ahead log that fails its checksum
// for the torn end of it, and forgets what follows. That is right where the
// machine stopped in the middle of a write, and loses acknowledged calls where
// the file was damaged. A torn write is the last one: when a whole transaction
// follows the bad frame, it is damage.
//
// The file is a header and frames, each a page with a header of its own; all
// numbers are big-endian:
//
//	header: magic, version, page size, checkpoint, salt (8 bytes), checksum (8 bytes)
//	frame:  page, size of the database if it ends a transaction or 0, salt, checksum
//
// A checksum goes on from that of the frame before. Frames with another salt
// are left from before the last checkpoint.

const (
	walHeader   = 32
	frameHeader = 24
	walMagic    = 0x377f0682 // the last bit: checksums over big-endian words
)

// A wal is a write-ahead log as it is read.
type wal struct {
	data  []byte
	order binary.ByteOrder
	page  int
	salt  uint64
}

// checkWAL returns an error if the write-ahead log at path is damaged other
// than by a write that was cut off. It looks again before it says so: a process
// that lives may be writing.
func checkWAL(path string) error {
	var err error
	for range 3 {
		var data []byte
		data, err = os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = damage(data)
		}
		if err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// A damageError is the place of a damage in a write-ahead log.
type damageError struct {
	Offset       int
	Transactions int // whole ones that follow
}

func (e *damageError) Error() string {
	if e.Offset == 0 {
		return "the header of its write-ahead log fails its checksum"
	}
	return fmt.Sprintf("byte %d of its write-ahead log fails its checksum, and is not the end of it: %d writes follow", e.Offset, e.Transactions)
}

// damage looks for damage in a write-ahead log.
func damage(data []byte) error {
	if len(data) <= walHeader {
		return nil // nothing was written yet
	}
	w, sum, ok := readHeader(data)
	if !ok {
		return &damageError{}
	}
	size := frameHeader + w.page
	at := walHeader
	for ; at+size <= len(data); at += size {
		if w.saltAt(at) != w.salt || w.sum(at, sum) != w.stored(at) {
			break
		}
		sum = w.stored(at)
	}
	bad, whole := at, 0
	for at += size; at+size <= len(data); at += size {
		if w.saltAt(at) != w.salt || w.sum(at, w.stored(at-size)) != w.stored(at) {
			continue
		}
		if binary.BigEndian.Uint32(data[at+4:]) != 0 {
			whole++
		}
	}
	if whole > 0 {
		return &damageError{Offset: bad, Transactions: whole}
	}
	return nil
}

// readHeader returns the log and the checksum that its first frame goes on from.
func readHeader(data []byte) (w *wal, sum uint64, ok bool) {
	magic := binary.BigEndian.Uint32(data)
	w = &wal{data: data, order: binary.LittleEndian, page: int(binary.BigEndian.Uint32(data[8:])), salt: binary.BigEndian.Uint64(data[16:])}
	if magic&1 != 0 {
		w.order = binary.BigEndian
	}
	if magic&^1 != walMagic || w.page < 512 || w.page > 1<<16 {
		return nil, 0, false
	}
	sum = binary.BigEndian.Uint64(data[24:])
	return w, sum, sum == w.add(0, data[:24])
}

func (w *wal) saltAt(frame int) uint64 { return binary.BigEndian.Uint64(w.data[frame+8:]) }
func (w *wal) stored(frame int) uint64 { return binary.BigEndian.Uint64(w.data[frame+16:]) }

// sum returns what the checksum of a frame should be, after one with checksum
// before.
func (w *wal) sum(frame int, before uint64) uint64 {
	page := frame + frameHeader
	return w.add(w.add(before, w.data[frame:frame+8]), w.data[page:page+w.page])
}

func (w *wal) add(sum uint64, data []byte) uint64 {
	a, b := uint32(sum>>32), uint32(sum)
	for ; len(data) >= 8; data = data[8:] {
		a += w.order.Uint32(data) + b
		b += w.order.Uint32(data[4:]) + a
	}
	return uint64(a)<<32 | uint64(b)
}
