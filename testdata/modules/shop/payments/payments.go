// Package payments takes money through providers, which register themselves
// when their package is linked in.
package payments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/shop/metrics"
	"example.com/shop/money"
)

var (
	// ErrUnknownProvider means that no provider of a name is linked in.
	ErrUnknownProvider = errors.New("payments: unknown provider")
	// ErrNotPaid means that there is nothing to give back.
	ErrNotPaid = errors.New("payments: order is not paid")
)

// DeclinedError means that a provider refused to take the money.
type DeclinedError struct{ Provider, Reason string }

func (e *DeclinedError) Error() string { return "payments: " + e.Provider + " declined: " + e.Reason }

// A Charge asks a provider for money.
type Charge struct {
	OrderID int64
	Amount  money.Cents
	Token   string // what the provider gave the customer's browser
}

// A Provider takes money and gives it back.
type Provider interface {
	Charge(ctx context.Context, c Charge) (reference string, err error)
	Refund(ctx context.Context, reference string, amount money.Cents) error
}

// providers by name. Written by the init functions of the providers.
var providers = map[string]func() Provider{}

// Register makes a provider known. It is called from init functions and panics
// if the name is taken.
func Register(name string, make func() Provider) {
	if _, ok := providers[name]; ok {
		panic("payments: provider " + name + " registered twice")
	}
	providers[name] = make
}

// Names returns the names of the registered providers, sorted.
func Names() []string {
	var names []string
	for name := range providers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A Payment is money that was taken for an order.
type Payment struct {
	ID        int64       `json:"id"`
	OrderID   int64       `json:"orderID"`
	Provider  string      `json:"provider"`
	Reference string      `json:"reference"`
	Amount    money.Cents `json:"amount"`
	Status    string      `json:"status"` // paid or refunded
}

// Service takes payments and remembers them.
type Service struct {
	db        *sql.DB
	now       func() time.Time
	providers map[string]Provider
}

// New returns a service that uses the providers registered so far.
func New(d *sql.DB, now func() time.Time) *Service {
	s := &Service{db: d, now: now, providers: make(map[string]Provider)}
	for name, f := range providers {
		s.providers[name] = f()
	}
	return s
}

// Pay takes the money for an order and marks it as paid. The error is
// ErrUnknownProvider, a *DeclinedError, or one of the database.
func (s *Service) Pay(ctx context.Context, provider string, c Charge) (*Payment, error) {
	p, ok := s.providers[provider]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownProvider, provider)
	}
	ref, err := p.Charge(ctx, c)
	if err != nil {
		metrics.Inc("payments_failed_total")
		return nil, err
	}
	pay := &Payment{OrderID: c.OrderID, Provider: provider, Reference: ref, Amount: c.Amount, Status: "paid"}
	res, err := s.db.ExecContext(ctx, `INSERT INTO payments (order_id, provider, reference, amount, status, created_at)
		VALUES (?, ?, ?, ?, ?, ?)`, pay.OrderID, provider, ref, int64(pay.Amount), pay.Status, s.now().Unix())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("payments: recording: %w", err), p.Refund(ctx, ref, c.Amount))
	}
	if pay.ID, err = res.LastInsertId(); err != nil {
		return nil, err
	}
	metrics.Inc("payments_total")
	return pay, s.mark(ctx, c.OrderID, "paid")
}

// Refund gives back what was paid for an order.
func (s *Service) Refund(ctx context.Context, orderID int64) error {
	pay, err := s.ForOrder(ctx, orderID)
	if err != nil {
		return err
	}
	p, ok := s.providers[pay.Provider]
	if !ok {
		return fmt.Errorf("%w: %q", ErrUnknownProvider, pay.Provider)
	}
	if err := p.Refund(ctx, pay.Reference, pay.Amount); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, "UPDATE payments SET status = 'refunded' WHERE id = ?", pay.ID); err != nil {
		return fmt.Errorf("payments: refunding: %w", err)
	}
	return s.mark(ctx, orderID, "refunded")
}

// ForOrder returns the payment of an order that wasn't given back, or
// ErrNotPaid.
func (s *Service) ForOrder(ctx context.Context, orderID int64) (*Payment, error) {
	var p Payment
	err := s.db.QueryRowContext(ctx, `SELECT id, order_id, provider, reference, amount, status FROM payments
		WHERE order_id = ? AND status = 'paid'`, orderID).
		Scan(&p.ID, &p.OrderID, &p.Provider, &p.Reference, &p.Amount, &p.Status)
	if err == sql.ErrNoRows {
		return nil, ErrNotPaid
	}
	return &p, err
}

// mark writes the status of an order.
func (s *Service) mark(ctx context.Context, orderID int64, status string) error {
	_, err := s.db.ExecContext(ctx, "UPDATE orders SET status = ?, updated_at = ? WHERE id = ?", status, s.now().Unix(), orderID)
	return err
}
