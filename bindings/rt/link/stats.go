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

func sortedStats(sums map[[2]string]EndpointStats) []EndpointStats {
	var all []EndpointStats
	for _, s := range sums {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Component != all[j].Component {
			return all[i].Component < all[j].Component
		}
		return all[i].Endpoint < all[j].Endpoint
	})
	return all
}

// sortedKeys are the keys of a map. Sorting in package sort isn't compiled again for
// each type.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
