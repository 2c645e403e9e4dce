package lsp

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// gcPercent is how much garbage the server lets gather, in percent of what it
	// uses.
	gcPercent = 50
	// spare is how much memory it keeps, beside as much again as it uses, for the
	// next analysis.
	spare = 32 << 20
)

// A memory keeps what the server takes from the system near to what it uses. The
// zero value is ready.
type memory struct {
	mu   sync.Mutex
	used uint64 // bytes, when memory was given back last
	made uint64 // bytes that were ever allocated, when it was looked at last
}

// sparing makes the collector work for a program that holds much for hours, until
// restore is called. A setting of the user's own stands.
func sparing() (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(gcPercent)
	return func() { debug.SetGCPercent(before) }
}

// giveBack returns memory to the system where an analysis took much more than
// the next one needs: the first of a module and one after a change of a
// signature look at many function bodies, most look at one. The run-time would
// do it too, over minutes.
func (m *memory) giveBack() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := readHeap()
	before := m.made
	if m.made = now.made; now.made-before <= m.used || now.taken <= 2*m.used+spare {
		return
	}
	debug.FreeOSMemory()
	m.used = readHeap().objects
}

// A heap is the memory of this process.
type heap struct {
	taken   uint64 // bytes that it has from the system
	objects uint64 // bytes in use or not yet known to be garbage
	made    uint64 // bytes that were ever allocated
}

func readHeap() heap {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	value := func(i int) uint64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0 // a Go that doesn't know it
		}
		return samples[i].Value.Uint64()
	}
	return heap{taken: value(0) + value(1) + value(2), objects: value(2), made: value(3)}
}
