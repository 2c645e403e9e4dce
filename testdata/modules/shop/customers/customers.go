// Package customers keeps the people who buy.
package customers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

var (
	// ErrNotFound means that there is no such customer.
	ErrNotFound = errors.New("customers: not found")
	// ErrBadEmail means that an address can't be written to.
	ErrBadEmail = errors.New("customers: bad e-mail address")
)

// ExistsError means that somebody with the same address is registered.
type ExistsError struct{ Email string }

func (e *ExistsError) Error() string { return "customers: " + e.Email + " is registered already" }

// A Customer is somebody who has registered.
type Customer struct {
	ID        int64     `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Country   string    `json:"country"`
	CreatedAt time.Time `json:"createdAt"`
}

// Store keeps customers in the shop's database.
type Store struct {
	db  *sql.DB
	now func() time.Time
}

// NewStore returns a store on d.
func NewStore(d *sql.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

// Register adds a customer and returns them with their ID.
func (s *Store) Register(ctx context.Context, email, name, country string) (*Customer, error) {
	addr, err := mail.ParseAddress(email)
	if err != nil {
		return nil, fmt.Errorf("%w: %q", ErrBadEmail, email)
	}
	c := &Customer{
		Email:     strings.ToLower(addr.Address),
		Name:      strings.TrimSpace(name),
		Country:   strings.ToUpper(country),
		CreatedAt: time.Unix(s.now().Unix(), 0).UTC(),
	}
	res, err := s.db.ExecContext(ctx, "INSERT INTO customers (email, name, country, created_at) VALUES (?, ?, ?, ?)",
		c.Email, c.Name, c.Country, c.CreatedAt.Unix())
	if err != nil {
		if strings.Contains(err.Error(), "UNIQUE constraint") {
			return nil, &ExistsError{Email: c.Email}
		}
		return nil, fmt.Errorf("customers: registering %s: %w", c.Email, err)
	}
	c.ID, err = res.LastInsertId()
	return c, err
}

// Get returns the customer with the given ID.
func (s *Store) Get(ctx context.Context, id int64) (*Customer, error) {
	return s.one(ctx, "id = ?", id)
}

// ByEmail returns the customer with the given address.
func (s *Store) ByEmail(ctx context.Context, email string) (*Customer, error) {
	return s.one(ctx, "email = ?", strings.ToLower(strings.TrimSpace(email)))
}

func (s *Store) one(ctx context.Context, where string, arg any) (*Customer, error) {
	var c Customer
	var created int64
	row := s.db.QueryRowContext(ctx, "SELECT id, email, name, country, created_at FROM customers WHERE "+where, arg)
	err := row.Scan(&c.ID, &c.Email, &c.Name, &c.Country, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("customers: %w", err)
	}
	c.CreatedAt = time.Unix(created, 0).UTC()
	return &c, nil
}
