package inventory

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"example.com/shop/db"
)

func newStore(t *testing.T) (*Store, *sql.DB) {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	for _, sku := range []string{"mug", "lamp"} {
		if _, err := d.Exec("INSERT INTO products (sku, name, category) VALUES (?, ?, 'home')", sku, sku); err != nil {
			t.Fatal(err)
		}
	}
	return NewStore(d, func() time.Time { return time.Unix(1_700_000_000, 0) }), d
}

func TestReserveReleaseShip(t *testing.T) {
	s, d := newStore(t)
	ctx := t.Context()
	if err := s.Receive(ctx, "mug", 10); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(ctx, d, func(tx *sql.Tx) error {
		return errors.Join(s.Reserve(ctx, tx, 1, "mug", 4), s.Reserve(ctx, tx, 2, "mug", 3))
	})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := s.Level(ctx, "mug"); err != nil || l.Available() != 3 || l.OnHand != 10 {
		t.Fatalf("after reserving: %+v, %v", l, err)
	}
	err = db.InTx(ctx, d, func(tx *sql.Tx) error {
		return errors.Join(s.Release(ctx, tx, 1, "mug", 4), s.Ship(ctx, tx, 2, "mug", 3))
	})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := s.Level(ctx, "mug"); err != nil || l != (Level{SKU: "mug", OnHand: 7}) {
		t.Errorf("after shipping: %+v, %v", l, err)
	}
	ms, err := s.Movements(ctx, "mug")
	if err != nil || len(ms) != 5 {
		t.Fatalf("%d movements, %v", len(ms), err)
	}
	if ms[0].Reason != "received" || ms[0].OrderID != 0 || ms[4].Reason != "shipped" || ms[4].OrderID != 2 {
		t.Errorf("movements: %+v", ms)
	}
}

func TestShortage(t *testing.T) {
	s, d := newStore(t)
	ctx := t.Context()
	if err := s.Receive(ctx, "lamp", 1); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(ctx, d, func(tx *sql.Tx) error { return s.Reserve(ctx, tx, 1, "lamp", 2) })
	var shortage *ShortageError
	if !errors.As(err, &shortage) || shortage.Have != 1 || shortage.Want != 2 {
		t.Errorf("Reserve = %v", err)
	}
	if _, err := s.Level(ctx, "sofa"); err != ErrNotStocked {
		t.Errorf("Level of an unknown SKU: %v", err)
	}
}

func TestLow(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	for sku, n := range map[string]int{"mug": LowStock + 1, "lamp": LowStock} {
		if err := s.Receive(ctx, sku, n); err != nil {
			t.Fatal(err)
		}
	}
	low, err := s.Low(ctx)
	if err != nil || len(low) != 1 || low[0].SKU != "lamp" {
		t.Errorf("Low = %+v, %v", low, err)
	}
	if err := s.Receive(ctx, "mug", 0); err == nil {
		t.Error("received nothing without an error")
	}
}
