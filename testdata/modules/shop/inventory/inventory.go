// Package inventory knows how many pieces of each SKU are in the warehouse
// and how many of them are promised to customers.
package inventory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/shop/metrics"
)

// LowStock is the number of available pieces at or below which Low reports a
// SKU.
var LowStock = 5

// ErrNotStocked means that the warehouse doesn't know a SKU.
var ErrNotStocked = errors.New("inventory: not stocked")

// ShortageError means that there are fewer pieces than were asked for.
type ShortageError struct {
	SKU        string
	Want, Have int
}

func (e *ShortageError) Error() string {
	return fmt.Sprintf("inventory: %d of %s wanted, %d available", e.Want, e.SKU, e.Have)
}

// A Level is the stock of one SKU.
type Level struct {
	SKU      string `json:"sku"`
	OnHand   int    `json:"onHand"`
	Reserved int    `json:"reserved"`
}

// Available returns how many pieces can still be promised.
func (l Level) Available() int { return l.OnHand - l.Reserved }

// A Movement is one change of the stock of a SKU.
type Movement struct {
	SKU     string    `json:"sku"`
	Delta   int       `json:"delta"`
	Reason  string    `json:"reason"`
	OrderID int64     `json:"orderID,omitempty"`
	At      time.Time `json:"at"`
}

// Store keeps stock in the shop's database.
type Store struct {
	db  *sql.DB
	now func() time.Time
}

// NewStore returns a store on d.
func NewStore(d *sql.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

// Level returns the stock of sku, or ErrNotStocked.
func (s *Store) Level(ctx context.Context, sku string) (Level, error) {
	return level(ctx, s.db, sku)
}

// Receive adds qty pieces of sku, which may be new to the warehouse.
func (s *Store) Receive(ctx context.Context, sku string, qty int) error {
	if qty <= 0 {
		return fmt.Errorf("inventory: receiving %d of %s", qty, sku)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, `INSERT INTO stock (sku, on_hand, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (sku) DO UPDATE SET on_hand = on_hand + excluded.on_hand, updated_at = excluded.updated_at`,
		sku, qty, s.now().Unix())
	if err != nil {
		return fmt.Errorf("inventory: receiving %s: %w", sku, err)
	}
	if err := s.record(ctx, tx, sku, qty, "received", 0); err != nil {
		return err
	}
	return tx.Commit()
}

// Reserve promises qty pieces of sku to an order, inside the transaction that
// writes the order. The error is ErrNotStocked or a *ShortageError.
func (s *Store) Reserve(ctx context.Context, tx *sql.Tx, orderID int64, sku string, qty int) error {
	l, err := level(ctx, tx, sku)
	if err != nil {
		return err
	}
	if l.Available() < qty {
		metrics.Inc("inventory_shortages_total")
		return &ShortageError{SKU: sku, Want: qty, Have: l.Available()}
	}
	if err := s.update(ctx, tx, sku, 0, qty); err != nil {
		return err
	}
	return s.record(ctx, tx, sku, -qty, "reserved", orderID)
}

// Release takes back what Reserve promised.
func (s *Store) Release(ctx context.Context, tx *sql.Tx, orderID int64, sku string, qty int) error {
	if err := s.update(ctx, tx, sku, 0, -qty); err != nil {
		return err
	}
	return s.record(ctx, tx, sku, qty, "released", orderID)
}

// Ship takes reserved pieces out of the warehouse.
func (s *Store) Ship(ctx context.Context, tx *sql.Tx, orderID int64, sku string, qty int) error {
	if err := s.update(ctx, tx, sku, -qty, -qty); err != nil {
		return err
	}
	return s.record(ctx, tx, sku, 0, "shipped", orderID)
}

// Low returns the SKUs that should be ordered again, lowest first.
func (s *Store) Low(ctx context.Context) ([]Level, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT sku, on_hand, reserved FROM stock
		WHERE on_hand - reserved <= ? ORDER BY on_hand - reserved, sku`, LowStock)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var levels []Level
	for rows.Next() {
		var l Level
		if err := rows.Scan(&l.SKU, &l.OnHand, &l.Reserved); err != nil {
			return nil, err
		}
		levels = append(levels, l)
	}
	return levels, rows.Err()
}

// Movements returns what happened to sku, oldest first.
func (s *Store) Movements(ctx context.Context, sku string) ([]Movement, error) {
	rows, err := s.db.QueryContext(ctx,
		"SELECT sku, delta, reason, coalesce(order_id, 0), at FROM movements WHERE sku = ? ORDER BY id", sku)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ms []Movement
	for rows.Next() {
		var m Movement
		var at int64
		if err := rows.Scan(&m.SKU, &m.Delta, &m.Reason, &m.OrderID, &at); err != nil {
			return nil, err
		}
		m.At = time.Unix(at, 0).UTC()
		ms = append(ms, m)
	}
	return ms, rows.Err()
}

func (s *Store) update(ctx context.Context, tx *sql.Tx, sku string, onHand, reserved int) error {
	_, err := tx.ExecContext(ctx, `UPDATE stock SET on_hand = on_hand + ?, reserved = reserved + ?, updated_at = ?
		WHERE sku = ?`, onHand, reserved, s.now().Unix(), sku)
	if err != nil {
		return fmt.Errorf("inventory: updating %s: %w", sku, err)
	}
	return nil
}

func (s *Store) record(ctx context.Context, tx *sql.Tx, sku string, delta int, reason string, orderID int64) error {
	var order any
	if orderID != 0 {
		order = orderID
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO movements (sku, delta, reason, order_id, at) VALUES (?, ?, ?, ?, ?)",
		sku, delta, reason, order, s.now().Unix())
	if err != nil {
		return fmt.Errorf("inventory: recording %s of %s: %w", reason, sku, err)
	}
	return nil
}

// querier is what *sql.DB and *sql.Tx share.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func level(ctx context.Context, q querier, sku string) (Level, error) {
	l := Level{SKU: sku}
	err := q.QueryRowContext(ctx, "SELECT on_hand, reserved FROM stock WHERE sku = ?", sku).Scan(&l.OnHand, &l.Reserved)
	if err == sql.ErrNoRows {
		return Level{}, ErrNotStocked
	}
	if err != nil {
		return Level{}, fmt.Errorf("inventory: reading %s: %w", sku, err)
	}
	return l, nil
}
