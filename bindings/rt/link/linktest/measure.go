package linktest

import (
	"context"
	"fmt"
	"net"
	"os"
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
	Compare(b, Peer{tr.Client(b).Echo, tr.pid}, Peer{echo, cmd.Process.Pid})
}

// A Peer is one of two that are compared: an echo, and the number of the process that
// serves it.
type Peer struct {
	Echo func(ctx context.Context, text string) (string, error)
	PID  int
}

// Compare reports what echoes by ours cost as a ratio of what they cost by bare: the
// median time of one caller, and the time per call with 64 callers, of texts
// of 100 bytes and of 10 KB; and, where it can be found out, the processor time per call
// with 64 callers, of this process and the peer's. Each call has a deadline.
func Compare(b *testing.B, ours, bare Peer) {
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
		mine, theirs := call(ours.Echo), call(bare.Echo)
		PerSecond(b, WithDeadline(mine), 64) // warm both up
		PerSecond(b, WithDeadline(theirs), 64)
		var one, many, cpu []float64
		for range Turns {
			one = append(one, Median(b, mine)/Median(b, theirs))
			a, c := under(b, WithDeadline(theirs), bare.PID), under(b, WithDeadline(mine), ours.PID)
			many = append(many, a.perSecond/c.perSecond)
			if a.cpu > 0 {
				cpu = append(cpu, c.cpu/a.cpu)
			}
		}
		ratios["one-caller-"+size.name], ratios["64-callers-"+size.name] = Middle(one), Middle(many)
		if len(cpu) > 0 {
			ratios["cpu-"+size.name] = Middle(cpu)
		}
	}
	for b.Loop() {
		if _, err := ours.Echo(b.Context(), "x"); err != nil {
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
	return many(b, call, callers, os.Getpid()).perSecond
}

// A rate is what calls of many callers come to.
type rate struct {
	perSecond float64
	cpu       float64 // microseconds a call, of both processes; 0 where that isn't known
}

// under is the rate of 64 callers of what a process serves.
func under(b *testing.B, call func() error, pid int) rate { return many(b, call, 64, pid) }

func many(b *testing.B, call func() error, callers, pid int) rate {
	const span = 300 * time.Millisecond
	var stop atomic.Bool
	var done atomic.Int64
	var all sync.WaitGroup
	before, known := CPUWith(pid)
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
	elapsed := time.Since(began)
	after, _ := CPUWith(pid)
	calls := float64(done.Load())
	r := rate{perSecond: calls / elapsed.Seconds()}
	if known {
		r.cpu = float64((after - before).Nanoseconds()) / 1000 / calls
	}
	return r
}

// CPUWith is the processor time that this process and another one have taken so far; ok is
// false where that can't be found out.
func CPUWith(pid int) (took time.Duration, ok bool) {
	mine, ok := CPU(os.Getpid())
	theirs, also := CPU(pid)
	return mine + theirs, ok && also
}

// Middle is the median of v.
func Middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
