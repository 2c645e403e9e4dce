package customers

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"example.com/shop/db"
)

func newStore(t *testing.T) *Store {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return NewStore(d, func() time.Time { return time.Unix(1_700_000_000, 0) })
}

func TestRegister(t *testing.T) {
	s := newStore(t)
	c, err := s.Register(t.Context(), "Pat <Pat@Example.com>", " Pat ", "de")
	if err != nil {
		t.Fatal(err)
	}
	if c.ID == 0 || c.Email != "pat@example.com" || c.Name != "Pat" || c.Country != "DE" {
		t.Errorf("Register = %+v", c)
	}
	got, err := s.Get(t.Context(), c.ID)
	if err != nil || *got != *c {
		t.Errorf("Get = %+v, %v", got, err)
	}
	if got, err = s.ByEmail(t.Context(), " PAT@example.com"); err != nil || got.ID != c.ID {
		t.Errorf("ByEmail = %+v, %v", got, err)
	}
	var exists *ExistsError
	if _, err := s.Register(t.Context(), "pat@example.com", "Pat", "DE"); !errors.As(err, &exists) {
		t.Errorf("second Register: %v", err)
	}
}

func TestErrors(t *testing.T) {
	s := newStore(t)
	if _, err := s.Register(t.Context(), "nobody", "N", "DE"); !errors.Is(err, ErrBadEmail) {
		t.Errorf("Register: %v", err)
	}
	if _, err := s.Get(t.Context(), 99); err != ErrNotFound {
		t.Errorf("Get: %v", err)
	}
}
