package link

import (
	"testing"
	"time"
)

// TestClassOf: a duration is in the class that begins before it and ends after it, as
// EndpointStats says.
func TestClassOf(t *testing.T) {
	begins := func(class int) time.Duration { return time.Duration(4+class%4) << (class/4 + 8) }
	for d := time.Duration(1); d < time.Minute; d += d/7 + 1 {
		c := classOf(d)
		if c > 0 && begins(c) > d || c < durationClasses-1 && begins(c+1) <= d {
			t.Errorf("%v is in class %d, from %v to %v", d, c, begins(c), begins(c+1))
		}
	}
}

func TestTiming(t *testing.T) {
	var tm timing
	tm.inFlight.Add(3)
	tm.ended(0, false)
	tm.ended(time.Second, true)
	var s EndpointStats
	tm.addTo(&s)
	tm.addTo(&s) // of another instance
	if s.Errors != 2 || s.InFlight != 2 || len(s.Durations) != classOf(time.Second)+1 || s.Durations[classOf(time.Second)] != 2 {
		t.Errorf("noted %+v", s)
	}
}
