package handle

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// How many handles one process may have of a component, and all of them together.
const (
	maxHeld  = 1 << 16
	maxTotal = 1 << 20
)

// Handles are those of one component in this process: of the values that it gave
// away, as far as it is hosted here, and those that this process has. It is safe for
// concurrent use.
type Handles struct {
	keep  int // index of the endpoint by which a process says what it still has
	lease time.Duration
	given table
	had   holdings
}

// New returns the handles of a component whose endpoint number keep is the one that
// Keep answers. A lease in the environment that is no duration is a panic.
func New(keep int) *Handles {
	x := &Handles{keep: keep, lease: defaultLease}
	if s := os.Getenv(envLease); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			panic(fmt.Sprintf("unweld: %s is %q, and should be a duration such as 90s", envLease, s))
		}
		x.lease = d
	}
	return x
}

// A table has the values that a component has given away.
type table struct {
	mu      sync.Mutex
	epoch   uint64 // 0: nothing was given yet
	last    uint64 // number
	values  map[uint64]*value
	known   map[identity]*value
	callers map[string]*caller
	total   int // handles of all callers
	sweeper *time.Timer
}

// An identity is a value as one interface type: the same value as another one is
// another handle.
type identity struct {
	kind  int
	value any
}

type value struct {
	identity
	number  uint64
	holders []*caller
	busy    int  // calls under way
	ending  bool // to be closed when none is
}

// A caller is a process that has handles, or had some not long ago.
type caller struct {
	id       string
	since    uint64 // what had a number up to this was given before the caller was known
	heard    time.Time
	held     map[*value]int    // how often it was given
	grants   map[uint64]*grant // by the numbers that the caller chose
	giving   int               // calls under way that may give it something
	reserved int               // as many handles
}

// A grant is what was given under one number, or is about to be.
type grant struct {
	value   *value
	running int       // calls under way
	dropped time.Time // given back, maybe before it was given; zero: not
}

// A Use is one call with handles, in the component.
type Use struct {
	of     *Handles
	caller *caller // nil: unknown, and nothing is given
	first  uint64
	gives  int
	values []*value // that it calls or was given
}

// Enter begins a call that gives as many handles at most. Leave ends it.
func (x *Handles) Enter(c Caller, gives int) (*Use, error) {
	if len(c.ID) != nameSize || gives > 0 && (c.First == 0 || c.First+uint64(gives) < c.First) {
		return nil, link.Malformed(errors.New("a request that doesn't say whom handles are for"))
	}
	t := &x.given
	t.mu.Lock()
	defer t.mu.Unlock()
	u := &Use{of: x, caller: t.callers[c.ID], first: c.First, gives: gives}
	if u.caller == nil && gives > 0 {
		u.caller = x.admit(c.ID)
	}
	if u.caller == nil {
		if gives > 0 {
			return nil, link.Refused(fmt.Errorf("%w: %d processes have some", ErrTooMany, len(t.callers)))
		}
		return u, nil
	}
	u.caller.heard = time.Now()
	if gives == 0 {
		return u, nil
	}
	if n := len(u.caller.held) + u.caller.reserved; n+gives > maxHeld || t.total+gives > maxTotal {
		return nil, link.Refused(fmt.Errorf("%w: this process has %d of at most %d, all together have %d of at most %d", ErrTooMany, n, maxHeld, t.total, maxTotal))
	}
	u.caller.giving++
	u.caller.reserved += gives
	for i := range gives {
		g := u.caller.grants[c.First+uint64(i)]
		if g == nil {
			g = &grant{}
			u.caller.grants[c.First+uint64(i)] = g
		}
		g.running++
	}
	return u, nil
}

// admit makes a caller known; nil if there are too many.
func (x *Handles) admit(id string) *caller {
	t := &x.given
	if len(t.callers) >= maxHeld {
		return nil
	}
	if t.callers == nil {
		var epoch [8]byte
		_, _ = rand.Read(epoch[:]) // never fails
		t.epoch = binary.LittleEndian.Uint64(epoch[:]) | 1
		t.values, t.known, t.callers = map[uint64]*value{}, map[identity]*value{}, map[string]*caller{}
	}
	c := &caller{id: id, since: t.last, held: map[*value]int{}, grants: map[uint64]*grant{}, heard: time.Now()}
	t.callers[id] = c
	if t.sweeper == nil {
		t.sweeper = time.AfterFunc(x.lease/4, x.sweep)
	}
	return c
}

