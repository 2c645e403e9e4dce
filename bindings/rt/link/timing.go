//go:build !unweldplain

package link

import (
	"context"
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

var processBegan = time.Now()

// since is how long the process has run, which is quicker to ask for than a time.Time.
func since() time.Duration { return time.Since(processBegan) }

// timed notes the calls that are carried.
func (in *instance) timed(call carrier) carrier {
	return func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		t := &in.timings[endpoint]
		t.inFlight.Add(1)
		began := since()
		reply, err := call(ctx, endpoint, request)
		t.ended(since()-began, err != nil || reply.Status != StatusOK)
		return reply, err
	}
}

// ended notes that a call has returned, with an error of the endpoint or of the link if
// failed is set.
func (t *timing) ended(took time.Duration, failed bool) {
	t.durations[classOf(took)].Add(1)
	t.inFlight.Add(-1)
	if failed {
		t.errors.Add(1)
	}
}

func (in *instance) addTiming(endpoint int, s *EndpointStats) { in.timings[endpoint].addTo(s) }

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
