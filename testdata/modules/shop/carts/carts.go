// Package carts holds shopping carts. They live in memory: a cart that is
// lost in a restart is filled again.
package carts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.com/shop/money"
	"example.com/shop/pricing"
)

var (
	// ErrNotFound means that there is no cart with an ID.
	ErrNotFound = errors.New("carts: no such cart")
	// ErrFull means that a cart has as many lines as it can hold.
	ErrFull = errors.New("carts: cart is full")
)

// MaxLines is how many different products fit into a cart.
var MaxLines = 20

// A Line is one product in a cart.
type Line struct {
	SKU string `json:"sku"`
	Qty int    `json:"qty"`
}

// A Problem is a line that can't be bought as it is.
type Problem struct {
	SKU    string `json:"sku"`
	Reason string `json:"reason"`
}

// A View is a cart with prices.
type View struct {
	ID       string          `json:"id"`
	Lines    []pricing.Quote `json:"lines"`
	Problems []Problem       `json:"problems,omitempty"`
	Total    money.Cents     `json:"total"`
}

// Carts is all carts of the shop. It is safe for concurrent use.
type Carts struct {
	prices *pricing.Engine

	mu    sync.Mutex
	next  int
	carts map[string]*cart
}

type cart struct{ lines []Line }

// New returns an empty set of carts that are priced by prices.
func New(prices *pricing.Engine) *Carts {
	return &Carts{prices: prices, carts: make(map[string]*cart)}
}

// Create makes an empty cart and returns its ID.
func (c *Carts) Create() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	id := fmt.Sprintf("cart-%d", c.next)
	c.carts[id] = &cart{}
	return id
}

// Set puts qty pieces of sku into a cart; 0 takes the line out. A SKU without
// a price, or more of it than one order may have, is refused with pricing's
// error.
func (c *Carts) Set(id, sku string, qty int) error {
	if qty > 0 {
		if _, err := c.prices.Quote(sku, qty); err != nil {
			return fmt.Errorf("carts: %w", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ct, ok := c.carts[id]
	if !ok {
		return ErrNotFound
	}
	i := slices.IndexFunc(ct.lines, func(l Line) bool { return l.SKU == sku })
	switch {
	case qty <= 0 && i >= 0:
		ct.lines = slices.Delete(ct.lines, i, i+1)
	case qty <= 0:
	case i >= 0:
		ct.lines[i].Qty = qty
	case len(ct.lines) >= MaxLines:
		return ErrFull
	default:
		ct.lines = append(ct.lines, Line{SKU: sku, Qty: qty})
	}
	return nil
}

// Lines returns the lines of a cart in the order in which they were added.
func (c *Carts) Lines(id string) ([]Line, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ct, ok := c.carts[id]
	if !ok {
		return nil, ErrNotFound
	}
	return ct.lines, nil
}

// View prices a cart. Lines that can't be bought any more are listed as
// problems and not counted.
func (c *Carts) View(id string) (View, error) {
	lines, err := c.Lines(id)
	if err != nil {
		return View{}, err
	}
	v := View{ID: id, Lines: []pricing.Quote{}}
	for _, l := range lines {
		q, err := c.prices.Quote(l.SKU, l.Qty)
		if err != nil {
			v.Problems = append(v.Problems, Problem{SKU: l.SKU, Reason: reason(err)})
			continue
		}
		v.Lines = append(v.Lines, q)
		v.Total += q.Total
	}
	return v, nil
}

// Drop forgets a cart.
func (c *Carts) Drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.carts, id)
}

// reason says to a customer why a line can't be bought.
func reason(err error) string {
	switch e := err.(type) {
	case *pricing.LimitError:
		return fmt.Sprintf("at most %d per order", e.Max)
	}
	switch err {
	case pricing.ErrUnknownSKU:
		return "no longer sold"
	case pricing.ErrBadQuantity:
		return "quantity must be positive"
	}
	return strings.TrimPrefix(err.Error(), "pricing: ")
}
