package deploy

import (
	"slices"
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	count := func(d Durations, took time.Duration, n int64) Durations {
		class := 0
		for begins(class+1) <= took {
			class++
		}
		for len(d) <= class {
			d = append(d, 0)
		}
		d[class] += n
		return d
	}
	near := func(got, want time.Duration) bool { return got > want*7/8 && got < want*9/8 }
	d := count(count(nil, 100*time.Microsecond, 980), 20*time.Millisecond, 20)
	if p50, p99 := d.Quantile(0.5), d.Quantile(0.99); !near(p50, 100*time.Microsecond) || !near(p99, 20*time.Millisecond) {
		t.Errorf("p50 is %v, p99 is %v", p50, p99)
	}
	if q := Durations(nil).Quantile(0.5); q != 0 {
		t.Errorf("no calls took %v", q)
	}
	later := count(slices.Clone(d), time.Second, 1)
	since := later.Since(d)
	if q := since.Quantile(0); !near(q, time.Second) {
		t.Errorf("the last call took %v", q)
	}
	if again := d.Since(later); again.Quantile(0.5) != 0 {
		t.Errorf("a unit that began again has counted %v", again)
	}
	if sum := d.Plus(since); !slices.Equal(sum, later) || !slices.Equal(since.Plus(d), later) {
		t.Errorf("%v and %v are %v", d, since, sum)
	}
}
