package handle

import (
	"encoding/binary"
	"errors"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// Errors of the link that say why a handle can't be used. The call was not executed.
var (
	// ErrClosed: its Close method has ended it, called by this process or another
	// one that had it too.
	ErrClosed = errors.New("the handle has been closed")
	// ErrExpired: the component heard nothing of this process for the time of a
	// lease, and has released the value.
	ErrExpired = errors.New("the lease of the handle has ended")
	// ErrLost: the process that had the value isn't the one that was asked. It was
	// started again, or the component is elsewhere now.
	ErrLost = errors.New("the value of the handle is gone with the process that had it")
	// ErrForeign: the value isn't a handle, or not one that this process got from
	// the component.
	ErrForeign = errors.New("not a handle that the component gave to this process")
	// ErrTooMany: a process has as many handles as it may have.
	ErrTooMany = errors.New("too many handles")
)

// A Ref names a value of a component. The zero value stands for nil.
type Ref struct{ Epoch, Number uint64 }

// AppendRef appends the fields of r: the epoch as a fixed64, and the number.
func AppendRef(b []byte, r Ref) []byte {
	b = binary.LittleEndian.AppendUint64(append(b, 1<<3|wire.TypeFixed64), r.Epoch)
	return wire.AppendUvarint(append(b, 2<<3), r.Number)
}

// ParseRef reads what AppendRef wrote. A negative result is a fault.
func ParseRef(s string, r *Ref) int {
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		switch tag, i = wire.Uvarint(s, i); tag {
		case 1<<3 | wire.TypeFixed64:
			if len(s)-i < 8 {
				return wire.Truncated
			}
			r.Epoch = binary.LittleEndian.Uint64([]byte(s[i : i+8]))
			i += 8
		case 2 << 3:
			r.Number, i = wire.Uvarint(s, i)
		default:
			i = wire.Skip(s, i, tag)
		}
	}
	return i
}

// A Caller is what a request says of who sent it.
type Caller struct {
	ID string // of the process, nameSize bytes
	// First is the number of the first result that is a handle, if there are any;
	// those after it have the next ones. Numbers begin at 1.
	First uint64
}

const nameSize = 16

// AppendCaller appends the fields of c.
func AppendCaller(b []byte, c Caller) []byte {
	b = wire.AppendText(append(b, 1<<3|wire.TypeBytes), c.ID)
	if c.First != 0 {
		b = wire.AppendUvarint(append(b, 2<<3), c.First)
	}
	return b
}

// ParseCaller reads what AppendCaller wrote. A negative result is a fault.
func ParseCaller(s string, c *Caller) int {
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		switch tag, i = wire.Uvarint(s, i); tag {
		case 1<<3 | wire.TypeBytes:
			c.ID, i = wire.Message(s, i)
		case 2 << 3:
			c.First, i = wire.Uvarint(s, i)
		default:
			i = wire.Skip(s, i, tag)
		}
	}
	return i
}
