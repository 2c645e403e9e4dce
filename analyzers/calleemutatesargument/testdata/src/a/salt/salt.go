package salt // want package:"facts"

import (
	"crypto/rand"
	"io"

	"a/low"
)

type Order struct{ Total int }

type Clock interface{ Stamp(o *Order) }

type Service interface {
	Fill(p []byte) (int, error)
	Through(n int, p []byte) error
	Count(p []byte) int
	Price(o *Order) error
	Stamp(o *Order) error
}

type Engine struct {
	last  []byte
	clock Clock
}

func (e *Engine) Fill(p []byte) (int, error) {
	return io.ReadFull(rand.Reader, p) // want `Fill changes what its parameter p leads to \(.*: calls io.ReadFull\).*--inout Fill.p`
}

func (e *Engine) Through(n int, p []byte) error {
	low.Put(p) // want `Through changes what its parameter p leads to \(.*low.go:.*: writes p\[0\] through Put\)`
	return nil
}

func (e *Engine) Count(p []byte) int {
	e.last = append(e.last[:0], p...)
	return low.Len(p)
}

func (e *Engine) Price(o *Order) error {
	o.Total = 1 // want `Price changes what its parameter o leads to`
	return nil
}

func (e *Engine) Stamp(o *Order) error {
	e.clock.Stamp(o) // want `Stamp may change what its parameter o leads to .*could not be analysed`
	return nil
}

type other struct{}

func (other) Price(o *Order) error {
	o.Total = 2
	return nil
}
