// Package orders takes orders: it prices them, reserves stock, has them paid
// and follows them until they are sent or cancelled.
package orders

import (
	"errors"
	"fmt"
	"time"

	"example.com/shop/money"
	"example.com/shop/shipping"
)

// Statuses of an order. Paid and refunded are set by payments.
const (
	Pending   = "pending"
	Paid      = "paid"
	Shipped   = "shipped"
	Cancelled = "cancelled"
	Refunded  = "refunded"
)

// MaxLines is how many lines an order may have.
var MaxLines = 50

var (
	// ErrNotFound means that there is no such order.
	ErrNotFound = errors.New("orders: not found")
	// ErrEmpty means that an order has no lines.
	ErrEmpty = errors.New("orders: no lines")
	// ErrTooManyLines means that an order has more than MaxLines lines.
	ErrTooManyLines = errors.New("orders: too many lines")
	// ErrNoCustomer means that an order names no customer and guests aren't
	// allowed to buy.
	ErrNoCustomer = errors.New("orders: no customer")
)

// StatusError means that an order isn't in a state in which something can be
// done with it.
type StatusError struct {
	ID     int64
	Status string
	Action string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("orders: can't %s order %d: it is %s", e.Action, e.ID, e.Status)
}

// LineError says which line of an order can't be fulfilled, and wraps why.
type LineError struct {
	Line int // counted from 1
	SKU  string
	Err  error
}

func (e *LineError) Error() string {
	return fmt.Sprintf("orders: line %d (%s): %v", e.Line, e.SKU, e.Err)
}
func (e *LineError) Unwrap() error { return e.Err }

// A Request is an order as a customer makes it.
type Request struct {
	CustomerID int64            `json:"customerID,omitempty"`
	Email      string           `json:"email,omitempty"` // of a guest
	Country    string           `json:"country,omitempty"`
	Service    shipping.Service `json:"service,omitempty"`
	Provider   string           `json:"provider,omitempty"`
	Token      string           `json:"token,omitempty"`
	Lines      []RequestLine    `json:"lines"`
}

// A RequestLine asks for some pieces of a SKU.
type RequestLine struct {
	SKU string `json:"sku"`
	Qty int    `json:"qty"`
}

// An Order is one that was taken.
type Order struct {
	ID         int64            `json:"id"`
	CustomerID int64            `json:"customerID,omitempty"`
	Email      string           `json:"email"`
	Status     string           `json:"status"`
	Country    string           `json:"country"`
	Service    shipping.Service `json:"service"`
	Lines      []Line           `json:"lines"`
	Subtotal   money.Cents      `json:"subtotal"`
	Shipping   money.Cents      `json:"shipping"`
	Tax        money.Cents      `json:"tax"` // contained in Total
	Total      money.Cents      `json:"total"`
	CreatedAt  time.Time        `json:"createdAt"`
	UpdatedAt  time.Time        `json:"updatedAt"`
}

// A Line is one product of an order, at the price it was sold for.
type Line struct {
	SKU      string      `json:"sku"`
	Name     string      `json:"name"`
	Qty      int         `json:"qty"`
	Unit     money.Cents `json:"unit"`
	Discount money.Cents `json:"discount"`
	Total    money.Cents `json:"total"`
}
