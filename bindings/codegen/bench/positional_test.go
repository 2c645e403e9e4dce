package bench

import (
	"encoding/binary"
	"errors"
	"math"
)

// The positional codec is what somebody would write by hand for this one type: the
// fields in their order, without numbers, so that nothing can ever be added. It
// keeps what the generated one keeps: nil apart from empty, and every number.

func appendPositional(b []byte, r *priceRequest) []byte {
	q := &r.P0
	b = appendPositionalText(b, q.SKU)
	b = binary.AppendVarint(b, int64(q.Quantity))
	b = binary.AppendVarint(b, q.UnitPrice)
	b = binary.AppendVarint(b, q.Total)
	b = appendPositionalText(b, q.Currency)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(q.Discount))
	if q.Notes == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(q.Notes))+1)
	for _, n := range q.Notes {
		b = appendPositionalText(b, n)
	}
	return b
}

func appendPositionalText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errPositional = errors.New("truncated")

// A positionalReader reads a frame from its beginning; what is missing sets bad.
type positionalReader struct {
	rest string
	bad  bool
}

func (r *positionalReader) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.bad = true
	return 0
}

func (r *positionalReader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *positionalReader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *positionalReader) float() float64 {
	if len(r.rest) < 8 {
		r.bad = true
		return 0
	}
	s := r.rest[:8]
	r.rest = r.rest[8:]
	return math.Float64frombits(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
}

func parsePositional(frame string, v *priceRequest) error {
	r := positionalReader{rest: frame}
	q := &v.P0
	q.SKU = r.text()
	q.Quantity = int(r.varint())
	q.UnitPrice = r.varint()
	q.Total = r.varint()
	q.Currency = r.text()
	q.Discount = r.float()
	if n := r.uvarint(); n > 0 {
		if n-1 > uint64(len(r.rest)) {
			return errPositional
		}
		q.Notes = make([]string, n-1)
		for i := range q.Notes {
			q.Notes[i] = r.text()
		}
	}
	if r.bad || r.rest != "" {
		return errPositional
	}
	return nil
}

func positional(buf []byte, in, out *priceRequest) ([]byte, error) {
	*out = priceRequest{}
	buf = appendPositional(buf[:0], in)
	return buf, parsePositional(string(buf), out)
}
