package orders

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const columns = `id, coalesce(customer_id, 0), email, status, country, service,
	subtotal, shipping, tax, total, created_at, updated_at`

// querier is what *sql.DB and *sql.Tx share.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Get returns the order with the given ID, or ErrNotFound.
func (s *Service) Get(ctx context.Context, id int64) (*Order, error) { return read(ctx, s.DB, id) }

// ByCustomer returns the orders of a customer, newest first.
func (s *Service) ByCustomer(ctx context.Context, customerID int64) ([]*Order, error) {
	rows, err := s.DB.QueryContext(ctx, "SELECT id FROM orders WHERE customer_id = ? ORDER BY id DESC", customerID)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	all := []*Order{}
	for _, id := range ids {
		o, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

func insert(ctx context.Context, tx *sql.Tx, o *Order, now time.Time) error {
	var customer any
	if o.CustomerID != 0 {
		customer = o.CustomerID
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO orders (customer_id, email, status, country, service,
		subtotal, shipping, tax, total, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		customer, o.Email, o.Status, o.Country, string(o.Service),
		int64(o.Subtotal), int64(o.Shipping), int64(o.Tax), int64(o.Total), now.Unix(), now.Unix())
	if err != nil {
		return err
	}
	if o.ID, err = res.LastInsertId(); err != nil {
		return err
	}
	for i, l := range o.Lines {
		_, err := tx.ExecContext(ctx, `INSERT INTO order_lines (order_id, line, sku, name, qty, unit, discount, total)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, o.ID, i+1, l.SKU, l.Name, l.Qty, int64(l.Unit), int64(l.Discount), int64(l.Total))
		if err != nil {
			return err
		}
	}
	return nil
}

func read(ctx context.Context, q querier, id int64) (*Order, error) {
	var o Order
	var created, updated int64
	err := q.QueryRowContext(ctx, "SELECT "+columns+" FROM orders WHERE id = ?", id).
		Scan(&o.ID, &o.CustomerID, &o.Email, &o.Status, &o.Country, &o.Service,
			&o.Subtotal, &o.Shipping, &o.Tax, &o.Total, &created, &updated)
	if err == sql.ErrNoRows {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	o.CreatedAt, o.UpdatedAt = time.Unix(created, 0).UTC(), time.Unix(updated, 0).UTC()
	rows, err := q.QueryContext(ctx, `SELECT sku, name, qty, unit, discount, total FROM order_lines
		WHERE order_id = ? ORDER BY line`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l Line
		if err := rows.Scan(&l.SKU, &l.Name, &l.Qty, &l.Unit, &l.Discount, &l.Total); err != nil {
			return nil, err
		}
		o.Lines = append(o.Lines, l)
	}
	return &o, rows.Err()
}

func setStatus(ctx context.Context, tx *sql.Tx, id int64, status string, now time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE orders SET status = ?, updated_at = ? WHERE id = ?", status, now.Unix(), id)
	return err
}
