package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestHeapLimit(t *testing.T) {
	for _, test := range []struct{ source, want int64 }{
		{0, minHeap}, {1 << 20, minHeap}, {4 << 20, 192 << 20}, {14 << 20, maxHeap}, {1 << 40, maxHeap},
	} {
		if got := heapLimit(test.source); got != test.want {
			t.Errorf("for %d bytes of source %d, not %d", test.source, got, test.want)
		}
	}
}

// The heap may grow to what was expected as long as little of it is in use, and
// then does as it would have without.
func TestDelayGC(t *testing.T) {
	percent, limit := debug.SetGCPercent(70), debug.SetMemoryLimit(-1)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	is := func(when string, wantPercent int, want int64) {
		t.Helper()
		got := debug.SetGCPercent(percent)
		debug.SetGCPercent(got)
		if l := debug.SetMemoryLimit(-1); got != wantPercent || l != want {
			t.Errorf("%s: GOGC is %d and the limit %d, not %d and %d", when, got, l, wantPercent, want)
		}
	}
	var l delayedGC
	l.expect(4 << 20)
	is("before it begins", 70, limit)
	l.begin()
	is("begun", -1, minHeap)
	l.expect(4 << 20)
	is("a module of 4 MB", -1, 192<<20)
	l.collected(100 << 20)
	is("little in use", -1, 192<<20)
	l.collected(130 << 20)
	is("most in use", largeGrowth, math.MaxInt64)
	l.expect(4 << 20)
	l.collected(1)
	is("for good", largeGrowth, math.MaxInt64)
}

// Each collection is looked at.
func TestCollectionIsWatched(t *testing.T) {
	l := delayedGC{percent: debug.SetGCPercent(100), limit: 1} // all of it is in use
	defer debug.SetGCPercent(l.percent)
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	l.watch()
	for range 1000 {
		runtime.GC()
		l.mu.Lock()
		done := l.limit == 0
		l.mu.Unlock()
		if done {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("after a collection the limit still stands")
}
