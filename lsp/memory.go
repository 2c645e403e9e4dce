package lsp

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// spare is how much memory the server keeps, beside as much again as it uses, for
// the next analysis.
const spare = 32 << 20

// A memory keeps what the server takes from the system near to what it uses. The
// zero value is ready.
type memory struct {
	mu   sync.Mutex
	used uint64 // bytes, when it was looked at last
}

// giveBack returns memory to the system where an analysis took much more than
// the next one needs: the first of a module and one after a change of a
// signature look at many function bodies, most look at one. The run-time would
// do it too, over minutes.
func (m *memory) giveBack() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if taken, _ := heap(); taken <= 2*m.used+spare {
		return
	}
	debug.FreeOSMemory()
	_, m.used = heap()
}

// heap returns the bytes that the heap has from the system, and those in use or
// not yet known to be garbage.
func heap() (taken, objects uint64) {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			taken += s.Value.Uint64()
			objects = s.Value.Uint64()
		}
	}
	return taken, objects
}
