package linktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A Recorder is an implementation whose Echo writes a line to Notes before it
// returns. Notes in a file survive a killed process.
type Recorder struct {
	Unimplemented
	Notes io.Writer
	mu    sync.Mutex
}

// Echo implements Service.
func (r *Recorder) Echo(_ context.Context, s string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := fmt.Fprintln(r.Notes, s)
	return s, err
}

// Outcomes records what callers were told about their calls to a Recorder, to
// be compared with what it executed. It is safe for concurrent use.
type Outcomes struct {
	Prefix, Suffix string        // of each call's argument
	Limit          time.Duration // of each call; 0: long enough for all that is meant to end
	mu             sync.Mutex
	told           map[string]error
	Count          [3]int // of replies, of Unknown, of NotExecuted
	next           atomic.Int64
}

// Through makes the given number of concurrent calls on a connection.
func (o *Outcomes) Through(conn link.Conn, calls int) {
	o.at(calls, func(ctx context.Context, id string) error {
		_, err := conn.Call(ctx, link.Outgoing{Endpoint: Contract.Endpoints[endpointEcho], Request: []byte(id)})
		return err
	})
}

// Of makes the given number of concurrent calls to a service.
func (o *Outcomes) Of(s Service, calls int) {
	o.at(calls, func(ctx context.Context, id string) error {
		_, err := s.Echo(ctx, id)
		return err
	})
}

func (o *Outcomes) at(calls int, call func(ctx context.Context, id string) error) {
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			id := fmt.Sprint(o.Prefix, "call ", o.next.Add(1), o.Suffix)
			limit := o.Limit
			if limit == 0 {
				limit = 20 * time.Second
			}
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			err := call(ctx, id)
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.told == nil {
				o.told = make(map[string]error)
			}
			o.told[id] = err
			o.Count[class(err)]++
		})
	}
	all.Wait()
}

// class is the index into Outcomes.Count.
func class(err error) int {
	var e *link.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e) && e.Outcome == link.NotExecuted:
		return 2
	}
	return 1
}

// Compare fails the test for every call that was executed although its caller
// was told that it wasn't, that was executed twice, or that had a reply without
// being executed. notes are the notes of the Recorder.
func (o *Outcomes) Compare(t testing.TB, notes []byte) {
	t.Helper()
	executed := make(map[string]int)
	for id := range strings.Lines(string(notes)) {
		executed[strings.TrimSuffix(id, "\n")]++
	}
	for id, err := range o.told {
		n, c := executed[id], class(err)
		if n > 1 || n == 0 && c == 0 || n > 0 && c == 2 {
			t.Errorf("%.40s was executed %d times, its caller was told: %v", id, n, err)
		}
	}
	t.Logf("%d replies, %d unknown, %d not executed", o.Count[0], o.Count[1], o.Count[2])
}
