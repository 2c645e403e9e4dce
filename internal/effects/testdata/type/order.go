package p

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

type item struct {
	price int
	ratio float64
	name  string
}

type Engine struct {
	m       map[string]int
	items   map[string]*item
	n, best int
	sum     float64
	who     string
	keys    []string
	seats   map[string]int
	byPrice map[int]string
	set     map[int]bool
	arr     [10]string
	hits    atomic.Int64
	text    strings.Builder
	smap    sync.Map
}

// want writes order
func (e *Engine) FirstElement() {
	for k := range e.m {
		e.who = k
		break
	}
}

// want writes order
func (e *Engine) LastWriter() {
	for k := range e.m {
		e.who = k
	}
}

// want writes order
func (e *Engine) LastLocal() {
	var last string
	for k := range e.m {
		last = k
	}
	e.who = last
}

// want writes order
func (e *Engine) Numbered() {
	for k := range e.m {
		e.n++
		e.seats[k] = e.n
	}
}

// want writes order
func (e *Engine) NumberedLocally() {
	n := 0
	for k := range e.m {
		e.seats[k] = n
		n++
	}
}

// want writes order
func (e *Engine) FloatSum() {
	for _, it := range e.items {
		e.sum += it.ratio
	}
}

// want reads order
func (e *Engine) FloatSumLocal() float64 {
	var sum float64
	for _, it := range e.items {
		sum += it.ratio
	}
	return sum
}

// want writes
func (e *Engine) IntSum() {
	for _, it := range e.items {
		e.n += it.price
	}
}

// want reads
func (e *Engine) IntSumLocal() (n int) {
	for _, it := range e.items {
		if it.price > 3 {
			n += it.price
		}
	}
	return n
}

// want reads order
func (e *Engine) Text() string {
	s := ""
	for k := range e.m {
		s += k
	}
	return s
}

// want writes order
func (e *Engine) Builder() {
	for k := range e.m {
		e.text.WriteString(k)
	}
}

// want reads order
func (e *Engine) LocalBuilder() string {
	var b strings.Builder
	for k := range e.m {
		b.WriteString(k)
	}
	return b.String()
}

// want reads order
func (e *Engine) Unsorted() []string {
	var keys []string
	for k := range e.m {
		keys = append(keys, k)
	}
	return keys
}

