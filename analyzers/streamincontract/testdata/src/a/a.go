package a

import (
	"bytes"
	"io"
	"os"
)

type Upload struct {
	Name string
	Body io.ReadCloser
}

type Service interface {
	Plain(content []byte) error
	Store(u Upload) error      // want `Store: Upload.Body \(io.ReadCloser\): in one process .*, across a process`
	Open(name string) *os.File // want `Open: File \(os.File\)`
	Render(buf *bytes.Buffer)  // want `Render: Buffer \(bytes.Buffer\)`
	Copy(w io.Writer, n int)   // want `Copy: Writer \(io.Writer\)`
}
