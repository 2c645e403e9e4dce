package orders // want package:"facts"

import (
	"context"
	"errors"
	"os"
	"sync"

	"shop/audit"
	"shop/pricing"
)

type Orders struct {
	mu     sync.Mutex
	rw     sync.RWMutex
	prices pricing.Service
	engine *pricing.Engine
	log    *audit.Log
	total  int
	count  pricing.Counter
	shards [4]struct {
		sync.Mutex
		n int
	}
}

func New(p pricing.Service) *Orders { return &Orders{prices: p} }

func (o *Orders) Deferred(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.prices.Quote(ctx, id) // want `o.mu is held while pricing.Service.Quote is called: in one process .*, across a process`
	o.total += n
	return err
}

func (o *Orders) Explicit(ctx context.Context, id string) error {
	o.mu.Lock()
	n, err := o.prices.Quote(ctx, id) // want `o.mu is held while pricing.Service.Quote`
	o.total += n
	o.mu.Unlock()
	if err != nil {
		o.prices.Quote(ctx, id)
	}
	return err
}

func (o *Orders) Before(ctx context.Context, id string) error {
	n, err := o.prices.Quote(ctx, id)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total += n
	return err
}

func (o *Orders) Concrete(ctx context.Context, id string) {
	o.rw.RLock()
	defer o.rw.RUnlock()
	o.engine.Quote(ctx, id) // want `o.rw is held while pricing.Engine.Quote`
}

func (o *Orders) Function(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	pricing.Reload(ctx) // want `o.mu is held while pricing.Reload`
}

// What works on data or makes a value runs where it is called.
func (o *Orders) Data() {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = pricing.Amount{Cents: 1}.Add(pricing.Amount{Cents: 2})
	o.engine = pricing.New()
	o.total = pricing.Round(o.total)
	o.count.Add()
}

func (o *Orders) ThroughOthers(ctx context.Context, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.helper(ctx, id)   // want `o.mu is held while pricing.Service.Quote`
	o.log.Note(ctx, id) // want `o.mu is held while pricing.Service.Quote`
	o.log.Later(ctx, id)
}

func (o *Orders) helper(ctx context.Context, id string) { o.prices.Quote(ctx, id) }

// A goroutine holds nothing, and neither does a literal that runs elsewhere.
func (o *Orders) Goroutines(ctx context.Context, id string) func() {
	o.mu.Lock()
	defer o.mu.Unlock()
	go o.prices.Quote(ctx, id)
	go func() {
		o.prices.Quote(ctx, id)
	}()
	func() {
		o.prices.Quote(ctx, id) // want `o.mu is held while pricing.Service.Quote`
	}()
	return func() { o.prices.Quote(ctx, id) }
}

func (o *Orders) LiteralWithItsOwn(ctx context.Context, id string) func() {
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.prices.Quote(ctx, id) // want `o.mu is held while pricing.Service.Quote`
	}
}

func (o *Orders) Branches(ctx context.Context, id string, fast bool) {
	o.mu.Lock()
	if fast {
		o.mu.Unlock()
		o.prices.Quote(ctx, id)
		return
	}
	o.prices.Quote(ctx, id) // want `o.mu is held while`
	if o.total > 3 {
		o.mu.Unlock()
	} else {
		o.mu.Unlock()
	}
	o.prices.Quote(ctx, id)
}

// Whether the lock is held at the end of the branch isn't certain.
func (o *Orders) Perhaps(ctx context.Context, id string, lock bool) {
	if lock {
		o.mu.Lock()
	}
	o.prices.Quote(ctx, id)
	if lock {
		o.mu.Unlock()
	}
}

func (o *Orders) Fatal(ctx context.Context, id string, ok bool) {
	if ok {
		o.mu.Lock()
	} else {
		os.Exit(1)
	}
	o.prices.Quote(ctx, id) // want `o.mu is held while`
	o.mu.Unlock()
}

func (o *Orders) Loop(ctx context.Context, ids []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		o.mu.Unlock()
		o.prices.Quote(ctx, id)
		o.mu.Lock()
		o.prices.Quote(ctx, id) // want `o.mu is held while`
	}
	for {
		o.mu.Unlock()
		if len(ids) > 3 {
			break
		}
		o.prices.Quote(ctx, "")
		o.mu.Lock()
	}
	o.prices.Quote(ctx, "")
	o.mu.Lock()
}

