package streamtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// Promises runs what all transports promise of streams, each with a unit that start
// has started.
func Promises(t *testing.T, start func(t testing.TB) Unit) {
	for _, c := range []struct {
		name  string
		check func(*testing.T, Unit)
	}{
		{"AThousandCalls", aThousandCalls},
		{"SlowConsumerHoldsTheProducer", slowConsumer},
		{"CancelEndsBothSides", cancelEndsBothSides},
		{"Deadline", deadline},
		{"LeftEarly", leftEarly},
		{"LargeAndEmpty", largeAndEmpty},
		{"PeerKilledMidway", peerKilledMidway},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, start(t)) })
	}
}

// Within is a context for calls that end in time.
func Within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// AwaitState waits until the component says so of itself.
func AwaitState(t testing.TB, s Service, right func(inUse, yielded int) bool) (yielded int) {
	t.Helper()
	text, inUse := "", 0
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(2 * time.Millisecond) {
		text, _ = s.State(Within(t, time.Minute))
		if _, err := fmt.Sscan(text, &inUse, &yielded); err == nil && right(inUse, yielded) {
			return yielded
		}
	}
	t.Fatalf("the state of the component stays %q", text)
	return 0
}

// Idle is the state in which no iterator and reader is in use.
func Idle(inUse, _ int) bool { return inUse == 0 }

// leaves fails if goroutines are left of what is done.
func leaves(t *testing.T, s Service, do func()) {
	t.Helper()
	_, _ = s.State(Within(t, time.Minute)) // connected
	before := runtime.NumGoroutine()
	do()
	for limit := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines instead of %d:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	AwaitState(t, s, Idle)
}

func aThousandCalls(t *testing.T, u Unit) {
	s := u.Service
	leaves(t, s, func() {
		ctx := Within(t, 2*time.Minute)
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				switch i % 3 {
				case 0:
					if n, err := s.Import(ctx, strings.NewReader(strings.Repeat("x", i*100))); n != int64(i*100) || err != nil {
						t.Errorf("import of %d: %d, %v", i*100, n, err)
					}
				case 1:
					r, err := s.Open(ctx, int64(i*100))
					if err != nil {
						t.Error(err)
						return
					}
					if n, err := io.Copy(io.Discard, r); n != int64(i*100) || err != nil || r.Close() != nil {
						t.Errorf("open of %d: %d, %v", i*100, n, err)
					}
				default:
					calls := int64(0)
					if err := s.Walk(ctx, 3, func(n int64) error { calls += n; return nil }); calls != 3 || err != nil {
						t.Errorf("walk: %d, %v", calls, err)
					}
				}
			})
		}
		all.Wait()
	})
}

