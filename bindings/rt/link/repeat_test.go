package link_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// across opens the component in a unit that hosts h at an address in memory,
// and in one that calls it there.
func across(t *testing.T, name string, h linktest.Service) (host *link.TestUnit, here, there linktest.Service) {
	t.Helper()
	at := "mem://" + name
	open := func(hosts string) (*link.TestUnit, linktest.Service) {
		u := unit(t, map[string]string{"UNWELD_HOST": hosts, "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": at})
		s, err := link.OpenIn(u, linktest.Contract, func(context.Context) (linktest.Service, error) { return h, nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(u.Stop)
		return u, s
	}
	host, here = open("linktest")
	_, there = open("")
	return host, here, there
}

// TestExecutedCallIsNotRepeated: errors that a component hands on, of calls that
// it has made itself, say nothing of the call that returns them.
func TestExecutedCallIsNotRepeated(t *testing.T) {
	moved := &link.Error{Component: "stock", Endpoint: "Reserve", Outcome: link.NotExecuted, Err: link.ErrMoved}
	for name, handed := range map[string]error{
		"moved":            link.ErrMoved,
		"not executed":     moved,
		"wrapped":          fmt.Errorf("reserving: %w", moved),
		"not sent":         &link.Error{Component: "stock", Outcome: link.NotExecuted, Err: errors.New("no connection")},
		"unknown, moved":   &link.Error{Component: "stock", Err: link.ErrMoved},
		"joined with more": errors.Join(errors.New("more"), moved),
	} {
		t.Run(name, func(t *testing.T) {
			var executed atomic.Int64
			_, _, s := across(t, "repeat", &hook{act: func(context.Context, string) (string, error) {
				executed.Add(1)
				return "", handed
			}})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := s.Act(ctx, "x")
			if n := executed.Load(); n != 1 || err == nil {
				t.Errorf("executed %d times, the caller got %v", n, err)
			}
			e, isLink := errors.AsType[*link.Error](err)
			if want, ok := errors.AsType[*link.Error](handed); ok && (!isLink || e.Component != want.Component || e.Outcome != want.Outcome) {
				t.Errorf("%v arrived as %v", handed, err)
			}
		})
	}
}

// TestCallWithinACallWaitsAtTheGate: a call from outside that has begun to be
// executed meets the closed gate of another endpoint of its component. It can't
// be turned away any more, so it waits.
func TestCallWithinACallWaitsAtTheGate(t *testing.T) {
	var executed atomic.Int64
	var here linktest.Service
	begun := make(chan struct{}, 1)
	h := &echoing{hook{act: func(ctx context.Context, what string) (string, error) {
		executed.Add(1)
		begun <- struct{}{}
		return here.Echo(ctx, what)
	}}}
	host, own, there := across(t, "within", h)
	here = own
	do(t, host, link.Message{Type: "gate", Endpoints: []string{"Echo"}})
	results := make(chan string)
	go func() {
		out, err := there.Act(context.Background(), "x")
		results <- fmt.Sprint(out, " ", err)
	}()
	<-begun
	select {
	case got := <-results:
		t.Errorf("the call passed the gate: %s", got)
	case <-begun:
		t.Error("the call was repeated")
	case <-time.After(50 * time.Millisecond):
	}
	do(t, host, link.Message{Type: "route", Endpoints: []string{"Echo"}, Address: "inproc:"})
	if got := <-results; got != "x <nil>" || executed.Load() != 1 {
		t.Errorf("got %s, executed %d times", got, executed.Load())
	}
}

type echoing struct{ hook }

func (*echoing) Echo(_ context.Context, s string) (string, error) { return s, nil }
