package orders

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/shop/catalog"
	"example.com/shop/config"
	"example.com/shop/customers"
	"example.com/shop/inventory"
	"example.com/shop/metrics"
	"example.com/shop/notifications"
	"example.com/shop/payments"
	"example.com/shop/pricing"
	"example.com/shop/shipping"
	"example.com/shop/tax"
)

// Deps are the parts of the shop that orders are made with.
type Deps struct {
	DB        *sql.DB
	Prices    *pricing.Engine
	Catalog   *catalog.Service
	Stock     *inventory.Store
	Customers *customers.Store
	Payments  *payments.Service
	Events    *notifications.Hub
	Config    config.Config
}

// Service takes orders.
type Service struct {
	Deps
	now func() time.Time
}

// New returns a service made of d.
func New(d Deps) *Service { return &Service{Deps: d, now: d.Config.Now} }

// Place takes an order: all of it, or none. An error about one line is a
// *LineError; a declined payment is payments' error, and the order stays
// behind as cancelled.
func (s *Service) Place(ctx context.Context, r Request) (*Order, error) {
	o, grams, taxed, err := s.price(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := s.ship(o, grams); err != nil {
		return nil, err
	}
	breakdown, err := tax.Compute(o.Country, append(taxed, tax.Line{Category: tax.Standard, Gross: o.Shipping}))
	if err != nil {
		return nil, fmt.Errorf("orders: %w", err)
	}
	o.Tax, o.Total = breakdown.Tax, o.Subtotal+o.Shipping
	if err := s.reserve(ctx, o); err != nil {
		return nil, err
	}
	provider := r.Provider
	if provider == "" {
		provider = s.Config.Provider
	}
	charge := payments.Charge{OrderID: o.ID, Amount: o.Total, Token: r.Token}
	if _, err := s.Payments.Pay(ctx, provider, charge); err != nil {
		return nil, errors.Join(fmt.Errorf("orders: paying order %d: %w", o.ID, err), s.abandon(ctx, o))
	}
	metrics.Inc("orders_total")
	s.Events.Publish(notifications.Event{Kind: notifications.OrderPlaced, OrderID: o.ID, Email: o.Email, Total: o.Total})
	return s.Get(ctx, o.ID)
}

// price makes an order of r with the price of each line, its weight in grams
// and what is to be taxed.
func (s *Service) price(ctx context.Context, r Request) (*Order, int, []tax.Line, error) {
	if len(r.Lines) == 0 {
		return nil, 0, nil, ErrEmpty
	}
	if len(r.Lines) > MaxLines {
		return nil, 0, nil, ErrTooManyLines
	}
	o, err := s.address(ctx, r)
	if err != nil {
		return nil, 0, nil, err
	}
	grams := 0
	var taxed []tax.Line
	for i, l := range r.Lines {
		p, err := s.Catalog.Product(l.SKU)
		if err == nil && !p.Active {
			err = catalog.ErrNotFound
		}
		if err != nil {
			return nil, 0, nil, &LineError{Line: i + 1, SKU: l.SKU, Err: err}
		}
		q, err := s.Prices.Quote(l.SKU, l.Qty)
		if err != nil {
			return nil, 0, nil, &LineError{Line: i + 1, SKU: l.SKU, Err: err}
		}
		o.Lines = append(o.Lines, Line{SKU: l.SKU, Name: p.Name, Qty: l.Qty, Unit: q.Unit, Discount: q.Discount, Total: q.Total})
		o.Subtotal += q.Total
		grams += p.Grams * l.Qty
		taxed = append(taxed, tax.Line{Category: p.TaxCategory, Gross: q.Total})
	}
	return o, grams, taxed, nil
}

// address returns an order that says who ordered and where it goes.
func (s *Service) address(ctx context.Context, r Request) (*Order, error) {
	o := &Order{Status: Pending, Email: r.Email, Country: strings.ToUpper(r.Country), Service: r.Service}
	if r.CustomerID != 0 {
		c, err := s.Customers.Get(ctx, r.CustomerID)
		if err != nil {
			return nil, fmt.Errorf("orders: %w", err)
		}
		o.CustomerID, o.Email = c.ID, c.Email
		if o.Country == "" {
			o.Country = c.Country
		}
	} else if !config.Features["guest"] || r.Email == "" {
		return nil, ErrNoCustomer
	}
	if o.Country == "" {
		o.Country = s.Config.Country
	}
	if o.Service == "" {
		o.Service = shipping.Economy
	}
	return o, nil
}

// ship adds the cost of sending grams to o.
func (s *Service) ship(o *Order, grams int) error {
	if o.Service == shipping.Express && !config.Features["express"] {
		return fmt.Errorf("orders: %w: express is switched off", shipping.ErrNoService)
	}
	zone, err := shipping.ZoneOf(o.Country)
	if err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	if o.Service == shipping.Economy && shipping.Free(o.Subtotal, zone) {
		return nil
	}
	o.Shipping, err = shipping.Cost(shipping.Parcel{Country: o.Country, Grams: grams}, o.Service)
	if err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	return nil
}

// reserve writes o and reserves its stock in one transaction.
func (s *Service) reserve(ctx context.Context, o *Order) error {
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("orders: begin: %w", err)
	}
	defer tx.Rollback()
	if err := insert(ctx, tx, o, s.now()); err != nil {
		return fmt.Errorf("orders: writing: %w", err)
	}
	for i, l := range o.Lines {
		if err := s.Stock.Reserve(ctx, tx, o.ID, l.SKU, l.Qty); err != nil {
			return &LineError{Line: i + 1, SKU: l.SKU, Err: err}
		}
	}
	return tx.Commit()
}

