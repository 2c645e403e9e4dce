package commandlog

import (
	"encoding/binary"
	"os"
)

// An owner file lies beside the log. It names the process that has it open, and
// how many of its records are acknowledged: written without a sync, after the
// log itself was, so that it is never ahead, and keeps what SQLite can't know
// after a kill: that the end of the log is missing.
//
// It holds two numbers of 8 bytes, in the order of the machine: the process, 0
// for none, and the records.
type owner struct {
	file   *os.File
	shared []byte // the file in memory; nil where that isn't to be had
}

const ownerSize = 16

// readOwner returns zeros where there is no file.
func readOwner(path string) (pid int, records int64) {
	data, err := os.ReadFile(path)
	if err != nil || len(data) < ownerSize {
		return 0, 0
	}
	return int(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:]))
}

// openOwner writes the file for this process.
func openOwner(path string, records int64) (*owner, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	o := &owner{file: f}
	o.write(os.Getpid(), records)
	o.shared = mapFile(f, ownerSize)
	return o, nil
}

// write replaces both numbers. A failure is no loss: it only means that less is
// known later.
func (o *owner) write(pid int, records int64) {
	var data [ownerSize]byte
	binary.NativeEndian.PutUint64(data[:], uint64(pid))
	binary.NativeEndian.PutUint64(data[8:], uint64(records))
	_, _ = o.file.WriteAt(data[:], 0)
}

// acknowledge says how many records are in the log.
func (o *owner) acknowledge(records int64) {
	switch {
	case o == nil: // a log in memory
	case o.shared != nil:
		storeShared(o.shared[8:], uint64(records))
	default:
		o.write(os.Getpid(), records)
	}
}

// close gives the log back, with so many records.
func (o *owner) close(records int64) error {
	if o == nil {
		return nil
	}
	if o.shared != nil {
		unmapFile(o.shared)
	}
	o.write(0, records)
	return o.file.Close()
}
