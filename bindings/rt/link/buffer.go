package link

import "sync"

// A Buffer holds an encoded message. Buffers are pooled.
type Buffer struct {
	B []byte
}

var buffers = sync.Pool{New: func() any { return &Buffer{B: make([]byte, 0, 512)} }}

// maxPooled keeps one large message from pinning its memory forever.
const maxPooled = 64 << 10

// GetBuffer returns an empty buffer; Remote.Call takes it back.
func GetBuffer() *Buffer {
	b := buffers.Get().(*Buffer)
	b.B = b.B[:0]
	return b
}

// Release gives the buffer back to the pool.
func (b *Buffer) Release() {
	if cap(b.B) <= maxPooled {
		buffers.Put(b)
	}
}
