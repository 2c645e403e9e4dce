package unix

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

func TestResultsOfAnotherProcess(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	ctx := context.Background()
	if sum, err := s.Add(ctx, 40, 2); sum != 42 || err != nil {
		t.Fatalf("Add = %d, %v", sum, err)
	}
	for _, n := range []int{0, 1, 4096, 1 << 20, 8 << 20} {
		text := strings.Repeat("x", n)
		if got, err := s.Echo(ctx, text); got != text || err != nil {
			t.Fatalf("Echo of %d bytes: %d bytes, %v", n, len(got), err)
		}
	}
}

func TestErrorsKeepTheirIdentity(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	ctx := context.Background()
	if out, err := s.Act(ctx, "odd"); err != linktest.ErrOdd || out != "beside" {
		t.Errorf("a sentinel arrived as %q, %#v", out, err)
	}
	_, err := s.Act(ctx, "wrapped carts")
	if !errors.Is(err, linktest.ErrOdd) || err.Error() != "looking at carts: linktest: odd" {
		t.Errorf("a wrapped sentinel arrived as %v", err)
	}
	_, err = s.Act(ctx, "range")
	var far *linktest.RangeError
	if !errors.As(err, &far) || far.Value != 7 {
		t.Errorf("an error type arrived as %#v", err)
	}
	_, err = s.Act(ctx, "nothing")
	var e *link.Error
	if err == nil || err.Error() != `can't "nothing"` || errors.As(err, &e) {
		t.Errorf("a plain error arrived as %#v", err)
	}
}

func TestPanicAndGoexitLeaveTheProcessAlive(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	ctx := within(t, time.Minute)
	for _, call := range []func(context.Context, string) (string, error){s.Act, s.Wait} {
		_, err := call(ctx, "panic boom")
		var p *link.PanicError
		if !errors.As(err, &p) || p.Value != "boom" || !strings.Contains(p.Stack, "Act") {
			t.Errorf("a panic arrived as %#v", err)
		}
		_, err = call(ctx, "goexit")
		var e *link.Error
		if !errors.As(err, &e) || e.Outcome != link.Unknown || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("an exit arrived as %#v", err)
		}
	}
	if sum, err := s.Add(ctx, 1, 2); sum != 3 || err != nil {
		t.Errorf("afterwards: %d, %v", sum, err)
	}
}

func TestDeadlineTravels(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	if got, err := s.Act(within(t, 60*time.Second), "remaining"); got != "true 1m0s" || err != nil {
		t.Errorf("the callee had %q, %v", got, err)
	}
	if got, err := s.Act(context.Background(), "remaining"); !strings.HasPrefix(got, "false") || err != nil {
		t.Errorf("without a deadline the callee had %q, %v", got, err)
	}
	for _, call := range []func(context.Context, string) (string, error){s.Act, s.Wait} {
		began := time.Now()
		_, err := call(within(t, 50*time.Millisecond), "block")
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took < 50*time.Millisecond || took > 20*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	_, err := s.Act(ctx, "odd")
	var e *link.Error
	if !errors.As(err, &e) || e.Outcome != link.NotExecuted || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a deadline in the past: %v", err)
	}
}

func TestCancellationReachesTheCallee(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	for i, call := range []func(context.Context, string) (string, error){s.Act, s.Wait} {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			defer cancel()
			untilActs(s, func(acts string) bool { return strings.HasPrefix(acts, fmt.Sprintf("%d ", i+1)) })
		}()
		_, err := call(ctx, "block")
		var e *link.Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Outcome != link.Unknown {
			t.Errorf("cancelled: %v", err)
		}
	}
	waitFor(t, s, "2 2")
}

// waitFor waits until the callee has begun and seen cancelled so many calls.
func waitFor(t *testing.T, s linktest.Service, want string) {
	t.Helper()
	if got := untilActs(s, func(acts string) bool { return acts == want }); got != want {
		t.Fatalf("calls begun and cancelled: %s, want %s", got, want)
	}
}

