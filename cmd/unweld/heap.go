package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// heapFloor is the memory below which no garbage is looked for: about what a
	// run takes that finds everything in the cache.
	heapFloor = 128 << 20
	// heapPerByte is how many bytes a byte of source takes while packages are
	// loaded with their syntax, and heapOfTypes what their dependencies do.
	heapPerByte, heapOfTypes = 32, 64 << 20
	// mostLate is what isn't exceeded without looking for garbage, however large the module.
	mostLate = 512 << 20
)

// late is the garbage collection of a verb that ends soon. It waits until so much
// memory is taken, and after each collection again, until most of that is in use:
// from then on the collector does as always.
type late struct {
	mu      sync.Mutex
	percent int   // GOGC of before
	limit   int64 // 0: it does as always
}

var collector late

// collectLate makes a verb that ends soon wait with its first garbage collection
// until it has taken heapFloor bytes. A heap that grows from 4 MB up would be
// searched ten times on the way, and that was a quarter of the time of a short
// run. Settings of the user's own stand.
func collectLate() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		collector.begin()
	}
}

func (l *late) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.percent, l.limit = debug.SetGCPercent(-1), heapFloor
	debug.SetMemoryLimit(l.limit)
	l.watch()
}

// expect lets the heap grow to what so many bytes of source take to load.
func (l *late) expect(source int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limit == 0 {
		return
	}
	l.limit = lateFor(source)
	debug.SetMemoryLimit(l.limit)
}

func lateFor(source int64) int64 {
	return min(max(heapFloor, heapOfTypes+heapPerByte*source), mostLate)
}

// watch has collected called after the next collection, in which the sentinel dies.
func (l *late) watch() {
	sentinel := new([16]*int)
	runtime.AddCleanup(sentinel, func(l *late) { l.collected(liveHeap()) }, l)
}

// collected decides how to go on after a collection that left so many bytes.
func (l *late) collected(live uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.limit == 0:
	case live > uint64(l.limit)/5*3:
		l.limit = 0
		debug.SetGCPercent(l.percent)
		debug.SetMemoryLimit(math.MaxInt64)
	default:
		l.watch()
	}
}

// liveHeap is how many bytes the last collection found in use.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
