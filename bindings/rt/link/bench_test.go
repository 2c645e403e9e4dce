package link_test

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// benched is a component whose service value is made as generated code makes
// it. The calls compared differ in nothing but the route.
type benched interface {
	Empty(ctx context.Context) error
	Value(ctx context.Context, sku string, qty int64) (quote, error)
	Pointer(ctx context.Context, sku string, qty int64) (*quote, error)
}

// A quote has seven fields and 96 bytes.
type quote struct {
	SKU, Name, Currency, Rule, Note string
	Quantity, Total                 int64
}

type benchImpl struct{ currency string }

//go:noinline
func (b *benchImpl) Empty(context.Context) error { return nil }

//go:noinline
func (b *benchImpl) Value(_ context.Context, sku string, qty int64) (quote, error) {
	return quote{SKU: sku, Name: sku, Currency: b.currency, Quantity: qty, Total: 100 * qty}, nil
}

//go:noinline
func (b *benchImpl) Pointer(_ context.Context, sku string, qty int64) (*quote, error) {
	return &quote{SKU: sku, Name: sku, Currency: b.currency, Quantity: qty, Total: 100 * qty}, nil
}

type benchService struct {
	routes [3]atomic.Pointer[link.Route[benched]]
}

func (s *benchService) Empty(ctx context.Context) (err error) {
	r := s.routes[0].Load()
	err = r.To.Empty(ctx)
	runtime.KeepAlive(r)
	return err
}

func (s *benchService) Value(ctx context.Context, sku string, qty int64) (q quote, err error) {
	r := s.routes[1].Load()
	q, err = r.To.Value(ctx, sku, qty)
	runtime.KeepAlive(r)
	return q, err
}

func (s *benchService) Pointer(ctx context.Context, sku string, qty int64) (q *quote, err error) {
	r := s.routes[2].Load()
	q, err = r.To.Pointer(ctx, sku, qty)
	runtime.KeepAlive(r)
	return q, err
}

type benchGuarded struct{ guard *link.Guard }

func (*benchService) UnweldGuard(g *link.Guard) any { return benchGuarded{g} }

func (*benchService) UnweldCalls() [][2]any {
	return [][2]any{
		{(*benchService).Empty, benchGuarded.Empty},
		{(*benchService).Value, benchGuarded.Value},
		{(*benchService).Pointer, benchGuarded.Pointer},
	}
}

func (g benchGuarded) Empty(ctx context.Context) error {
	t, err := g.guard.Enter(ctx)
	if err != nil {
		return err
	}
	defer t.Leave()
	return t.To.(benched).Empty(t.Context)
}

func (g benchGuarded) Value(ctx context.Context, sku string, qty int64) (q quote, err error) {
	t, err := g.guard.Enter(ctx)
	if err != nil {
		return q, err
	}
	defer t.Leave()
	return t.To.(benched).Value(t.Context, sku, qty)
}

func (g benchGuarded) Pointer(ctx context.Context, sku string, qty int64) (*quote, error) {
	t, err := g.guard.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	return t.To.(benched).Pointer(t.Context, sku, qty)
}

func benchServices(b *testing.B) (direct, switchable benched) {
	direct, switchable, _ = benchUnit(b)
	return direct, switchable
}

func benchUnit(b *testing.B) (direct, switchable benched, u *link.TestUnit) {
	c := &link.Contract[benched]{
		Component: "benched",
		Endpoints: []link.Endpoint{{Name: "Empty", ID: 1}, {Name: "Value", ID: 2}, {Name: "Pointer", ID: 3}},
		New:       func() (benched, link.Routes[benched]) { s := new(benchService); return s, s.routes[:] },
	}
	direct = &benchImpl{}
	u = unit(b, nil)
	switchable, err := link.OpenIn(u, c, func(context.Context) (benched, error) { return direct, nil })
	if err != nil {
		b.Fatal(err)
	}
	return direct, switchable, u
}

// compare measures both in many short turns, and reports the ratio and the
// difference of what each took in its quickest one: the others were disturbed.
func compare(b *testing.B, direct, switchable func(n int)) {
	const turns, calls = 200, 20_000
	collect := debug.SetGCPercent(-1) // only between turns
	took := func(f func(int)) float64 {
		runtime.GC()
		began := time.Now()
		f(calls)
		return float64(time.Since(began).Nanoseconds()) / calls
	}
	quickest := [2]float64{math.Inf(1), math.Inf(1)}
	for range turns {
		quickest[0] = min(quickest[0], took(direct))
		quickest[1] = min(quickest[1], took(switchable))
	}
	debug.SetGCPercent(collect)
	allocs := testing.AllocsPerRun(100, func() { switchable(10) }) - testing.AllocsPerRun(100, func() { direct(10) })
	b.ResetTimer()
	switchable(b.N)
	b.ReportMetric(quickest[1]/quickest[0], "ratio")
	b.ReportMetric(quickest[1]-quickest[0], "ns-more")
	b.ReportMetric(allocs, "allocs-more")
}

func BenchmarkSwitchableEmpty(b *testing.B) {
	ctx := context.Background()
	direct, switchable := benchServices(b)
	loop := func(s benched) func(int) {
		return func(n int) {
			for range n {
				if s.Empty(ctx) != nil {
					panic("error")
				}
			}
		}
	}
	compare(b, loop(direct), loop(switchable))
}

func BenchmarkSwitchableValue(b *testing.B) {
	ctx := context.Background()
	direct, switchable := benchServices(b)
	loop := func(s benched) func(int) {
		return func(n int) {
			for range n {
				if q, err := s.Value(ctx, "a", 2); err != nil || q.Total != 200 {
					panic("wrong quote")
				}
			}
		}
	}
	compare(b, loop(direct), loop(switchable))
}

func BenchmarkSwitchablePointer(b *testing.B) {
	ctx := context.Background()
	direct, switchable := benchServices(b)
	loop := func(s benched) func(int) {
		return func(n int) {
			for range n {
				if q, err := s.Pointer(ctx, "a", 2); err != nil || q.Total != 200 {
					panic("wrong quote")
				}
			}
		}
	}
	compare(b, loop(direct), loop(switchable))
}

// A cell is what a large heap is made of.
type cell struct {
	next *cell
	_    [56]byte
}

// BenchmarkSwap replaces the route under four callers, in a small heap and in
// one of 4 GB that the garbage collector has to look through, and reports the
// ratio of the medians.
func BenchmarkSwap(b *testing.B) {
	const swaps, cells = 50, 4 << 30 / 64
	_, s, u := benchUnit(b)
	var stop atomic.Bool
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for !stop.Load() {
				if _, err := s.Value(context.Background(), "a", 2); err != nil {
					panic(err)
				}
				time.Sleep(10 * time.Microsecond)
			}
		})
	}
	median := func() float64 {
		var took []float64
		for range swaps {
			began := time.Now()
			if ack := u.Do(link.Message{Type: "route", Component: "benched", Address: "inproc:"}); ack.Error != "" {
				b.Fatal(ack.Error)
			}
			took = append(took, float64(time.Since(began).Microseconds()))
		}
		slices.Sort(took)
		return took[swaps/2]
	}
	median()
	small := median()
	var heap *cell
	for range cells {
		heap = &cell{next: heap}
	}
	runtime.GC()
	large := median()
	runtime.KeepAlive(heap)
	stop.Store(true)
	callers.Wait()
	b.ReportMetric(small, "us/swap")
	b.ReportMetric(large/small, "large-heap-ratio")
}
