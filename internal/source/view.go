package source

import (
	"bytes"
	"os"
	"sync"
)

var views = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// View hands the content of a file to use, which may change it and must not keep
// it. Files that are looked at one after the other take the memory of one.
func View(name string, use func(data []byte)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b := views.Get().(*bytes.Buffer)
	defer views.Put(b)
	b.Reset()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		b.Grow(int(min(info.Size(), 64<<20)) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(f); err != nil {
		return err
	}
	use(b.Bytes())
	return nil
}