// untilActs asks how many calls the callee has begun and seen cancelled, until
// the answer is right or a minute has passed, and returns the last one.
func untilActs(s linktest.Service, right func(acts string) bool) (acts string) {
	for range 6000 {
		if acts, _ = s.Wait(context.Background(), "acts"); right(acts) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return acts
}

func TestMetadataTravels(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	ctx := link.WithMetadata(context.Background(), "user", "kai", "trace", "12\x0034")
	for key, want := range map[string]string{"user": "kai", "trace": "12\x0034", "none": ""} {
		if got, err := s.Act(ctx, "metadata "+key); got != want || err != nil {
			t.Errorf("metadata %s = %q, %v", key, got, err)
		}
	}
}

func TestStalledCallHoldsUpNobody(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	stalled, release := context.WithCancel(context.Background())
	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() { _, _ = s.Act(stalled, "block") })
	}
	waitFor(t, s, "3 0")
	began := time.Now()
	for i := range int64(100) {
		if sum, err := s.Add(context.Background(), i, i); sum != 2*i || err != nil {
			t.Fatalf("Add = %d, %v", sum, err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("100 calls beside stalled ones took %v", took)
	}
	release()
	calls.Wait()
	waitFor(t, s, "3 3")
}

func TestManyCallersGetTheirOwnReplies(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	var callers sync.WaitGroup
	for id := range 32 {
		callers.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(id)))
			for i := range 300 {
				text := strings.Repeat(fmt.Sprint(id, ".", i, " "), 1+random.IntN(200))
				ctx, cancel := context.Background(), context.CancelFunc(func() {})
				if random.IntN(4) == 0 {
					ctx, cancel = context.WithTimeout(ctx, time.Duration(random.IntN(300))*time.Microsecond)
				}
				got, err := s.Echo(ctx, text)
				if err != nil && !errors.Is(err, context.DeadlineExceeded) || err == nil && got != text {
					t.Errorf("caller %d, call %d: %v", id, i, err)
				}
				cancel()
			}
		})
	}
	callers.Wait()
	if sum, err := s.Add(context.Background(), 1, 1); sum != 2 || err != nil {
		t.Errorf("afterwards: %d, %v", sum, err)
	}
}

func TestKilledPeer(t *testing.T) {
	p := start(t, "host")
	s := remote(t, p.socket)
	failed := make(chan error)
	for range 4 {
		go func() {
			_, err := s.Wait(context.Background(), "block")
			failed <- err
		}()
	}
	waitFor(t, s, "4 0")
	p.kill()
	for range 4 {
		var e *link.Error
		if err := <-failed; !errors.As(err, &e) || e.Outcome != link.Unknown || e.Endpoint != "Wait" {
			t.Errorf("a call under way failed with %v", err)
		}
	}
	_, err := s.Add(within(t, 100*time.Millisecond), 1, 1)
	var e *link.Error
	if !errors.As(err, &e) || e.Outcome != link.NotExecuted || !strings.Contains(err.Error(), "no unit listens") {
		t.Errorf("a call without a peer failed with %v", err)
	}

	startAt(t, "host", p.socket) // in place of the file that was left behind
	if sum, err := s.Add(within(t, time.Minute), 1, 1); sum != 2 || err != nil {
		t.Errorf("after a restart: %d, %v", sum, err)
	}
}

func TestStoppingPeerFinishesItsCalls(t *testing.T) {
	p := start(t, "host")
	s := remote(t, p.socket)
	type result struct {
		out string
		err error
	}
	results := make(chan result)
	for _, call := range []func(context.Context, string) (string, error){s.Act, s.Wait} {
		go func() {
			out, err := call(context.Background(), "sleep 400ms")
			results <- result{out, err}
		}()
	}
	waitFor(t, s, "2 0")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	_, err := s.Add(within(t, 50*time.Millisecond), 1, 1)
	var e *link.Error
	if !errors.As(err, &e) || e.Outcome != link.NotExecuted {
		t.Errorf("a new call failed with %v", err)
	}
	for range 2 {
		if r := <-results; r.out != "slept" || r.err != nil {
			t.Errorf("a call under way got %q, %v", r.out, r.err)
		}
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the unit ended with %v", err)
	}
	if _, err := os.Stat(p.socket); err == nil {
		t.Error("the unit left its socket behind")
	}
}

func TestTooLarge(t *testing.T) {
	s := remote(t, start(t, "host").socket)
	ctx := within(t, time.Minute)
	_, err := s.Echo(ctx, strings.Repeat("x", MaxMessage))
	var e *link.Error
	if !errors.As(err, &e) || e.Outcome != link.NotExecuted || !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("a large request: %v", err)
	}
	_, err = s.Act(ctx, "large")
	if !errors.As(err, &e) || e.Outcome != link.Unknown || !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("a large reply: %v", err)
	}
	if sum, err := s.Add(ctx, 1, 1); sum != 2 || err != nil {
		t.Errorf("afterwards: %d, %v", sum, err)
	}
}

func TestSchemasThatCannotTalk(t *testing.T) {
	s := remote(t, start(t, "schema").socket)
	began := time.Now()
	_, err := s.Add(context.Background(), 1, 1)
	var schema *link.VersionError
	var e *link.Error
	if !errors.As(err, &schema) || schema.Caller != "1" || schema.Callee != "2" || !errors.As(err, &e) || e.Outcome != link.NotExecuted {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}
