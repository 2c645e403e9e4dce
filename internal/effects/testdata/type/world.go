package p

import (
	"log"
	"math/rand"
	"os"
	"time"
)

type Clock interface{ Now() time.Time }

type Engine struct {
	at    time.Time
	n     int
	m     map[string]int
	now   func() time.Time
	clock Clock
	rng   *rand.Rand
	a, b  chan int
	keys  []string
}

var now = time.Now

// want writes clock
func (e *Engine) Clock() { e.at = time.Now() }

// want writes clock
func (e *Engine) Deep() { e.stamp() }

func (e *Engine) stamp() { e.at = read() }

func read() time.Time { return time.Now() }

// want writes clock
func (e *Engine) VarClock() { e.at = now() }

// want writes clock unfollowed
func (e *Engine) IfaceClock() { e.at = e.clock.Now() }

// want writes clock unfollowed
func (e *Engine) FieldClock() { e.at = e.now() }

// want writes random
func (e *Engine) Random() { e.n = rand.Intn(3) }

// want writes random
func (e *Engine) OwnRandom() { e.n = e.rng.Intn(3) }

// want writes io
func (e *Engine) Read() { b, _ := os.ReadFile("x"); e.n = len(b) }

// want writes output
func (e *Engine) Log() { e.n++; log.Print(e.n) }

// want writes goroutine
func (e *Engine) Go() { go func() { e.n++ }() }

// want writes select
func (e *Engine) Select() {
	select {
	case <-e.a:
	case <-e.b:
	}
}

// want writes order
func (e *Engine) MapOrder() {
	for k := range e.m {
		e.keys = append(e.keys, k)
	}
}

// want writes
func (e *Engine) MapSum() {
	for _, v := range e.m {
		e.n += v
	}
}

// want writes
func (e *Engine) GivenTime(at time.Time) { e.at = at.Add(time.Hour) }
