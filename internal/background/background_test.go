package background

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// TestYield: the background stops while a request runs, and goes on when it ended.
func TestYield(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(Requests)
		ctx := With(t.Context(), r)
		begin := time.Now()
		if err := Yield(ctx); err != nil || time.Since(begin) != 0 {
			t.Errorf("nobody waits, and the background was held up for %v: %v", time.Since(begin), err)
		}
		first, second := r.Begin(), r.Begin()
		go func() {
			time.Sleep(5 * time.Millisecond)
			first()
			first() // counts once
			time.Sleep(5 * time.Millisecond)
			second()
		}()
		if err := Yield(t.Context()); err != nil || time.Since(begin) != 0 {
			t.Errorf("work in the foreground was held up for %v: %v", time.Since(begin), err)
		}
		if err := Yield(ctx); err != nil || time.Since(begin) != 10*time.Millisecond {
			t.Errorf("the background went on after %v of 10 ms: %v", time.Since(begin), err)
		}
	})
}

// TestProgress: requests that follow each other without a gap, and one that never
// ends, leave the background half of the time.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(Requests)
		ctx := With(t.Context(), r)
		end := r.Begin()
		defer end()
		begin, steps := time.Now(), 0
		for time.Since(begin) < 10*time.Second {
			if err := Yield(ctx); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond) // work
			steps++
		}
		if steps < 4900 || steps > 5100 {
			t.Errorf("of 10 s the background had %d ms", steps)
		}
	})
}

// TestYieldEnds: work that nobody wants any more isn't held up.
func TestYieldEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(Requests)
		defer r.Begin()()
		why := errors.New("typed over")
		ctx, cancel := context.WithCancelCause(t.Context())
		begin := time.Now()
		time.AfterFunc(time.Millisecond, func() { cancel(why) })
		if err := Yield(With(ctx, r)); err != why || time.Since(begin) != time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		if err := Yield(ctx); err != why {
			t.Errorf("in the foreground: %v", err)
		}
	})
}

func TestWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	if n := Workers(t.Context()); n != 3 {
		t.Errorf("%d in the foreground", n)
	}
	ctx := With(t.Context(), new(Requests))
	if n := Workers(ctx); n != 2 {
		t.Errorf("%d in the background", n)
	}
	runtime.GOMAXPROCS(1)
	if n := Workers(ctx); n != 1 {
		t.Errorf("%d in the background of one processor", n)
	}
}
