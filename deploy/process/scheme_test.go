package process

import (
	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/grpc"
	"github.com/unweld/unweld/bindings/inproc"
	"github.com/unweld/unweld/bindings/unix"
	"github.com/unweld/unweld/internal/split"
)

// schemes are those of all bindings.
var schemes = func() (all split.Schemes) {
	for _, b := range []*bindings.Binding{grpc.Binding, inproc.Binding, unix.Binding} {
		for _, s := range b.Schemes {
			s.Binding = b.Name
			all = append(all, s)
		}
	}
	return all
}()
