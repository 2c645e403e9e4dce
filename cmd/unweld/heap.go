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
	// minHeap is the memory below which no garbage is looked for: about what a
	// run takes that finds everything in the cache.
	minHeap = 128 << 20
	// heapPerByte is how many bytes a byte of source takes while packages are
	// loaded with their syntax, and heapOfTypes what their dependencies do.
	heapPerByte, heapOfTypes = 32, 64 << 20
	// maxHeap is what isn't exceeded without looking for garbage, however large the module.
	maxHeap = 512 << 20
	// largeGrowth is GOGC where all of that is in use: with 100 a module of that size
	// would take as much again.
	largeGrowth = 50
)

// A delayedGC is the garbage collection of a verb that ends soon. It waits until so much
// memory is taken, and after each collection again, until most of that is in use:
// from then on the collector does as always, or more often.
type delayedGC struct {
	mu      sync.Mutex
	percent int   // GOGC of before
	limit   int64 // 0: it does as always
}

var collector delayedGC

// delayGC makes a verb that ends soon wait with its first garbage collection
// until it has taken minHeap bytes. A heap that grows from 4 MB up would be
// searched ten times on the way, and that was a quarter of the time of a short
// run. Settings of the user's own stand.
func delayGC() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		collector.begin()
	}
}

func (d *delayedGC) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.percent, d.limit = debug.SetGCPercent(-1), minHeap
	debug.SetMemoryLimit(d.limit)
	d.watch()
}

// expect lets the heap grow to what so many bytes of source take to load.
func (d *delayedGC) expect(source int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.limit == 0 {
		return
	}
	d.limit = heapLimit(source)
	debug.SetMemoryLimit(d.limit)
}

func heapLimit(source int64) int64 {
	return min(max(minHeap, heapOfTypes+heapPerByte*source), maxHeap)
}

// watch lets collected be called after the next collection, in which the sentinel dies.
func (d *delayedGC) watch() {
	sentinel := new([16]*int)
	runtime.AddCleanup(sentinel, func(d *delayedGC) { d.collected(liveHeap()) }, d)
}

// collected decides how to go on after a collection that left so many bytes.
func (d *delayedGC) collected(live uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.limit == 0:
	case live > uint64(d.limit)/5*3:
		d.limit = 0
		debug.SetGCPercent(min(d.percent, largeGrowth))
		debug.SetMemoryLimit(math.MaxInt64)
	default:
		d.watch()
	}
}

// liveHeap is how many bytes the last collection found in use.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
