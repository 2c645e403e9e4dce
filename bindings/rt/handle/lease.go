package handle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// envLease says for how long the values of a process are kept that isn't heard of.
const (
	envLease     = "UNWELD_LEASE"
	defaultLease = time.Minute
)

// A report is what a caller says of what it has: the message of the endpoint that
// Keep answers.
type report struct {
	id   string
	back []uint64 // numbers of what it gives back
}

// maxReport is how many numbers a report has at most.
const maxReport = 4096

func (r report) append(b []byte) []byte {
	b = wire.AppendText(append(b, 1<<3|wire.TypeBytes), r.id)
	if len(r.back) == 0 {
		return b
	}
	b = append(b, 2<<3|wire.TypeBytes, 0)
	at := len(b)
	for _, n := range r.back {
		b = wire.AppendUvarint(b, n)
	}
	return wire.Close(b, at)
}

func parseReport(s string) (r report, err error) {
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		switch tag, i = wire.Uvarint(s, i); tag {
		case 1<<3 | wire.TypeBytes:
			r.id, i = wire.Message(s, i)
		case 2<<3 | wire.TypeBytes:
			var list string
			list, i = wire.Message(s, i)
			for j := 0; j >= 0 && j < len(list); {
				var n uint64
				if n, j = wire.Uvarint(list, j); j < 0 || len(r.back) == maxReport {
					return r, errors.New("a report of handles that ends within a number, or is too long")
				}
				r.back = append(r.back, n)
			}
		default:
			i = wire.Skip(s, i, tag)
		}
	}
	if i < 0 || len(r.id) != nameSize {
		return r, errors.New("a report of handles without the name of a process")
	}
	return r, nil
}

// Keep takes the report of a caller, and appends the time in milliseconds after
// which the caller must have sent another one.
func (x *Handles) Keep(request string, reply []byte) ([]byte, error) {
	r, err := parseReport(request)
	if err != nil {
		return reply, link.Malformed(err)
	}
	t := &x.given
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.callers[r.id]
	if c == nil && len(r.back) > 0 {
		c = x.admit(r.id) // its call may arrive later than this
	}
	if c != nil {
		c.heard = time.Now()
		for _, n := range r.back {
			t.drop(c, n)
		}
	}
	return wire.AppendUvarint(append(reply, 1<<3), uint64(max(x.lease.Milliseconds(), 1))), nil
}

// drop gives back what was given under a number, or will be by a call that is under
// way or still to come.
func (t *table) drop(c *caller, number uint64) {
	g := c.grants[number]
	switch {
	case g == nil:
		if len(c.grants) < 2*maxHeld {
			c.grants[number] = &grant{dropped: time.Now()}
		}
	case g.running > 0:
		g.dropped = time.Now()
	case g.value != nil:
		delete(c.grants, number)
		t.giveBack(c, g.value)
	}
}

// sweep releases what is kept for callers that weren't heard of for the time of a
// lease, and comes again while there are callers.
func (x *Handles) sweep() {
	t := &x.given
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for id, c := range t.callers {
		if c.giving == 0 && now.Sub(c.heard) >= x.lease {
			delete(t.callers, id)
			t.expire(c)
			continue
		}
		for n, g := range c.grants {
			if g.running == 0 && g.value == nil && now.Sub(g.dropped) >= x.lease {
				delete(c.grants, n)
			}
		}
	}
	t.sweeper = nil
	if len(t.callers) > 0 {
		t.sweeper = time.AfterFunc(x.lease/4, x.sweep)
	}
}

// expire releases all that a caller had. What nobody else has is closed: the caller
// can't do it any more.
func (t *table) expire(c *caller) {
	for v := range c.held {
		t.release(c, v)
		if len(v.holders) > 0 {
			continue
		}
		t.forget(v)
		if v.busy > 0 {
			v.ending = true
		} else {
			go closeValue(v.value)
		}
	}
}

// closeValue calls the Close method of a value, if it has one.
func closeValue(v any) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "unweld: closing a %T that a caller has left: panic: %v\n", v, p)
		}
	}()
	switch v := v.(type) {
	case io.Closer:
		_ = v.Close() // nobody is there to be told
	case interface{ Close(context.Context) error }:
		_ = v.Close(context.Background())
	}
}
