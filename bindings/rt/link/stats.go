package link

import (
	"cmp"
	"maps"
	"slices"
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
	return slices.SortedFunc(maps.Values(sums), func(a, b EndpointStats) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Endpoint, b.Endpoint))
	})
}
