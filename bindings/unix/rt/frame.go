package unix

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A frame is a header and a payload. The header: the payload's length (4
// bytes, little endian), the kind, one byte of flags or status, and the number
// of the call (8 bytes), which the caller counts up from 1.
const (
	headerSize = 4 + 1 + 1 + 8
	kindOffset = 4
)

// Kinds of frames.
const (
	kindHello   = 1 // caller: who it wants to talk to
	kindWelcome = 2 // callee: the answer
	kindRequest = 3 // flags: what precedes the arguments
	kindReply   = 4 // status: a link.Status; unless it is OK the payload begins with the error
	kindCancel  = 5 // the caller no longer waits for the call
	kindGoaway  = 6 // the callee reads no more; the number is that of the last call it took
	kindPart    = 7 // some of a payload, not the last of it: see parts.go
	kindVoid    = 8 // nothing: a request that was taken back before it was written
	kindStreams = 9 // caller: a hello, for the pipe of one call with streams; see pipe.go
)

// Flags of a request.
const (
	flagDeadline = 1 << iota // the remaining time in nanoseconds
	flagMetadata             // link metadata, with its length before it
	flagParts                // the number of the transfer that the arguments begin with
	flagsKnown   = flagDeadline | flagMetadata | flagParts
)

type header struct {
	kind   byte
	detail byte // flags or status
	call   uint64
}

// beginFrame appends a header whose length endFrame fills in.
func beginFrame(b []byte, h header) []byte {
	b = append(b, 0, 0, 0, 0, h.kind, h.detail)
	return binary.LittleEndian.AppendUint64(b, h.call)
}

// endFrame completes the frame that starts at the given offset.
func endFrame(b []byte, start int) []byte {
	binary.LittleEndian.PutUint32(b[start:], uint32(len(b)-start-headerSize))
	return b
}

var errPayload = fmt.Errorf("%w: a frame's payload", link.ErrMalformed)

// Sizes of a connection's read buffer: where it starts, and up to where it is
// kept once a large frame has been read.
const (
	bufferFirst = 16 << 10
	bufferKept  = 256 << 10
)

// frames splits what a connection delivers into frames. Only the holder of the
// reader's role uses it.
type frames struct {
	buf        []byte
	start, end int // what was received and not yet taken
}

// next takes the next complete frame out of the buffer. The payload is valid
// until fill is called.
func (f *frames) next() (h header, payload []byte, ok bool, err error) {
	have := f.buf[f.start:f.end]
	if len(have) < headerSize {
		return h, nil, false, nil
	}
	size, err := frameSize(have)
	if err != nil || len(have) < size {
		return h, nil, false, err
	}
	h = header{kind: have[4], detail: have[5], call: binary.LittleEndian.Uint64(have[6:])}
	f.start += size
	return h, have[headerSize:size], true, nil
}

// frameSize checks the length in a header before anything relies on it.
func frameSize(b []byte) (int, error) {
	n := binary.LittleEndian.Uint32(b)
	if n > MaxMessage {
		return 0, fmt.Errorf("%w: a frame of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage)
	}
	return headerSize + int(n), nil
}

// fill reads once. It may be called when next has found no complete frame.
func (f *frames) fill(r io.Reader) error {
	if err := f.makeRoom(); err != nil {
		return err
	}
	n, err := r.Read(f.buf[f.end:])
	f.end += n
	if n > 0 {
		return nil // an error will come again
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// makeRoom leaves space behind what was received. The buffer grows with what
// has really arrived, at most to twice that: a header alone commits nothing.
func (f *frames) makeRoom() error {
	have := f.buf[f.start:f.end]
	need := headerSize
	if len(have) >= headerSize {
		size, err := frameSize(have)
		if err != nil {
			return err
		}
		need = size
	}
	switch {
	case len(have) == 0 && len(f.buf) > bufferKept, f.buf == nil:
		f.buf = make([]byte, bufferFirst)
		f.start, f.end = 0, 0
	case len(have) == 0:
		f.start, f.end = 0, 0
	case f.start+need > len(f.buf) || f.end == len(f.buf):
		to := f.buf
		if need > len(f.buf) && len(have) == len(f.buf) {
			to = make([]byte, min(max(need, bufferFirst), 2*len(f.buf)))
		}
		f.end = copy(to, have)
		f.start, f.buf = 0, to
	}
	return nil
}
