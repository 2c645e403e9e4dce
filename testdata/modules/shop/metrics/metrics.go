// Package metrics counts what happens in the shop. There is one registry per
// process.
package metrics

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sync"
)

// Registry holds named counters.
type Registry struct {
	mu       sync.Mutex
	counters map[string]int64
}

var (
	once     sync.Once
	registry *Registry
)

// Default returns the registry of the process.
func Default() *Registry {
	once.Do(func() { registry = &Registry{counters: make(map[string]int64)} })
	return registry
}

// Inc adds one to a counter of the default registry.
func Inc(name string) { Add(name, 1) }

// Add adds n to a counter of the default registry.
func Add(name string, n int64) {
	r := Default()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counters[name] += n
}

// Get returns the value of a counter, 0 if it was never used.
func (r *Registry) Get(name string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counters[name]
}

// WriteTo writes all counters as text, one a line, sorted by name.
func (r *Registry) WriteTo(w io.Writer) (int64, error) {
	type counter struct {
		name  string
		value int64
	}
	r.mu.Lock()
	all := make([]counter, 0, len(r.counters))
	for name, value := range r.counters {
		all = append(all, counter{name, value})
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b counter) int { return cmp.Compare(a.name, b.name) })
	var written int64
	for _, c := range all {
		n, err := fmt.Fprintf(w, "shop_%s %d\n", c.name, c.value)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