func (o *Orders) LeftLocked(ctx context.Context, ids []string) {
	for _, id := range ids {
		o.mu.Lock()
		if id == "" {
			o.mu.Unlock()
			continue
		}
		o.mu.Unlock()
		o.prices.Quote(ctx, id)
	}
	o.prices.Quote(ctx, "")
}

func (o *Orders) Switch(ctx context.Context, n int) {
	o.mu.Lock()
	switch n {
	case 1:
		o.mu.Unlock()
		o.prices.Quote(ctx, "")
		return
	case 2:
		o.prices.Quote(ctx, "") // want `o.mu is held while`
		fallthrough
	case 3:
		o.prices.Quote(ctx, "") // want `o.mu is held while`
	default:
		panic("no")
	}
	o.prices.Quote(ctx, "") // want `o.mu is held while`
	o.mu.Unlock()
}

func (o *Orders) Select(ctx context.Context, c chan int) {
	o.mu.Lock()
	select {
	case <-c:
		o.mu.Unlock()
	case <-ctx.Done():
		o.mu.Unlock()
	}
	o.prices.Quote(ctx, "")
}

func (o *Orders) Try(ctx context.Context, id string) {
	if o.mu.TryLock() {
		o.prices.Quote(ctx, id) // want `o.mu is held while`
		o.mu.Unlock()
	} else {
		o.prices.Quote(ctx, id)
	}
	if !o.mu.TryLock() {
		o.prices.Quote(ctx, id)
		return
	}
	o.prices.Quote(ctx, id) // want `o.mu is held while`
	o.mu.Unlock()
	if id == "" || !o.mu.TryLock() {
		return
	}
	defer o.mu.Unlock()
	o.prices.Quote(ctx, id) // want `o.mu is held while`
}

func (o *Orders) Embedded(ctx context.Context, i int) {
	o.shards[i].Lock()
	o.prices.Quote(ctx, "") // want `o.shards\[i\].Mutex is held while`
	o.shards[i].Unlock()
	o.prices.Quote(ctx, "")
	s := &o.shards[i]
	s.Lock()
	defer s.Unlock()
	o.prices.Quote(ctx, "") // want `s.Mutex is held while`
}

// What is deferred last runs first.
func (o *Orders) DeferredCalls(ctx context.Context) {
	defer o.prices.Quote(ctx, "after the lock is free")
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.prices.Quote(ctx, "under it") // want `o.mu is held while`
	defer func() {
		o.prices.Quote(ctx, "under it, too") // want `o.mu is held while`
	}()
}

func (o *Orders) DeferredLiteral(ctx context.Context) {
	o.mu.Lock()
	defer func() {
		o.mu.Unlock()
		o.prices.Quote(ctx, "")
	}()
	o.prices.Quote(ctx, "") // want `o.mu is held while`
}

func (o *Orders) lock()   { o.mu.Lock() }
func (o *Orders) unlock() { o.mu.Unlock() }

// lockName isn't about a mutex.
func (o *Orders) lockName() {}

func (o *Orders) Helpers(ctx context.Context) {
	o.lock()
	o.prices.Quote(ctx, "") // want `o.lock\(\) is held while`
	o.unlock()
	o.prices.Quote(ctx, "")
	o.lockName()
	o.prices.Quote(ctx, "")
}

type node struct {
	mu   sync.Mutex
	next *node
}

func (o *Orders) HandOverHand(ctx context.Context, n *node) {
	n.mu.Lock()
	for n.next != nil {
		next := n.next
		next.mu.Lock()
		n.mu.Unlock()
		n = next
	}
	n.mu.Unlock()
	o.prices.Quote(ctx, "")
}

func (o *Orders) UnlockElsewhere(ctx context.Context) func() {
	o.mu.Lock()
	unlock := o.mu.Unlock
	o.prices.Quote(ctx, "")
	return unlock
}

func (o *Orders) Goto(ctx context.Context) error {
	o.mu.Lock()
	if o.total > 3 {
		goto done
	}
	o.mu.Unlock()
done:
	o.prices.Quote(ctx, "")
	return errors.New("done")
}

func (o *Orders) Two(ctx context.Context, other *Orders) {
	o.mu.Lock()
	other.mu.Lock()
	o.mu.Unlock()
	o.prices.Quote(ctx, "") // want `other.mu is held while`
	other.mu.Unlock()
}

func (o *Orders) WhileInLock(ctx context.Context, items []func() error) (err error) {
	o.rw.Lock()
	defer o.rw.Unlock()
	for i := range items {
		if err = items[i](); err != nil {
			return err
		}
	}
	_, err = o.prices.Quote(ctx, "x") // want `o.rw is held while`
	return err
}
