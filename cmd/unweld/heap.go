package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// heapFloor is the memory below which no garbage is looked for: about what a
// run takes that finds everything in the cache.
const heapFloor = 128 << 20

// collectLate makes a verb that ends soon wait with its first garbage collection
// until it has taken heapFloor bytes; from then on the collector does as always.
// A heap that grows from 4 MB up would be searched ten times on the way, and
// that was a quarter of the time of a short run. Settings of the user's own
// stand.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	sentinel := new([16]*int) // dies in the first collection
	runtime.AddCleanup(sentinel, func(percent int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, debug.SetGCPercent(-1))
	debug.SetMemoryLimit(heapFloor)
	runtime.KeepAlive(sentinel)
}
