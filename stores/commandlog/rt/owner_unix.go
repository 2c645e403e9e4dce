//go:build unix

package commandlog

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// mapFile returns the start of f as memory that is shared with the file: what
// is stored there is in the file even if the process is killed at once, and
// costs no call into the system.
func mapFile(f *os.File, size int) []byte {
	data, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return data
}

func unmapFile(data []byte) { _ = syscall.Munmap(data) }

// storeShared stores v as a whole: a process that is killed leaves the old
// number or the new one.
func storeShared(data []byte, v uint64) {
	atomic.StoreUint64((*uint64)(unsafe.Pointer(unsafe.SliceData(data))), v)
}
