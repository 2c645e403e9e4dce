package link

import (
	"fmt"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// AppendFailure appends a reply that isn't StatusOK, as a protobuf message: the status,
// the tree of the error and the results beside it. It is for transports in whose
// replies these have no places of their own.
func AppendFailure(b []byte, st Status, tree, body []byte) []byte {
	b = wire.AppendUvarint(append(b, 1<<3), uint64(st))
	b = wire.AppendBytes(append(b, 2<<3|wire.TypeBytes), tree)
	if len(body) > 0 {
		b = wire.AppendBytes(append(b, 3<<3|wire.TypeBytes), body)
	}
	return b
}

// ParseFailure reads what AppendFailure wrote. Its error is an ErrMalformed.
func ParseFailure(s string) (Reply, error) {
	var r Reply
	st, i := uint64(0), 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		switch tag, i = wire.Uvarint(s, i); tag {
		case 1 << 3:
			st, i = wire.Uvarint(s, i)
		case 2<<3 | wire.TypeBytes:
			r.Error, i = wire.Message(s, i)
		case 3<<3 | wire.TypeBytes:
			r.Body, i = wire.Message(s, i)
		default:
			i = wire.Skip(s, i, tag)
		}
	}
	if i < 0 || st == 0 || st > uint64(StatusFailed) {
		return r, fmt.Errorf("%w: a failed reply", ErrMalformed)
	}
	r.Status = Status(st)
	return r, nil
}
