package unix

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/rt/link"
)

// maxPart is the largest payload that is sent in one frame, give or take what
// precedes a request's arguments. What is larger goes out in parts, so that
// the frames of other calls, and above all cancels, get between them.
const maxPart = 64 << 10

// maxTransfers is how many requests a caller may have under way in parts.
const maxTransfers = 4

// partDropped in the detail of a kindPart: the transfer is given up.
const partDropped = 1

// parts are the beginnings of large payloads that have arrived. Only the
// reader uses them.
type parts struct {
	open map[uint64]*strings.Builder // by transfer
}

func (p *parts) add(h header, payload []byte) error {
	b := p.open[h.call]
	switch {
	case h.detail == partDropped:
		delete(p.open, h.call)
		return nil
	case h.detail != 0 || b == nil && len(p.open) == maxTransfers:
		return fmt.Errorf("%w: a part of transfer %d", link.ErrMalformed, h.call)
	case b == nil:
		if p.open == nil {
			p.open = make(map[uint64]*strings.Builder)
		}
		b = new(strings.Builder)
		p.open[h.call] = b
	}
	return addPart(b, payload)
}

// complete returns a transfer with its last bytes, and forgets it.
func (p *parts) complete(transfer uint64, last []byte) (string, error) {
	b := p.open[transfer]
	if b == nil {
		return "", fmt.Errorf("%w: the end of transfer %d, which hasn't begun", link.ErrMalformed, transfer)
	}
	delete(p.open, transfer)
	err := addPart(b, last)
	return b.String(), err
}

// addPart appends to a payload within the limit of one frame.
func addPart(b *strings.Builder, payload []byte) error {
	if n := b.Len() + len(payload); n > MaxMessage {
		return fmt.Errorf("%w: parts of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage)
	}
	_, _ = b.Write(payload)
	return nil
}
