package orders // want package:"facts"

import (
	"context"
	"sync"

	"fixes/pricing"
)

type Orders struct {
	mu     sync.Mutex
	prices pricing.Service
	moved  pricing.Service
	total  int
	last   string
}

func New(p pricing.Service) *Orders { return &Orders{prices: p} }

func (o *Orders) Move(p pricing.Service) {
	o.mu.Lock()
	o.moved = p
	o.mu.Unlock()
}

func (o *Orders) First(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.prices.Quote(ctx, id) // want `held while`
	o.total += n
	return err
}

func (o *Orders) Explicit(ctx context.Context, id string) error {
	o.mu.Lock()
	n, err := o.prices.Quote(ctx, id) // want `held while`
	o.total += n
	o.mu.Unlock()
	return err
}

func (o *Orders) Function(ctx context.Context) {
	o.mu.Lock()
	_ = pricing.Reload(ctx) // want `held while`
	o.total = 0
	o.mu.Unlock()
}

func (o *Orders) ReturnsWhatIsGuarded(ctx context.Context) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = pricing.Reload(ctx) // want `held while`
	return o.total
}

// None of the following is offered a fix.

func (o *Orders) DependsOnTheLock(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.prices.Quote(ctx, o.last) // want `held while`
	o.total += n
	return err
}

func (o *Orders) NotFirst(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total++
	_, err := o.prices.Quote(ctx, id) // want `held while`
	return err
}

func (o *Orders) FieldIsAssigned(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := o.moved.Quote(ctx, id) // want `held while`
	return err
}

func (o *Orders) Commented(ctx context.Context, id string) error {
	o.mu.Lock()                       // guards total
	_, err := o.prices.Quote(ctx, id) // want `held while`
	o.mu.Unlock()
	return err
}

func (o *Orders) Shared(ctx context.Context, id string) error {
	go func() { id = "" }()
	o.mu.Lock()
	_, err := o.prices.Quote(ctx, id) // want `held while`
	o.mu.Unlock()
	return err
}

func (o *Orders) IntoAField(ctx context.Context, id string) error {
	var err error
	o.mu.Lock()
	o.total, err = o.prices.Quote(ctx, id) // want `held while`
	o.mu.Unlock()
	return err
}

func (o *Orders) Nested(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.prices.Quote(ctx, id); err != nil { // want `held while`
		return err
	}
	return nil
}

func (o *Orders) NothingElse(ctx context.Context) {
	o.mu.Lock()
	_ = pricing.Reload(ctx) // want `held while`
	o.mu.Unlock()
	o.total = 0
}

func (o *Orders) NothingElseDeferred(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = pricing.Reload(ctx) // want `held while`
}

func (o *Orders) NothingElseReturned(ctx context.Context, id string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.prices.Quote(ctx, id) // want `held while`
	return n, err
}