// slowConsumer takes one value and waits.
func slowConsumer(t *testing.T, u Unit) {
	s := u.Service
	leaves(t, s, func() {
		seq, err := s.Count(Within(t, time.Minute), -1)
		if err != nil {
			t.Fatal(err)
		}
		for n, err := range seq {
			if n != 0 || err != nil {
				t.Fatal(n, err)
			}
			last, since := -1, time.Now()
			held := AwaitState(t, s, func(_, yielded int) bool {
				if yielded != last {
					last, since = yielded, time.Now()
				}
				return time.Since(since) > 300*time.Millisecond
			})
			if held > 100 {
				t.Errorf("the producer is held at %d", held)
			}
			break
		}
	})
	// A writer that takes nothing, and other calls on the way.
	blocked, release := make(chan struct{}), make(chan struct{})
	leaves(t, s, func() {
		done := make(chan error)
		go func() {
			done <- s.Export(Within(t, time.Minute), 64<<20, writerFunc(func(p []byte) (int, error) {
				select {
				case blocked <- struct{}{}:
				default:
				}
				<-release
				return len(p), nil
			}))
		}()
		<-blocked
		for range 100 {
			if _, err := s.State(Within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// endless are calls without an end of their own, each with a hook midway; they return
// why they ended.
func endless(s Service) map[string]func(ctx context.Context, midway func()) error {
	return map[string]func(ctx context.Context, midway func()) error{
		"import": func(ctx context.Context, midway func()) error {
			read := 0
			_, err := s.Import(ctx, readerFunc(func(p []byte) (int, error) {
				if read++; read == 20 {
					midway()
				}
				return len(p), nil
			}))
			return err
		},
		"open": func(ctx context.Context, midway func()) error {
			r, err := s.Open(ctx, -1)
			if err != nil {
				return err
			}
			_, err = io.ReadFull(r, make([]byte, 1<<20))
			if err == nil {
				midway()
				_, err = io.Copy(io.Discard, r)
			}
			return err
		},
		"count": func(ctx context.Context, midway func()) error {
			seq, err := s.Count(ctx, -1)
			if err != nil {
				return err
			}
			for n, err := range seq {
				if err != nil {
					return err
				}
				if n == 1000 {
					midway()
				}
			}
			return nil
		},
		"walk": func(ctx context.Context, midway func()) error {
			return s.Walk(ctx, 1<<40, func(n int64) error {
				if n == 10 {
					midway()
				}
				return nil
			})
		},
	}
}

func cancelEndsBothSides(t *testing.T, u Unit) {
	s := u.Service
	for name, use := range endless(s) {
		t.Run(name, func(t *testing.T) {
			leaves(t, s, func() {
				ctx, cancel := context.WithCancel(Within(t, time.Minute))
				defer cancel()
				var e *link.Error
				if err := use(ctx, cancel); !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Outcome != link.Unknown {
					t.Errorf("the call ended with %v", err)
				}
			})
		})
	}
	t.Run("abandoned", func(t *testing.T) { // and found by the garbage collector
		for range 10 {
			if _, err := s.Open(Within(t, time.Minute), -1); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Count(Within(t, time.Minute), -1); err != nil {
				t.Fatal(err)
			}
		}
		AwaitState(t, s, func(inUse, _ int) bool { runtime.GC(); return inUse == 0 })
	})
}

// deadline lets the time of calls end midway.
func deadline(t *testing.T, u Unit) {
	for name, use := range endless(u.Service) {
		t.Run(name, func(t *testing.T) {
			leaves(t, u.Service, func() {
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				if err := use(ctx, func() {}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the call ended with %v", err)
				}
			})
		})
	}
}

// leftEarly breaks out of loops, and closes what hasn't been read.
func leftEarly(t *testing.T, u Unit) {
	leaves(t, u.Service, func() {
		for range 20 {
			seq, err := u.Service.Count(t.Context(), -1)
			if err != nil {
				t.Fatal(err)
			}
			for n, err := range seq {
				if err != nil {
					t.Fatal(err)
				}
				if n == 2 {
					break
				}
			}
			r, err := u.Service.Open(t.Context(), -1)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func largeAndEmpty(t *testing.T, u Unit) {
	ctx := Within(t, time.Minute)
	for _, n := range []int64{0, 1, 1<<20 - 1, 1<<20 + 1, 64 << 20} {
		r, err := u.Service.Open(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.Copy(io.Discard, r); got != n || err != nil || r.Close() != nil {
			t.Errorf("of %d bytes there are %d: %v", n, got, err)
		}
		if got, err := u.Service.Import(ctx, io.LimitReader(zeros{}, n)); got != n || err != nil {
			t.Errorf("of %d bytes %d arrived: %v", n, got, err)
		}
	}
	seq, err := u.Service.Count(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	for n, err := range seq {
		t.Errorf("of no numbers one is %d, %v", n, err)
	}
}

// peerKilledMidway checks that an end that is none is an error.
func peerKilledMidway(t *testing.T, u Unit) {
	s, ctx := u.Service, Within(t, time.Minute)
	r, err := s.Open(ctx, -1)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := s.Count(ctx, -1)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 4)
	var began sync.WaitGroup // all of them
	begins := func(use func(notify func()) error) {
		began.Add(1)
		go func() { got <- use(sync.OnceFunc(began.Done)) }()
	}
	begins(func(notify func()) error {
		_, err := io.Copy(writerFunc(func(p []byte) (int, error) { notify(); return len(p), nil }), r)
		return err
	})
	begins(func(notify func()) error {
		for _, err := range seq {
			if err != nil {
				return err
			}
			notify()
		}
		return nil
	})
	begins(func(notify func()) error {
		_, err := s.Import(ctx, readerFunc(func(p []byte) (int, error) { notify(); return len(p), nil }))
		return err
	})
	begins(func(notify func()) error {
		return s.Walk(ctx, 1<<40, func(int64) error { notify(); return nil })
	})
	began.Wait()
	time.Sleep(20 * time.Millisecond)
	u.Kill()
	for range 4 {
		var e *link.Error
		if err := <-got; !errors.As(err, &e) || e.Outcome != link.Unknown || errors.Is(err, io.EOF) {
			t.Errorf("a stream of a killed peer ended with %v", err)
		}
	}
	if _, err := r.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("reading on: %v", err)
	}
}
