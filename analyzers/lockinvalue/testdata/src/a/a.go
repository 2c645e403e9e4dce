package a

import (
	"sync"
	"sync/atomic"
)

type Counter struct {
	mu sync.Mutex
	N  int
}

type Stats struct{ Hits *atomic.Int64 }

type Service interface {
	Plain(n int) error
	Add(c *Counter) error // want `Add: Counter.mu \(sync.Mutex\): in one process .*, across a process`
	Stats() Stats         // want `Stats: Stats.Hits \(atomic.Int64\)`
}