// want reads
func (e *Engine) Sorted() []string {
	var keys []string
	for k := range e.m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// want reads
func (e *Engine) SortedReverse() []string {
	keys := make([]string, 0, len(e.m))
	for k := range e.m {
		keys = append(keys, k)
	}
	sort.Sort(sort.Reverse(sort.StringSlice(keys)))
	return keys
}

func order(keys []string) { slices.Sort(keys) }

// want reads
func (e *Engine) SortedByHelper() []string {
	var keys []string
	for k := range e.m {
		if len(k) > 1 {
			keys = append(keys, k)
		}
	}
	order(keys)
	return keys
}

// want writes
func (e *Engine) SortedInState() {
	e.keys = nil
	for k := range e.m {
		e.keys = append(e.keys, k)
	}
	sort.Strings(e.keys)
}

// want reads order
func (e *Engine) SortsSomethingElse(names []string) []string {
	var keys []string
	for k := range e.m {
		keys = append(keys, k)
	}
	sort.Strings(names)
	return keys
}

// want reads order
func (e *Engine) SortsTooLate() (string, []string) {
	var keys []string
	for k := range e.m {
		keys = append(keys, k)
	}
	first := keys[0]
	sort.Strings(keys)
	return first, keys
}

// want reads order
func (e *Engine) SortsSometimes(yes bool) []string {
	var keys []string
	for k := range e.m {
		keys = append(keys, k)
	}
	if yes {
		sort.Strings(keys)
	}
	return keys
}

// want reads
func (e *Engine) SortedKeys() []string { return slices.Sorted(maps.Keys(e.m)) }

// want reads order
func (e *Engine) CollectedKeys() []string { return slices.Collect(maps.Keys(e.m)) }

// want reads order
func (e *Engine) EarlyReturn() string {
	for k, v := range e.m {
		if v > 3 {
			return k
		}
	}
	return ""
}

// want reads
func (e *Engine) Any() bool {
	for _, v := range e.m {
		if v > 3 {
			return true
		}
	}
	return false
}

var errLow, errHigh = errors.New("low"), errors.New("high")

// want reads
func (e *Engine) Check() error {
	for _, v := range e.m {
		if v < 0 {
			return errLow
		}
	}
	return nil
}

// want reads order
func (e *Engine) CheckTwo() error {
	for _, v := range e.m {
		if v < 0 {
			return errLow
		}
		if v > 9 {
			return errHigh
		}
	}
	return nil
}

// want reads order
func (e *Engine) CheckNamed() error {
	for k, v := range e.m {
		if v < 0 {
			return fmt.Errorf("low: %s", k)
		}
	}
	return nil
}

// want writes order
func (e *Engine) SomeThenStop() {
	for k, v := range e.m {
		if v < 0 {
			return
		}
		e.seats[k] = v
	}
}

// want reads
func (e *Engine) FoundFlag() bool {
	found := false
	for _, v := range e.m {
		if v > 3 {
			found = true
			break
		}
	}
	return found
}

// want reads order
func (e *Engine) FoundName() string {
	found := ""
	for k, v := range e.m {
		if v > 3 {
			found = k
			break
		}
	}
	return found
}

// want reads
func (e *Engine) Either() bool {
	yes := false
	for _, v := range e.m {
		yes = yes || v > 3
	}
	return yes
}

// want reads
func (e *Engine) Largest() int {
	best := 0
	for _, v := range e.m {
		if v > best {
			best = v
		}
	}
	return best
}

// want reads
func (e *Engine) LargestBuiltin() int {
	best := 0
	for _, it := range e.items {
		best = max(best, it.price)
	}
	return best
}

// Of several with the same price the last one wins.
//
// want reads order
func (e *Engine) LargestName() string {
	best, who := 0, ""
	for k, v := range e.m {
		if v > best {
			best, who = v, k
		}
	}
	return who
}

// want writes
func (e *Engine) LargestInState() {
	for _, v := range e.m {
		if v > e.best {
			e.best = v
		}
	}
}

// want reads
func (e *Engine) CopyMap() map[string]int {
	out := map[string]int{}
	for k, v := range e.m {
		out[k] = v
	}
	return out
}

// want writes
func (e *Engine) CopyToState() {
	for k, v := range e.m {
		e.seats[k] = v
	}
}

// want writes order
func (e *Engine) Inverse() {
	for k, v := range e.m {
		e.byPrice[v] = k
	}
}

// want writes
func (e *Engine) Set() {
	for _, v := range e.m {
		e.set[v] = true
	}
}

// want writes
func (e *Engine) CountBy(by map[int]int) {
	for _, v := range e.m {
		by[v] += v
	}
	e.n = len(by)
}

// want writes
func (e *Engine) RaiseEach() {
	for _, it := range e.items {
		it.price++
		it.name = "x"
	}
}

// want writes
func (e *Engine) DeleteSome() {
	for k, v := range e.m {
		if v == 0 {
			delete(e.m, k)
		}
	}
}

// want writes order
func (e *Engine) DeleteOthers() {
	for k := range e.m {
		delete(e.m, k+"x")
	}
}

// want writes order
func (e *Engine) Position() {
	for k, v := range e.m {
		e.arr[v%10] = k
	}
}

// want writes order
func (e *Engine) ByMethod() {
	for k := range e.m {
		e.seat(k)
	}
}

func (e *Engine) seat(k string) { e.n++; e.seats[k] = e.n }

// want reads
func (e *Engine) PureMethod() (n int) {
	for k := range e.m {
		n += e.weight(k)
	}
	return n
}

func (e *Engine) weight(k string) int { return e.m[k] * 2 }

// want writes
func (e *Engine) Atomic() {
	for range e.m {
		e.hits.Add(1)
	}
}

// want writes order
func (e *Engine) Captured() {
	n := 0
	next := func() int { n++; return n }
	for k := range e.m {
		e.seats[k] = next()
	}
}

// want reads order
func (e *Engine) Send(c chan string) {
	for k := range e.m {
		c <- k
	}
}

// want reads order
func (e *Engine) SyncMap() (s string) {
	e.smap.Range(func(k, v any) bool { s = k.(string); return false })
	return s
}

// want reads order unfollowed
func (e *Engine) Each(f func(string)) {
	for k := range e.m {
		f(k)
	}
}

// want writes context
func (e *Engine) Caller(ctx context.Context) {
	if who, ok := ctx.Value("who").(string); ok {
		e.who = who
	}
}

func who(ctx context.Context) string { s, _ := ctx.Value("who").(string); return s }

// want writes context
func (e *Engine) CallerByHelper(ctx context.Context) { e.who = who(ctx) }

// want writes cancel
func (e *Engine) Cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.n++
	return nil
}

// want writes
func (e *Engine) Ignored(ctx context.Context) { e.n++ }

// want reads
func (e *Engine) Nested() (n int) {
	for _, v := range e.m {
		for i := range v {
			n += i
		}
	}
	return n
}
