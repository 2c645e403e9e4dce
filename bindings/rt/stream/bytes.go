package stream

import (
	"io"
	"runtime"
)

// A Reader reads from one on the other side.
type Reader struct{ r *reader }

// Read implements io.Reader.
func (x *Reader) Read(p []byte) (int, error) {
	defer runtime.KeepAlive(x)
	return x.r.Read(p)
}

// WriteTo implements io.WriterTo.
func (x *Reader) WriteTo(w io.Writer) (int64, error) {
	defer runtime.KeepAlive(x)
	return x.r.WriteTo(w)
}

// A ReadCloser is a Reader whose other side is closed with it.
type ReadCloser struct{ Reader }

// Close implements io.Closer.
func (x *ReadCloser) Close() error {
	defer runtime.KeepAlive(x)
	return x.r.Close()
}

// A Writer writes to one on the other side.
type Writer struct{ w *writer }

// Write implements io.Writer.
func (x *Writer) Write(p []byte) (int, error) {
	defer runtime.KeepAlive(x)
	return x.w.Write(p)
}

// ReadFrom implements io.ReaderFrom.
func (x *Writer) ReadFrom(r io.Reader) (int64, error) {
	defer runtime.KeepAlive(x)
	return x.w.ReadFrom(r)
}

// A WriteCloser is a Writer whose other side is closed with it.
type WriteCloser struct{ Writer }

// Close implements io.Closer.
func (x *WriteCloser) Close() error {
	defer runtime.KeepAlive(x)
	return x.w.Close()
}

// A ReadWriter is both.
type ReadWriter struct {
	Reader
	Writer
}

// A ReadWriteCloser is all of them.
type ReadWriteCloser struct{ ReadWriter }

// Close implements io.Closer.
func (x *ReadWriteCloser) Close() error {
	defer runtime.KeepAlive(x)
	return x.r.Close()
}

// abandoned ends the stream of a result that nobody can reach any more.
type abandoned struct {
	s       *session
	numbers []int
}

func (a abandoned) end() {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	a.s.finish(a.numbers...)
}

func forget[T any](x *T, c *Call, result bool, numbers ...int) *T {
	if result {
		runtime.AddCleanup(x, abandoned.end, abandoned{c.session, numbers})
	}
	return x
}

// TakeReader is for a Reader that the other side gives.
func TakeReader(c *Call, place int, result bool) *Reader {
	return forget(&Reader{newReader(c, 2*place, result, false)}, c, result, 2*place)
}

// TakeReadCloser is for a ReadCloser that the other side gives.
func TakeReadCloser(c *Call, place int, result bool) *ReadCloser {
	return forget(&ReadCloser{Reader{newReader(c, 2*place, result, true)}}, c, result, 2*place)
}

// TakeWriter is for a Writer that the other side gives.
func TakeWriter(c *Call, place int, result bool) *Writer {
	return forget(&Writer{newWriter(c, 2*place, result)}, c, result, 2*place)
}

// TakeWriteCloser is for a WriteCloser that the other side gives.
func TakeWriteCloser(c *Call, place int, result bool) *WriteCloser {
	return forget(&WriteCloser{Writer{newWriter(c, 2*place, result)}}, c, result, 2*place)
}

// TakeReadWriter is for a ReadWriter that the other side gives.
func TakeReadWriter(c *Call, place int, result bool) *ReadWriter {
	return forget(&ReadWriter{Reader{newReader(c, 2*place, result, false)}, Writer{newWriter(c, 2*place+1, result)}}, c, result, 2*place, 2*place+1)
}

// TakeReadWriteCloser is for a ReadWriteCloser that the other side gives.
func TakeReadWriteCloser(c *Call, place int, result bool) *ReadWriteCloser {
	rw := ReadWriter{Reader{newReader(c, 2*place, result, true, 2*place+1)}, Writer{newWriter(c, 2*place+1, result)}}
	return forget(&ReadWriteCloser{rw}, c, result, 2*place, 2*place+1)
}

// GiveReader makes a Reader available to the other side; closer is nil unless the
// contract lets that close it.
func GiveReader(c *Call, place int, result bool, r io.Reader, closer io.Closer) {
	newSource(c, 2*place, result, r, closer)
}

// GiveWriter makes a Writer available to the other side.
func GiveWriter(c *Call, place int, result bool, w io.Writer, closer io.Closer) {
	newSink(c, 2*place, result, w, closer)
}

// GiveReadWriter makes both available to the other side.
func GiveReadWriter(c *Call, place int, result bool, rw io.ReadWriter, closer io.Closer) {
	newSource(c, 2*place, result, rw, closer, 2*place+1)
	newSink(c, 2*place+1, result, rw, nil)
}

// A Failed is a stream that was not to be had: everything returns why.
type Failed struct{ err error }

// Broken returns a stream that was not to be had.
func Broken(err error) *Failed { return &Failed{err} }

// Read implements io.Reader.
func (x *Failed) Read([]byte) (int, error) { return 0, x.err }

// Write implements io.Writer.
func (x *Failed) Write([]byte) (int, error) { return 0, x.err }

// Close implements io.Closer.
func (x *Failed) Close() error { return x.err }
