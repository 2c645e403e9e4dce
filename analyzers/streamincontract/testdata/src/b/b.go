package b

import "io"

type Upload struct{ Body io.Reader }

type Service interface {
	Copy(w io.Writer, n int)
	Store(u Upload) error // want `Store: Upload.Body \(io.Reader\): in one process both sides read and write the same stream, across a process the stream stays behind \(cross with`
}
