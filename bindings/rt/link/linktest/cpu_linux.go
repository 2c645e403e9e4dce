package linktest

import (
	"syscall"
	"time"
	"unsafe"
)

// CPU is how much processor time a process has taken so far, all its threads together;
// ok is false where that can't be found out. The process may be another one, of the
// same user.
func CPU(pid int) (took time.Duration, ok bool) {
	// The number of a process's clock, as clock_getcpuclockid makes it: the complement of
	// the process's number, above three bits, of which 2 asks for what the scheduler counts.
	clock := ^pid<<3 | 2
	var t syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano()), errno == 0
}
