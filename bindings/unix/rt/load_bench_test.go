//go:build unix

package unix

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// What a call carries: text to send back, or the wish to wait for so long first.
var (
	quickText = "echo " + strings.Repeat("x", benchPayload-len("echo "))
	sleepText = "sleep 5ms"
)

// A loaded is a process under load: a call to it, and its number.
type loaded struct {
	call func(ctx context.Context, text string) error
	pid  int
}

// loadedPeers starts a unit and a server of grpc-go, on sockets of the same kind. Both do
// what the text of a call says, all calls by one endpoint.
func loadedPeers(b *testing.B) (ours, stock loaded) {
	host, theirs := start(b, "host"), start(b, "grpc")
	s := remote(b, host.socket)
	cc, err := grpc.NewClient("unix://"+theirs.socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(bytesCodec{})))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cc.Close() })
	ours = loaded{func(ctx context.Context, text string) error { _, err := s.Act(ctx, text); return err }, host.cmd.Process.Pid}
	stock = loaded{func(ctx context.Context, text string) error {
		payload := []byte(text)
		var reply []byte
		return cc.Invoke(ctx, grpcMethod, &payload, &reply)
	}, theirs.cmd.Process.Pid}
	return ours, stock
}

// A load is what came of many callers that call for a while.
type load struct {
	perSecond float64
	cpu       float64 // microseconds a call, of both processes; 0 where that isn't known
	p99       float64 // microseconds that 99 of 100 calls take at most, of those that don't sleep
}

// under measures 64 callers, each of whose calls has a deadline. With sleepers one of ten
// calls sleeps at the callee.
func under(b *testing.B, to loaded, sleepers bool) load {
	const callers, span = 64, 300 * time.Millisecond
	var stop atomic.Bool
	var all sync.WaitGroup
	took := make([][]time.Duration, callers)
	done := make([]int, callers)
	before, known := linktest.CPUWith(to.pid)
	began := time.Now()
	time.AfterFunc(span, func() { stop.Store(true) })
	for i := range callers {
		all.Go(func() {
			for n := i; !stop.Load(); n++ {
				text := quickText
				if sleepers && n%10 == 0 {
					text = sleepText
				}
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				called := time.Now()
				err := to.call(ctx, text)
				if text == quickText {
					took[i] = append(took[i], time.Since(called))
				}
				cancel()
				if err != nil {
					b.Error(err)
					return
				}
				done[i]++
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	after, _ := linktest.CPUWith(to.pid)
	calls := 0
	for _, n := range done {
		calls += n
	}
	l := load{perSecond: float64(calls) / elapsed.Seconds()}
	if known {
		l.cpu = float64((after - before).Nanoseconds()) / 1000 / float64(calls)
	}
	quick := slices.Sorted(slices.Values(slices.Concat(took...)))
	l.p99 = float64(quick[len(quick)*99/100].Nanoseconds()) / 1000
	return l
}

// BenchmarkLoad compares 64 callers with grpc-go on a socket of the same kind: the
// processor time that a call takes in both processes, and what is left for the others
// where one call in ten sleeps for 5 ms at the callee.
func BenchmarkLoad(b *testing.B) {
	ours, stock := loadedPeers(b)
	for _, to := range []loaded{ours, stock} { // warm both up
		under(b, to, false)
		under(b, to, true)
	}
	ratios := map[string][]float64{}
	add := func(name string, v float64) { ratios[name] = append(ratios[name], v) }
	for range linktest.Turns {
		free, theirs := under(b, ours, false), under(b, stock, false)
		slept, theirSlept := under(b, ours, true), under(b, stock, true)
		if free.cpu > 0 {
			add("cpu-us", free.cpu)
			add("grpc-cpu-us", theirs.cpu)
			add("cpu-ratio", free.cpu/theirs.cpu)
		}
		add("sleepers-calls/s", slept.perSecond)
		add("grpc-sleepers-calls/s", theirSlept.perSecond)
		add("sleepers-ratio", slept.perSecond/theirSlept.perSecond)
		add("p99-us", free.p99)
		add("sleepers-p99-us", slept.p99)
		add("sleepers-p99-ratio", slept.p99/free.p99)
		add("grpc-sleepers-p99-us", theirSlept.p99)
	}
	for b.Loop() {
		if err := ours.call(context.Background(), quickText); err != nil {
			b.Fatal(err)
		}
	}
	for name, v := range ratios { // the loop has cleared what was reported before
		b.ReportMetric(linktest.Middle(v), name)
	}
}
