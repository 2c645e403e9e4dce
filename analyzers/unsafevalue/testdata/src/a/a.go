package a

import "unsafe"

type Block struct {
	Len  int
	Data unsafe.Pointer
}

type Service interface {
	Plain(n uint64) error
	Map(b Block) error    // want `Map: Block.Data \(unsafe.Pointer\): in one process .*, across a process`
	Handle() (fd uintptr) // want `Handle\(\) fd \(uintptr\)`
}
