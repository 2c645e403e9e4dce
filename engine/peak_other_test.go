//go:build !unix

package engine

import (
	"os"
	"time"
)

// peak is the most memory that a process had; this system doesn't say.
func peak(*os.ProcessState) int64 { return 0 }

// cpuOfProcess is the time that this process took; this system doesn't say.
func cpuOfProcess() time.Duration { return 0 }