// Value returns the value of a handle of one kind; nil for the zero Ref.
func (u *Use) Value(kind int, ref Ref) (any, error) {
	if ref == (Ref{}) {
		return nil, nil
	}
	t := &u.of.given
	t.mu.Lock()
	defer t.mu.Unlock()
	if ref.Epoch != t.epoch {
		return nil, link.Refused(ErrLost)
	}
	v := t.values[ref.Number]
	if v == nil || u.caller == nil || u.caller.held[v] == 0 {
		return nil, link.Refused(t.missing(u.caller, ref.Number))
	}
	if v.kind != kind {
		return nil, link.Malformed(errors.New("a handle of another type"))
	}
	v.busy++
	u.values = append(u.values, v)
	return v.value, nil
}

// missing says why a caller, which may be unknown, doesn't have a handle.
func (t *table) missing(c *caller, number uint64) error {
	if number == 0 || number > t.last {
		return ErrForeign
	}
	if c == nil {
		return ErrExpired
	}
	for _, g := range c.grants {
		if g.value != nil && g.value.number == number {
			return ErrClosed // it has it, and the value is gone
		}
	}
	if number <= c.since {
		return ErrExpired
	}
	return ErrForeign
}

// Receiver is Value for the handle whose method is called, which isn't nil.
func (u *Use) Receiver(kind int, ref Ref) (any, error) {
	if ref == (Ref{}) {
		return nil, link.Malformed(errors.New("a call of a method of no handle"))
	}
	return u.Value(kind, ref)
}

// Give returns the handle of a value, result number i among those that are
// handles. The value isn't nil.
func (u *Use) Give(i, kind int, what any) Ref {
	t := &u.of.given
	t.mu.Lock()
	defer t.mu.Unlock()
	id := identity{kind, what}
	same := comparable(what)
	var v *value
	if same {
		v = t.known[id]
	}
	if v == nil {
		t.last++
		v = &value{identity: id, number: t.last}
		t.values[v.number] = v
		if same {
			t.known[id] = v
		}
	}
	c := u.caller
	if c.held[v]++; c.held[v] == 1 {
		t.total++
		v.holders = append(v.holders, c)
	}
	g := c.grants[u.first+uint64(i)]
	if g.value != nil { // by a call with the same number
		t.giveBack(c, g.value)
	}
	g.value = v
	return Ref{t.epoch, v.number}
}

// comparable reports whether the value is equal to itself, which those of some
// types never are, or panic when they are asked.
func comparable(v any) bool { return reflect.ValueOf(v).Comparable() && v == v }

// End ends a handle for all that have it: its Close method has succeeded.
func (u *Use) End(ref Ref) {
	t := &u.of.given
	t.mu.Lock()
	defer t.mu.Unlock()
	if v := t.values[ref.Number]; v != nil {
		t.forget(v)
		v.value = nil // callers may still refer to the handle
	}
}

// Leave ends the call. What its caller has given back meanwhile is released.
func (u *Use) Leave() {
	t := &u.of.given
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, v := range u.values {
		if v.busy--; v.busy == 0 && v.ending {
			go closeValue(v.value)
		}
	}
	if u.gives == 0 {
		return
	}
	c := u.caller
	c.heard = time.Now()
	c.giving--
	c.reserved -= u.gives
	for i := range u.gives {
		number := u.first + uint64(i)
		g := c.grants[number]
		if g.running--; g.running > 0 {
			continue
		}
		if g.value == nil || !g.dropped.IsZero() {
			delete(c.grants, number)
		}
		if g.value != nil && !g.dropped.IsZero() {
			t.giveBack(c, g.value)
		}
	}
}

// giveBack takes back what was given to a caller once.
func (t *table) giveBack(c *caller, v *value) {
	if c.held[v] == 0 {
		return // closed meanwhile
	}
	if c.held[v]--; c.held[v] > 0 {
		return
	}
	t.release(c, v)
	if len(v.holders) == 0 {
		t.forget(v)
	}
}

// release takes a value from a caller.
func (t *table) release(c *caller, v *value) {
	delete(c.held, v)
	t.total--
	for i, h := range v.holders {
		if h == c {
			v.holders = append(v.holders[:i], v.holders[i+1:]...)
			return
		}
	}
}

// forget takes a value from all callers and the table.
func (t *table) forget(v *value) {
	for len(v.holders) > 0 {
		t.release(v.holders[0], v)
	}
	delete(t.values, v.number)
	if comparable(v.value) && t.known[v.identity] == v {
		delete(t.known, v.identity)
	}
}
