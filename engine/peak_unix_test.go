//go:build unix

package engine

import (
	"os"
	"syscall"
)

// peak is the most memory that a process had, in the unit of the system.
func peak(p *os.ProcessState) int64 {
	if r, ok := p.SysUsage().(*syscall.Rusage); ok {
		return r.Maxrss
	}
	return 0
}
