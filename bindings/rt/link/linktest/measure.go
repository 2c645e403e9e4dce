package linktest

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Turns is how often a benchmark measures what it compares, one after the other: it
// reports the median of the ratios, since absolute times of a shared machine say little.
const Turns = 9

// Bare is what a transport is measured against: an echo of text by the library that it
// is built on, with the encoding that is usual there.
type Bare struct {
	Serve func(net.Listener) error // in the unit
	Dial  func(host string) (echo func(ctx context.Context, text string) (string, error), err error)
}

// bareVariable is the host and port at which the unit of a test serves Bare.
const bareVariable = "LINKTEST_BARE"

func (tr *Transport) serveBare(host string) error {
	l, err := net.Listen("tcp", host)
	if err != nil {
		return err
	}
	fmt.Println("listening")
	return tr.Bare.Serve(l)
}

// Measure compares calls over the transport with tr.Bare, each served by a process of
// its own.
func (tr *Transport) Measure(b *testing.B) {
	host, err := freeHost()
	if err != nil {
		b.Fatal(err)
	}
	cmd, err := tr.startChildAt(host, bareVariable+"="+host)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	echo, err := tr.Bare.Dial(host)
	if err != nil {
		b.Fatal(err)
	}
	Compare(b, tr.Client(b).Echo, echo)
}

// Compare reports what echoes by ours cost as a ratio of what they cost by bare: the
// median time of one caller, and the time per call with 64 callers, of texts
// of 100 bytes and of 10 KB. Each call has a deadline.
func Compare(b *testing.B, ours, bare func(ctx context.Context, text string) (string, error)) {
	ratios := map[string]float64{}
	for _, size := range []struct {
		name  string
		bytes int
	}{{"100B", 100}, {"10KB", 10 << 10}} {
		text := strings.Repeat("x", size.bytes)
		call := func(echo func(context.Context, string) (string, error)) func(context.Context) error {
			return func(ctx context.Context) error {
				out, err := echo(ctx, text)
				if err == nil && out != text {
					return fmt.Errorf("%d bytes came back of %d", len(out), len(text))
				}
				return err
			}
		}
		mine, theirs := call(ours), call(bare)
		PerSecond(b, WithDeadline(mine), 64) // warm both up
		PerSecond(b, WithDeadline(theirs), 64)
		var one, many []float64
		for range Turns {
			one = append(one, Median(b, mine)/Median(b, theirs))
			many = append(many, PerSecond(b, WithDeadline(theirs), 64)/PerSecond(b, WithDeadline(mine), 64))
		}
		ratios["one-caller-"+size.name], ratios["64-callers-"+size.name] = Middle(one), Middle(many)
	}
	for b.Loop() {
		if _, err := ours(b.Context(), "x"); err != nil {
			b.Fatal(err)
		}
	}
	for name, ratio := range ratios { // the loop has cleared what was reported before
		b.ReportMetric(ratio, name)
	}
}

// WithDeadline makes a call as real programs do: each has a deadline, and a
// context, of its own.
func WithDeadline(call func(context.Context) error) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return call(ctx)
	}
}

// Median is the median duration of a call in microseconds. Its context is made before
// the clock starts.
func Median(b *testing.B, call func(context.Context) error) float64 {
	const n = 600
	took := make([]time.Duration, 0, n)
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		began := time.Now()
		if err := call(ctx); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		cancel()
	}
	slices.Sort(took)
	return float64(took[n/2].Nanoseconds()) / 1000
}

// PerSecond is how many calls so many callers make in a second.
func PerSecond(b *testing.B, call func() error, callers int) float64 {
	const span = 300 * time.Millisecond
	var stop atomic.Bool
	var done atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	time.AfterFunc(span, func() { stop.Store(true) })
	for range callers {
		all.Go(func() {
			n := int64(0)
			for ; !stop.Load(); n++ {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
			done.Add(n)
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

// Middle is the median of v.
func Middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
