package db

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
)

func open(t *testing.T, file string) *sql.DB {
	t.Helper()
	d, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestOpenMigratesOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b?.db")
	d := open(t, file)
	if _, err := d.Exec("INSERT INTO products (sku, name, category) VALUES ('x', 'X', 'c')"); err != nil {
		t.Fatal(err)
	}
	d.Close()
	again := open(t, file)
	var n, version int
	if err := again.QueryRow("SELECT count(*) FROM products").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d products, %v", n, err)
	}
	if err := again.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 2 {
		t.Errorf("version %d, %v", version, err)
	}
}

func TestInTxRollsBack(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "shop.db"))
	boom := errors.New("boom")
	err := InTx(t.Context(), d, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO products (sku, name, category) VALUES ('x', 'X', 'c')"); err != nil {
			return err
		}
		return boom
	})
	if err != boom {
		t.Fatalf("InTx = %v", err)
	}
	var n int
	if err := d.QueryRow("SELECT count(*) FROM products").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d products after a rollback, %v", n, err)
	}
}

func TestOpenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, filepath.Join(t.TempDir(), "shop.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v", err)
	}
}
