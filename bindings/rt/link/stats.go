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
	for _, in := range u.instances {
		for i, e := range in.endpoints {
			c := &in.counts[i]
			all = append(all, EndpointStats{in.component, e.Name, c.local.Load(), c.called.Load(), c.served.Load()})
		}
	}
	// Sorting in package sort isn't compiled again for each type.
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return a.Component < b.Component || a.Component == b.Component && a.Endpoint < b.Endpoint
	})
	var sums []EndpointStats
	for _, s := range all {
		last := len(sums) - 1
		if last < 0 || sums[last].Component != s.Component || sums[last].Endpoint != s.Endpoint {
			sums = append(sums, s)
			continue
		}
		sums[last].Local += s.Local
		sums[last].Called += s.Called
		sums[last].Served += s.Served
	}
	return sums
}
