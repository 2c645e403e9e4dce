//go:build unix

package engine

import (
	"os"
	"syscall"
	"time"
)

// peak is the most memory that a process had, in the unit of the system.
func peak(p *os.ProcessState) int64 {
	if r, ok := p.SysUsage().(*syscall.Rusage); ok {
		return r.Maxrss
	}
	return 0
}

// cpuOfProcess is the time that this process and its children took so far.
func cpuOfProcess() time.Duration {
	var sum int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if syscall.Getrusage(who, &r) == nil {
			sum += r.Utime.Nano() + r.Stime.Nano()
		}
	}
	return time.Duration(sum)
}
