//go:build !linux

package linktest

import "time"

// CPU isn't known of other processes on this system.
func CPU(int) (took time.Duration, ok bool) { return 0, false }
