package p

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

type Rule struct {
	SKU   string
	Price int
	Tags  []string
}

type Store interface{ Put(string) }

type base struct{ n int }

// want writes
func (b *base) Bump() { b.n++ }

// want reads
func (b *base) Count() int { return b.n }

type Engine struct {
	base
	mu    sync.RWMutex
	rules map[string]Rule
	ptrs  []*Rule
	list  []Rule
	hits  atomic.Int64
	raw   int64
	ch    chan int
	store Store
	hook  func(string)
	once  sync.Once
	smap  sync.Map
}

var ErrUnknown = errors.New("unknown")

// want reads
func (e *Engine) Quote(sku string) (Rule, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	r, ok := e.rules[sku]
	if !ok {
		return Rule{}, fmt.Errorf("quote %s: %w", sku, ErrUnknown)
	}
	return r, nil
}

// want writes
func (e *Engine) SetRule(r Rule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rules[r.SKU] = r
}

// want writes
func (e *Engine) AliasMap(r Rule) { m := e.rules; m[r.SKU] = r }

// want writes
func (e *Engine) Delete(sku string) { delete(e.rules, sku) }

// want writes
func (e *Engine) Clear() { clear(e.rules) }

// want writes
func (e *Engine) Append(r Rule) { e.list = append(e.list, r) }

// want writes
func (e *Engine) CopyInto(rs []Rule) { copy(e.list, rs) }

// want reads
func (e *Engine) CopyOut() []Rule { out := make([]Rule, len(e.list)); copy(out, e.list); return out }

// want writes
func (e *Engine) RangePointer() {
	for _, r := range e.ptrs {
		r.Price++
	}
}

// want reads
func (e *Engine) RangeCopy() int {
	sum := 0
	for _, r := range e.list {
		r.Price++
		sum += r.Price
	}
	return sum
}

// want writes
func (e *Engine) RangeTags() {
	for _, r := range e.list {
		r.Tags[0] = "x"
	}
}

// want writes
func (e *Engine) Swap() { e.list[0], e.list[1] = e.list[1], e.list[0] }

// want writes
func (e *Engine) SortState() {
	sort.Slice(e.list, func(i, j int) bool { return e.list[i].Price < e.list[j].Price })
}

// want reads
func (e *Engine) SortedCopy() []*Rule {
	out := slices.Clone(e.ptrs)
	sort.Slice(out, func(i, j int) bool { return out[i].Price < out[j].Price })
	return out
}

func (e *Engine) snapshot() []*Rule {
	var out []*Rule
	for _, r := range e.ptrs {
		out = append(out, r)
	}
	return out
}

// want reads
func (e *Engine) SortedHelper() []*Rule {
	out := e.snapshot()
	slices.SortFunc(out, func(a, b *Rule) int { return strings.Compare(a.SKU, b.SKU) })
	return out
}

// want writes
func (e *Engine) WriteThroughHelper() { e.snapshot()[0].Price = 1 }

// want writes
func (e *Engine) Closure(r Rule) {
	set := func() { e.rules[r.SKU] = r }
	set()
}

// want writes
func (e *Engine) DeferredClosure() { defer func() { e.raw = 1 }() }

// want reads
func (e *Engine) ReadingClosure() (n int) {
	each(e.ptrs, func(r *Rule) { n += r.Price })
	return n
}

func each(rs []*Rule, f func(*Rule)) {
	for _, r := range rs {
		f(r)
	}
}

// want writes
func (e *Engine) WritingCallback() { each(e.ptrs, func(r *Rule) { r.Price = 0 }) }

// want writes
func (e *Engine) MethodValue(r Rule) { f := e.SetRule; f(r) }

// want unknown unfollowed
func (e *Engine) Iface(s string) { e.store.Put(s) }

// want unknown unfollowed
func (e *Engine) Hook(s string) { e.hook(s) }

// want writes
func (e *Engine) AtomicAdd() { e.hits.Add(1) }

// want reads
func (e *Engine) AtomicLoad() int64 { return e.hits.Load() }

// want writes
func (e *Engine) AtomicFunc() { atomic.AddInt64(&e.raw, 1) }

// want reads
func (e *Engine) AtomicFuncLoad() int64 { return atomic.LoadInt64(&e.raw) }

// want writes
func (e *Engine) Send() { e.ch <- 1 }

// want writes
func (e *Engine) Receive() int { return <-e.ch }

// want writes
func (e *Engine) Boxed(r Rule) {
	box := struct{ m map[string]Rule }{e.rules}
	box.m[r.SKU] = r
}

// want writes
func (e *Engine) OutParameter() {
	var out []*Rule
	e.fill(&out)
	out[0].Price = 3
}

func (e *Engine) fill(dst *[]*Rule) { *dst = e.ptrs }

// want reads
func (e *Engine) OutParameterRead() int {
	var out []*Rule
	e.fill(&out)
	return len(out)
}

// want writes
func (e *Engine) LeakThroughCallback() {
	out := with(func(p *[]*Rule) { *p = e.ptrs })
	_ = out
}

func with(f func(*[]*Rule)) []*Rule {
	var out []*Rule
	f(&out)
	out[0].Price = 9
	return out
}

// want writes
func (e *Engine) SyncMapStore() { e.smap.Store("k", 1) }

// want reads
func (e *Engine) SyncMapLoad() any { v, _ := e.smap.Load("k"); return v }

// want writes
func (e *Engine) Once() { e.once.Do(func() { e.raw = 2 }) }

// want reads
func (e *Engine) CloneMap() map[string]Rule { m := maps.Clone(e.rules); m["x"] = Rule{}; return m }

// want reads
func (e *Engine) Keys() []string { return slices.Sorted(maps.Keys(e.rules)) }

// want writes
func (e *Engine) RangeFunc() {
	for i := range e.all() {
		e.list[i].Price = 0
	}
}

func (e *Engine) all() func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range e.list {
			if !yield(i) {
				return
			}
		}
	}
}

// want reads
func (e *Engine) RangeFuncRead() (n int) {
	for i := range e.all() {
		n += e.list[i].Price
	}
	return n
}

type stringer struct{ e *Engine }

func (s stringer) String() string { s.e.raw++; return "" }

// want writes
func (e *Engine) ImplicitString() string { return fmt.Sprint(stringer{e}) }

// want reads stateless
func (e *Engine) Pure(a, b int) int { return a + b }

// The argument may be memory that AliasMap was given.
//
// want unknown
func (e *Engine) OnlyArgument(rs []Rule) { rs[0].Price = 1 }

// want writes
func (e *Engine) Recursive(n int) {
	if n > 0 {
		e.other(n - 1)
	}
}

func (e *Engine) other(n int) {
	e.Recursive(n)
	e.raw = int64(n)
}
