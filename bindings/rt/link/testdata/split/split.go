// Package split holds two components and the tests that ../../testsplit_test.go
// runs as a monolith and under splits.
package split

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"

	_ "github.com/unweld/unweld/bindings/grpc/rt" // a transport
	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	_ "github.com/unweld/unweld/bindings/unix/rt" // another one
)

// A Service is the contract of both components.
type Service = linktest.Service

func named(component string) *link.Contract[Service] {
	c := *linktest.Contract
	c.Component = component
	return &c
}

var prices, orders = named("prices"), withStore(named("orders"))

// withStore adds a store that, in a test under a split, must be one of its own.
func withStore(c *link.Contract[Service]) *link.Contract[Service] {
	c.Store = link.StoreFunc[Service](func(_ context.Context, location string, impl Service) (Service, error) {
		if os.Getenv("UNWELD_TEST_SPLIT") == "" {
			return impl, nil
		}
		if location != "memory:" {
			return nil, fmt.Errorf("a store at %q", location)
		}
		return impl, nil
	})
	return c
}

// OpenPrices is what a composition root calls.
func OpenPrices(ctx context.Context, construct func(context.Context) (Service, error)) (Service, error) {
	return link.Open(ctx, prices, construct)
}

// OpenOrders is the same for the other component.
func OpenOrders(ctx context.Context, construct func(context.Context) (Service, error)) (Service, error) {
	return link.Open(ctx, orders, construct)
}

// A Ledger keeps a running total, and hands on what it is asked to another
// Service if it has one.
type Ledger struct {
	linktest.Unimplemented

	name  string
	total atomic.Int64
	next  Service
}

// NewLedger makes a Ledger. Without a name it fails with linktest.ErrOdd.
func NewLedger(name string, next Service) (*Ledger, error) {
	if name == "" {
		return nil, fmt.Errorf("ledger: %w", linktest.ErrOdd)
	}
	return &Ledger{name: name, next: next}, nil
}

// Add adds both numbers to the total and returns that.
func (l *Ledger) Add(ctx context.Context, a, b int64) (int64, error) {
	if l.next != nil {
		if _, err := l.next.Add(ctx, a, b); err != nil {
			return 0, err
		}
	}
	return l.total.Add(a + b), nil
}

// Echo says which process the ledger is in, what it is called, and the text.
func (l *Ledger) Echo(ctx context.Context, text string) (string, error) {
	if text == "die" {
		fmt.Fprintln(os.Stderr, "last words")
		os.Exit(7)
	}
	out := strconv.Itoa(os.Getpid()) + " " + l.name + " " + text
	if l.next == nil {
		return out, nil
	}
	inner, err := l.next.Echo(ctx, text)
	return out + " > " + inner, err
}
