// Package calllogtest holds every storage of a call log to one standard: what was
// acknowledged is there after a kill, what isn't whole is refused, and one
// process owns a log at a time. The tests of a storage call Run, and Child from
// their TestMain.
package calllogtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/unweld/unweld/stores/calllog/rt"
)

// A Harness is how the tests reach a storage.
type Harness struct {
	Open func(ctx context.Context, component, location string) (calllog.Storage, error)
	// New returns a location at which there is nothing.
	New func(testing.TB) string
	// Execute runs SQL on the tables of a log that nobody has open.
	Execute func(t testing.TB, location, query string)
	// Cut is an expression for data with another byte at its seventh place.
	Cut string
	// Owner is in the message of a log that the process with the given number
	// owns.
	Owner func(pid int) string
}

// Counters is a component whose state is one counter per caller.
type Counters struct{ N [64]uint64 }

// ErrOrder is a call that doesn't follow the one before.
var ErrOrder = errors.New("another call was expected")

// Add counts a request of Request up.
func (c *Counters) Add(request []byte) error {
	if len(request) != 16 {
		return errors.New("request of another size")
	}
	caller, i := binary.LittleEndian.Uint64(request), binary.LittleEndian.Uint64(request[8:])
	if c.N[caller] != i {
		return fmt.Errorf("caller %d: %d follows %d: %w", caller, i, c.N[caller], ErrOrder)
	}
	c.N[caller]++
	return nil
}

// Request is the i-th call of a caller.
func Request(caller, i int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(caller))
	return binary.LittleEndian.AppendUint64(b, uint64(i))
}

// Config opens the log of a component of counters.
func (h Harness) Config(location string, c *Counters) calllog.Config {
	return calllog.Config{Component: "counters", Storage: h.Open, Location: location,
		Methods: []calllog.Method{{Name: "Add", Schemas: []string{"s1"}}},
		Replay:  func(_ int, r []byte) (own, bad error) { return c.Add(r), nil }}
}

// Log opens the log at a location.
func (h Harness) Log(t testing.TB, location string, c *Counters) *calllog.Log {
	t.Helper()
	l, err := calllog.Open(context.Background(), h.Config(location, c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// Load calls Do n times from each of callers goroutines.
func Load(t testing.TB, l *calllog.Log, c *Counters, callers, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for range n {
				r := Request(caller, int(c.N[caller]))
				var err error
				if logErr := l.Do(context.Background(), 0, r, func() error { err = c.Add(r); return err }); logErr != nil || err != nil {
					t.Errorf("caller %d: %v, %v", caller, logErr, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// childLocation is set in a process that logs until it is killed, and prints
// each call that was acknowledged.
const childLocation = "CALLLOG_TEST_CHILD"

// Child is the whole life of such a process; elsewhere it returns at once.
func (h Harness) Child() {
	location := os.Getenv(childLocation)
	if location == "" {
		return
	}
	var c Counters
	l, err := calllog.Open(context.Background(), h.Config(location, &c))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for caller := range 16 {
		wg.Go(func() {
			for {
				i := int(c.N[caller])
				r := Request(caller, i)
				var err error
				if logErr := l.Do(context.Background(), 0, r, func() error { err = c.Add(r); return err }); logErr != nil || err != nil {
					fmt.Fprintln(os.Stderr, logErr, err)
					os.Exit(1)
				}
				// One write of less than PIPE_BUF: lines don't mix.
				fmt.Fprintf(os.Stdout, "%d %d\n", caller, i)
			}
		})
	}
	wg.Wait()
}