// Ship marks a paid order as sent and takes its goods out of the warehouse.
func (s *Service) Ship(ctx context.Context, id int64) error {
	o, err := s.finish(ctx, id, "ship", Shipped, s.Stock.Ship, Paid)
	if err != nil {
		return err
	}
	s.Events.Publish(notifications.Event{Kind: notifications.OrderShipped, OrderID: id, Email: o.Email, Total: o.Total})
	return nil
}

// Cancel gives up an order that wasn't sent. What was paid is given back.
func (s *Service) Cancel(ctx context.Context, id int64) error {
	o, err := s.finish(ctx, id, "cancel", Cancelled, s.Stock.Release, Pending, Paid)
	if err != nil {
		return err
	}
	if err := s.Payments.Refund(ctx, id); err != nil && err != payments.ErrNotPaid {
		return fmt.Errorf("orders: cancelling order %d: %w", id, err)
	}
	s.Events.Publish(notifications.Event{Kind: notifications.OrderCancelled, OrderID: id, Email: o.Email, Total: o.Total})
	return nil
}

// abandon cancels an order that could not be paid. The customer hears of it
// from the error of Place.
func (s *Service) abandon(ctx context.Context, o *Order) error {
	_, err := s.finish(context.WithoutCancel(ctx), o.ID, "cancel", Cancelled, s.Stock.Release, Pending)
	return err
}

type stockMove func(ctx context.Context, tx *sql.Tx, orderID int64, sku string, qty int) error

// finish gives an order its last status and moves its stock, in one
// transaction.
func (s *Service) finish(ctx context.Context, id int64, action, status string, move stockMove, from ...string) (*Order, error) {
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	o, err := read(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !contains(from, o.Status) {
		return nil, &StatusError{ID: id, Status: o.Status, Action: action}
	}
	for _, l := range o.Lines {
		if err := move(ctx, tx, id, l.SKU, l.Qty); err != nil {
			return nil, err
		}
	}
	if err := setStatus(ctx, tx, id, status, s.now()); err != nil {
		return nil, err
	}
	return o, tx.Commit()
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
