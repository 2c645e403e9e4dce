package link

import "sync"

// A Buffer holds an encoded message. Buffers are pooled: after Release neither
// the Buffer nor B may be used.
type Buffer struct {
	B []byte
}

var buffers = sync.Pool{New: func() any { return &Buffer{B: make([]byte, 0, 512)} }}

// maxPooled keeps one large message from pinning its memory forever.
const maxPooled = 64 << 10

// GetBuffer returns an empty buffer from the pool. Remote.Call releases it.
func GetBuffer() *Buffer {
	b := buffers.Get().(*Buffer)
	b.B = b.B[:0]
	return b
}

// Release returns the buffer to the pool.
func (b *Buffer) Release() {
	if cap(b.B) <= maxPooled {
		buffers.Put(b)
	}
}
