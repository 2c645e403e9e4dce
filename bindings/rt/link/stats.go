package link

import (
	"sort"
	"sync/atomic"
)

type endpointCount struct {
	local  atomic.Int64 // in-process calls; only in a process that counts them
	called atomic.Int64 // calls that crossed, as caller
	served atomic.Int64 // calls that crossed, as callee
	_      [40]byte
}

// EndpointStats counts the calls of one endpoint in this process.
type EndpointStats struct {
	Component string `json:"component"`
	Endpoint  string `json:"endpoint"`
	// Local calls are counted in a process with UNWELD_COUNT=1 and in tests
	// under a split; elsewhere an in-process call touches no counter.
	Local  int64 `json:"local"`
	Called int64 `json:"called"` // sent to another process, reply received
	Served int64 `json:"served"` // received from another process and executed

	// What follows is of calls sent to another process, and only in a program that
	// unweld split run has built.
	Errors   int64 `json:"errors,omitempty"` // of the endpoint itself, and of the link
	InFlight int64 `json:"inFlight,omitempty"`
	// Durations counts the calls that have ended, by how long they took. Class i begins at
	// (4 + i%4) << (i/4) times 256 ns; the first takes what is shorter, too.
	Durations []int64 `json:"durations,omitempty"`
}

// Stats returns the calls of every component opened in this process, sorted.
func Stats() []EndpointStats {
	u, err := thisUnit()
	if err != nil {
		return nil
	}
	return u.stats()
}

func (u *unit) stats() []EndpointStats {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []EndpointStats
	first := map[string]int{} // by component: the index of its first endpoint
	for _, in := range u.instances {
		at, seen := first[in.component]
		if !seen {
			at = len(all)
			first[in.component] = at
			for _, e := range in.endpoints {
				all = append(all, EndpointStats{Component: in.component, Endpoint: e.Name})
			}
		}
		for i := range in.counts {
			c, s := &in.counts[i], &all[at+i]
			s.Local += c.local.Load()
			s.Called += c.called.Load()
			s.Served += c.served.Load()
			in.addTiming(i, s)
		}
	}
	// Sorting in package sort isn't compiled again for each type.
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return a.Component < b.Component || a.Component == b.Component && a.Endpoint < b.Endpoint
	})
	return all
}
