package lsp

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// garbagePart is the part of what the server uses that may gather as garbage
	// before it is collected while nobody waits.
	garbagePart = 5
	// minGarbage is how many bytes of garbage are worth a collection.
	minGarbage = 8 << 20
	// restTime is how long nothing must have been analysed before what an analysis
	// of many functions took is given back.
	restTime = 3 * time.Second
)

// A memory collects garbage, and gives memory back to the system, in the moments
// after an analysis in which nobody waits: the quiet time before the next is spent
// anyway. The zero value is ready.
type memory struct {
	collecting sync.Mutex // one at a time

	mu   sync.Mutex
	used uint64 // bytes in use when it collected last
	made uint64 // bytes that were ever allocated, by then
	last uint64 // the same after the analysis before
	rest *time.Timer

	times int // that it collected
}

// begin says that an analysis is about to begin, or that none will any more.
func (m *memory) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rest != nil {
		m.rest.Stop()
		m.rest = nil
	}
}

// ended says that what an analysis found was sent. After one of few functions it
// collects what gathered, if that is much. One that took more than the server uses
// (the first of a module, one of a changed signature) is often followed by
// another such, so that what it took is given back when a while has gone by. It
// returns at once.
func (m *memory) ended() {
	m.mu.Lock()
	defer m.mu.Unlock()
	made := readHeap().made
	large, much := made-m.last > max(m.used, 4*minGarbage), made-m.made > max(m.used/garbagePart, minGarbage)
	switch m.last = made; {
	case large:
		if m.rest != nil {
			m.rest.Stop()
		}
		m.rest = time.AfterFunc(restTime, m.collect)
	case much:
		go m.collect()
	}
}

// collect gives back what isn't in use.
func (m *memory) collect() {
	if !m.collecting.TryLock() {
		return
	}
	defer m.collecting.Unlock()
	debug.FreeOSMemory()
	now := readHeap()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used, m.made = now.objects, now.made
	m.times++
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
