//go:build !unweldplain

package link

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A timing is what a process notes of the calls of one endpoint that it sends to
// another, for who watches a running split.
type timing struct {
	inFlight  atomic.Int64
	errors    atomic.Int64
	durations [durationClasses]atomic.Int64
}

// durationClasses are the classes of EndpointStats.Durations: four for each doubling,
// from a microsecond to 17 seconds. The last takes what is longer.
const durationClasses = 96

// classOf is the class of a duration.
func classOf(d time.Duration) int {
	quarters := uint64(max(d, 1024)) >> 8 // of 1.024 µs, at least 4
	doublings := bits.Len64(quarters) - 3
	return min(doublings*4+int(quarters>>doublings&3), durationClasses-1)
}

// A moment is the time since the process began, which is quicker to ask for than a
// time.Time.
type moment = time.Duration

var processBegan = time.Now()

func (t *timing) begin() moment {
	t.inFlight.Add(1)
	return time.Since(processBegan)
}

// end notes that a call has returned, with an error of the endpoint or of the link if
// failed is set.
func (t *timing) end(began moment, failed bool) {
	t.durations[classOf(time.Since(processBegan)-began)].Add(1)
	t.inFlight.Add(-1)
	if failed {
		t.errors.Add(1)
	}
}

// addTo adds what was noted to the counts of the endpoint.
func (t *timing) addTo(s *EndpointStats) {
	s.Errors += t.errors.Load()
	s.InFlight += t.inFlight.Load()
	for i := range t.durations {
		n := t.durations[i].Load()
		if n == 0 {
			continue
		}
		for len(s.Durations) <= i {
			s.Durations = append(s.Durations, 0)
		}
		s.Durations[i] += n
	}
}
