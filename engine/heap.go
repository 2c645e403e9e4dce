package engine

import (
	"os"
	"runtime/debug"
	"sync"
)

// heapGrowth is GOGC while a refactoring runs in a session that lasts: the syntax of
// a whole module is in use then, and with the usual 100 as much again would be taken
// before anything is given back.
const heapGrowth = 50

// A growth is who has GOGC changed. It is one for the process, as GOGC is.
type growth struct {
	mu    sync.Mutex
	users int
	usual int // GOGC while nobody does
}

var heap growth

// slow makes the heap grow by less between two collections, until end is called. A
// setting of the user's own stands.
func (g *growth) slow() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.users++; g.users == 1 {
		g.usual = debug.SetGCPercent(heapGrowth)
	}
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.users--; g.users == 0 {
			debug.SetGCPercent(g.usual)
		}
	})
}
